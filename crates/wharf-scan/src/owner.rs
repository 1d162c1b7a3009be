//! Whose key it is: a text that names one vendor may hold the key of another.
//!
//! `ACME_API_KEY=…` below a sentence about Datadog is no key of Datadog. So the words between the
//! vendor and the value are looked at: a name in front of "key", inside of the name of a variable
//! or as a word of its own, is an owner.

/// Words of which the names of variables are made, and that open sentences: no owners.
const PLAIN: [&str; 73] = [
    "a",
    "access",
    "account",
    "admin",
    "all",
    "an",
    "and",
    "api",
    "app",
    "application",
    "auth",
    "authorization",
    "bearer",
    "client",
    "code",
    "config",
    "const",
    "credential",
    "credentials",
    "curl",
    "data",
    "default",
    "dev",
    "env",
    "environment",
    "eu",
    "export",
    "for",
    "get",
    "header",
    "http",
    "id",
    "integration",
    "its",
    "key",
    "keys",
    "let",
    "live",
    "main",
    "my",
    "new",
    "none",
    "old",
    "our",
    "password",
    "post",
    "prod",
    "production",
    "project",
    "put",
    "rest",
    "sandbox",
    "secret",
    "secrets",
    "server",
    "service",
    "set",
    "staging",
    "test",
    "the",
    "this",
    "token",
    "tokens",
    "url",
    "us",
    "use",
    "user",
    "v1",
    "value",
    "var",
    "with",
    "x",
    "your",
];

/// Longest distance from the value in which an owner is looked for.
const MOST_WORDS: usize = 6;

/// Whether the words before a value give it to somebody whom they name. `is_far` says that they
/// start a line, and the vendor stands on a line before.
pub(super) fn is_another(words: &str, is_far: bool) -> bool {
    let is_end = |sign: char| !(sign.is_alphanumeric() || matches!(sign, '_' | '-'));
    let words = words.rsplit(is_end).filter(|word| !word.is_empty());
    words.take(MOST_WORDS).any(|word| {
        let is_joined = word.contains(['_', '-']);
        let starts_big = word.starts_with(|sign: char| sign.is_uppercase());
        let is_shouted = word.len() > 4 && !word.contains(|sign: char| sign.is_lowercase());
        // A variable, `acme_api_key`; a name, `Acme`. Without the vendor on the line, any name.
        let may_own = is_joined || starts_big || (is_far && is_camel(word));
        may_own && !is_shouted_prose(word, is_shouted) && parts(word).any(|part| !is_plain(part))
    })
}

/// A word in capitals that is no variable says nothing: `TOKEN`, `IMPORTANT`.
fn is_shouted_prose(word: &str, is_shouted: bool) -> bool {
    is_shouted && !word.contains(['_', '-'])
}

fn is_camel(word: &str) -> bool {
    super::words::of(word).count() > 1
}

fn parts(word: &str) -> impl Iterator<Item = &str> {
    super::words::of(word).filter(|part| part.len() > 1)
}

fn is_plain(part: &str) -> bool {
    PLAIN
        .binary_search(&part.to_ascii_lowercase().as_str())
        .is_ok()
}

/// Whether the name of a user stands before that of a password: "user root, password …", "with the user `ci`
/// and the password …".
pub(super) fn is_user_before(text: &str, at: usize) -> bool {
    const MOST_BEFORE: usize = 80;
    const USERS: [&str; 15] = [
        "user",
        "username",
        "login",
        "account",
        "benutzer",
        "benutzername",
        "nutzer",
        "konto",
        "usuario",
        "utilisateur",
        "identifiant",
        "utente",
        "gebruiker",
        "usuário",
        "användare",
    ];
    const BETWEEN: [&str; 24] = [
        "and", "with", "the", "its", "und", "mit", "dem", "das", "y", "con", "la", "e", "et", "le",
        "avec", "mot", "a", "senha", "en", "het", "och", "is", "ist", "es",
    ];
    let first = text.floor_char_boundary(at.saturating_sub(MOST_BEFORE));
    let line = text[first..at].rsplit('\n').next().unwrap_or_default();
    let is_end = |sign: char| !(sign.is_alphanumeric() || "@.-_+\\".contains(sign));
    let mut words = line.rsplit(is_end).filter(|word| !word.is_empty());
    // The name of the user itself, and the word before it.
    let is_between = |word: &&str| {
        BETWEEN
            .iter()
            .any(|between| word.eq_ignore_ascii_case(between))
    };
    let name = words.find(|word| !is_between(word));
    let user = words.find(|word| !is_between(word));
    name.is_some()
        && user.is_some_and(|user| USERS.contains(&user.to_lowercase().trim_end_matches('.')))
        && line.contains([',', ' '])
}

#[cfg(test)]
mod tests {
    use super::{PLAIN, is_another};

    #[test]
    fn the_words_are_in_order() {
        assert!(PLAIN.is_sorted());
    }

    #[test]
    fn a_name_before_the_key_is_its_owner() {
        for words in [
            "ACME_API_KEY=",
            ". The Acme API key is ",
            "acme-api-key: ",
            "X-Acme-Key: ",
        ] {
            assert!(is_another(words, true), "{words}");
        }
        for words in [
            "  api_key: ",
            " API key for staging is `",
            "| application key | ",
            "_API_KEY=",
        ] {
            assert!(!is_another(words, true), "{words}");
        }
    }
}
