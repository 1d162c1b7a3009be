//! Tokens of vendors whose form is documented, session cookies, signed addresses and webhooks.

use wharf_scan::Kind;

use super::random::{
    BASE32, BASE62, BASE64, BASE64URL, CAPITALS_AND_DIGITS, HEX, Random, SMALL_AND_DIGITS, base64,
};
use super::samples::{Place, Sample};

/// The name of the kind, and the pieces of the token: a text as it stands, or an alphabet and a length.
type Format = (&'static str, &'static [Piece]);

#[derive(Clone, Copy)]
enum Piece {
    Text(&'static str),
    Drawn(&'static str, usize),
}

use Piece::{Drawn, Text};

const FORMATS: [Format; 52] = [
    (
        "HubSpot token",
        &[
            Text("pat-eu1-"),
            Drawn(HEX, 8),
            Text("-"),
            Drawn(HEX, 4),
            Text("-"),
            Drawn(HEX, 4),
            Text("-"),
            Drawn(HEX, 4),
            Text("-"),
            Drawn(HEX, 12),
        ],
    ),
    (
        "Grafana service account token",
        &[Text("glsa_"), Drawn(BASE62, 32), Text("_"), Drawn(HEX, 8)],
    ),
    ("DigitalOcean token", &[Text("dop_v1_"), Drawn(HEX, 64)]),
    (
        "Heroku API key",
        &[Text("HRKU-AA"), Drawn(BASE64URL, 57), Drawn(BASE62, 1)],
    ),
    (
        "New Relic user key",
        &[Text("NRAK-"), Drawn(CAPITALS_AND_DIGITS, 27)],
    ),
    ("New Relic license key", &[Drawn(HEX, 36), Text("NRAL")]),
    (
        "Postman API key",
        &[Text("PMAK-"), Drawn(HEX, 24), Text("-"), Drawn(HEX, 34)],
    ),
    (
        "Atlassian API token",
        &[
            Text("ATATT3xFfGF0"),
            Drawn(BASE64URL, 170),
            Text("="),
            Drawn("0123456789ABCDEF", 8),
        ],
    ),
    ("Bitbucket app password", &[Text("ATBB"), Drawn(BASE62, 32)]),
    (
        "Figma token",
        &[Text("figd_"), Drawn(BASE64URL, 39), Drawn(BASE62, 1)],
    ),
    (
        "PyPI token",
        &[
            Text("pypi-AgEIcHlwaS5vcmcCJ"),
            Drawn(BASE64URL, 149),
            Drawn(BASE62, 1),
        ],
    ),
    (
        "NuGet API key",
        &[Text("oy2"), Drawn("abcdefghijklmnopqrstuvwxyz234567", 43)],
    ),
    ("RubyGems API key", &[Text("rubygems_"), Drawn(HEX, 48)]),
    (
        "Terraform Cloud token",
        &[
            Drawn(BASE62, 14),
            Text(".atlasv1."),
            Drawn(BASE64URL, 66),
            Drawn(BASE62, 1),
        ],
    ),
    (
        "HashiCorp Vault token",
        &[Text("hvs."), Drawn(BASE64URL, 94), Drawn(BASE62, 1)],
    ),
    ("Pulumi token", &[Text("pul-"), Drawn(HEX, 40)]),
    ("Databricks token", &[Text("dapi"), Drawn(HEX, 32)]),
    ("Doppler token", &[Text("dp.pt."), Drawn(BASE62, 43)]),
    (
        "PlanetScale token",
        &[Text("pscale_tkn_"), Drawn(BASE64URL, 42), Drawn(BASE62, 1)],
    ),
    ("Buildkite token", &[Text("bkua_"), Drawn(HEX, 40)]),
    (
        "CircleCI token",
        &[
            Text("CCIPAT_"),
            Drawn(BASE62, 22),
            Text("_"),
            Drawn(HEX, 40),
        ],
    ),
    (
        "Airtable token",
        &[Text("pat"), Drawn(BASE62, 14), Text("."), Drawn(HEX, 64)],
    ),
    (
        "Mapbox secret token",
        &[
            Text("sk.eyJ1IjoiYWNtZSIsImEiOiJj"),
            Drawn(BASE64URL, 29),
            Drawn(BASE62, 1),
            Text("."),
            Drawn(BASE64URL, 21),
            Drawn(BASE62, 1),
        ],
    ),
    (
        "Square token",
        &[Text("sq0atp-"), Drawn(BASE64URL, 21), Drawn(BASE62, 1)],
    ),
    (
        "Square or Meta token",
        &[Text("EAAA"), Drawn(BASE64URL, 59), Drawn(BASE62, 1)],
    ),
    (
        "Adyen API key",
        &[
            Text("AQE"),
            Drawn(BASE64, 121),
            Text("=-"),
            Drawn(BASE64, 43),
            Text("=-"),
            Drawn(BASE62, 16),
        ],
    ),
    (
        "Cloudflare origin CA key",
        &[Text("v1.0-"), Drawn(HEX, 24), Text("-"), Drawn(HEX, 146)],
    ),
    (
        "Cloudflare API token",
        &[Text("cfut_"), Drawn(BASE62, 40), Drawn(HEX, 8)],
    ),
    (
        "AWS Bedrock API key",
        &[Text("ABSKQmVkcm9ja0FQSUtleS1"), Drawn(BASE64, 109)],
    ),
    (
        "age identity",
        &[
            Text("AGE-SECRET-KEY-1"),
            Drawn("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
        ],
    ),
    (
        "Telegram bot token",
        &[
            Drawn("123456789", 10),
            Text(":AA"),
            Drawn(BASE64URL, 32),
            Drawn(BASE62, 1),
        ],
    ),
    (
        "Microsoft Entra client secret",
        &[
            Drawn(BASE62, 3),
            Text("8Q~"),
            Drawn(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-",
                33,
            ),
            Drawn(BASE62, 1),
        ],
    ),
    (
        "Resend API key",
        &[Text("re_"), Drawn(BASE62, 8), Text("_"), Drawn(BASE62, 24)],
    ),
    (
        "Brevo API key",
        &[
            Text("xkeysib-"),
            Drawn(HEX, 64),
            Text("-"),
            Drawn(BASE62, 16),
        ],
    ),
    ("MailerSend token", &[Text("mlsn."), Drawn(HEX, 64)]),
    ("Netlify token", &[Text("nfp_"), Drawn(BASE62, 36)]),
    (
        "Tailscale key",
        &[
            Text("tskey-auth-"),
            Drawn(BASE62, 11),
            Text("CNTRL-"),
            Drawn(BASE62, 32),
        ],
    ),
    ("SonarQube token", &[Text("sqp_"), Drawn(HEX, 40)]),
    (
        "PostHog personal API key",
        &[Text("phx_"), Drawn(BASE62, 43)],
    ),
    ("Groq API key", &[Text("gsk_"), Drawn(BASE62, 52)]),
    ("OpenRouter API key", &[Text("sk-or-v1-"), Drawn(HEX, 64)]),
    (
        "Dynatrace token",
        &[
            Text("dt0c01."),
            Drawn(BASE32, 24),
            Text("."),
            Drawn(BASE32, 64),
        ],
    ),
    ("Artifactory API key", &[Text("AKCp"), Drawn(BASE62, 69)]),
    (
        "Contentful token",
        &[Text("CFPAT-"), Drawn(BASE64URL, 42), Drawn(BASE62, 1)],
    ),
    ("Mailgun key", &[Text("key-"), Drawn(HEX, 32)]),
    (
        "Mailgun key",
        &[
            Drawn(HEX, 32),
            Text("-"),
            Drawn(HEX, 8),
            Text("-"),
            Drawn(HEX, 8),
        ],
    ),
    ("Trello token", &[Text("ATTA"), Drawn(HEX, 72)]),
    (
        "WooCommerce consumer secret",
        &[Text("cs_"), Drawn(HEX, 40)],
    ),
    (
        "Slack session cookie",
        &[Text("xoxd-"), Drawn(BASE62, 140), Text("%3D")],
    ),
    (
        "Mailchimp API key",
        &[Drawn(HEX, 32), Text("-us"), Drawn("123456789", 2)],
    ),
    (
        "Asana token",
        &[
            Text("2/"),
            Drawn("123456789", 16),
            Text("/"),
            Drawn("123456789", 16),
            Text(":"),
            Drawn(HEX, 32),
        ],
    ),
    ("crates.io token", &[Text("cio"), Drawn(BASE62, 32)]),
];

pub(crate) const COUNT: usize = FORMATS.len();

/// A token of any of the vendors.
pub(crate) fn token(random: &mut Random) -> Sample {
    token_of(random.below(COUNT), random)
}

pub(crate) fn token_of(index: usize, random: &mut Random) -> Sample {
    let (name, pieces) = FORMATS[index];
    let mut secret = String::new();
    for piece in pieces {
        match piece {
            Text(text) => secret.push_str(text),
            Drawn(alphabet, length) => secret += &random.text(alphabet, *length),
        }
    }
    Sample {
        kind: Kind::Vendor(name),
        place: Place::Anywhere,
        text: secret.clone(),
        secret,
    }
}

const COOKIES: &[&str] = &[
    "```http\nGET /admin HTTP/1.1\nCookie: @; theme=dark\n```",
    "> Set-Cookie: @; Path=/; HttpOnly; SameSite=Lax",
    "```sh\ncurl https://api.example.org/me -H 'Cookie: lang=en; @'\n```",
    "```sh\ncurl -b '@' https://api.example.org/me\n```",
    "2026-04-03 nginx: 200 \"GET /cart\" cookie=\"@\" rt=0.077",
    "The cookie was `@` then.",
];

/// A cookie that holds a session, as frameworks write it.
pub(crate) fn cookie(random: &mut Random) -> Sample {
    let (name, secret) = match random.below(8) {
        0 => ("PHPSESSID", random.text(SMALL_AND_DIGITS, 26)),
        1 => ("JSESSIONID", random.text("0123456789ABCDEF", 32)),
        2 => (
            "connect.sid",
            format!(
                "s%3A{}.{}",
                random.text(BASE64URL, 32),
                random.text(BASE62, 43)
            ),
        ),
        3 => ("sessionid", random.text(SMALL_AND_DIGITS, 32)),
        4 => (
            ".AspNetCore.Cookies",
            format!("CfDJ8{}", random.text(BASE62, 150)),
        ),
        5 => (
            "session",
            format!(
                "{}.{}.{}",
                base64(
                    format!("{{\"_fresh\": true, \"user\": {}}}", random.below(9_999)).as_bytes(),
                    BASE64URL
                ),
                random.text(BASE62, 6),
                random.text(BASE62, 27)
            ),
        ),
        6 => (
            "laravel_session",
            format!("{}%3D", random.text(BASE62, 180)),
        ),
        _ => ("remember_user_token", random.text(HEX, 64)),
    };
    let text = format!("{name}={secret}");
    Sample {
        kind: Kind::SessionCookie,
        place: Place::Lines(COOKIES),
        text,
        secret,
    }
}

/// An address that was signed for a time, with version 2 of a signature.
pub(crate) fn signed_address(random: &mut Random) -> Sample {
    let escaped = |length: usize, random: &mut Random| {
        let signs = base64(&random.bytes(length), BASE64) + "=";
        signs
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D")
    };
    let expires = random.between(1_800_000_000, 2_000_000_000);
    let secret = match random.below(3) {
        0 => escaped(20, random),
        1 => escaped(256, random),
        _ => random.text(BASE64URL, 342),
    };
    let line = random.pick(&[
        "https://acme.s3.amazonaws.com/a.pdf?AWSAccessKeyId=AKIAX&Expires=#&Signature=@",
        "https://storage.googleapis.com/a/b.tar?GoogleAccessId=exp@a.example&Expires=#&Signature=@",
        "https://cdn.example.org/a.m3u8?Expires=#&Signature=@&Key-Pair-Id=K2AXXX",
        "[price list](https://acme.oss-eu.aliyuncs.com/a?OSSAccessKeyId=X&Expires=#&Signature=@)",
    ]);
    let text = line.replace('#', &expires.to_string());
    let text = text.replacen("Signature=@", &format!("Signature={secret}"), 1);
    Sample {
        kind: Kind::SignedAddress,
        place: Place::Lines(&["@", "Take it from @ today."]),
        text,
        secret,
    }
}

pub(crate) fn webhook(random: &mut Random) -> Sample {
    let (host, secret) = match random.below(3) {
        0 => (
            "https://chat.example.org/hooks/",
            random.text(SMALL_AND_DIGITS, 26),
        ),
        1 => (
            "https://rocket.example.org/hooks/",
            format!("{}/{}", random.text(BASE62, 17), random.text(BASE62, 48)),
        ),
        _ => (
            "https://hook.eu1.make.com/",
            random.text(SMALL_AND_DIGITS, 32),
        ),
    };
    Sample {
        kind: Kind::Webhook,
        place: Place::Anywhere,
        text: format!("{host}{secret}"),
        secret,
    }
}
