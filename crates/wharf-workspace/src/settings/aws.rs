//! `[secrets.aws]` of `wharf.toml`: where AWS Secrets Manager is, and whose keys open it.
//!
//! It holds no key: those are where AWS's own libraries look for them. What somebody wrote there by
//! mistake may be one, so no value is shown.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use wharf_document::values;

use super::error::Mistake;
use super::vault::Table;

const NAME: &str = "[secrets.aws]";

const KEYS: [&str; 5] = [
    "region",
    "profile",
    "endpoint",
    "timeout_seconds",
    "role_arn",
];

/// Longest name of a region, which is a part of a host's name.
const LONGEST_REGION: usize = 32;

/// Letters of AWS's secret access keys.
const KEY_LENGTH: usize = 40;

/// Where AWS Secrets Manager is, and whose keys open it. What is `None` is not in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aws {
    /// Like `eu-west-1`.
    pub region: Option<String>,
    /// A profile in AWS's own files.
    pub profile: Option<String>,
    /// `http` or `https`, without a password and a query.
    pub endpoint: Option<String>,
    /// From 1 to 60.
    pub timeout_seconds: Option<u64>,
    /// A role that is assumed with the keys that are found.
    pub role_arn: Option<String>,
}

/// Reads the table in the text of a file that is valid TOML.
pub(super) fn read(text: &str, mistakes: &mut Vec<Mistake>) -> Aws {
    let Ok(file) = DeTable::parse(text) else {
        return Aws::default();
    };
    let file = file.into_inner();
    let Some(DeValue::Table(secrets)) = file.get("secrets").map(Spanned::get_ref) else {
        return Aws::default();
    };
    let Some(written) = secrets.get("aws") else {
        return Aws::default();
    };
    let Some(table) = Table::of(NAME, written, &KEYS, mistakes) else {
        return Aws::default();
    };
    let mut text = |key: &str, is_usable: fn(&str) -> bool, what: &str| {
        let text = table.text(key, false, mistakes)?;
        if is_usable(&text) {
            return Some(text);
        }
        table.tell(key, table.entries.get(key)?, what, mistakes);
        None
    };
    Aws {
        region: text(
            "region",
            is_region,
            "is the name of a region, such as `eu-west-1`",
        ),
        profile: text(
            "profile",
            |text| !may_be_key(text),
            "is the name of a profile in AWS's own files. What stands there is not shown, since it \
             may be a secret access key; if it is, replace it",
        ),
        endpoint: text(
            "endpoint",
            is_address,
            "is an address, such as `https://secrets.internal`: it starts with `https://` or \
             `http://`, and has no user, password or query. What stands there is not shown, since it \
             may be a secret",
        ),
        role_arn: text(
            "role_arn",
            is_role,
            "is the ARN of a role, such as `arn:aws:iam::123456789012:role/wharf`. What stands there \
             is not shown, since it may be a secret",
        ),
        timeout_seconds: table.seconds(mistakes),
    }
}

fn is_region(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.len() <= LONGEST_REGION
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(is_part)
}

fn may_be_key(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|b| is(&b));
    text.len() == KEY_LENGTH
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

fn is_address(text: &str) -> bool {
    let schemes = ["https://", "http://"];
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
        && !text.contains(['?', '#'])
        && !values::has_password(text)
        && values::address(text.trim_end_matches('/')).is_ok()
}

fn is_role(text: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b"/_+=,.@-".contains(&b);
    matches!(parts[..], ["arn", _, "iam", "", account, role]
        if account.bytes().all(|b| b.is_ascii_digit())
            && role.strip_prefix("role/").is_some_and(|name| !name.is_empty())
            && role.bytes().all(is_part))
}

#[cfg(test)]
mod tests;
