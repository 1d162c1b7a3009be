//! Passwords that people make of a word and a mark or a number, where nothing but a password can stand: in quotes
//! behind the sign of an exact name, behind the name of a user, as an argument of a call.
//!
//! `Admin#2025prod`, `rainyDay#Leeds` and `hunter2hunter` are made of words as names of code are, so
//! the words do not tell. The place does, and what the value has beside its letters.

use super::{code_words, entropy, password, words};

/// Marks that people put into passwords, and that names of code, paths and hosts do not have.
const MARKS: &[u8] = b"!#$%&?^*+~@";
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=64;
/// Shortest password without a digit, and shortest one without a mark.
const LEAST: usize = 10;
/// Letters on each side of the digits in `hunter2hunter`.
const LEAST_LETTERS: usize = 4;

/// Whether a text in quotes, behind the sign of a name such as `password`, is one.
pub(super) fn is_quoted_choice(value: &str) -> bool {
    is_plain(value) && !password::is_placeholder(value) && (is_marked(value) || is_doubled(value))
}

/// Whether a text that nothing encloses is one by its own looks: a mark and digits among letters.
pub(super) fn is_striking(value: &str) -> bool {
    let has = |is_kind: fn(&u8) -> bool| value.as_bytes().iter().any(is_kind);
    let marks = value.bytes().filter(|byte| b"!#$%&?^*+".contains(byte));
    is_plain(value)
        && value.len() >= LEAST
        && marks.count() > 0
        && !is_of_code(value)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && !password::is_placeholder(value)
}

/// Whether a text behind the name of a user is a password: not a word alone.
pub(super) fn is_of_user(value: &str) -> bool {
    // A mark at the end may be one of the sentence, or the `@` of an anonymous login.
    let inner = value.trim_end_matches(|sign: char| !sign.is_ascii_alphanumeric());
    is_plain(value)
        && password::is_set(value, "")
        && inner
            .bytes()
            .any(|byte| byte.is_ascii_digit() || MARKS.contains(&byte))
}

/// `Passw0rd!2025`, `letMeIn_2023`: the words of a placeholder as nobody writes one: with a capital inside or a
/// digit for a letter, and with a year.
pub(super) fn is_dated(value: &str) -> bool {
    const WORDS: [&str; 5] = ["password", "passwort", "letmein", "welcome", "admin"];
    let body = value.trim_end_matches(['!', '?', '.']);
    let Some((word, year)) = body
        .len()
        .checked_sub(4)
        .and_then(|at| body.split_at_checked(at))
    else {
        return false;
    };
    let is_year = year.starts_with("20") && year.bytes().all(|byte| byte.is_ascii_digit());
    let Some(word) = word.strip_suffix(['!', '_', '#', '@', '-', '$', '*', '+']) else {
        return false;
    };
    let plain: String = word
        .chars()
        .map(|sign| match sign.to_ascii_lowercase() {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            other => other,
        })
        .collect();
    let is_disguised = word.bytes().skip(1).any(|byte| !byte.is_ascii_lowercase());
    is_year && is_disguised && WORDS.contains(&plain.as_str())
}

/// Whether a key of an application is drawn of letters, digits and marks of all kinds: shorter than those that
/// a framework draws.
pub(super) fn is_key_of_marks(value: &str) -> bool {
    const LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;
    let bytes = value.as_bytes();
    let has = |is_kind: fn(&u8) -> bool| bytes.iter().any(is_kind);
    let kinds = b"!@#$^&*.~?".iter().filter(|mark| bytes.contains(mark));
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"!@#$^&*.~?_-=+%".contains(byte);
    LENGTHS.contains(&value.len())
        && bytes.iter().all(is_part)
        && kinds.count() >= 2
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && !password::is_placeholder(value)
        && !words::is_name(value)
        && entropy::is_high(value)
}

fn is_plain(value: &str) -> bool {
    LENGTHS.contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_graphic())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !value.contains("()")
        && !value.contains(['/', '=', '\\', '|', '<', '>', '(', '{', '['])
        && !password::is_address(value)
        && entropy::shannon(value) >= 2.5
}

/// A mark inside or behind letters, beside a digit or a capital.
fn is_marked(value: &str) -> bool {
    let bytes = value.as_bytes();
    let Some(at) = bytes.iter().position(|byte| MARKS.contains(byte)) else {
        return false;
    };
    let letters = bytes
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    // A name behind `#` is that of a method, or of a place on a page.
    let is_member = bytes.get(at + 1).is_none_or(u8::is_ascii_lowercase);
    let is_cased = bytes.iter().any(u8::is_ascii_lowercase)
        && bytes.iter().any(u8::is_ascii_uppercase)
        && value.len() >= LEAST;
    at > 0 && letters >= 3 && !is_of_code(value) && (has_digit || (is_cased && !is_member))
}

/// `UserController#reset2`, `sign-in#2`: a method of a class, one of several.
fn is_of_code(value: &str) -> bool {
    let is_method = value.split_once('#').is_some_and(|(class, method)| {
        let name = method.trim_end_matches(|sign: char| sign.is_ascii_digit());
        let is_small = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        class.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !name.is_empty()
            && name.bytes().all(is_small)
            && method.len() < name.len() + 2
    });
    let is_number = value.split_once('#').is_some_and(|(name, number)| {
        let is_small = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        name.bytes().all(is_small)
            && number.len() <= 3
            && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    is_method || is_number || password::is_version(value)
}

/// Letters on both sides of one or two digits.
fn is_doubled(value: &str) -> bool {
    let is_digit = |sign: char| sign.is_ascii_digit();
    let (Some(first), Some(last)) = (value.find(is_digit), value.rfind(is_digit)) else {
        return false;
    };
    let (before, behind) = (&value[..first], &value[last + 1..]);
    let is_word = |word: &str| {
        word.len() >= LEAST_LETTERS
            && word.bytes().all(|byte| byte.is_ascii_lowercase())
            && !code_words::is_one(word)
    };
    // `hunter2hunter`, and not `mount2point`: names are made so too.
    let is_again = before == behind;
    value.len() >= LEAST && last - first < 2 && is_word(before) && is_word(behind) && is_again
}

#[cfg(test)]
mod tests;
