//! Values behind the name of a secret: those that a machine drew, told from ids, digests and paths.

use super::{entropy, filler, public_key, sealed, words};

/// Longest value that is read.
pub(super) const MOST_VALUE: usize = 260;

/// Starts of ids that are no secrets.
const IDS: [&str; 42] = [
    "cus_",
    "pi_",
    "seti_",
    "price_",
    "prod_",
    "sub_",
    "in_",
    "ii_",
    "ch_",
    "re_",
    "evt_",
    "acct_",
    "card_",
    "ba_",
    "pm_",
    "src_",
    "tok_",
    "req_",
    "txn_",
    "po_",
    "tr_",
    "plan_",
    "si_",
    "cs_live_",
    "cs_test_",
    "pk_",
    "file_",
    "link_",
    "we_",
    "dp_",
    "il_",
    "iv_",
    "promo_",
    "pub",
    "sb_publishable_",
    "user_",
    "org_",
    "org-",
    "proj_",
    "ssh-",
    "arn:",
    "phc_",
];

/// Algorithms whose names stand before a digest.
const DIGESTS: [&str; 10] = [
    "sha1-", "sha256-", "sha384-", "sha512-", "md5-", "v1,", "sha1:", "sha256:", "sha512:", "md5:",
];

/// Longest number before the colon of a value, as in the tokens of Telegram's bots.
const MOST_NUMBER: usize = 12;

/// Whether a value behind the name of a key or token is one that a machine drew.
pub(super) fn is_drawn_value(value: &str, is_strong: bool) -> bool {
    let value = without_mark(value);
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+/=.~%".contains(&byte);
    let count = |is_kind: fn(&u8) -> bool| value.as_bytes().iter().filter(|b| is_kind(b)).count();
    if value.len() > MOST_VALUE || is_identifier(value) {
        return false;
    }
    if !value.bytes().all(is_part) {
        return is_strong && is_of_marks(value);
    }
    // Words at the ends do not make a value longer: `app-secret-5f8b9c7d6k`.
    let core = &value[words::core(value)];
    let is_hex = core.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_cased = count(u8::is_ascii_uppercase) > 0 && count(u8::is_ascii_lowercase) > 0;
    let least = if is_strong { 16 } else { 20 };
    let digits = if is_cased { 1 } else { 2 };
    let has_digits =
        count(u8::is_ascii_digit) >= digits || (is_cased && words::is_far_from_name(core));
    core.len() >= least
        && has_digits
        && count(u8::is_ascii_alphabetic) >= 2
        && (is_strong || (!is_hex && is_cased))
        && has_whole_escapes(value)
        && !words::is_name(core)
        && !filler::is_filler(value)
        && entropy::is_high(core)
}

/// A value without what tells its form: the number of a bot (`270415938:AAH…`), and the `base64:` of
/// Laravel's keys ("Encryption", laravel.com/docs).
fn without_mark(value: &str) -> &str {
    match value.split_once(':') {
        Some(("base64", rest)) => rest,
        Some((number, rest))
            if number.len() <= MOST_NUMBER && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            rest
        }
        _ => value,
    }
}

/// The marks of which Django draws its keys, beside letters and digits
/// (`django.core.management.utils.get_random_secret_key`). Patterns and templates have others.
const MARKS: &[u8] = b"!@#$%^&*(-_=+)";
/// Shortest value with such marks, and how many kinds of them it has at least: a query has two.
const LEAST_OF_MARKS: (usize, usize) = (32, 3);

/// Whether a value is drawn of letters, digits and many marks.
fn is_of_marks(value: &str) -> bool {
    let (length, count) = LEAST_OF_MARKS;
    let bytes = value.as_bytes();
    let kinds = MARKS
        .iter()
        .filter(|mark| !b"-_=+".contains(mark) && bytes.contains(mark));
    let has = |is_kind: fn(&u8) -> bool| bytes.iter().any(is_kind);
    (length..=MOST_VALUE).contains(&value.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || MARKS.contains(byte))
        && kinds.count() >= count
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && !value.contains("***")
        && entropy::is_high(value)
}

/// Whether `%` stands in escapes only, and `=` at the end only: `sha8=bfcd6920` is a name with its
/// value.
fn has_whole_escapes(value: &str) -> bool {
    let is_hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
    let mut pieces = value.split('%').skip(1);
    pieces.all(|piece| {
        is_hex(piece.as_bytes().first().copied()) && is_hex(piece.as_bytes().get(1).copied())
    }) && !value.trim_end_matches('=').contains('=')
}

/// Ids, digests, paths, UUIDs, names of variables.
fn is_identifier(value: &str) -> bool {
    let is_name = value
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && value.contains('_');
    let is_id = IDS
        .iter()
        .chain(&DIGESTS)
        .any(|start| value.starts_with(start));
    // Base64 may start with a slash.
    let first = value
        .strip_prefix('/')
        .and_then(|rest| rest.split('/').next());
    let is_path = value.starts_with(['.', '~']) || first.is_some_and(|first| first.len() < 16);
    is_name
        || is_id
        || is_path
        || is_uuid(value)
        || is_account_sid(value)
        || public_key::is_public(value)
        || sealed::is_public(value)
        || sealed::is_encrypted(value)
}

pub(super) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `AC`, `MG`, `PN` and other ids of Twilio: two capitals and 32 hex digits.
fn is_account_sid(value: &str) -> bool {
    let (kind, id) = value.as_bytes().split_at(value.len().min(2));
    id.len() == 32
        && kind.iter().all(u8::is_ascii_uppercase)
        && id.iter().all(u8::is_ascii_hexdigit)
}
