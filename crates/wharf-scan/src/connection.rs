//! Passwords inside addresses: `scheme://user:password@host`.
//!
//! Passwords of settings joined by semicolons or spaces (`Server=…;Password=…`) are read with the
//! names of secrets, see the sibling `assignment`; here is told that the line holds such settings.
//!
//! Sources: RFC 3986, section 3.2.1; "Connection URIs" (postgresql.org/docs); "Connection strings"
//! (learn.microsoft.com).

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::alphabet::run;
use super::assignment::is_decided_elsewhere;
use super::drawn_value::is_drawn_value;
use super::{Found, Kind, password};

pub(super) const STARTS: [&str; 1] = ["://"];
/// Behind the login of an address that has no scheme: Go's drivers for `MySQL` and `MariaDB`
/// (github.com/go-sql-driver/mysql, "DSN").
pub(super) const DRIVERS: [&str; 4] = ["@tcp(", "@tcp6(", "@unix(", "@cloudsql("];

/// What stands in place of a password behind a token (docs.github.com, docs.gitlab.com).
const ANY_PASSWORD: [&str; 5] = [
    "x-oauth-basic",
    "x-token-auth",
    "x-access-token",
    "oauth2",
    "x",
];

const MOST_AUTHORITY: usize = 300;

/// The place is that of the password.
pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+.-".contains(byte);
    if !text.as_bytes()[..at].last().is_some_and(is_scheme) {
        return None;
    }
    let authority = run(text, at + start.len(), is_authority, MOST_AUTHORITY);
    let (login, host) = text[authority.clone()].rsplit_once('@')?;
    let (user, value) = login.split_once(':')?;
    // People write `#` and `?` into a password as they are; behind a host they start its end.
    let is_host = user.contains(['?', '#'])
        || value
            .split_once(['?', '#'])
            .is_some_and(|(port, _)| port.bytes().all(|byte| byte.is_ascii_digit()));
    if host.is_empty() || is_host {
        return None;
    }
    // Some servers take a token as the name of the user, and anything as the password.
    if ANY_PASSWORD.contains(&value) {
        let is_key = !is_decided_elsewhere(user) && is_drawn_value(user, true);
        let span = authority.start..authority.start + user.len();
        return is_key.then(|| Found::new(Kind::Assigned, span));
    }
    if !password::is_set(value, user) {
        return None;
    }
    let from = authority.start + user.len() + 1;
    Some(Found::new(Kind::ConnectionString, from..from + value.len()))
}

/// `user:VALUE@tcp(host:port)/database`. The place is that of the password.
pub(super) fn driver(text: &str, at: usize, _start: &str) -> Option<Found> {
    // An address before it ends with a bracket.
    let is_part = |byte: &&u8| is_authority(**byte) && **byte != b'(';
    let before = text.as_bytes()[..at].iter().rev().take(MOST_AUTHORITY);
    let start = at - before.take_while(is_part).count();
    let (user, value) = text[start..at].split_once(':')?;
    // `DSN=user:VALUE`.
    let user = user.rsplit('=').next()?;
    let from = at - value.len();
    password::is_set(value, user).then(|| Found::new(Kind::ConnectionString, from..at))
}

fn is_authority(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"/\"'`<>\\|)".contains(&byte)
}

static SETTING: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build([
            "host=",
            "server=",
            "data source=",
            "dbname=",
            "database=",
            "user id=",
            "uid=",
            "initial catalog=",
            "hostname=",
            "addr=",
        ])
        .ok()
});

/// Whether a line holds settings of a connection.
pub(super) fn has_settings(line: &str) -> bool {
    SETTING
        .as_ref()
        .is_some_and(|settings| settings.is_match(line))
}

#[cfg(test)]
mod tests;
