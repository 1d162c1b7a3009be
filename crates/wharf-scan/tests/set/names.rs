//! Names that code, stores and services have, put together from words: none is a secret, whatever
//! stands around it.

use super::random::{HEX, Random, SMALL_AND_DIGITS};

const WORDS: [&str; 96] = [
    "stripe",
    "webhook",
    "controller",
    "azure",
    "vault",
    "provider",
    "payment",
    "billing",
    "client",
    "token",
    "access",
    "secret",
    "internal",
    "public",
    "service",
    "factory",
    "feature",
    "enable",
    "europe",
    "west",
    "north",
    "prod",
    "staging",
    "config",
    "checkout",
    "error",
    "title",
    "header",
    "encoded",
    "policy",
    "minimum",
    "length",
    "upper",
    "hashed",
    "argon",
    "pepper",
    "rotate",
    "lambda",
    "database",
    "account",
    "invoice",
    "refund",
    "ledger",
    "customer",
    "order",
    "shipment",
    "warehouse",
    "mailer",
    "notification",
    "gateway",
    "identity",
    "tenant",
    "session",
    "refresh",
    "validator",
    "handler",
    "middleware",
    "registry",
    "scheduler",
    "worker",
    "queue",
    "topic",
    "bucket",
    "storage",
    "cluster",
    "region",
    "replica",
    "primary",
    "legacy",
    "migration",
    "schema",
    "contract",
    "partner",
    "analytics",
    "tracking",
    "search",
    "index",
    "catalog",
    "inventory",
    "pricing",
    "discount",
    "coupon",
    "loyalty",
    "reward",
    "profile",
    "avatar",
    "upload",
    "download",
    "export",
    "import",
    "report",
    "dashboard",
    "widget",
    "plugin",
    "adapter",
    "bridge",
];

/// Acronyms and short forms.
const SHORT: [&str; 20] = [
    "Api", "Jwt", "Db", "Kv", "Eu", "Us", "Url", "Id", "Sdk", "Ui", "Http", "Aws", "Gcp", "Oauth2",
    "Sha256", "Aes256", "Rsa2048", "V2", "S3", "Ec2",
];

/// Sentences and assignments that mention a name.
const LINES: [&str; 22] = [
    "The token is read by `@`",
    "The key comes from `@`",
    "The secret lives in the Key Vault secret `@`",
    "secret name: @",
    "secret `@`",
    "secret: @",
    "API key: @",
    "api_key: @",
    "token = \"@\"",
    "i18n key: @",
    "Feature flag key: @",
    "Key format: `@`",
    "API key header: `@`",
    "Token class: @",
    "| Secret | `@` |",
    "| Token | Used by |\n|---|---|\n| @ | billing |",
    "secretKeyRef:\n  name: app\n  key: @",
    "The signing key `@` is rotated by hand.",
    "access token (@)",
    "client_secret_name = @",
    "Authorization: Bearer @",
    "vault read @ # the token",
];

const PASSWORD_LINES: [&str; 6] = [
    "Passwords are hashed with `@`",
    "Password policy: @",
    "The password is rotated by Lambda `@`",
    "password_field: @",
    "The password comes from `@`",
    "Password hash: @",
];

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// A year, a version, a number of an instance, or nothing.
fn number(random: &mut Random) -> String {
    let number = random.pick(&["2", "V2", "2024", "01", "3", "V13", "1", "", "", ""]);
    (*number).to_owned()
}

fn camel(random: &mut Random) -> String {
    let mut name = String::new();
    for _ in 0..random.between(3, 5) {
        match random.below(4) {
            0 => name += random.pick(&SHORT),
            _ => name += &capital(random.pick(&WORDS)),
        }
        if random.below(3) == 0 {
            name += &number(random);
        }
    }
    name + random.pick(&["", "2", "V2", "2024"])
}

fn joined(mark: &str, random: &mut Random) -> String {
    let mut parts: Vec<String> = (0..random.between(3, 5))
        .map(|_| random.pick(&WORDS).to_string() + &number(random).to_lowercase())
        .collect();
    parts.push(
        random
            .pick(&["v2", "prod1", "01", "eu2", "2024"])
            .to_owned(),
    );
    parts.join(mark)
}

fn name(random: &mut Random) -> String {
    match random.below(12) {
        0..=2 => camel(random),
        3 => {
            let name = camel(random);
            let (first, rest) = name.split_at(1);
            first.to_lowercase() + rest
        }
        4 => joined("-", random),
        5 => joined("_", random),
        6 => joined(".", random),
        7 => format!("kv/data/{}", joined("/", random)),
        8 => format!("{}__0__{}", camel(random), camel(random)),
        9 => format!("X-{}-Key2", capital(&joined("-", random))),
        // The hash that a tool puts behind the name of what it made.
        10 => {
            let words = format!("{}-{}", random.pick(&WORDS), random.pick(&WORDS));
            format!("{words}-{}", random.text(SMALL_AND_DIGITS, 10))
        }
        _ => format!("{}={}", camel(random), random.text(HEX, 8)),
    }
}

pub(crate) fn near_secret(random: &mut Random) -> String {
    let name = name(random);
    random.pick(&LINES).replace('@', &name)
}

pub(crate) fn near_password(random: &mut Random) -> String {
    let name = name(random);
    random.pick(&PASSWORD_LINES).replace('@', &name)
}

/// Drawn values that other words make public.
pub(crate) fn near_public(random: &mut Random) -> String {
    let line = random.pick(&[
        "token hash: @",
        "key id: @",
        "token id: @",
        "secret version: @",
        "key alias: @",
        "SSH key fingerprint: @",
        "The token hash for staging is `@`",
        "csrf token: @",
        "API key checksum: @",
        "secret sha256 @",
        "The key was added in commit `@`",
        "site key: @",
    ]);
    let length = random.pick(&[&32, &40, &64]);
    line.replace('@', &random.text(HEX, *length))
}

/// Values that were cut off, and what stands for one.
pub(crate) fn cut(random: &mut Random) -> String {
    let line = random.pick(&[
        "```sh\nexport API_TOKEN=@...\n```",
        "token: `@…`",
        "API key: @...",
        "Authorization: Bearer @...",
        "curl -u reports:@... https://api.example.org",
        "password: @...",
    ]);
    let length = random.between(10, 20);
    line.replace(
        '@',
        &random.text("abcdefghkmnpqrstABCDEFGHKMNPQRST23456789", length),
    )
}

pub(crate) fn commands(random: &mut Random) -> String {
    let word = random.pick(&WORDS);
    let line = random.pick(&[
        "curl -u username:password https://api.example.org/@",
        "curl -u \"$API_USER:$API_PASSWORD\" https://api.example.org/@",
        "curl -u <email>:<api-token> https://@.example.org",
        "curl --user client_id:client_secret https://@.example.org",
        "docker run -u 1000:1000 -p 8080:8080 @",
        "docker login -u $USER -p $TOKEN @.example.org",
        "mysql -u root -p @",
        "mysqldump -p --databases @",
        "git push -u origin feature/@-V2",
        "Authorization: Basic dXNlcm5hbWU6cGFzc3dvcmQ= # @",
        "Authorization: Basic <base64 of @:password>",
        "Basic Authentication2 with @ headers",
        "bypass: @V2Handler2024!",
        "Tests pass: 12, fail: 3 in @",
        "pass: the second pass of @",
        "Passwort: siehe Vault @",
        "mot de passe : voir @",
        "https://a.blob.core.windows.net/@?sv=2022-11-02&sig=<signature>",
        "ssh -p 2222 @.example.org",
    ]);
    line.replace('@', word)
}
