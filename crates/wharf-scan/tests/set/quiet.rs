//! Values that look drawn and open nothing: encrypted for another key, public by the word of the vendor,
//! settings of a page, tokens of another length.

use super::lures::Lure;
use super::random::{
    BASE62, BASE64, CAPITALS_AND_DIGITS, DIGITS, HEX, Random, SMALL, SMALL_AND_DIGITS, base64,
};

pub(crate) const QUIET: [Lure; 7] = [
    encrypted,
    publishable,
    setting,
    unnamed_signature,
    other_length,
    uuid_of_nobody,
    words_before_a_name,
];

fn encrypted(random: &mut Random) -> String {
    let line = random.pick(&[
        "db_password: ENC[AES256_GCM,data:@,iv:@,tag:@,type:str]",
        "db_password: ENC[PKCS7,@]",
        "db.password=ENC(@)",
        "spring.datasource.password: '{cipher}@'",
        "api_token: vault:v1:@",
        "DB_PASSWORD=\"encrypted:@\"",
        "encryptedData:\n    password: AgB@@@@@",
        "password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256",
    ]);
    line.replace('@', &base64(&random.bytes(24), BASE64))
}

fn publishable(random: &mut Random) -> String {
    match random.below(7) {
        0 => format!(
            "Paddle.Initialize({{ token: \"live_{}\" }});",
            random.text(HEX, 27)
        ),
        1 => format!(
            "mapboxgl.accessToken = 'pk.eyJ1IjoiYWNtZSJ9.{}';",
            random.text(BASE62, 22)
        ),
        2 => format!("client key: test_{}", random.text(CAPITALS_AND_DIGITS, 32)),
        3 => format!("application_key: sq0idp-{}", random.text(BASE62, 22)),
        4 => format!("RAZORPAY_KEY=rzp_live_{}", random.text(BASE62, 14)),
        5 => format!("api_key: FLWPUBK-{}-X", random.text(HEX, 32)),
        _ => format!("mobile key: mob-{}", random.text(HEX, 32)),
    }
}

fn setting(random: &mut Random) -> String {
    let line = random.pick(&[
        "Cookie: theme=@; lang=en",
        "Cookie: _ga=GA1.2.1043897231.1699999999; visitor=@",
        "Cookie: csrftoken=@",
        "Set-Cookie: sidebar=@; Path=/",
        "Set-Cookie: sessionid=deleted; Max-Age=0",
        "Cookie: sessionid=<session>; region=@",
        "cookies={\"consent\": \"@\"}",
        "The cookie `theme` has the form `theme=@`.",
    ]);
    line.replace('@', &random.text(SMALL_AND_DIGITS, 24))
}

fn unnamed_signature(random: &mut Random) -> String {
    format!(
        "https://a.example/f?page={}&Signature={}",
        random.text(DIGITS, 2),
        random.text(BASE62, 28)
    )
}

fn other_length(random: &mut Random) -> String {
    let (start, alphabet, length) = [
        ("dop_v1_", HEX, 32),
        ("dapi", HEX, 40),
        ("glsa_", BASE62, 12),
        ("NRAK-", SMALL, 8),
        ("figd_", BASE62, 9),
        ("hvs.", SMALL, 11),
        ("re_", BASE62, 24),
        ("oy2", SMALL_AND_DIGITS, 12),
        ("https://chat.example.org/hooks/", SMALL, 9),
        ("see 12:AA", BASE62, 33),
    ][random.below(10)];
    format!("It was {start}{} then.", random.text(alphabet, length))
}

fn uuid_of_nobody(random: &mut Random) -> String {
    let id = [8, 4, 4, 4, 12]
        .map(|length| random.text(HEX, length))
        .join("-");
    let line = random.pick(&[
        "token: @",
        "api_key_id: @",
        "Postmark message id: @",
        "HEROKU_APP_ID=@",
        "ClientSecretCredential(\"@\", client_id, secret)",
    ]);
    line.replace('@', &id)
}

fn words_before_a_name(random: &mut Random) -> String {
    let word = random.text(SMALL, 8);
    let line = random.pick(&[
        "Use `@HandlerV2` as the password reset handler.",
        "Call \"@\" (password reset) first.",
        "`vault kv get @` (password)",
        "The password is now @ to everybody.",
        "The credentials are in @ / vault.",
        "<table><tr><th>Password</th><th>@</th></tr><tr><td>vault</td><td>x</td></tr></table>",
    ]);
    line.replace('@', &word)
}
