//! Credentials as the vendors' documentation describes them, made by chance: nobody issued them.

use wharf_scan::Kind;

use super::random::{
    BASE32, BASE62, BASE64, BASE64URL, CAPITALS_AND_DIGITS, DIGITS, HEX, Random, SMALL_AND_DIGITS,
    base64, crc32, in_base,
};
use super::{shapes, vendors};

/// Where a value is put.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Place {
    /// Anywhere: the value tells what it is.
    Anywhere,
    /// Into one of these lines, at `@`.
    Lines(&'static [&'static str]),
}

pub(crate) struct Sample {
    pub(crate) kind: Kind,
    pub(crate) place: Place,
    /// What is written.
    pub(crate) text: String,
    /// The part of it that is the secret.
    pub(crate) secret: String,
}

fn whole(kind: Kind, text: String) -> Sample {
    Sample {
        kind,
        place: Place::Anywhere,
        secret: text.clone(),
        text,
    }
}

fn inside(kind: Kind, text: String, secret: String) -> Sample {
    Sample {
        kind,
        place: Place::Anywhere,
        text,
        secret,
    }
}

fn near(kind: Kind, lines: &'static [&'static str], text: String) -> Sample {
    Sample {
        kind,
        place: Place::Lines(lines),
        secret: text.clone(),
        text,
    }
}

/// One credential of a kind.
pub(crate) fn sample(kind: Kind, random: &mut Random) -> Sample {
    match kind {
        Kind::GitHub => whole(kind, github(random)),
        Kind::GitLab => whole(kind, gitlab(random)),
        Kind::Npm => whole(kind, summed("npm_", BASE62, 30, random)),
        Kind::Vercel => vercel(random),
        Kind::Stripe => whole(kind, stripe("live", random)),
        Kind::StripeTest => whole(kind, stripe("test", random)),
        Kind::WebhookSecret => whole(kind, webhook_secret(random)),
        Kind::SlackToken => whole(kind, slack(random)),
        Kind::SlackWebhook => slack_webhook(random),
        Kind::AwsAccessKeyId => whole(kind, aws_id(random)),
        Kind::AwsSecretAccessKey => near(kind, AWS, random.text(BASE64, 40)),
        Kind::GoogleApiKey => whole(kind, format!("AIza{}", random.text(BASE64URL, 35))),
        Kind::GoogleClientSecret => whole(kind, format!("GOCSPX-{}", random.text(BASE64URL, 28))),
        Kind::GoogleToken => whole(kind, google_token(random)),
        Kind::GoogleServiceAccount => service_account(random),
        Kind::OpenAi => whole(kind, openai(random)),
        Kind::SendGrid => whole(kind, sendgrid(random)),
        Kind::Twilio => twilio(random),
        Kind::PrivateKey => private_key(random),
        Kind::Jwt => whole(kind, jwt(&claims(random), random)),
        Kind::ConnectionString => connection(random),
        Kind::Shopify => whole(kind, shopify(random)),
        Kind::Discord => discord(random),
        Kind::Docker => whole(kind, docker(random)),
        Kind::Sentry => whole(kind, sentry(random)),
        Kind::Dify => whole(kind, dify(random)),
        Kind::Supabase => whole(kind, supabase(random)),
        Kind::Datadog => {
            let length = random.pick(&[&32, &40]);
            near(kind, DATADOG, random.text(HEX, *length))
        }
        Kind::Mixpanel => {
            let alphabet = random.pick(&[HEX, BASE62]);
            near(kind, MIXPANEL, random.text(alphabet, 32))
        }
        Kind::PayPal => paypal(random),
        Kind::Anthropic => whole(kind, shapes::anthropic(random)),
        Kind::AzureSignature => shapes::azure(random),
        Kind::HuggingFace => whole(kind, shapes::hugging_face(random)),
        Kind::Linear => whole(kind, shapes::linear(random)),
        Kind::Notion => whole(kind, shapes::notion(random)),
        Kind::TeamsWebhook => shapes::teams(random),
        Kind::SessionCookie => vendors::cookie(random),
        Kind::SignedAddress => vendors::signed_address(random),
        Kind::Webhook => vendors::webhook(random),
        Kind::Vendor(_) => vendors::token(random),
        Kind::Assigned => near(kind, ASSIGNED, assigned(random)),
        Kind::Password => near(kind, PASSWORD, password(random)),
    }
}

const AWS: &[&str] = &[
    "AWS_SECRET_ACCESS_KEY=@",
    "export AWS_SECRET_ACCESS_KEY=\"@\"",
    "aws_secret_access_key = @",
    "  \"secretAccessKey\": \"@\",",
    "| AWS secret key | `@` |",
    "The secret access key of the AWS account is @.",
    "For Amazon S3 use the secret key `@` in every region.",
];

const DATADOG: &[&str] = &[
    "DD_API_KEY=@",
    "export DD_APP_KEY=@",
    "datadog:\n  api_key: @",
    "curl -H \"DD-API-KEY: @\" https://api.datadoghq.com/api/v1/validate",
    "| Datadog application key | @ |",
    "The Datadog API key for staging is `@`.",
    "  \"datadogApiKey\": \"@\"",
];

const MIXPANEL: &[&str] = &[
    "MIXPANEL_API_SECRET=@",
    "mixpanel:\n  api_secret: \"@\"",
    "The secret of our Mixpanel service account is `@`.",
    "| Mixpanel secret | @ |",
    "  \"mixpanelSecret\": \"@\"",
];

const PAYPAL: &[&str] = &[
    "PAYPAL_CLIENT_SECRET=@",
    "paypal:\n  mode: live\n  client_secret: @",
    "The client secret of the PayPal app: `@`",
    "| PayPal secret | `@` |",
    "  \"paypalSecret\": \"@\",",
];

const VERCEL: &[&str] = &[
    "VERCEL_TOKEN=@",
    "vercel deploy --token @",
    "vercel:\n  token: '@'",
    "The Vercel access token is `@`.",
    "| Vercel token | @ |",
];

const TWILIO: &[&str] = &[
    "TWILIO_AUTH_TOKEN=@",
    "twilio:\n  account_sid: in the vault\n  auth_token: @",
    "The auth token of our Twilio account is `@`, the same for both numbers.",
    "| Twilio auth token | @ |",
    "  \"twilioAuthToken\": \"@\"",
    "The Twilio API key has the secret @.",
];

const ASSIGNED: &[&str] = &[
    "API key: @",
    "api_key = \"@\"",
    "  \"client_secret\": \"@\",",
    "access_token: @",
    "export ACME_API_TOKEN=@",
    "| API key | `@` |",
    "| Name | Secret | Owner |\n|---|---|---|\n| Billing | @ | Finance |",
    "The token for staging is `@`.",
    "Our signing secret: @",
    "curl -H \"Authorization: Bearer @\" https://api.example.org/v1/items",
    "acme login --api-token @",
    "X-Api-Key: @",
];

const PASSWORD: &[&str] = &[
    "password: @",
    "PASSWORD=@",
    "  \"password\": \"@\",",
    "The password is `@`.",
    "| Password | @ |",
    "| User | Password |\n|---|---|\n| reports | @ |",
    "db_passwd = '@'",
    "acme login --user reports --password @",
];

fn summed(start: &str, alphabet: &str, length: usize, random: &mut Random) -> String {
    let body = random.text(alphabet, length);
    let sum = in_base(crc32(&body).into(), BASE62, 6);
    format!("{start}{body}{sum}")
}

fn github(random: &mut Random) -> String {
    match random.below(8) {
        0 | 1 => summed("ghp_", BASE62, 30, random),
        2 => summed("gho_", BASE62, 30, random),
        3 => summed("ghu_", BASE62, 30, random),
        4 => summed("ghs_", BASE62, 30, random),
        5 => summed("ghr_", BASE62, 70, random),
        6 => {
            let app = random.between(10_000, 9_999_999);
            format!("ghs_{app}_{}", jwt(&claims(random), random))
        }
        _ => format!(
            "github_pat_{}_{}",
            random.text(BASE62, 22),
            random.text(BASE62, 59)
        ),
    }
}

fn gitlab(random: &mut Random) -> String {
    if random.below(2) == 0 {
        let start = random.pick(&["glpat-", "gldt-", "glrt-"]);
        return format!("{start}{}", random.text(BASE64URL, 20));
    }
    let length = random.between(27, 60);
    let all = format!(
        "glpat-{}.01.{}",
        random.text(BASE64URL, length),
        random.text(SMALL_AND_DIGITS, 2)
    );
    let sum = in_base(
        crc32(&all).into(),
        "0123456789abcdefghijklmnopqrstuvwxyz",
        7,
    );
    format!("{all}{sum}")
}

fn vercel(random: &mut Random) -> Sample {
    if random.below(2) == 0 {
        return near(Kind::Vercel, VERCEL, random.text(BASE62, 24));
    }
    let start = random.pick(&["vcp_", "vci_", "vca_", "vcr_", "vck_"]);
    whole(Kind::Vercel, summed(start, BASE62, 50, random))
}

fn stripe(mode: &str, random: &mut Random) -> String {
    let kind = random.pick(&["sk", "rk", "sk_org"]);
    let length = random.pick(&[&24, &99]);
    format!("{kind}_{mode}_{}", random.text(BASE62, *length))
}

fn webhook_secret(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("whsec_{}", random.text(BASE62, 32)),
        1 => format!("whsec_{}", random.text(HEX, 64)),
        _ => {
            let length = random.pick(&[&24, &48]);
            format!("whsec_{}", base64(&random.bytes(*length), BASE64))
        }
    }
}

fn slack(random: &mut Random) -> String {
    let length = random.between(10, 13);
    let team = random.text("123456789", 1) + &random.text(DIGITS, length);
    let user = random.text("123456789", 1) + &random.text(DIGITS, length);
    match random.below(9) {
        7 => format!("xoxs-{team}-{user}-{user}-{}", random.text(HEX, 10)),
        8 => format!("xoxa-2-{}", random.text(BASE62, 32)),
        0 | 1 => format!("xoxb-{team}-{user}-{}", random.text(BASE62, 24)),
        2 => format!("xoxp-{team}-{user}-{user}-{}", random.text(HEX, 32)),
        3 => format!("xoxa-2-{team}-{user}-{user}-{}", random.text(HEX, 32)),
        4 => format!("xoxe.xoxp-1-{}", random.text(BASE62, 163)),
        5 => format!("xoxe-1-{}", random.text(BASE62, 146)),
        _ => {
            let app = random.text(CAPITALS_AND_DIGITS, 10);
            format!("xapp-1-A{app}-{team}-{}", random.text(HEX, 64))
        }
    }
}

fn slack_webhook(random: &mut Random) -> Sample {
    if random.below(3) == 0 {
        let (text, secret) = shapes::workflow(random);
        return inside(Kind::SlackWebhook, text, secret);
    }
    let length = random.between(8, 10);
    let secret = format!(
        "T{}/B{}/{}",
        random.text(CAPITALS_AND_DIGITS, length),
        random.text(CAPITALS_AND_DIGITS, length),
        random.text(BASE62, 24)
    );
    let text = format!("https://hooks.slack.com/services/{secret}");
    inside(Kind::SlackWebhook, text, secret)
}

/// 80 bits: a one, the account, and chance.
fn aws_id(random: &mut Random) -> String {
    let start = random.pick(&["AKIA", "ASIA"]);
    if random.below(6) == 0 {
        let old = random.pick(&["I", "J"]);
        return format!("{start}{old}{}", random.text(BASE32, 15));
    }
    let account = u128::from(random.next() % 1_000_000_000_000);
    let mut bits = (1 << 79) | (account << 39) | u128::from(random.next() >> 25);
    let mut body = Vec::new();
    for _ in 0..16 {
        body.push(char::from(
            BASE32.as_bytes()[usize::try_from(bits & 31).unwrap()],
        ));
        bits >>= 5;
    }
    let body: String = body.iter().rev().collect();
    format!("{start}{body}")
}

fn google_token(random: &mut Random) -> String {
    let length = random.between(60, 200);
    let kind = random.pick(&["", "a0Af", "c.b0A"]);
    format!("ya29.{kind}{}", random.text(BASE64URL, length))
}

fn armour(label: &str, start: &str, length: usize, end: &str, random: &mut Random) -> String {
    let text = format!("{start}{}", base64(&random.bytes(length), BASE64));
    let mut lines = vec![format!("-----BEGIN {label}-----")];
    let columns: Vec<char> = text.chars().collect();
    lines.extend(columns.chunks(64).map(|line| line.iter().collect()));
    lines.push(format!("-----END {label}-----"));
    lines.join(end)
}

fn service_account(random: &mut Random) -> Sample {
    let key = armour("PRIVATE KEY", "MIIEv", 1_190, "\\n", random);
    let text = format!(
        "{{\"type\": \"service_account\", \"private_key\": \"{key}\\n\", \"client_email\": \"a@b.iam\"}}"
    );
    Sample {
        kind: Kind::GoogleServiceAccount,
        place: Place::Lines(&["```json\n@\n```", "@"]),
        text,
        secret: key,
    }
}

fn private_key(random: &mut Random) -> Sample {
    let (label, start, length) = match random.below(6) {
        0 => ("RSA PRIVATE KEY", "MIIEp", 1_180),
        1 => ("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEI", 32),
        2 => ("EC PRIVATE KEY", "MHcCAQEEI", 112),
        3 => {
            // The header of every key without a passphrase.
            let header = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB";
            ("OPENSSH PRIVATE KEY", header, 390)
        }
        4 => ("ENCRYPTED PRIVATE KEY", "MIIFH", 1_250),
        _ => ("PGP PRIVATE KEY BLOCK", "lQVYB", 900),
    };
    let text = armour(label, start, length, "\n", random);
    Sample {
        kind: Kind::PrivateKey,
        place: Place::Lines(&["```\n@\n```", "The key:\n\n@", "```text\n@\n```"]),
        secret: text.clone(),
        text,
    }
}

fn openai(random: &mut Random) -> String {
    let mark = ["T3Blbk", "FJ"].concat();
    if random.below(3) == 0 {
        return format!(
            "sk-{}{mark}{}",
            random.text(BASE62, 20),
            random.text(BASE62, 20)
        );
    }
    let kind = random.pick(&["proj-", "svcacct-", "admin-"]);
    let length = random.pick(&[&58, &74, &20]);
    format!(
        "sk-{kind}{}{mark}{}",
        random.text(BASE64URL, *length),
        random.text(BASE64URL, *length)
    )
}

fn sendgrid(random: &mut Random) -> String {
    format!(
        "SG.{}.{}",
        random.text(BASE64URL, 22),
        random.text(BASE64URL, 43)
    )
}

fn twilio(random: &mut Random) -> Sample {
    match random.below(3) {
        0 => whole(Kind::Twilio, format!("SK{}", random.text(HEX, 32))),
        1 => near(Kind::Twilio, &TWILIO[..5], random.text(HEX, 32)),
        _ => near(Kind::Twilio, &TWILIO[5..], random.text(BASE62, 32)),
    }
}

fn claims(random: &mut Random) -> String {
    format!(
        "{{\"iss\":\"https://login.example.org\",\"sub\":\"{}\",\"iat\":{},\"scope\":\"read write\"}}",
        random.text(HEX, 12),
        random.between(1_700_000_000, 1_800_000_000)
    )
}

pub(crate) fn jwt(claims: &str, random: &mut Random) -> String {
    let (algorithm, length) = match random.below(3) {
        0 => ("HS256", 32),
        1 => ("RS256", 256),
        _ => ("ES256", 64),
    };
    let header = match random.below(2) {
        0 => format!("{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}"),
        _ => format!(
            "{{\"typ\":\"JWT\",\"alg\":\"{algorithm}\",\"kid\":\"{}\"}}",
            random.text(HEX, 16)
        ),
    };
    format!(
        "{}.{}.{}",
        base64(header.as_bytes(), BASE64URL),
        base64(claims.as_bytes(), BASE64URL),
        base64(&random.bytes(length), BASE64URL)
    )
}

fn connection(random: &mut Random) -> Sample {
    let secret = password(random);
    let text = match random.below(5) {
        0 => format!("postgres://app:{secret}@db.internal:5432/app"),
        1 => format!("mongodb+srv://reports:{secret}@cluster0.ab1cd.mongodb.net/reports"),
        2 => format!("redis://:{secret}@cache.internal:6379/0"),
        3 => format!("amqps://worker:{secret}@queue.example.net/jobs"),
        _ => format!("Server=sql.internal;Database=app;User Id=app;Password={secret};Encrypt=true"),
    };
    inside(Kind::ConnectionString, text, secret)
}

/// As people and their password managers make them; nothing that an address would have to escape.
pub(crate) fn password(random: &mut Random) -> String {
    const WORDS: [&str; 8] = [
        "Sommer", "Kestrel", "Marble", "Quartz", "Ember", "Falcon", "Juniper", "Walnut",
    ];
    match random.below(4) {
        0 => {
            let word = random.pick(&WORDS);
            let mark = random.pick(&["!", "$", "_", "-"]);
            format!(
                "{word}{}{mark}{}",
                random.text(DIGITS, 3),
                random.text(BASE62, 3)
            )
        }
        1 => format!(
            "{}-{}-{}{}",
            random.pick(&WORDS),
            random.pick(&WORDS),
            random.pick(&WORDS),
            random.text(DIGITS, 2)
        ),
        2 => {
            let length = random.between(14, 24);
            random.text(BASE62, length)
        }
        _ => format!(
            "{}{}",
            random.text("Kp7wX", 1),
            random.text("ABCDEFabcdefghkmnpqr23456789!-_~", 15)
        ),
    }
}

fn shopify(random: &mut Random) -> String {
    let start = random.pick(&["shpat_", "shpca_", "shppa_", "shpss_", "shptka_"]);
    format!("{start}{}", random.text(HEX, 32))
}

fn discord(random: &mut Random) -> Sample {
    let length = random.between(17, 18);
    let number = random.text("123456789", 1) + &random.text(DIGITS, length);
    if random.below(3) == 0 {
        let secret = random.text(BASE64URL, 68);
        let host = random.pick(&["discord.com", "discordapp.com"]);
        let text = format!("https://{host}/api/webhooks/{number}/{secret}");
        return inside(Kind::Discord, text, secret);
    }
    let secret = random.pick(&[&27, &38]);
    whole(
        Kind::Discord,
        format!(
            "{}.{}.{}",
            base64(number.as_bytes(), BASE64URL),
            random.text(BASE64URL, 6),
            random.text(BASE64URL, *secret)
        ),
    )
}

fn docker(random: &mut Random) -> String {
    match random.below(2) {
        0 => format!("dckr_pat_{}", random.text(BASE64URL, 27)),
        _ => format!("dckr_oat_{}", random.text(BASE64URL, 32)),
    }
}

fn sentry(random: &mut Random) -> String {
    if random.below(2) == 0 {
        return format!("sntryu_{}", random.text(HEX, 64));
    }
    let facts = format!(
        "{{\"iat\":{}.25,\"url\":\"https://sentry.io\",\"region_url\":\"https://us.sentry.io\",\"org\":\"{}\"}}",
        random.between(1_700_000_000, 1_800_000_000),
        random.text("abcdefgh", 6)
    );
    let mut facts = base64(facts.as_bytes(), BASE64);
    while !facts.len().is_multiple_of(4) {
        facts.push('=');
    }
    format!("sntrys_{facts}_{}", base64(&random.bytes(32), BASE64))
}

fn dify(random: &mut Random) -> String {
    let start = random.pick(&["app-", "dataset-"]);
    format!("{start}{}", random.text(BASE62, 24))
}

fn supabase(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("sbp_{}", random.text(HEX, 40)),
        1 => format!(
            "sb_secret_{}_{}",
            random.text(BASE64URL, 22),
            random.text(BASE64URL, 8)
        ),
        _ => {
            let claims = format!(
                "{{\"iss\":\"supabase\",\"ref\":\"{}\",\"role\":\"service_role\",\"iat\":1700000000,\"exp\":2000000000}}",
                random.text("abcdefghijklmnopqrstuvwxyz", 20)
            );
            jwt(&claims, random)
        }
    }
}

fn paypal(random: &mut Random) -> Sample {
    if random.below(3) == 0 {
        return whole(Kind::PayPal, format!("A21AA{}", random.text(BASE64URL, 92)));
    }
    near(
        Kind::PayPal,
        PAYPAL,
        format!("E{}", random.text(BASE64URL, 79)),
    )
}

fn assigned(random: &mut Random) -> String {
    match random.below(5) {
        0 => random.text(HEX, 32),
        1 => random.text(HEX, 64),
        2 => {
            let length = random.between(20, 48);
            random.text(BASE62, length)
        }
        3 => {
            let length = random.between(24, 40);
            random.text(SMALL_AND_DIGITS, length)
        }
        _ => format!("acme_{}", random.text(BASE62, 32)),
    }
}
