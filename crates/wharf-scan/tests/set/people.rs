//! Ways in which people write a password or a key in prose, tables and calls.

use wharf_scan::Kind;

use super::random::{BASE62, BASE64, HEX, Random, base64};
use super::samples::{Place, Sample, password};
use super::vendors;

type Shape = fn(&mut Random) -> Sample;

/// Each makes a credential in another shape.
pub(crate) const PEOPLE: [Shape; 9] = [
    passphrase,
    password_in_prose,
    password_in_table,
    argument,
    uuid_of_issuer,
    key_of_host,
    putty,
    json_web_key,
    cookie_in_code,
];

fn lines(kind: Kind, lines: &'static [&'static str], text: String, secret: String) -> Sample {
    Sample {
        kind,
        place: Place::Lines(lines),
        text,
        secret,
    }
}

const WORDS: [&str; 16] = [
    "sierra", "violet", "walnut", "thistle", "marble", "pepper", "quill", "cobalt", "otter",
    "willow", "yarrow", "granite", "dapple", "orchid", "fjord", "nectar",
];

const PASSPHRASES: &[&str] = &[
    "password: @",
    "`spring.datasource.password=@`",
    "```yaml\nenvironment:\n  MYSQL_ROOT_PASSWORD: @\n```",
    "Log in as **ci** with password **@** and pick a tenant.",
    "| Parameter | Wert |\n|---|---|\n| Kennwort | @ |",
    "Логин ci, пароль `@`, обновлён.",
    "Het wachtwoord is `@`.",
    "mot de passe : @",
    "heslo: @",
];

/// Words that have nothing to do with each other, and a number.
fn passphrase(random: &mut Random) -> Sample {
    let mut parts: Vec<String> = (0..3).map(|_| random.pick(&WORDS).to_owned()).collect();
    let number = random.text("123456789", 3);
    parts.insert(random.between(1, 3), number);
    let secret = parts.join("-");
    lines(Kind::Password, PASSPHRASES, secret.clone(), secret)
}

const PROSE: &[&str] = &[
    "The sandbox credentials are ci-bot / @",
    "The PIN-protected archive: use \"@\" (password) to open it.",
    "Use `@` as the password.",
    "Het wachtwoord van ci-bot is sinds 2024-03-20 `@`",
    "Das Passwort ist seit 03.2024 `@`",
    "The password is now `@`",
];

fn password_in_prose(random: &mut Random) -> Sample {
    let value = password(random);
    lines(Kind::Password, PROSE, value.clone(), value)
}

const TABLES: &[&str] = &[
    "SSID | Passphrase\n---- | ----------\nlab | @",
    "| Device | SNMP community | Enable secret |\n|---|---|---|\n| sw-1 | see wiki | @ |",
    "<table><tr><th>User</th><th>Password</th></tr><tr><td>ci</td><td>@</td></tr></table>",
    "<table><tr><th>Kennwort</th><th>Konto</th></tr><tr><td><code>@</code></td><td>ci</td></tr></table>",
    "| Utente | Password |\n|---|---|\n| ci | @ |",
];

fn password_in_table(random: &mut Random) -> Sample {
    let value = password(random);
    lines(Kind::Password, TABLES, value.clone(), value)
}

const ARGUMENTS: &[&str] = &[
    "```python\nclient = Client(\"account-1\", \"@\")\n```",
    "```js\nconst grant = new AccessToken(sid, 'account', '@', { identity: 'a' });\n```",
    "```csharp\nvar cred = new ClientSecretCredential(tenant, \"08973ca4-a28f-477f-8a81-17c03ae12154\", \"@\");\n```",
    "```js\nconst db = createClient('https://db.example.org', '@')\n```",
];

fn argument(random: &mut Random) -> Sample {
    let alphabet = random.pick(&[HEX, BASE62]);
    let value = random.text(alphabet, 40);
    lines(Kind::Assigned, ARGUMENTS, value.clone(), value)
}

const ISSUERS: &[&str] = &[
    "```http\nX-Postmark-Server-Token: @\n```",
    "//npm.example.org/:_authToken=@",
    "HEROKU_API_KEY=@",
    "The Snyk token is `@`.",
    "```log\nsend: GET /me authorization=[GenieKey @]\n```",
];

fn uuid_of_issuer(random: &mut Random) -> Sample {
    let value = [8, 4, 4, 4, 12]
        .map(|length| random.text(HEX, length))
        .join("-");
    lines(Kind::Assigned, ISSUERS, value.clone(), value)
}

const HOSTS: &[&str] = &[
    "```json\n{ \"github-oauth\": { \"github.com\": \"@\" } }\n```",
    "```json\n{\n  \"bearer\": {\n    \"repo.example.org\": \"@\"\n  }\n}\n```",
    "```log\nsend: GET /me authorization=[Bearer @]\n```",
];

fn key_of_host(random: &mut Random) -> Sample {
    let value = random.text(HEX, 40);
    lines(Kind::Assigned, HOSTS, value.clone(), value)
}

fn putty(random: &mut Random) -> Sample {
    let secret = base64(&random.bytes(36), BASE64);
    let text = format!(
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ci\nPublic-Lines: 2\n{}\n{}\nPrivate-Lines: 1\n{secret}\nPrivate-MAC: {}",
        base64(&random.bytes(48), BASE64),
        base64(&random.bytes(3), BASE64),
        random.text(HEX, 64)
    );
    lines(Kind::PrivateKey, &["```\n@\n```"], text, secret)
}

fn json_web_key(random: &mut Random) -> Sample {
    let secret = random.text(BASE62, 43);
    let text = format!(
        "{{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"{}\", \"d\": \"{secret}\"}}",
        random.text(BASE62, 43)
    );
    lines(Kind::PrivateKey, &["```json\n@\n```", "@"], text, secret)
}

const IN_CODE: &[&str] = &[
    "```python\nrequests.get(url, cookies={\"theme\": \"dark\", \"@\"})\n```",
    "```js\nresponse.cookies.set(\"@\")\n```",
];

fn cookie_in_code(random: &mut Random) -> Sample {
    let cookie = vendors::cookie(random);
    let mark = random.pick(&["\": \"", "\": \""]);
    let text = cookie.text.replacen('=', mark, 1);
    lines(Kind::SessionCookie, IN_CODE, text, cookie.secret)
}
