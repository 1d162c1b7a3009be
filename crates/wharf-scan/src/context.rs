//! Values without a mark of their own: told by their form and the words around them.
//!
//! | vendor | form | source |
//! |---|---|---|
//! | AWS secret access key | 40 characters of base64 | docs.aws.amazon.com, IAM user guide |
//! | Datadog API, application key | 32, 40 hex digits | docs.datadoghq.com, "API and application keys" |
//! | Mixpanel project or service account secret | 32 hex digits, letters and digits | docs.mixpanel.com, "Service accounts" |
//! | PayPal client secret | 80 characters that start with `E` | developer.paypal.com |
//! | Twilio auth token, secret of an API key | 32 hex digits, letters and digits | twilio.com/docs/iam |
//! | Vercel token before 2026 | 24 letters and digits | vercel.com/docs/rest-api |
//!
//! The vendor stands before the value, at most 240 bytes away, or behind it on its line. On the
//! line, the last word that names either a secret (`token`) or something public (`commit`) decides.
//! A key that the words between give to somebody else is not the vendor's. The
//! secret half of an AWS key may follow its id without a word.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::alphabet::{is_base62, is_base64, is_base64url, is_hex};
use super::filler::is_drawn;
use super::{Kind, aws, entropy, owner};

/// How far before a value, and how far behind it, words may say what it is; in bytes.
const MOST_BEFORE: usize = 240;
const MOST_BEHIND: usize = 80;

#[derive(Clone, Copy, Eq, PartialEq)]
enum Form {
    Hex32,
    Hex40,
    Mixed24,
    Mixed32,
    Base64Of40,
    Base64Of80,
}

#[derive(Clone, Copy)]
enum Meaning {
    Vendor(Kind),
    /// Names the vendor and its secret at once.
    VendorSecret(Kind),
    Secret,
    Token,
    Public,
}

use Meaning::{Public, Secret, Token, Vendor, VendorSecret};

const WORDS: [(&str, Meaning); 73] = [
    ("aws", Vendor(Kind::AwsSecretAccessKey)),
    ("amazon", Vendor(Kind::AwsSecretAccessKey)),
    ("akia", Vendor(Kind::AwsSecretAccessKey)),
    ("secret_access_key", VendorSecret(Kind::AwsSecretAccessKey)),
    ("secret-access-key", VendorSecret(Kind::AwsSecretAccessKey)),
    ("secret access key", VendorSecret(Kind::AwsSecretAccessKey)),
    ("secretaccesskey", VendorSecret(Kind::AwsSecretAccessKey)),
    ("datadog", Vendor(Kind::Datadog)),
    ("dd_api_key", VendorSecret(Kind::Datadog)),
    ("dd-api-key", VendorSecret(Kind::Datadog)),
    ("dd_app_key", VendorSecret(Kind::Datadog)),
    ("dd_application_key", VendorSecret(Kind::Datadog)),
    ("dd-application-key", VendorSecret(Kind::Datadog)),
    ("mixpanel", Vendor(Kind::Mixpanel)),
    ("paypal", Vendor(Kind::PayPal)),
    ("twilio", Vendor(Kind::Twilio)),
    ("vercel", Vendor(Kind::Vercel)),
    ("key", Secret),
    ("secret", Secret),
    ("password", Secret),
    ("credential", Secret),
    ("token", Token),
    ("auth", Token),
    ("bearer", Token),
    ("-u ", Token),
    ("commit", Public),
    ("sha1", Public),
    ("sha256", Public),
    ("sha ", Public),
    ("sha:", Public),
    ("digest", Public),
    ("md5", Public),
    ("checksum", Public),
    ("hash", Public),
    ("etag", Public),
    ("trace", Public),
    ("span", Public),
    ("fingerprint", Public),
    ("revision", Public),
    ("integrity", Public),
    ("signature", Public),
    ("uuid", Public),
    ("_id", Public),
    ("-id", Public),
    (" id", Public),
    ("public", Public),
    ("publishable", Public),
    ("cache", Public),
    ("idempotency", Public),
    ("public_key", Public),
    ("public-key", Public),
    ("public key", Public),
    ("publickey", Public),
    ("publishable key", Public),
    ("publishable_key", Public),
    ("cache_key", Public),
    ("cache key", Public),
    ("cachekey", Public),
    ("idempotency-key", Public),
    ("idempotency_key", Public),
    ("partition key", Public),
    ("partition_key", Public),
    ("key_id", Public),
    ("key-id", Public),
    ("key id", Public),
    ("keyid", Public),
    ("page_token", Public),
    ("page token", Public),
    ("pagetoken", Public),
    ("cursor_token", Public),
    ("token_type", Public),
    ("token type", Public),
    ("project token", Public),
];

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(WORDS.map(|(word, _)| word))
        .ok()
});

/// What a long word opens. `is_named` says that a name of a secret is already known to belong to it.
pub(super) fn kind(text: &str, span: &Range<usize>, is_named: bool) -> Option<Kind> {
    let form = form(&text[span.clone()])?;
    let automaton = AUTOMATON.as_ref()?;
    let start = text.floor_char_boundary(span.start.saturating_sub(MOST_BEFORE));
    let before = &text[start..span.start];
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let mut vendor = None;
    let mut vendor_end = None;
    let mut name = None;
    for hit in automaton.find_iter(before) {
        let (word, meaning) = WORDS[hit.pattern().as_usize()];
        if !stands_alone(before, hit.start(), word) {
            continue;
        }
        match meaning {
            Vendor(kind) | VendorSecret(kind) if fits(kind, form) => {
                vendor = Some(kind);
                vendor_end = Some(hit.end());
            }
            _ => {}
        }
        if hit.start() >= line && !matches!(meaning, Vendor(_)) {
            name = Some(meaning);
        }
    }
    let is_far = vendor_end.is_none_or(|end| end < line);
    let near = &before[vendor_end.map_or(line, |end| end.max(line))..];
    if vendor.is_some() && owner::is_another(near, is_far) {
        return None;
    }
    if fits(Kind::AwsSecretAccessKey, form) && is_behind_id(before) {
        return Some(Kind::AwsSecretAccessKey);
    }
    let vendor = vendor.or_else(|| vendor_behind(automaton, text, span.end, form))?;
    let is_secret = match name {
        Some(Secret | VendorSecret(_)) => true,
        // The token of a Mixpanel project is public.
        Some(Token) => vendor != Kind::Mixpanel,
        _ => is_named,
    };
    is_secret.then_some(vendor)
}

/// Whether the id of an AWS key stands right before: `AKIA… / VALUE`, a row of the file that the console
/// offers for download.
fn is_behind_id(before: &str) -> bool {
    const MOST_MARKS: usize = 6;
    let is_mark = |byte: &&u8| byte.is_ascii_whitespace() || b"/:,;|-`\"'*>".contains(*byte);
    let marks = before
        .bytes()
        .rev()
        .take(MOST_MARKS)
        .take_while(|byte| is_mark(&byte))
        .count();
    let rest = &before.as_bytes()[..before.len() - marks];
    let length = rest
        .iter()
        .rev()
        .take(21)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let id = &rest[rest.len() - length..];
    marks > 0
        && id.len() == 20
        && aws::STARTS
            .iter()
            .any(|start| id.starts_with(start.as_bytes()))
}

fn vendor_behind(automaton: &AhoCorasick, text: &str, end: usize, form: Form) -> Option<Kind> {
    let last = text.floor_char_boundary((end + MOST_BEHIND).min(text.len()));
    let line = text[end..last].split('\n').next()?;
    automaton.find_iter(line).find_map(|hit| {
        let (word, meaning) = WORDS[hit.pattern().as_usize()];
        match meaning {
            Vendor(kind) if fits(kind, form) && stands_alone(line, hit.start(), word) => Some(kind),
            _ => None,
        }
    })
}

/// `aws` is no part of `laws`; `key` may be one of `apikey`.
fn stands_alone(text: &str, at: usize, word: &str) -> bool {
    word != "aws"
        || !text.as_bytes()[..at]
            .last()
            .is_some_and(u8::is_ascii_alphanumeric)
}

fn fits(kind: Kind, form: Form) -> bool {
    match kind {
        Kind::AwsSecretAccessKey => form == Form::Base64Of40,
        Kind::Datadog => matches!(form, Form::Hex32 | Form::Hex40),
        Kind::Mixpanel | Kind::Twilio => matches!(form, Form::Hex32 | Form::Mixed32),
        Kind::PayPal => form == Form::Base64Of80,
        Kind::Vercel => form == Form::Mixed24,
        _ => false,
    }
}

fn form(word: &str) -> Option<Form> {
    let all = |is_part: fn(u8) -> bool| word.bytes().all(is_part);
    let is_hex = all(is_hex);
    let has = |is_kind: fn(&u8) -> bool| word.as_bytes().iter().any(is_kind);
    let is_mixed = has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && (has(u8::is_ascii_digit) || entropy::are_letters_scrambled(word));
    let form = match word.len() {
        24 if is_mixed && all(is_base62) => Form::Mixed24,
        32 if is_hex => Form::Hex32,
        32 if is_mixed && all(is_base62) => Form::Mixed32,
        40 if is_hex => Form::Hex40,
        40 if is_mixed && all(is_base64) => Form::Base64Of40,
        80 if is_mixed && word.starts_with('E') && all(is_base64url) => Form::Base64Of80,
        _ => return None,
    };
    ((is_hex || entropy::is_scrambled(word)) && is_drawn(word)).then_some(form)
}

#[cfg(test)]
mod tests;
