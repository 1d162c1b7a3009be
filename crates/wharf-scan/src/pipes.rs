//! Values that a shell writes into a command: `echo VALUE | docker login --password-stdin`, `--password-stdin
//! <<< VALUE`, `echo VALUE | base64 -d`.
//!
//! What the command does with its input tells what the value is: it asks for a password, or stores
//! a secret. A base64 text is one when words of a secret stand on its line.

use super::assignment::is_decided_elsewhere;
use super::drawn_value::is_drawn_value;
use super::{Found, Kind, context, decode, password, value};

pub(super) const ECHO: [&str; 3] = ["echo ", "printf ", "<<< "];

const MOST_VALUE: usize = 260;
/// How far behind a value its command is read.
const MOST_COMMAND: usize = 160;
/// How far before a base64 text its line is read.
const MOST_BEFORE: usize = 160;

/// What commands that read a secret from their input have in their line.
const READS: [&str; 17] = [
    "kinit",
    "--password-stdin",
    "--with-token",
    "secret put",
    "secret set",
    "secrets set",
    "secret create",
    "secrets create",
    "versions add",
    "--data-file=-",
    "sudo -S",
    "passwd --stdin",
    "--passphrase-fd 0",
    "-pass stdin",
    "-passin stdin",
    "cryptsetup",
    "vault login",
];
const DECODES: [&str; 5] = [
    "base64 -d",
    "base64 --decode",
    "base64 -D",
    "base64 -di",
    "openssl base64 -d",
];
/// Words of a secret, beside a text that is decoded.
const NAMES: [&str; 7] = ["pass", "secret", "token", "credential", "key", "pwd", "pw"];

/// `echo VALUE | command`, `command <<< VALUE`.
pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let is_word = text.as_bytes()[..at]
        .last()
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let mut rest = &text[at + start.len()..];
    for option in ["-n ", "-e ", "-ne ", "-en ", "'%s' ", "\"%s\" ", "%s "] {
        rest = rest.strip_prefix(option).unwrap_or(rest);
    }
    let rest = rest.trim_start_matches(['"', '\'']);
    let is_end = |byte: u8| byte.is_ascii_whitespace() || b"\"'`|<>".contains(&byte);
    let length = value::length(rest, MOST_VALUE, is_end);
    let from = text.len() - rest.len();
    let value = text
        .get(from..from + length)
        .filter(|value| is_word && !value.is_empty())?;
    let behind = line_behind(text, from + length);
    let command = if start == "<<< " {
        super::commands::command_before(text, at)
    } else {
        behind
            .trim_start_matches(['"', '\'', ' '])
            .strip_prefix('|')?
    };
    // `echo name:VALUE | chpasswd` writes a line of the table of passwords.
    let (from, value) = match value.split_once(':') {
        Some((user, secret)) if command.contains("chpasswd") => (from + user.len() + 1, secret),
        _ => (from, value),
    };
    let reads = |words: &[&str]| words.iter().any(|word| command.contains(word));
    let is_secret = if reads(&READS) || command.contains("chpasswd") {
        password::is_set(value, "") || is_drawn_value(value, true)
    } else {
        reads(&DECODES) && holds_secret(value) && names_secret(line_before(text, at), behind)
    };
    let span = from..from + value.len();
    (is_secret && !is_decided_elsewhere(value)).then(|| {
        Found::new(
            context::kind(text, &span, true).unwrap_or(Kind::Password),
            span,
        )
    })
}

fn holds_secret(value: &str) -> bool {
    decode::base64_text(value).is_some_and(|plain| {
        let plain = plain.trim_end();
        plain.bytes().all(|byte| byte.is_ascii_graphic())
            && (password::is_set(plain, "") || is_drawn_value(plain, true))
    })
}

fn names_secret(before: &str, behind: &str) -> bool {
    let is_end = |sign: char| !sign.is_ascii_alphanumeric();
    let mut words = before.split(is_end).chain(behind.split(is_end));
    words.any(|word| {
        NAMES
            .iter()
            .any(|name| word.to_ascii_lowercase().starts_with(name))
    })
}

fn line_behind(text: &str, from: usize) -> &str {
    let end = text.floor_char_boundary((from + MOST_COMMAND).min(text.len()));
    text[from..end].split('\n').next().unwrap_or_default()
}

fn line_before(text: &str, at: usize) -> &str {
    let start = text.floor_char_boundary(at.saturating_sub(MOST_BEFORE));
    text[start..at].rsplit('\n').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
