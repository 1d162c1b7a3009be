//! The arguments of calls that make a client: `Client("AC…", "VALUE")`, `new AccessToken(sid, "SK…", "VALUE")`.
//!
//! Nothing names such a value; the call does. So it must look drawn, and ids among the arguments do not
//! count. What a library takes as a name, a host or a region never looks so.
//!
//! Sources: the libraries' references: Twilio, Azure Identity and Azure Core, the AWS SDKs, `MinIO`, Stripe,
//! Slack, Supabase, `OAuthlib`, Pusher, Nexmo, Mailgun, `SendGrid`.

use std::ops::Range;

use super::assignment::is_decided_elsewhere;
use super::drawn_value::is_drawn_value;
use super::{Found, Kind, context, password};

pub(super) const STARTS: [&str; 23] = [
    "Client(",
    "client(",
    "createClient(",
    "create_client(",
    "NewClient(",
    "new AccessToken(",
    "= AccessToken(",
    "=AccessToken(",
    "ClientSecretCredential(",
    "KeyCredential(",
    "BasicAWSCredentials(",
    "AwsBasicCredentials.create(",
    "StaticCredentials(",
    "NewStaticCredentials(",
    "StaticCredentialsProvider(",
    "twilio(",
    "Twilio(",
    "Twilio.init(",
    "stripe(",
    "Stripe(",
    "OAuth1(",
    "OAuth1Session(",
    "Minio(",
];

const MOST_ARGUMENTS: usize = 6;
const MOST_VALUE: usize = 260;
/// Longest argument that is no literal.
const MOST_NAME: usize = 60;

/// The last argument that a machine drew.
pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let mut from = at + start.len();
    let mut last = None;
    for _ in 0..MOST_ARGUMENTS {
        // What is neither a literal nor a name, such as an object, ends them.
        let Some((inside, end)) = argument(text, from) else {
            break;
        };
        if let Some(inside) = inside.filter(|inside| is_secret(&text[inside.clone()])) {
            last = Some(inside);
        }
        let rest = text[end..].trim_start_matches([' ', '\n', '\t']);
        match rest.strip_prefix(',') {
            Some(rest) => from = text.len() - rest.len(),
            None => break,
        }
    }
    last.map(|span| {
        let kind = context::kind(text, &span, true).unwrap_or(Kind::Assigned);
        Found::new(kind, span)
    })
}

/// Calls that take the name of a user and a password by their places, and how many arguments stand before the
/// password.
const LOGINS: [(&str, usize); 17] = [
    ("PDO(", 2),
    ("getConnection(", 2),
    ("mysqli(", 2),
    ("mysqli_connect(", 2),
    ("mysql_connect(", 2),
    ("odbc_connect(", 2),
    ("oci_connect(", 1),
    ("ldap_bind(", 2),
    ("ftp_login(", 2),
    ("ssh2_auth_password(", 2),
    ("imap_open(", 2),
    ("MySQLdb.connect(", 2),
    ("pymysql.connect(", 2),
    ("pymssql.connect(", 2),
    ("connector.connect(", 2),
    ("DBI->connect(", 2),
    ("simple_bind_s(", 1),
];

pub(super) const LOGIN_STARTS: [&str; LOGINS.len()] = login_starts();

const fn login_starts() -> [&'static str; LOGINS.len()] {
    let mut starts = [""; LOGINS.len()];
    let mut index = 0;
    while index < starts.len() {
        starts[index] = LOGINS[index].0;
        index += 1;
    }
    starts
}

/// The password of a login: `new PDO(dsn, "crm", "VALUE")`.
pub(super) fn login(text: &str, at: usize, start: &str) -> Option<Found> {
    let (_, count) = *LOGINS.iter().find(|login| login.0 == start)?;
    let mut from = at + start.len();
    let mut user = "";
    for _ in 0..count {
        let end = address(text, from).or_else(|| Some(argument(text, from)?.1))?;
        user = &text[from..end];
        let rest = text[end..].trim_start_matches([' ', '\n', '\t']);
        from = text.len() - rest.strip_prefix(',')?.len();
    }
    let secret = argument(text, from)?.0?;
    let value = &text[secret.clone()];
    let user = user.trim_matches(|sign: char| sign.is_whitespace() || "\"'`".contains(sign));
    let is_password = password::is_set(value, user) && !is_decided_elsewhere(value);
    is_password.then(|| Found::new(Kind::Password, secret))
}

/// Where a literal ends that may have spaces: the address of a database.
fn address(text: &str, from: usize) -> Option<usize> {
    let rest = text[from..].trim_start_matches([' ', '\n', '\t']);
    let quote = rest.bytes().next().filter(|byte| b"\"'`".contains(byte))?;
    let is_end = |byte: &u8| *byte == quote || *byte == b'\n';
    let bytes = rest.as_bytes();
    let length = bytes[1..].iter().take(MOST_VALUE).position(is_end)?;
    (bytes[1 + length] == quote).then_some(text.len() - rest.len() + length + 2)
}

/// An argument: what its quotes hold, when it has some, and where it ends.
fn argument(text: &str, from: usize) -> Option<(Option<Range<usize>>, usize)> {
    let rest = text[from..].trim_start_matches([' ', '\n', '\t']);
    let at = text.len() - rest.len();
    let bytes = rest.as_bytes();
    let quote = *bytes.first()?;
    if b"\"'`".contains(&quote) {
        let is_end = |byte: &u8| *byte == quote || byte.is_ascii_whitespace();
        let length = bytes[1..].iter().take(MOST_VALUE).position(is_end)?;
        let inside = at + 1..at + 1 + length;
        return (bytes[1 + length] == quote).then(|| (Some(inside.clone()), inside.end + 1));
    }
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.[]:>-$@".contains(*byte);
    let length = bytes.iter().take(MOST_NAME).take_while(is_part).count();
    (length > 0).then_some((None, at + length))
}

fn is_secret(value: &str) -> bool {
    is_drawn_value(value, true) && !is_decided_elsewhere(value)
}

#[cfg(test)]
mod tests;
