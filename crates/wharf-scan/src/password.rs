//! Passwords that people choose, told from words that stand for one.

use super::operator::Join;
use super::{code_words, entropy, filler, sealed, words};

/// Pieces of which placeholders are made: `my-secret-password`, `changeme`, `db_pass_here`.
const PIECES: [&str; 103] = [
    "password",
    "passphrase",
    "passwd",
    "passwort",
    "pass",
    "pwd",
    "pw",
    "secret",
    "changeme",
    "change",
    "example",
    "sample",
    "placeholder",
    "username",
    "user",
    "admin",
    "administrator",
    "root",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "mongo",
    "redis",
    "rabbitmq",
    "guest",
    "test",
    "demo",
    "dummy",
    "foo",
    "bar",
    "baz",
    "token",
    "api",
    "key",
    "my",
    "your",
    "the",
    "some",
    "any",
    "database",
    "db",
    "super",
    "strong",
    "secure",
    "safe",
    "here",
    "this",
    "is",
    "new",
    "old",
    "default",
    "local",
    "dev",
    "letmein",
    "qwerty",
    "abc",
    "real",
    "not",
    "redacted",
    "hidden",
    "client",
    "id",
    "auth",
    "access",
    "account",
    "application",
    "app",
    "service",
    "server",
    "personal",
    "private",
    "public",
    "login",
    "bearer",
    "basic",
    "email",
    "mail",
    "name",
    "value",
    "string",
    "word",
    "code",
    "credential",
    "credentials",
    "master",
    "main",
    "prod",
    "production",
    "staging",
    "stage",
    "write",
    "read",
    "only",
    "put",
    "enter",
    "goes",
    "open",
    "sesame",
    "mypass",
    "pat",
    "refresh",
];

/// Most words of a password of words.
const MOST_PARTS: usize = 6;

/// Where passwords are kept: "Password: 1Password, vault …".
const STORES: [&str; 4] = ["1password", "1pass", "keepass2", "keepassxc"];

/// Whether a text stands for a password and is none.
pub(super) fn is_placeholder(value: &str) -> bool {
    let is_store = STORES.iter().any(|store| store.eq_ignore_ascii_case(value));
    is_store || is_reference(value) || is_spelt_out(value) || is_plain_filler(value)
}

/// `$VAR`, `${VAR}`, `%VAR%`, `<password>`, `{{ … }}`, `***`, `DB_PASSWORD`, `process.env.X`.
fn is_reference(value: &str) -> bool {
    let is_name = value
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && (value.contains('_') || value.bytes().all(|b| b.is_ascii_uppercase()));
    let is_wrapped = value.starts_with(['$', '<', '{', '[', '(', '@', '…', ':'])
        || value.ends_with(['>', '}', ']', '…'])
        || (value.starts_with('%') && value.ends_with('%'))
        || value.contains("${")
        || value.contains("{{");
    let is_masked = value.contains("***") || value.contains("...") || value.contains("•••");
    // Expressions that passwords are held against.
    let is_pattern = value.contains("(?");
    is_name
        || is_wrapped
        || is_masked
        || is_pattern
        || value.contains("env.")
        || sealed::is_encrypted(value)
        || value.contains("://")
}

/// Known pieces and nothing else, once digits and marks are read as the letters they stand for.
fn is_spelt_out(value: &str) -> bool {
    let letters: String = value
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == '!')
        .chars()
        .filter_map(|sign| match sign.to_ascii_lowercase() {
            '0' => Some('o'),
            '1' | '!' => Some('i'),
            '3' => Some('e'),
            '4' | '@' => Some('a'),
            '5' | '$' => Some('s'),
            '7' => Some('t'),
            other => other.is_alphabetic().then_some(other),
        })
        .take(64)
        .collect();
    let mut rest = letters.as_str();
    while let Some(next) = longest_piece(rest) {
        rest = next;
    }
    rest.is_empty()
}

fn longest_piece(text: &str) -> Option<&str> {
    PIECES
        .iter()
        .filter_map(|piece| text.strip_prefix(piece))
        .min_by_key(|rest| rest.len())
}

fn is_plain_filler(value: &str) -> bool {
    let same = value
        .as_bytes()
        .chunk_by(|left, right| left == right)
        .any(|run| run.len() * 2 > value.len() && run.len() >= 4);
    same || filler::is_filler(&value.replace(['[', ']', '<', '>', '{', '}', '*'], "_"))
}

/// Whether a password of an address is one that opens something: `user` is who it belongs to.
pub(super) fn is_set(value: &str, user: &str) -> bool {
    let is_long = value.len() >= 6 && (classes(value) >= 2 || value.len() >= 10);
    is_long && value != user && !is_placeholder(value) && entropy::shannon(value) >= 2.0
}

/// Longest word that may be a password with nothing but a space before it.
const MOST_FOLLOWING: usize = 64;

/// Whether the word behind the word "password" is one, with nothing between: drawn by chance.
pub(super) fn may_follow(words: &str) -> bool {
    // One is 64 bytes long at most, and with its full stop one more; nothing further is looked at.
    let near = &words[..words.floor_char_boundary(MOST_FOLLOWING + 2)];
    let is_end = |sign: char| sign.is_whitespace() || matches!(sign, ',' | ';' | ')' | '|');
    let word = near.split(is_end).next();
    let word = word.unwrap_or_default().trim_end_matches('.');
    word.len() >= 12
        && word.len() <= MOST_FOLLOWING
        && classes(word) >= 3
        && words::is_far_from_name(word)
}

/// Whether a text behind the word "password" is one, and no further word of the sentence.
pub(super) fn is_chosen(value: &str, join: Join) -> bool {
    let has = |is_kind: fn(&u8) -> bool| value.as_bytes().iter().any(is_kind);
    // In a sentence a shorter word is more likely a name.
    let least = if join == Join::Sign { 10 } else { 12 };
    let is_drawn = value.len() >= least && !words::is_name(value);
    let is_cased = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let is_mixed =
        has(u8::is_ascii_alphabetic) && (has(u8::is_ascii_digit) || (is_drawn && is_cased));
    // Dashes join words, they are no kind of their own.
    let signs = value.replace(['-', '_', '.', '/'], "");
    let is_strong = classes(&signs) >= 3 || is_drawn;
    if is_of_words(value, join) {
        return true;
    }
    (8..=128).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_graphic())
        && is_mixed
        && is_strong
        && !value.contains("()")
        && !code_words::make(value)
        && !is_address(value)
        && !is_version(value)
        && !is_placeholder(value)
        && entropy::shannon(value) >= 2.5
}

/// `v4.2.1+build7`: three numbers, and what was built of them.
pub(super) fn is_version(value: &str) -> bool {
    let numbers = value.strip_prefix('v').unwrap_or(value);
    let numbers = numbers.split(['+', '-']).next().unwrap_or_default();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    numbers.split('.').count() == 3 && numbers.split('.').all(is_number)
}

/// `walnut-otter-granite-90`, `sierra-violet-920-walnut`: words that have nothing to do with each other,
/// as makers of passwords join them (EFF, "Dice-Generated Passphrases"), and a number. Names of things have
/// a word of the trade. Behind words of a sentence there are three at least, and dashes join them.
fn is_of_words(value: &str, join: Join) -> bool {
    let marks: &[char] = if join == Join::Sign {
        &['-', '_', '.']
    } else {
        &['-']
    };
    let is_number =
        |part: &str| (2..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let (numbers, words): (Vec<&str>, Vec<&str>) = value
        .split(marks)
        .take(MOST_PARTS + 1)
        .partition(|part| is_number(part));
    let is_word = |part: &&str| {
        let first = part.as_bytes().first();
        let small = part.to_ascii_lowercase();
        (4..=9).contains(&part.len())
            && first.is_some_and(u8::is_ascii_alphabetic)
            && part.bytes().skip(1).all(|b| b.is_ascii_lowercase())
            && !PIECES.contains(&small.as_str())
            && !code_words::is_one(&small)
    };
    let least = if join == Join::Sign { 2 } else { 3 };
    numbers.len() == 1
        && (least..=MOST_PARTS).contains(&words.len())
        && words.iter().all(is_word)
        && (words.len() > 2 || words.iter().all(|word| word.len() > 4))
}

/// An e-mail address, a host with its port, a path, a date with a time, a resource of AWS.
pub(super) fn is_address(value: &str) -> bool {
    let is_mail = value.split_once('@').is_some_and(|(user, host)| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte);
        host.contains('.') && user.bytes().all(is_part) && host.bytes().all(is_part)
    });
    let is_host = value.split_once(':').is_some_and(|(host, port)| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        // Hosts without a dot are written small.
        let is_name = host.contains('.') || !host.bytes().any(|b| b.is_ascii_uppercase());
        let has_number = port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
        is_name && has_number && host.bytes().all(is_part)
    });
    let is_path = value.starts_with(['/', '.', '~']) || value.matches('/').count() >= 2;
    let is_time = value.len() >= 10
        && value.bytes().filter(|b| *b == b'-').count() == 2
        && value.bytes().take(4).all(|byte| byte.is_ascii_digit());
    is_mail || is_host || is_path || is_time || value.starts_with("arn:")
}

/// How many of small letters, capitals, digits and other signs a text has.
fn classes(value: &str) -> usize {
    let is_other = |byte: &u8| !byte.is_ascii_alphanumeric();
    let kinds: [&dyn Fn(&u8) -> bool; 4] = [
        &u8::is_ascii_lowercase,
        &u8::is_ascii_uppercase,
        &u8::is_ascii_digit,
        &is_other,
    ];
    kinds
        .iter()
        .filter(|is_kind| value.as_bytes().iter().any(is_kind))
        .count()
}

#[cfg(test)]
mod tests;
