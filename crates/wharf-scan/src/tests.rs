//! The scanner as a whole: order, overlaps, hostile text.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::samples::{BASE62, HEX, drawn, found};
use super::{Found, Kind, scan, without_overlaps};

#[test]
fn what_is_found_is_in_order_and_does_not_overlap() {
    let key = ["sk_live_", &drawn(BASE62, 24)].concat();
    let sid = ["SK", &drawn(HEX, 32)].concat();
    let text = format!("{sid} token: {key}, {key} and {sid}; password: Kestrel4!dune");
    let kinds: Vec<_> = found(&text).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Twilio,
            Kind::Stripe,
            Kind::Stripe,
            Kind::Twilio,
            Kind::Password
        ]
    );
}

#[test]
fn the_first_list_wins() {
    let all = |kind, spans: &[(usize, usize)]| -> Vec<Found> {
        spans
            .iter()
            .map(|(start, end)| Found::new(kind, *start..*end))
            .collect()
    };
    let sure = all(Kind::Stripe, &[(5, 10), (20, 30)]);
    let unsure = all(
        Kind::Assigned,
        &[(0, 5), (8, 12), (10, 20), (18, 22), (25, 28), (30, 31)],
    );
    let spans: Vec<_> = without_overlaps(sure, unsure)
        .into_iter()
        .map(|found| (found.span.start, found.span.end))
        .collect();
    assert_eq!(spans, [(0, 5), (5, 10), (10, 20), (20, 30), (30, 31)]);
}

/// Places in which every token that a word starts was missed once: behind `=` (`whsec_`, `sntrys_`),
/// behind an escape of an address, between marks of emphasis, with the escapes of an editor.
#[test]
fn a_token_is_found_behind_every_sign() {
    let body = drawn(BASE62, 32);
    let tokens = [
        (Kind::WebhookSecret, format!("whsec_{body}")),
        (Kind::Stripe, format!("sk_live_{body}")),
        (Kind::Shopify, format!("shpat_{}", drawn(HEX, 32))),
        (Kind::Docker, format!("dckr_pat_{}", &body[..27])),
        (Kind::GoogleApiKey, format!("AIza{body}xY7")),
        (
            Kind::SendGrid,
            format!("SG.{}.{body}kQ7xZ9aB2cD", &body[..22]),
        ),
        (Kind::Twilio, format!("SK{}", drawn(HEX, 32))),
    ];
    for (kind, token) in tokens {
        for line in [
            "ACME_VALUE=@",
            "--webhook-secret=@",
            "https://a.example/?t=@",
            "x+@",
            "a/@",
            "?t=%22@%22",
            "?t=a%20@",
            "_@_",
            "**_@_**",
            "__@__",
            "(_@_)",
            "\u{1b}[32m@\u{1b}[0m",
            "{\"a\": \"b\\n@\\n\"}",
            "\\u0022@\\u0022",
            "A=1\\nB=@\\n",
        ] {
            let text = line.replace('@', &token);
            assert_eq!(found(&text), [(kind, token.as_str())], "{text}");
        }
        for mark in ["\\_", "&#95;", "&#x5F;", "&lowbar;"] {
            let written = token.replace('_', mark);
            let text = format!("It was {written} before, and {written}.");
            let all = [(kind, written.as_str()), (kind, written.as_str())];
            assert_eq!(found(&text), all, "{text}");
        }
    }
}

/// Names of public documents that were taken for secrets (gitleaks/gitleaks#1891 is of the kind).
#[test]
fn names_are_no_secrets() {
    for line in [
        "The token is read by `StripeWebhookV2Controller`",
        "The key comes from `AzureKeyVaultProviderV2`",
        "The secret lives in the Key Vault secret `StripeApiKeyProd2024West`",
        "secret name: stripeApiKeyProd2024Eu",
        "secret `InternalApi__PublicClients__0__ApiKey`",
        "The secret Preview atual (`secretSha8=bfcd6920`)",
        "secret: kv/data/Prod1/Stripe2/apiKey3",
        "Config key: `Payments2StripeWebhookEndpointUrl`",
        "i18n key: checkout.payment.StripeErrorV2Title",
        "Feature flag key: EnableStripePaymentsV2InEurope",
        "Key format: `PKCS8PemEncodedRsa2048`",
        "API key header: `X-Api2Cart-Store-Key`",
        "Token class: OAuth2AccessTokenResponse",
        "Passwords are hashed with `Argon2idV13WithPepper`",
        "Password policy: MinLength12Upper1Lower1",
        "The password is rotated by Lambda `RotateDbPassword-Prod1`",
    ] {
        let text = format!("- {line}\n");
        assert!(found(&text).is_empty(), "{text}: {:?}", found(&text));
    }
    let hex = drawn(HEX, 40);
    for name in [
        "token hash",
        "key id",
        "token id",
        "secret version",
        "key alias",
        "SSH key fingerprint",
        "session id",
        "cache key",
        "commit",
        "hashed token",
    ] {
        let text = format!("- {name}: {hex}\n");
        assert!(found(&text).is_empty(), "{text}: {:?}", found(&text));
    }
}

/// Pieces of which hostile texts are made.
const PIECES: [&str; 153] = [
    "a",
    "eyJ",
    "-eyJ",
    "eyJhbGciOiJIUzI1NiJ9.",
    "key",
    "key ",
    "key: ",
    "key=\"key",
    "key*",
    "password=",
    "password=Xk9!aZ7q;",
    "token `",
    "key is ",
    "bearer ",
    "--token ",
    "://",
    "x://a:",
    "x://a:b@",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\nMIIEabcd1234MIIEabcd1234",
    "|key|\n|-|\n",
    "|key",
    "|key|key|key|key|key\n|-|\n|a",
    "aws ",
    "aws key 0123456789abcdef0123456789abcde9 ",
    "MTk4NjIyNDgzNDcxOTI1MjQ4.",
    "sk-",
    "xoxb-1-",
    "ghs_1_eyJ",
    "sntrys_",
    "sntrys_eyJ=",
    "SG.",
    "AKIA",
    "hooks.slack.com/services/T1/B",
    "glpat-aaaaaaaaaaaaaaaaaaaaaaaaaaaa.01.",
    "ya29.",
    "key::=",
    "key:\n  ",
    "key\", \"",
    "key name value ",
    "key value: ",
    "<key>",
    "\\_key=",
    "&#95;",
    "\\_",
    "_ghp_",
    "pass=",
    "identified by ",
    "login x password ",
    " -u a:b",
    "curl -u a:b",
    "curl -u aaaaaaa:bbbbbb1 ",
    "mysql -p",
    " --user\\\n",
    "Basic ",
    "Basic YWJjOmRlZjEyMzQ1Ng== ",
    "_auth=",
    "?sv=1&sig=",
    "sig=AAAA%2B",
    "webhook.office.com/webhookb2/a@b/IncomingWebhook/",
    "hooks.slack.com/workflows/T/",
    "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAA",
    "-----BEGIN PRIVATE KEY-----<br>MIIEabcd1234MIIEabcd1234%0A",
    "token=kQ7-",
    "token=kQ7xZ9aB2cD4eF6gH8",
    "datadog acme_key 0123456789abcdef0123456789abcde9 ",
    "echo ",
    "echo x | base64 -d ",
    "<<< x --password-stdin ",
    "user: a / b ",
    "login: a, b ",
    "</td><td>",
    "key</td><td>",
    "key <b><b><b><b>",
    "key\n\n",
    "key\n\n```\na\n```",
    "key,key\n",
    "a,key\nb,c\n",
    "key,key,key,key,key,key,key,key\n",
    "key,a,\"",
    "@tcp(",
    "a:b@tcp(",
    "auth=('a', 'b')",
    "auth=('",
    "user",
    "net use ",
    "htpasswd -b a b c ",
    "sqlplus a/b ",
    "clave de api ",
    "密码",
    "APIキー",
    "密码是",
    "key [a]:",
    "${key:-",
    "key --a --b ",
    "é",
    "keyé",
    "Cookie: ",
    "Cookie: a=b; ",
    "cookie: sid=",
    "cookies={",
    "Cookie: sid=kQ7xZ9aB2cD4eF6gH8iJ0; ",
    "cookie the `",
    " -b sid",
    "PHPSESSID",
    "?Signature=",
    "?Expires=1&Signature=kQ7xZ9aB2cD4eF6gH8iJ0kL2mN4o",
    "Private-Lines: 99\n",
    "Private-Lines: 99\nAAAA\n",
    "\"d\":\"",
    "Client(",
    "Client(a, ",
    "Client('a', ",
    ".atlasv1.",
    "12345678:AA",
    "a8Q~",
    "AQE-",
    "eyJhIjoi",
    "sk.eyJ",
    "/hooks/",
    "pat-eu1-",
    "<tr><th>key</th></tr>",
    "<tr><th>a</th><th>key</th><th>key</th>",
    "(password)",
    "\"a\" (key) ",
    "passphrase: \"a ",
    "passphrase a b c d ",
    "password is `a b c d ",
    "mnemonic: ab-",
    "eyJ0eXBlIjoi",
    "eyJ0eXBlIjoi ",
    "LS0tLS1CRUdJTiBQ=",
    "appid=",
    "openweathermap.org?appid=1 ",
    "?code=",
    "new PDO('a",
    "PDO('a b', 'c', ",
    "user a, password b",
    "secret | | - | ",
    "arn:a:secret:",
    "a as the password",
    " / a (password)",
    "the cookie a=",
    "PW for a",
    "user for a: b / c ",
    "<key>token</key>",
    "\"k\":\"",
    "password\t",
    "password\u{a0}",
    "passphrase\u{202f}",
    "| secret | Tr4fik!Ampel | ",
    "\n",
];

/// The time that this thread has worked. Other work of the machine does not count.
fn worked() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap()
}

/// A scan whose time grows with the square of the length would take hours.
#[test]
fn no_text_takes_long() {
    const LENGTH: usize = 200_000;
    const MOST: Duration = Duration::from_secs(15);
    for piece in PIECES {
        let text = piece.repeat(LENGTH / piece.len());
        let start = worked();
        scan(&text);
        let time = worked().saturating_sub(start);
        assert!(time < MOST, "{piece:?}: {time:?}");
    }
}
