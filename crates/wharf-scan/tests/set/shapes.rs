//! Ways in which documents about services write a credential, and the kinds of younger vendors.

use wharf_scan::Kind;

use super::random::{
    BASE62, BASE64, BASE64URL, CAPITALS_AND_DIGITS, DIGITS, HEX, Random, SMALL_AND_DIGITS, base64,
};
use super::samples::{Place, Sample, password, sample};

type Shape = fn(&mut Random) -> Sample;

/// Each makes a credential in another shape.
pub(crate) const SHAPES: [Shape; 15] = [
    value_in_syntax,
    password_in_syntax,
    password_of_command,
    pair_in_base64,
    token_behind_sign,
    token_with_escapes,
    token_with_entities,
    session,
    key_in_one_line,
    password_in_languages,
    key_in_languages,
    pair_of_words,
    key_of_marks,
    aws_behind_id,
    password_of_driver,
];

fn lines(kind: Kind, lines: &'static [&'static str], text: String, secret: String) -> Sample {
    Sample {
        kind,
        place: Place::Lines(lines),
        text,
        secret,
    }
}

const SYNTAX: &[&str] = &[
    "```make\nAPI_TOKEN := @\n```",
    "```make\nAPI_TOKEN ::= @\n```",
    "```make\nAPI_TOKEN ?= @\n```",
    "```php\n$api_token .= '@';\n```",
    "```java\nenv.put(\"API_TOKEN\", \"@\");\n```",
    "```xml\n<apiToken>@</apiToken>\n```",
    "```xml\n<add key=\"ApiToken\" value=\"@\" />\n```",
    "```yaml\nenv:\n  - name: API_TOKEN\n    value: \"@\"\n```",
    "```json\n{ \"env\": \"STAGE=eu\\nAPI_TOKEN=@\\nLOG=info\" }\n```",
    "```yaml\napi_token: >-\n  @\n```",
    "API token:\n\n```text\n@\n```",
    "- API token — @",
    "- API token (staging): @",
    "```dockerfile\nENV API_TOKEN @\n```",
    "See https://api.example.org/v1?limit=5&api_token=@&page=2",
    "| Api token | `@` |",
    "**Api token**\n\n```\n@\n```",
    "Api token\n: `@`",
    "<p>Api token: <code>@</code></p>",
    "<tr><td>Api token</td><td>@</td></tr>",
    "```csv\nname,api_token,owner\nacme,@,dana\n```",
    "```ts\nconst value = process.env.API_TOKEN ?? \"@\";\n```",
    "```sh\nexport VALUE=${API_TOKEN:-@}\n```",
    "```sh\naws ssm put-parameter --name /acme/api-token --type SecureString --value \"@\"\n```",
    "Api token → `@`",
    "The api token is “@” today.",
];

fn value_in_syntax(random: &mut Random) -> Sample {
    let value = match random.below(4) {
        0 => random.text(HEX, 40),
        1 => random.text(BASE62, 32),
        2 => random.text(SMALL_AND_DIGITS, 32),
        _ => random.text(BASE64URL, 43).replace(['_', '-'], "x"),
    };
    lines(Kind::Assigned, SYNTAX, value.clone(), value)
}

const PASSWORDS: &[&str] = &[
    "```sh\nDB_PASS=@\n```",
    "```sh\nexport SMTP_PASS='@'\n```",
    "```yaml\nsmtp:\n  pass: @\n```",
    "pw: @",
    "Passwort: @",
    "Das Passwort für Staging ist `@`.",
    "mot de passe : @",
    "contraseña: @",
    "- **Password** (staging): `@`",
    "```text\nmachine api.example.org login reports password @\n```",
    "```sql\nCREATE USER reports IDENTIFIED BY '@';\n```",
    "```xml\n<password>@</password>\n```",
];

fn password_in_syntax(random: &mut Random) -> Sample {
    let value = password(random);
    lines(Kind::Password, PASSWORDS, value.clone(), value)
}

const COMMANDS: &[&str] = &[
    "```sh\ncurl -u reports:@ https://api.example.org/v1/items\n```",
    "```sh\ncurl -s \\\n  --user 'reports:@' \\\n  https://api.example.org/v1/items\n```",
    "Call `curl --user reports:@ https://api.example.org` once.",
    "```sh\nmysql -h db.internal -u reports -p@ sales\n```",
    "```sh\ndocker login -u reports -p @ registry.example.org\n```",
    "```sh\nmongosh --host db -u reports -p @ --authenticationDatabase admin\n```",
    "```bat\nsqlcmd -S db -U reports -P @ -Q \"select 1\"\n```",
    "```sh\nldapsearch -x -D cn=reports -w @ -b dc=example\n```",
    "```sh\nkeytool -list -keystore app.jks -storepass @\n```",
    "Open it with `unzip -P @ export.zip`.",
    "```sh\necho '@' | docker login registry.example.org -u ci --password-stdin\n```",
    "```sh\nlftp -u reports,@ sftp://files.example.org\n```",
    "```sh\nab -A reports:@ -n 10 https://api.example.org/\n```",
    "```bat\nnet use Z: \\\\nas\\share @ /user:reports\n```",
];

fn password_of_command(random: &mut Random) -> Sample {
    let value = password(random);
    lines(Kind::Password, COMMANDS, value.clone(), value)
}

const BASIC: &[&str] = &[
    "```http\nAuthorization: Basic @\n```",
    "```sh\ncurl -H 'Authorization: Basic @' https://api.example.org\n```",
    "```ini\n//npm.example.org/:_auth=@\n```",
];

fn pair_in_base64(random: &mut Random) -> Sample {
    let pair = format!("reports:{}", password(random));
    let mut value = base64(pair.as_bytes(), BASE64);
    while !value.len().is_multiple_of(4) {
        value.push('=');
    }
    lines(Kind::Password, BASIC, value.clone(), value)
}

/// Tokens that a word starts and nothing else tells.
fn token(random: &mut Random) -> Sample {
    let kinds = [
        Kind::GitHub,
        Kind::Npm,
        Kind::Stripe,
        Kind::WebhookSecret,
        Kind::Shopify,
        Kind::SlackToken,
        Kind::Sentry,
        Kind::SendGrid,
        Kind::GoogleApiKey,
        Kind::Discord,
        Kind::Anthropic,
    ];
    loop {
        let token = sample(kinds[random.below(kinds.len())], random);
        // A mark of emphasis cannot be told from the last sign of such a token.
        let is_clear = !token.secret.contains("eyJ") && !token.secret.ends_with(['_', '-']);
        if token.text == token.secret && is_clear {
            return token;
        }
    }
}

const BEHIND: &[&str] = &[
    "```sh\nACME_VALUE=@\n```",
    "See https://api.example.org/v1?q=%22@%22",
    "See https://api.example.org/v1?q=a%20@",
    "It was _@_ before.",
    "It was **_@_** before.",
    "{ \"a\": \"1\\n@\\n2\" }",
    "See https://api.example.org/v1/@",
];

fn token_behind_sign(random: &mut Random) -> Sample {
    let token = token(random);
    lines(token.kind, BEHIND, token.text, token.secret)
}

const WRITTEN: &[&str] = &["It was @ before.", "- Value: @", "| live | @ |"];

fn token_with_escapes(random: &mut Random) -> Sample {
    with_marks(random, "\\_")
}

fn token_with_entities(random: &mut Random) -> Sample {
    with_marks(random, "&#95;")
}

fn with_marks(random: &mut Random, mark: &str) -> Sample {
    let token = token(random);
    let text = token.text.replace('_', mark);
    lines(token.kind, WRITTEN, text.clone(), text)
}

const LANGUAGES: &[&str] = &[
    "Lösenord: @",
    "Hasło do panelu: `@`",
    "Heslo k FTP: @",
    "Kullanıcı: admin, parola: @",
    "mdp : @",
    "```yaml\nmot_de_passe: @\n```",
    "Пароль: @",
    "パスワード：`@`",
    "密码：@",
    "비밀번호: @",
    "Adgangskode: @",
    "Salasana: @",
    "Jelszó: @",
    "Palavra-passe: @",
    "> pw is @ until Friday",
];

fn password_in_languages(random: &mut Random) -> Sample {
    let value = password(random);
    lines(Kind::Password, LANGUAGES, value.clone(), value)
}

const KEYS: &[&str] = &[
    "API klíč pro Acme (produkce) je @",
    "Acmeの本番用APIキー：@",
    "生产环境 Acme API 密钥：`@`",
    "Klienthemligheten för Acme är `@`.",
    "La clave secreta de Acme: @",
    "La chiave API di Acme: **@**",
    "Clé d’API : « @ »",
    "Ключ API: @",
    "Acme API anahtarı (canlı): @",
    "Acme API 키: @",
];

fn key_in_languages(random: &mut Random) -> Sample {
    let value = random.text(HEX, 32);
    lines(Kind::Assigned, KEYS, value.clone(), value)
}

const PAIRS: &[&str] = &[
    "```python\nrequests.get(url, auth=('reports', '@'))\n```",
    "```go\nreq.SetBasicAuth(\"reports\", \"@\")\n```",
    "Sandbox login: reports / @",
    "- **Login**: `reports` / `@`",
];

fn pair_of_words(random: &mut Random) -> Sample {
    let value = password(random);
    lines(Kind::Password, PAIRS, value.clone(), value)
}

const DJANGO: &[&str] = &[
    "```python\nSECRET_KEY = '@'\n```",
    "```python\nSECRET_KEY = \"@\"\n```",
];
const LARAVEL: &[&str] = &["```env\nAPP_KEY=@\n```"];

/// The keys of Django, of letters and marks, and of Laravel, which say how they are written.
fn key_of_marks(random: &mut Random) -> Sample {
    if random.below(2) == 0 {
        let value = random.text("abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", 50);
        return lines(Kind::Assigned, DJANGO, value.clone(), value);
    }
    let value = format!("base64:{}=", base64(&random.bytes(32), BASE64));
    lines(Kind::Assigned, LARAVEL, value.clone(), value)
}

const AWS: &[&str] = &[
    "S3: AKIAX / @",
    "```csv\nUser name,Access key ID,Secret access key\nci,AKIAX,@\n```",
    "```console\nAWS Access Key ID [None]: AKIAX\nAWS Secret Access Key [None]: @\nregion: eu\n```",
];

fn aws_behind_id(random: &mut Random) -> Sample {
    let secret = random.text(BASE64, 40);
    let id = sample(Kind::AwsAccessKeyId, random).secret;
    // The id is a finding of its own: one that is none keeps the place.
    let id = format!("{}EXAMPLE{}", &id[..8], &id[15..]);
    let text = random.pick(AWS).replace("AKIAX", &id).replace('@', &secret);
    lines(Kind::AwsSecretAccessKey, &["@"], text, secret)
}

fn password_of_driver(random: &mut Random) -> Sample {
    let secret = random.text(BASE62, 16);
    let text = format!("sql.Open(\"mysql\", \"reports:{secret}@tcp(db.example.org:3306)/shop\")");
    lines(Kind::ConnectionString, &["@"], text, secret)
}

fn session(random: &mut Random) -> Sample {
    let value = random.text(HEX, 32);
    let line: &[&str] = &["Cookie: _gitlab_session=@; theme=dark"];
    lines(Kind::GitLab, line, value.clone(), value)
}

fn key_in_one_line(random: &mut Random) -> Sample {
    let mut key = sample(Kind::PrivateKey, random);
    let end = random.pick(&["<br>", "%0A", "\\n", "\n> ", "\r\n"]);
    key.text = key.text.replace('\n', end);
    if end == "%0A" {
        key.text = key.text.replace(' ', "%20").replace('+', "%2B");
    }
    let line: &[&str] = &["> @", "@"];
    lines(Kind::PrivateKey, line, key.text.clone(), key.text)
}

pub(crate) fn anthropic(random: &mut Random) -> String {
    let kind = random.pick(&["api03", "admin01", "oat01"]);
    format!("sk-ant-{kind}-{}AA", random.text(BASE64URL, 93))
}

pub(crate) fn hugging_face(random: &mut Random) -> String {
    format!("hf_{}", random.text(BASE62, 34))
}

pub(crate) fn notion(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("secret_{}", random.text(BASE62, 43)),
        _ => format!("ntn_{}{}", random.text(DIGITS, 11), random.text(BASE62, 35)),
    }
}

pub(crate) fn linear(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("lin_oauth_{}", random.text(HEX, 64)),
        _ => format!("lin_api_{}", random.text(BASE62, 40)),
    }
}

pub(crate) fn azure(random: &mut Random) -> Sample {
    let signs = base64(&random.bytes(32), BASE64) + "=";
    let escaped = signs
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let text = match random.below(3) {
        0 => format!(
            "https://acme.blob.core.windows.net/reports?sv=2022-11-02&se=2026-12-31&sp=r&sig={escaped}"
        ),
        1 => format!(
            "SharedAccessSignature sr=acme.servicebus.windows.net&sig={escaped}&se=1767225600&skn=send"
        ),
        _ => format!(
            "https://prod-07.westeurope.logic.azure.com:443/workflows/{}/triggers/manual/paths/invoke?api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={escaped}",
            random.text(HEX, 32)
        ),
    };
    Sample {
        kind: Kind::AzureSignature,
        place: Place::Anywhere,
        text,
        secret: escaped,
    }
}

fn id(random: &mut Random) -> String {
    [8, 4, 4, 4, 12]
        .map(|length| random.text(HEX, length))
        .join("-")
}

pub(crate) fn teams(random: &mut Random) -> Sample {
    let secret = format!(
        "{}@{}/IncomingWebhook/{}/{}",
        id(random),
        id(random),
        random.text(HEX, 32),
        id(random)
    );
    Sample {
        kind: Kind::TeamsWebhook,
        place: Place::Anywhere,
        text: format!("https://acme.webhook.office.com/webhookb2/{secret}"),
        secret,
    }
}

/// The address of a workflow of Slack.
pub(crate) fn workflow(random: &mut Random) -> (String, String) {
    let team = format!("T{}", random.text(CAPITALS_AND_DIGITS, 10));
    let number = random.text("123456789", 13);
    if random.below(2) == 0 {
        let secret = format!("{team}/{number}/{}", random.text(HEX, 32));
        return (format!("https://hooks.slack.com/triggers/{secret}"), secret);
    }
    let app = random.text(CAPITALS_AND_DIGITS, 10);
    let secret = format!("{team}/A{app}/{number}/{}", random.text(BASE62, 24));
    (
        format!("https://hooks.slack.com/workflows/{secret}"),
        secret,
    )
}
