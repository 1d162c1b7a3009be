//! What goes over the API, as both sides write and read it.

mod store;

use serde::{Deserialize, Serialize};
use wharf_policy::caller::TokenHash;

pub use self::store::{
    CallLog, DamagedBytes, EventLog, HANDLER_ROW_LIMIT, HandlerRow, KeyFiles, LaneRow,
    MissingFiles, Quarantine, RecordTables, SealingKey, StoreStatus, TableRow,
};

/// Where the API is, its version included.
pub const PATH: &str = "/api/v1";

/// A header of every answer of the API, with [`VERSION`].
pub const HEADER: &str = "wharf-api";

/// The version of the API.
pub const VERSION: &str = "1";

/// The header in which a client says who its user is: 1 to [`USER_LIMIT_BYTES`] characters of ASCII.
pub const USER: &str = "wharf-user";

/// Longest value of [`USER`].
pub const USER_LIMIT_BYTES: usize = 128;

/// The header in which a client says until when it waits, as RFC 3339 has it. What comes later is
/// refused.
pub const UNTIL: &str = "wharf-until";

/// The answer to `GET /callers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerList {
    /// All, in order of their names.
    pub callers: Vec<ListedCaller>,
}

/// A caller without its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedCaller {
    /// Its name.
    pub name: String,
    /// When its token was made, as RFC 3339 has it.
    pub created: String,
}

/// The body of `POST /callers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCaller {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its token, in 64 lower-case hexadecimal digits.
    pub token_sha256: String,
    /// A caller that is there gets the new token, and the old one ends.
    #[serde(default)]
    pub replace: bool,
}

/// The answer to `POST /callers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedCaller {
    /// Its name.
    pub name: String,
    /// When the process took it, as RFC 3339 has it.
    pub created: String,
    /// What stood there before; `null`: nothing.
    pub before: Option<FormerToken>,
}

/// A token that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerToken {
    /// When it was made, as RFC 3339 has it.
    pub created: String,
    /// Its SHA-256, in 64 lower-case hexadecimal digits.
    pub token_sha256: String,
}

/// The body of `POST /callers/NAME/restore`: takes back what added or replaced a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreCaller {
    /// The SHA-256 of the token that is to go. Where the caller has another one by now, nothing is
    /// changed.
    pub token_sha256: String,
    /// What comes back; `null`: the caller goes.
    pub before: Option<FormerToken>,
}

/// The answer to `POST /callers/NAME/restore`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoredCaller {
    /// Its name.
    pub name: String,
    /// `false`: somebody has changed the caller since.
    pub restored: bool,
}

/// The answer to `DELETE /callers/NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedCaller {
    /// Its name.
    pub name: String,
    /// Always `true`.
    pub removed: bool,
}

/// The answer to `GET /audit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The newest first.
    pub records: Vec<AuditRow>,
    /// What to send as `before` for the next page; `null`: there is none.
    pub next_before: Option<u64>,
}

impl AuditPage {
    /// The page of records that were asked for with this limit.
    pub fn of(records: Vec<wharf_store::AuditRecord>, limit: u32) -> Self {
        let is_full = records.len() == limit as usize;
        // Numbers begin with 1.
        let last = records.last().filter(|last| is_full && last.number > 1);
        Self {
            next_before: last.map(|last| last.number),
            records: records.into_iter().map(AuditRow::from).collect(),
        }
    }
}

/// An audit record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Its place among all that were ever made.
    pub number: u64,
    /// When, as RFC 3339 has it.
    pub at: String,
    /// Who, as the client said it.
    pub who: String,
    /// From where.
    pub from: String,
    /// What was to be done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// Why it was refused, as a stable code; `null`: it was not.
    pub reason: Option<String>,
}

impl From<wharf_store::AuditRecord> for AuditRow {
    fn from(record: wharf_store::AuditRecord) -> Self {
        let outcome = if record.refusal.is_some() {
            "refused"
        } else {
            "done"
        };
        Self {
            number: record.number,
            at: record.at.to_string(),
            who: record.who,
            from: record.from,
            action: record.action,
            subject: record.subject,
            outcome: outcome.to_owned(),
            reason: record.refusal,
        }
    }
}

/// The digits of a token's hash.
pub fn digits(hash: TokenHash) -> String {
    let bytes = hash.as_bytes().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// The hash that digits stand for. `None`: they are not 64 lower-case hexadecimal digits.
pub fn token_hash(digits: &str) -> Option<TokenHash> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    if digits.len() != 64 || !digits.bytes().all(is_digit) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(TokenHash::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use wharf_policy::caller::TokenHash;

    use super::{digits, token_hash};

    #[test]
    fn digits_and_hashes_are_one_for_one() {
        let hash = TokenHash::hash("a token");
        let text = digits(hash);
        assert_eq!(token_hash(&text), Some(hash));
        for no_hash in [
            "",
            &text[1..],
            &format!("{text}0"),
            &text.to_uppercase(),
            &format!("+{}", &text[1..]),
        ] {
            assert_eq!(token_hash(no_hash), None, "{no_hash}");
        }
    }
}
