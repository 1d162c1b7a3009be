//! Passwords in the options of commands: `curl -u name:VALUE`, `mysql -pVALUE`, `docker login -p VALUE`.
//!
//! An option of one letter means something else to each command, so the command must stand before
//! it: on its line, or on lines before that end with a backslash.
//!
//! Sources: the manuals of curl (`-u`, `--user`, `--proxy-user`), `MySQL` and `MariaDB` (`-p`, glued to its
//! value), Docker (`docker login -p`), sshpass (`-p`) and redis-cli (`-a`).

use super::assignment::is_decided_elsewhere;
use super::drawn_value::is_drawn_value;
use super::{Found, Kind, context, password};

pub(super) const PAIR: [&str; 3] = [" -u", " --user", " --proxy-user"];
pub(super) const ALONE: [&str; 2] = [" -p", " -a"];

/// How far before its option a command is looked for.
const MOST_BEFORE: usize = 240;
const MOST_VALUE: usize = 200;

/// Commands that take a name and a password, joined by a colon.
const WITH_PAIRS: [&str; 5] = ["curl", "http ", "https ", "xh ", "wget"];

/// An option, the commands to which it is a password, and whether the value is glued to it.
const WITH_PASSWORDS: [(&str, &[&str], bool); 5] = [
    (" -p", &["mysql", "mariadb", "sshpass"], true),
    (" -p", &[" login", "sshpass"], false),
    (" -a", &["redis-cli"], false),
    (" -a", &["redis-cli"], true),
    (" -a", &["http ", "https ", "xh "], false),
];

/// `-u name:VALUE`. Where nothing stands behind the colon, the name may be a key.
pub(super) fn pair(text: &str, at: usize, start: &str) -> Option<Found> {
    let (from, _) = value_start(text, at + start.len(), start == " -u")?;
    let command = command_before(text, at);
    if !WITH_PAIRS.iter().any(|word| command.contains(word)) {
        return None;
    }
    login(text, from)
}

/// `-p VALUE` and `-pVALUE`.
pub(super) fn alone(text: &str, at: usize, start: &str) -> Option<Found> {
    let (from, is_glued) = value_start(text, at + start.len(), true)?;
    let command = command_before(text, at);
    let (option, commands, _) = WITH_PASSWORDS.iter().find(|(option, commands, glued)| {
        *option == start && *glued == is_glued && commands.iter().any(|word| command.contains(word))
    })?;
    if *option == " -a" && commands.contains(&"http ") {
        return login(text, from);
    }
    let value = value(text, from);
    let is_password = password::is_set(value, "") && !is_decided_elsewhere(value);
    is_password.then(|| found(text, from, value, Kind::Password))
}

/// The secret of `name:VALUE`.
fn login(text: &str, from: usize) -> Option<Found> {
    let all = value(text, from);
    let (user, secret) = all.split_once(':').filter(|_| !all.contains("://"))?;
    if password::is_set(secret, user) {
        let is_other = is_decided_elsewhere(secret);
        return (!is_other).then(|| found(text, from + user.len() + 1, secret, Kind::Password));
    }
    let is_key = secret.len() < 4 && !is_decided_elsewhere(user) && is_drawn_value(user, true);
    is_key.then(|| found(text, from, user, Kind::Assigned))
}

fn found(text: &str, from: usize, value: &str, kind: Kind) -> Found {
    let span = from..from + value.len();
    Found::new(context::kind(text, &span, true).unwrap_or(kind), span)
}

/// Where the value of an option starts, and whether it is glued to it.
fn value_start(text: &str, at: usize, may_be_glued: bool) -> Option<(usize, bool)> {
    let rest = &text[at..];
    let spaced = rest.trim_start_matches([' ', '=']);
    let is_glued = spaced.len() == rest.len();
    let inner = spaced.trim_start_matches(['"', '\'']);
    let is_value = !inner.starts_with(['-', '\n']) && (may_be_glued || !is_glued);
    is_value.then(|| (text.len() - inner.len(), is_glued))
}

fn value(text: &str, from: usize) -> &str {
    let bytes = text.as_bytes()[from..].iter().take(MOST_VALUE);
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`|;<>".contains(byte);
    let length = bytes.take_while(|byte| !is_end(byte)).count();
    &text[from..text.floor_char_boundary(from + length)]
}

/// The command of an option, as far as it stands before it, up to the space before the option.
fn command_before(text: &str, at: usize) -> &str {
    let first = text.floor_char_boundary(at.saturating_sub(MOST_BEFORE));
    let before = &text[first..=at];
    let is_end =
        |(place, _): &(usize, &str)| !before[..*place].trim_end_matches('\r').ends_with('\\');
    let line = before.rmatch_indices('\n').find(is_end);
    &before[line.map_or(0, |(place, _)| place + 1)..]
}

#[cfg(test)]
mod tests;
