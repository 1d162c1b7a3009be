//! Statuses and error codes: `429`, `5xx`, `429 insufficient_quota`, `invalid_auth`, `timeout`.

use crate::model::{ErrorCode, StatusPattern};

/// Reads the first cell of a Common Errors row.
pub(crate) fn error_code(text: &str) -> Result<ErrorCode, String> {
    if text.eq_ignore_ascii_case("timeout") {
        return Ok(ErrorCode::Timeout);
    }
    if text.eq_ignore_ascii_case("unreachable") {
        return Ok(ErrorCode::Unreachable);
    }
    let mut words = text.split_whitespace();
    let first = words.next().ok_or("it is empty")?;
    let second = words.next();
    if words.next().is_some() {
        return Err("it has more than a status and a vendor's code".to_owned());
    }
    if !first.starts_with(|c: char| c.is_ascii_digit()) {
        return match second {
            None if is_vendor_code(first) => Ok(ErrorCode::Answer {
                status: None,
                detail: Some(first.to_owned()),
            }),
            _ => Err("it is neither a status nor one word of the vendor".to_owned()),
        };
    }
    let status = pattern(first)?;
    let detail = match second.map(|word| word.trim_matches(['(', ')'])) {
        None => None,
        Some(word) if exact(word).is_ok() => {
            return Err("it has two statuses; give each a row of its own".to_owned());
        }
        Some(word) if is_vendor_code(word) => Some(word.to_owned()),
        Some(_) => return Err("the vendor's code behind the status is not one word".to_owned()),
    };
    Ok(ErrorCode::Answer {
        status: Some(status),
        detail,
    })
}

/// Reads `429` or `5xx`.
pub(crate) fn pattern(text: &str) -> Result<StatusPattern, String> {
    let bytes = text.as_bytes();
    if let [digit @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] = bytes {
        return Ok(StatusPattern::Class(digit - b'0'));
    }
    exact(text).map(StatusPattern::Exact)
}

/// Reads a status between 100 and 599.
pub(crate) fn exact(text: &str) -> Result<u16, String> {
    text.parse()
        .ok()
        .filter(|status| (100..=599).contains(status))
        .ok_or_else(|| "a status is a number from 100 to 599".to_owned())
}

fn is_vendor_code(word: &str) -> bool {
    word.len() <= 128
        && word.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/'))
}
