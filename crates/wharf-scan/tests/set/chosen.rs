//! Passphrases of words, passwords that their place tells, and values whose name or address is unusual;
//! beside each of them what people write in the same places without giving anything away.

use wharf_scan::Kind;

use super::lures::Lure;
use super::random::{BASE62, HEX, Random, SMALL_AND_DIGITS, base64};
use super::samples::{Place, Sample};

type Shape = fn(&mut Random) -> Sample;

/// Each makes a credential in another shape.
pub(crate) const CHOSEN: [Shape; 10] = [
    words_in_quotes,
    words_alone,
    words_joined,
    sentence_of_words,
    password_behind_user,
    password_of_network,
    password_of_login,
    key_behind_name,
    uuid_behind_bearer,
    symmetric_key,
];

/// Each makes a line that holds no secret.
pub(crate) const TALK: [Lure; 4] = [about_phrases, about_passwords, about_keys, names_of_things];

fn lines(kind: Kind, lines: &'static [&'static str], secret: String) -> Sample {
    Sample {
        kind,
        place: Place::Lines(lines),
        text: secret.clone(),
        secret,
    }
}

const WORDS: [&str; 24] = [
    "amber", "bishop", "cactus", "dagger", "ember", "falcon", "garlic", "hazel", "igloo", "jigsaw",
    "kettle", "lemon", "magnet", "noodle", "oyster", "parrot", "quartz", "raven", "salmon",
    "tulip", "umbrella", "velvet", "willow", "zebra",
];

fn words(count: usize, mark: &str, random: &mut Random) -> String {
    let mut all = WORDS;
    random.shuffle(&mut all);
    all[..count].join(mark)
}

fn words_in_quotes(random: &mut Random) -> Sample {
    let count = random.between(4, 12);
    lines(
        Kind::Password,
        &[
            "passphrase: \"@\"",
            "```sh\nexport GPG_PASSPHRASE='@'\n```",
            "The passphrase of the archive is “@”.",
            "Seed phrase of the till: `@`",
            "```json\n{ \"mnemonic\": \"@\" }\n```",
            "Open it with the passphrase `@`.",
            "La frase de contraseña es «@».",
            "De wachtwoordzin is `@`.",
            "**Recovery phrase:** `@`",
            "```yaml\nluks:\n  password: \"@\"\n```",
        ],
        words(count, " ", random),
    )
}

fn words_alone(random: &mut Random) -> Sample {
    let count = random.between(5, 9);
    lines(
        Kind::Password,
        &[
            "```yaml\npassphrase: @\n```",
            "| Disk | Passphrase |\n|---|---|\n| nas-1 | @ |",
            "Passphrase: @",
        ],
        words(count, " ", random),
    )
}

fn words_joined(random: &mut Random) -> Sample {
    let mark = random.pick(&["-", ".", "_"]);
    lines(
        Kind::Password,
        &[
            "BORG_PASSPHRASE=@",
            "```yaml\npassword: @\n```",
            "The password of the guest network is `@`.",
            "| User | Password |\n|---|---|\n| till | @ |",
        ],
        words(4, mark, random),
    )
}

fn sentence_of_words(random: &mut Random) -> Sample {
    let phrase = random.pick(&[
        "elf müde Bären tanzen auf dem Eis",
        "trois vieux hiboux lisent sous la pluie",
        "seis perros azules corren hacia el mar",
        "seven tired owls read under the old bridge",
        "negen blauwe eenden zwemmen naar huis",
    ]);
    lines(
        Kind::Password,
        &[
            "Passphrase: `@`",
            "passphrase = \"@\"",
            "Die Passphrase lautet „@“.",
            "La phrase secrète est « @ ».",
        ],
        phrase.to_owned(),
    )
}

/// Two words and a number, as people put them together.
fn chosen(random: &mut Random) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let mark = random.pick(&["!", "#", "."]);
    format!(
        "{}{mark}{}{}",
        capital(random.pick(&WORDS)),
        capital(random.pick(&WORDS)),
        random.text("23456789", 2)
    )
}

fn password_behind_user(random: &mut Random) -> Sample {
    lines(
        Kind::Password,
        &[
            "User ops, password @, port 22.",
            "Benutzer ops, Passwort @, Port 22.",
            "Connect with the user `ops` and the password `@`.",
            "creds for the new shop: ops-team / @",
            "- Grafana: ops / @ (password)",
            "```sh\nkubectl create secret generic db --from-literal=password='@'\n```",
        ],
        chosen(random),
    )
}

fn password_of_network(random: &mut Random) -> Sample {
    lines(
        Kind::Password,
        &[
            "WLAN-Schlüssel: @",
            "WPA2 key: @",
            "Clé wifi du bureau : @",
            "| SSID | WPA3 key |\n|---|---|\n| office | @ |",
            "The guest password was changed to @",
            "PW für den Testserver: `@`",
        ],
        chosen(random),
    )
}

fn password_of_login(random: &mut Random) -> Sample {
    lines(
        Kind::Password,
        &[
            "```php\n$db = new PDO('mysql:host=db; dbname=shop', 'shop', '@');\n```",
            "```java\nvar c = DriverManager.getConnection(url, \"shop\", \"@\");\n```",
            "```php\n$link = mysqli_connect('db', 'shop', '@', 'shop');\n```",
            "```php\nftp_login($ftp, 'shop', '@');\n```",
        ],
        chosen(random),
    )
}

fn key_behind_name(random: &mut Random) -> Sample {
    let value = random.text(SMALL_AND_DIGITS, 52);
    lines(
        Kind::Assigned,
        &[
            "AZURE_DEVOPS_PAT=@",
            "Our PAT: `@`",
            "```xml\n<key>APIToken</key>\n<string>@</string>\n```",
            "```json\n{ \"mj_apikey_private\": \"@\" }\n```",
            "| Setting | Test | Live |\n|---|---|---|\n| hmac_secret | – | @ |",
            "```sh\ncurl -H 'Authorization: Token @' https://acme.example/api/\n```",
        ],
        value,
    )
}

fn uuid(random: &mut Random) -> String {
    [8, 4, 4, 4, 12]
        .map(|length| random.text(HEX, length))
        .join("-")
}

fn uuid_behind_bearer(random: &mut Random) -> Sample {
    lines(
        Kind::Assigned,
        &[
            "```python\ns.headers['Authorization'] = 'Bearer @'\n```",
            "```http\nAuthorization: Bearer @\n```",
        ],
        uuid(random),
    )
}

fn symmetric_key(random: &mut Random) -> Sample {
    lines(
        Kind::PrivateKey,
        &["```json\n{\"kty\":\"oct\",\"alg\":\"HS512\",\"k\":\"@\"}\n```"],
        random.text(BASE62, 86),
    )
}

fn about_phrases(random: &mut Random) -> String {
    random
        .pick(&[
            "Passphrase: kept in the safe of the office",
            "The passphrase is stored in Vault.",
            "Passphrase: ask the owner of the disk before using it",
            "passphrase: \"Enter the passphrase of your key\"",
            "The passphrase is \"too short or too weak\" says the tool.",
            "| Disk | Passphrase |\n|---|---|\n| nas-1 | printed and kept by finance |",
            "Recovery phrase: written on paper and locked away",
            "Die Passphrase liegt „im Tresor des Büros hinterlegt“.",
            "La phrase secrète est « conservée dans le coffre ».",
            "mnemonic: short name of an operation of the machine",
            "\"password\": \"forgot your password again\"",
        ])
        .to_owned()
}

fn about_passwords(random: &mut Random) -> String {
    random
        .pick(&[
            "User root, password required, port 22.",
            "user anonymous, passwd anonymous@",
            "The password was changed by the operator of 2024.",
            "password: `Sessions#create`",
            "password: 'changeme_2024'",
            "new PDO($dsn, 'root', 'password')",
            "DriverManager.getConnection(url, user, password)",
            "Jenkins – admin / see vault (password)",
            "The wifi key is on the router.",
            "PW for the portal: see `vault/portal2`",
            "PAT: see the vault",
        ])
        .to_owned()
}

fn about_keys(random: &mut Random) -> String {
    let hex = random.text(HEX, 64);
    let line = random.pick(&[
        "Public signing key of the app: `@`",
        "| signing_secret | rotated | @ |",
        "https://pay.acme.example/?appid=@",
        "https://acme.example/callback?code=@",
        "{\"v\":\"1\",\"k\":\"@\"}",
        "<Key>token/2024</Key><ETag>@</ETag>",
        "`arn:aws:secretsmanager:eu-west-1:418264903317:secret:prod/db/main-f0cc8N`",
        "`arn:aws:secretsmanager:us-east-1:418264903317:secret:Orders/Api9-Xw81Qz`",
        "signing_secret = '7c41e0b921d0999e8f43xxxyyy08bc6e'",
    ]);
    line.replace('@', &hex)
}

fn names_of_things(random: &mut Random) -> String {
    let name = base64(
        &random.bytes(3),
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl",
    );
    let line = random.pick(&[
        "password: @-orders-billing-relay-secret",
        "password: prod-database-main-@",
        "The password comes from `orders-stripe-@-relay`.",
        "'@-set-mnemonics', '@-table', '@-table-p', 'other-execute'",
        "AZURE_PATH=/usr/@/bin",
    ]);
    line.replace('@', &name)
}
