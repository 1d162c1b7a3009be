//! What is no secret and looks a little like one.

use super::names;
use super::random::{
    BASE32, BASE62, BASE64, BASE64URL, CAPITALS, CAPITALS_AND_DIGITS, DIGITS, HEX, Random, SMALL,
    SMALL_AND_DIGITS, base64, crc32, in_base,
};
use super::samples::jwt;

pub(crate) type Lure = fn(&mut Random) -> String;

/// Each makes a line or a block that holds no secret.
pub(crate) const LURES: [Lure; 79] = [
    resource_name,
    public_words,
    uuid,
    uuid_header,
    commit,
    commit_near_vendor,
    pinned,
    sha256,
    digest,
    integrity,
    image_data,
    md5,
    etag_near_vendor,
    trace_id,
    span_table,
    stripe_object,
    stripe_field,
    account_sid,
    sid_table,
    message_sid,
    variable,
    interpolated,
    template,
    environment,
    wrong_github,
    wrong_npm,
    wrong_vercel,
    wrong_gitlab,
    wrong_account,
    old_prefix,
    hex_colour,
    long_url,
    words,
    version,
    ssh_public,
    pem_public,
    certificate,
    pointer,
    broken_claims,
    no_algorithm,
    unsigned,
    anonymous,
    publishable,
    client_token,
    sentry_dsn,
    project_token,
    paypal_id,
    google_client,
    analytics,
    slack_ids,
    snowflake,
    application_key,
    pod,
    replica,
    rule_of_passwords,
    counts,
    cache_key,
    public_key,
    page_token,
    short_secret,
    sequence,
    repeated,
    address,
    path,
    placeholder_words,
    documented,
    names::near_secret,
    // The name of a name has more forms than any other lure.
    names::near_secret,
    names::near_secret,
    names::near_password,
    names::near_public,
    names::cut,
    names::commands,
    names::commands,
    near_name,
    public_by_bytes,
    published,
    other_languages,
    other_options,
];

fn uuid_text(random: &mut Random) -> String {
    format!(
        "{}-{}-4{}-a{}-{}",
        random.text(HEX, 8),
        random.text(HEX, 4),
        random.text(HEX, 3),
        random.text(HEX, 3),
        random.text(HEX, 12)
    )
}

fn uuid(random: &mut Random) -> String {
    let line = random.pick(&[
        "\"request_id\": \"@\"",
        "id: @",
        "token_id = @",
        "| Key id | @ |",
    ]);
    line.replace('@', &uuid_text(random))
}

fn uuid_header(random: &mut Random) -> String {
    format!(
        "curl -H 'Idempotency-Key: {}' https://api.example.org",
        uuid_text(random)
    )
}

fn commit(random: &mut Random) -> String {
    let line = random.pick(&[
        "Fixed in commit @.",
        "revision: @",
        "git checkout @",
        "- @ adds retries",
    ]);
    line.replace('@', &random.text(HEX, 40))
}

fn commit_near_vendor(random: &mut Random) -> String {
    let vendor = random.pick(&[
        "Datadog agent",
        "Vercel build",
        "AWS CLI",
        "Datadog API key rotation",
    ]);
    format!("The {vendor} is pinned at commit {}.", random.text(HEX, 40))
}

fn pinned(random: &mut Random) -> String {
    format!("uses: datadog/ci-action@{} # v2", random.text(HEX, 40))
}

fn sha256(random: &mut Random) -> String {
    let line = random.pick(&[
        "sha256: @",
        "checksum = \"@\"",
        "| SHA-256 | @ |",
        "@  wharf.tar.gz",
    ]);
    line.replace('@', &random.text(HEX, 64))
}

fn digest(random: &mut Random) -> String {
    format!(
        "image: registry.example.org/app@sha256:{}",
        random.text(HEX, 64)
    )
}

fn integrity(random: &mut Random) -> String {
    format!(
        "\"integrity\": \"sha512-{}==\"",
        base64(&random.bytes(64), BASE64)
    )
}

fn image_data(random: &mut Random) -> String {
    let length = random.between(200, 900);
    format!(
        "![logo](data:image/png;base64,iVBORw0KGgo{})",
        base64(&random.bytes(length), BASE64)
    )
}

fn md5(random: &mut Random) -> String {
    format!("Content-MD5: {}==", base64(&random.bytes(16), BASE64))
}

fn etag_near_vendor(random: &mut Random) -> String {
    format!("Twilio answers with `ETag: \"{}\"`.", random.text(HEX, 32))
}

fn trace_id(random: &mut Random) -> String {
    let line = random.pick(&[
        "Datadog shows dd.trace_id=@ there.",
        "\"traceId\": \"@\"",
        "traceparent: 00-@-00f067aa0ba902b7-01",
    ]);
    line.replace('@', &random.text(HEX, 32))
}

fn span_table(random: &mut Random) -> String {
    format!(
        "| Vendor | Trace |\n|---|---|\n| Datadog | {} |",
        random.text(HEX, 32)
    )
}

fn stripe_id(random: &mut Random) -> String {
    let kind = random.pick(&[
        "cus", "pi", "price", "prod", "sub", "in", "ch", "evt", "acct", "pm", "seti",
    ]);
    format!("{kind}_{}", random.text(BASE62, 24))
}

fn stripe_object(random: &mut Random) -> String {
    format!(
        "{{ \"id\": \"{}\", \"object\": \"customer\" }}",
        stripe_id(random)
    )
}

fn stripe_field(random: &mut Random) -> String {
    let line = random.pick(&[
        "Charge @ again.",
        "api_key_owner: @",
        "token: @",
        "| Price | `@` |",
    ]);
    line.replace('@', &stripe_id(random))
}

fn account_sid(random: &mut Random) -> String {
    let line = random.pick(&[
        "TWILIO_ACCOUNT_SID=AC@",
        "The Twilio account is AC@.",
        "https://api.twilio.com/2010-04-01/Accounts/AC@/Messages.json",
    ]);
    line.replace('@', &random.text(HEX, 32))
}

fn sid_table(random: &mut Random) -> String {
    format!(
        "| Twilio account sid | Token |\n|---|---|\n| AC{} | in the vault |",
        random.text(HEX, 32)
    )
}

fn message_sid(random: &mut Random) -> String {
    format!(
        "{{\"sid\": \"SM{}\", \"status\": \"queued\"}}",
        random.text(HEX, 32)
    )
}

fn variable(random: &mut Random) -> String {
    let line = random.pick(&[
        "api_key: @_API_KEY",
        "The token stands in `@_TOKEN_2`.",
        "password = @_PASSWORD",
        "secret: @_S3_SECRET_KEY_01",
    ]);
    line.replace('@', &random.text(CAPITALS, 7))
}

fn interpolated(random: &mut Random) -> String {
    let name = random.text(CAPITALS, 8);
    let line = random.pick(&[
        "Authorization: Bearer ${@}",
        "password: $@",
        "postgres://app:${@}@db.internal/app",
        "token={{ secrets.@ }}",
        "redis://:%@%@cache:6379",
    ]);
    line.replacen('@', &name, 1)
        .replace("%@", &format!("{name}%@"))
}

fn template(random: &mut Random) -> String {
    let line = random.pick(&[
        "Authorization: Bearer {api_key}",
        "api_key: <your key>",
        "password: [PASSWORD]",
        "postgres://user:<password>@host/db",
        "token: \"...\"",
        "secret: ********",
    ]);
    format!("{line} {}", random.text(SMALL, 4))
}

fn environment(random: &mut Random) -> String {
    let line = random.pick(&[
        "api_key = os.environ[\"@_KEY\"]",
        "const token = process.env.@_TOKEN;",
        "password: getPassword()",
        "secret := os.Getenv(\"@_SECRET\")",
    ]);
    line.replace('@', &random.text(CAPITALS, 5))
}

/// A checksum that is not the right one.
fn wrong(start: &str, length: usize, random: &mut Random) -> String {
    let body = random.text(BASE62, length);
    let sum = in_base(u64::from(crc32(&body) ^ 0x1234_5678), BASE62, 6);
    format!("{start}{body}{sum}")
}

fn wrong_github(random: &mut Random) -> String {
    let start = random.pick(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]);
    let line = random.pick(&["Never write @ here.", "GITHUB_TOKEN=@", "token: @"]);
    line.replace('@', &wrong(start, 30, random))
}

fn wrong_npm(random: &mut Random) -> String {
    format!(
        "//registry.example.org/:_authToken={}",
        wrong("npm_", 30, random)
    )
}

fn wrong_vercel(random: &mut Random) -> String {
    format!("VERCEL_TOKEN={}", wrong("vcp_", 50, random))
}

fn wrong_gitlab(random: &mut Random) -> String {
    format!(
        "token: glpat-{}.01.0w{}",
        random.text(BASE62, 30),
        random.text(SMALL_AND_DIGITS, 7)
    )
}

/// Accounts have twelve digits; this one has thirteen.
fn wrong_account(random: &mut Random) -> String {
    let account = 1_000_000_000_001 + u128::from(random.next() % 90_000_000_000);
    let mut bits = (1 << 79) | (account << 39) | u128::from(random.next() >> 25);
    let mut body = String::new();
    for _ in 0..16 {
        body.insert(
            0,
            char::from(BASE32.as_bytes()[usize::try_from(bits & 31).unwrap()]),
        );
        bits >>= 5;
    }
    format!("AWS_ACCESS_KEY_ID=AKIA{body}")
}

fn old_prefix(random: &mut Random) -> String {
    let start = random.pick(&["AROA", "AIDA", "ANPA", "AGPA"]);
    format!(
        "The AWS role {start}{} may read it.",
        random.text(BASE32, 16)
    )
}

fn hex_colour(random: &mut Random) -> String {
    format!(
        "color: #{}; key-color: #{}",
        random.text(HEX, 6),
        random.text(HEX, 8)
    )
}

fn long_url(random: &mut Random) -> String {
    format!(
        "See https://docs.example.org/{}/{}?page={}#token-{}.",
        random.text(SMALL, 12),
        random.text(SMALL_AND_DIGITS, 18),
        random.text(DIGITS, 2),
        random.text(SMALL, 9)
    )
}

fn words(random: &mut Random) -> String {
    let mut words = Vec::new();
    for _ in 0..random.between(6, 14) {
        let length = random.between(2, 14);
        words.push(random.text(SMALL, length));
    }
    format!(
        "The secret of {} is {}.",
        words[0],
        words.join(if random.below(2) == 0 { " " } else { "-" })
    )
}

fn version(random: &mut Random) -> String {
    format!(
        "token-service 2.{}.{}-rc.{}+build.{}",
        random.text(DIGITS, 2),
        random.text(DIGITS, 1),
        random.text(DIGITS, 1),
        random.text(DIGITS, 8)
    )
}

fn ssh_public(random: &mut Random) -> String {
    let line = random.pick(&["@", "ssh_key: @", "Deploy key: `@`"]);
    let key = format!(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} ops",
        base64(&random.bytes(32), BASE64)
    );
    line.replace('@', &key)
}

fn lines(label: &str, length: usize, random: &mut Random) -> String {
    let text: Vec<char> = base64(&random.bytes(length), BASE64).chars().collect();
    let lines: Vec<String> = text.chunks(64).map(|line| line.iter().collect()).collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----",
        lines.join("\n")
    )
}

fn pem_public(random: &mut Random) -> String {
    lines(
        random.pick(&["PUBLIC KEY", "RSA PUBLIC KEY", "PGP PUBLIC KEY BLOCK"]),
        290,
        random,
    )
}

fn certificate(random: &mut Random) -> String {
    lines(
        random.pick(&["CERTIFICATE", "CERTIFICATE REQUEST", "PGP MESSAGE"]),
        800,
        random,
    )
}

fn pointer(random: &mut Random) -> String {
    format!(
        "Event id: `/data/{}/secret/token/{}`",
        random.text(SMALL, 6),
        random.text(DIGITS, 2)
    )
}

/// Claims that are no text, or text that is no JSON.
fn broken_claims(random: &mut Random) -> String {
    let header = base64(br#"{"alg":"HS256","typ":"JWT"}"#, BASE64URL);
    let claims = if random.below(2) == 0 {
        format!("eyJ{}", random.text(BASE64URL, 60))
    } else {
        let text = format!("{{\"sub\": {} and more", random.text(SMALL, 20));
        base64(text.as_bytes(), BASE64URL)
    };
    format!("token: {header}.{claims}.{}", random.text(BASE64URL, 43))
}

fn no_algorithm(random: &mut Random) -> String {
    let header = base64(br#"{"typ":"JWT","zip":"DEF"}"#, BASE64URL);
    let claims = base64(
        format!("{{\"sub\":\"{}\"}}", random.text(HEX, 20)).as_bytes(),
        BASE64URL,
    );
    format!("cursor={header}.{claims}.{}", random.text(BASE64URL, 43))
}

fn unsigned(random: &mut Random) -> String {
    let header = base64(br#"{"alg":"none","typ":"JWT"}"#, BASE64URL);
    let claims = base64(
        format!("{{\"sub\":\"{}\"}}", random.text(HEX, 20)).as_bytes(),
        BASE64URL,
    );
    format!("The token `{header}.{claims}.` is refused.")
}

fn anonymous(random: &mut Random) -> String {
    let claims = format!(
        "{{\"iss\":\"supabase\",\"ref\":\"{}\",\"role\":\"anon\",\"iat\":1700000000,\"exp\":2000000000}}",
        random.text(SMALL, 20)
    );
    format!("SUPABASE_ANON_KEY={}", jwt(&claims, random))
}

fn publishable(random: &mut Random) -> String {
    match random.below(2) {
        0 => format!("publishable key: pk_live_{}", random.text(BASE62, 24)),
        _ => format!(
            "SUPABASE_KEY=sb_publishable_{}_{}",
            random.text(BASE64URL, 22),
            random.text(BASE64URL, 8)
        ),
    }
}

fn client_token(random: &mut Random) -> String {
    format!("Datadog RUM: clientToken: 'pub{}'", random.text(HEX, 32))
}

fn sentry_dsn(random: &mut Random) -> String {
    format!(
        "SENTRY_DSN=https://{}@o{}.ingest.sentry.io/{}",
        random.text(HEX, 32),
        random.text(DIGITS, 6),
        random.text(DIGITS, 7)
    )
}

fn project_token(random: &mut Random) -> String {
    format!(
        "The Mixpanel project token {} is in every page.",
        random.text(HEX, 32)
    )
}

fn paypal_id(random: &mut Random) -> String {
    format!("PAYPAL_CLIENT_ID=A{}", random.text(BASE64URL, 79))
}

fn google_client(random: &mut Random) -> String {
    format!(
        "client_id: {}-{}.apps.googleusercontent.com",
        random.text(DIGITS, 12),
        random.text(SMALL_AND_DIGITS, 32)
    )
}

fn analytics(random: &mut Random) -> String {
    format!(
        "Measurement id: G-{}, stream {}",
        random.text(CAPITALS_AND_DIGITS, 10),
        random.text(DIGITS, 10)
    )
}

fn slack_ids(random: &mut Random) -> String {
    format!(
        "Post to C{} of team T{} as U{}.",
        random.text(CAPITALS_AND_DIGITS, 10),
        random.text(CAPITALS_AND_DIGITS, 8),
        random.text(CAPITALS_AND_DIGITS, 10)
    )
}

fn snowflake(random: &mut Random) -> String {
    format!(
        "https://discord.com/channels/{}/{}",
        random.text("123456789", 18),
        random.text("123456789", 19)
    )
}

fn application_key(random: &mut Random) -> String {
    format!("Discord public key: {}", random.text(HEX, 64))
}

fn pod(random: &mut Random) -> String {
    format!(
        "kubectl logs app-{}-{}",
        random.text(SMALL_AND_DIGITS, 10),
        random.text(SMALL_AND_DIGITS, 5)
    )
}

fn replica(random: &mut Random) -> String {
    let start = random.pick(&["app-", "dataset-", "sk-"]);
    format!(
        "The bucket {start}{}-{}-{} is old.",
        random.text(SMALL, 9),
        random.text(SMALL, 7),
        random.text(SMALL, 8)
    )
}

fn rule_of_passwords(random: &mut Random) -> String {
    format!(
        "Password: at least {} characters, hashed with argon2id; reset token: 24h.",
        random.between(10, 30)
    )
}

fn counts(random: &mut Random) -> String {
    format!(
        "\"max_tokens\": {}, \"token_type\": \"bearer\", \"tokens\": {}",
        random.text(DIGITS, 4),
        random.text(DIGITS, 17)
    )
}

fn cache_key(random: &mut Random) -> String {
    let line = random.pick(&[
        "cache_key: @",
        "partition key: @",
        "key: sha256:@",
        "dedup_key = \"@\"",
    ]);
    line.replace('@', &random.text(HEX, 40))
}

fn public_key(random: &mut Random) -> String {
    let line = random.pick(&[
        "public_key: @",
        "\"publicKey\": \"@\"",
        "The public key is @",
    ]);
    line.replace('@', &base64(&random.bytes(65), BASE64))
}

fn page_token(random: &mut Random) -> String {
    let line = random.pick(&[
        "\"nextPageToken\": \"@\"",
        "next_page_token=@",
        "cursor_token: @",
    ]);
    line.replace('@', &random.text(BASE64URL, 40))
}

fn short_secret(random: &mut Random) -> String {
    let line = random.pick(&["token: @", "api_key = @", "secret: '@'"]);
    line.replace('@', &random.text(SMALL, 7))
}

fn sequence(random: &mut Random) -> String {
    let line = random.pick(&[
        "api_key: @",
        "secret = '@'",
        "TWILIO_AUTH_TOKEN=@",
        "DD_API_KEY=@",
        "shpat_@",
    ]);
    let value = random.pick(&[
        "abcdef0123456789abcdef0123456789",
        "0123456789abcdef0123456789abcdef",
        "1234567890abcdef1234567890abcdef",
        "1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p",
    ]);
    line.replace('@', value)
}

fn repeated(random: &mut Random) -> String {
    let sign = random.text("aAxX0f", 1);
    let pair = random.pick(&["deadbeef", "cafe01", "ab12"]);
    let start = random.pick(&[
        "sk_live_",
        "ghp_",
        "glpat-",
        "SG.",
        "npm_",
        "AKIA",
        "AIza",
        "token: ",
        "dckr_pat_",
        "xoxb-",
        "sk-proj-",
    ]);
    match random.below(2) {
        0 => format!("{start}{}", sign.repeat(36)),
        _ => format!("{start}{}", pair.repeat(6)),
    }
}

fn address(random: &mut Random) -> String {
    let line = random.pick(&[
        "postgres://postgres:postgres@localhost:5432/@",
        "https://user:password@@.example.org",
        "mysql://root:root@127.0.0.1/@",
        "amqp://guest:guest@@:5672",
        "postgres://user:your_password_here@host/@",
        "redis://default:[YOUR-PASSWORD]@@.redis.io",
        "Server=@;User Id=sa;Password=<password>;",
        "host=@ dbname=app password=changeme",
        "https://@:8443/a@b",
    ]);
    let at = line.rfind('@').unwrap();
    let place = if line.ends_with("a@b") {
        line.find('@').unwrap()
    } else {
        at
    };
    format!(
        "{}{}{}",
        &line[..place],
        random.text(SMALL, 8),
        &line[place + 1..]
    )
}

fn path(random: &mut Random) -> String {
    let line = random.pick(&[
        "key: /etc/tls/@/server-key-2024.pem",
        "secretName: @-tls-2024-v2",
        "token: ./secrets/@/token01.txt",
        "key: arn:aws:kms:eu-west-1:123456789012:key/@",
        "password_file: /run/secrets/@",
    ]);
    line.replace('@', &random.text(SMALL, 8))
}

fn placeholder_words(random: &mut Random) -> String {
    let value = random.pick(&[
        "your-api-key",
        "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_your_token_here",
        "xoxb-your-token-goes-here",
        "sk-your-openai-key-1234",
        "<token>",
        "AIzaSy-your-key-goes-here-0123456789abc",
        "replace-me-with-a-real-token-42",
        "REDACTED",
        "changeme123",
        "xoxb-1234567890-1234567890-abcdefghijklmnopqrstuvwx",
        "SG.xxxxxxxxxxxxxxxxxxxxxx.yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
        "example_token_9f8e7d6c5b4a",
        "whsec_...",
    ]);
    let line = random.pick(&[
        "token: @",
        "api_key: \"@\"",
        "Set the secret to `@`.",
        "password: @",
        "| API key | @ |",
    ]);
    line.replace('@', value)
}

/// Names of resources of AWS, behind names of secrets (docs.aws.amazon.com, "Amazon Resource Names").
fn resource_name(random: &mut Random) -> String {
    let name = random.pick(&["Password", "secret", "Secret ARN", "token", "- Credentials"]);
    let region = random.pick(&["eu-west-1", "us-east-2", "cn-north-1"]);
    let account = random.text("0123456789", 12);
    let resource = match random.below(4) {
        0 => format!(
            "secretsmanager:{region}:{account}:secret:prod/shop-{}",
            random.text(BASE62, 6)
        ),
        1 => format!("iam::{account}:user/backup{}", random.below(9)),
        2 => format!("rds:{region}:{account}:cluster:orders{}", random.below(99)),
        _ => format!(
            "cognito-idp:{region}:{account}:userpool/{region}_{}",
            random.text(BASE62, 9)
        ),
    };
    format!("{name}: `arn:aws:{resource}`")
}

/// A key that pages of everybody hold, and expressions that passwords are held against.
fn public_words(random: &mut Random) -> String {
    if random.below(2) == 0 {
        return format!("NEXT_PUBLIC_POSTHOG_KEY=phc_{}", random.text(BASE62, 43));
    }
    let least = random.between(8, 20);
    format!("password regex: `^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d@$!%*?&]{{{least},}}$`")
}

/// Values that stand in a sentence about a secret and belong to another word of it.
fn near_name(random: &mut Random) -> String {
    let line = random.pick(&[
        "The slow password check has trace `@`.",
        "checksum/secret: @",
        "registry.example.org/token:@",
        "The password request `@` failed.",
        "{\"error\": \"invalid_token\", \"request_id\": \"@\"}",
        "The message for a wrong password has the key `settings.apiKeys.createDialog2.confirm`.",
        "- Password: 1Password, vault *Payments@*",
    ]);
    line.replace('@', &random.text(HEX, 32))
}

/// The public key of an elliptic curve, by its first bytes (RFC 5480, section 2).
fn public_by_bytes(random: &mut Random) -> String {
    let start = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
    ];
    let mut bytes = start.to_vec();
    bytes.extend(random.bytes(78));
    let line = random.pick(&[
        "Webhook signing key: @",
        "verify_secret_key = \"@\"",
        "API key: `@`",
    ]);
    line.replace('@', &base64(&bytes, BASE64))
}

/// Examples of standards and emulators.
fn published(random: &mut Random) -> String {
    let parts: &[&[&str]] = &[
        &["\"access_token\":\"", "2YotnFZFEjr1zCs", "icMWpAA\""],
        &["\"refresh_token\":\"", "tGzv3JOkF0XG5Q", "x2TlKWIA\""],
        &[
            "Authorization: Basic czZCaGRSa3F0Mzo3Rmpm",
            "cDBaQnIxS3REUmJuZlZkbUl3",
        ],
        &[
            "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6",
            "IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        ],
        &[
            "AccountKey=C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2n",
            "Q9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
        ],
        &["secret `6LeIxAcTAAAAAGG", "-vFI1TnRWxMZNFuojJ4WifJWe`"],
        &["webhook secret: whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ];
    parts[random.below(parts.len())].concat()
}

fn other_languages(random: &mut Random) -> String {
    let line = random.pick(&[
        "Öffentlicher Schlüssel: @",
        "clave pública: @",
        "Clé publique : @",
        "公開キー：@",
        "キーワード：@",
        "Lösenord: se valvet",
        "Hasło: zob. skarbiec",
        "パスワード：Vault を参照",
        "密码：见密码库",
        "Mdp : dans le coffre",
    ]);
    line.replace('@', &random.text(BASE62, 28))
}

fn other_options(random: &mut Random) -> String {
    let line = random.pick(&[
        "grep -w @ notes.txt",
        "tar -X @ -a archive",
        "echo @ | wc -c",
        "echo \"$@\" | docker login --password-stdin",
        "unzip -P $@ export.zip",
        "net use Z: \\\\nas\\@ /user:reports",
        "auth=(USER, @)",
        "users: 12 / @",
        "UserName=dana,BundleId=@",
        "name,token,owner\nacme,see @,dana",
    ]);
    line.replace('@', &random.text(SMALL_AND_DIGITS, 9))
}

/// Examples that vendors print, put together here so that they stand in no file.
fn documented(random: &mut Random) -> String {
    let parts: &[&[&str]] = &[
        &["AKIA", "IOSFODNN7", "EXAMPLE"],
        &[
            "aws_secret_access_key=",
            "wJalrXUtnFEMI/K7MDENG/",
            "bPxRfiCYEXAMPLEKEY",
        ],
        &["aws_access_key_id=", "ASIA", "IOSFODNN7EXAMPLE"],
        &["sk_test_", "4eC39HqLyjWDarjtT1zdp7dc"],
        &["sk_test_", "BQokikJOvBiI2HlWgH4olfQ2"],
        &[
            "https://hooks.slack.com/services/",
            "T00000000/B00000000/",
            "XXXXXXXXXXXXXXXXXXXXXXXX",
        ],
        &[
            "MTk4NjIyNDgzNDcxOTI1MjQ4",
            ".Cl2FMQ.",
            "ZnCjm1XVW7vRze4b7Cq4se7kKWs",
        ],
        &[
            "xoxb-17653672481-",
            "19874698323-",
            "pdFZKVeTuE8sk7oOcHrzqqgy",
        ],
        &["gho_", "16C7e42F292c6912E7710c838347Ae178B4a"],
        &[
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
            "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.",
            "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        ],
        &[
            "\"client_secret\": \"pi_3MtwBwLkdIwHu7ix28a3tqPa",
            "_secret_YrKJUKribcBjcG8HVhfZluoGH\"",
        ],
    ];
    parts[random.below(parts.len())].concat()
}
