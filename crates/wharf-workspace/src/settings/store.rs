//! `[store]` of `wharf.toml`: where the keys of stored secrets are. Its numbers are in `kept.rs`.
//!
//! It is read by hand and not by `serde`: what somebody wrote there by mistake may be a key, which no
//! message must show.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Mistake;
use super::handlers::{SecretPlace, kind};
use super::kept;

/// Old keys that may be named. Each is read at a start.
pub const KEY_COUNT_LIMIT: usize = 16;

/// The names of places in the table.
const NAMES: [&str; 2] = ["key", "old_keys"];

/// Longest unknown name that is shown: a key written in 32 bytes has more.
const LONGEST_SHOWN: usize = 24;

/// Where keys are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreKeys {
    /// The key that seals. `None`: the file names none.
    pub key: Option<SecretPlace>,
    /// Keys that open, in the order of the file; at most [`KEY_COUNT_LIMIT`].
    pub old_keys: Vec<SecretPlace>,
}

/// Reads the table in the text of a file that is valid TOML.
pub(super) fn read(text: &str, mistakes: &mut Vec<Mistake>) -> StoreKeys {
    let Ok(file) = DeTable::parse(text) else {
        return StoreKeys::default();
    };
    let file = file.into_inner();
    let Some(written) = file.get("store") else {
        return StoreKeys::default();
    };
    let DeValue::Table(table) = written.get_ref() else {
        let kind = kind(written.get_ref());
        let message =
            format!("`store` is a table with keys such as `key` and `events_days`, not {kind}");
        mistakes.push((written.span().start, message));
        return StoreKeys::default();
    };
    for name in table.keys() {
        let text: &str = name.get_ref();
        if !NAMES.contains(&text) && !kept::NAMES.contains(&text) {
            let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            let shown = if text.len() <= LONGEST_SHOWN && text.bytes().all(is_word) {
                format!("`{text}`")
            } else {
                "that is not shown, since it may be a key".to_owned()
            };
            let known = NAMES.into_iter().chain(kept::NAMES);
            let known: Vec<_> = known.map(|name| format!("`{name}`")).collect();
            let message = format!(
                "unknown field {shown}, expected one of {}",
                known.join(", ")
            );
            mistakes.push((name.span().start, message));
        }
    }
    let key = table.get("key");
    StoreKeys {
        key: key.and_then(|value| place("key", value, mistakes)),
        old_keys: table
            .get("old_keys")
            .map(|value| old_keys(value, mistakes))
            .unwrap_or_default(),
    }
}

fn old_keys(value: &Spanned<DeValue<'_>>, mistakes: &mut Vec<Mistake>) -> Vec<SecretPlace> {
    let DeValue::Array(items) = value.get_ref() else {
        let kind = kind(value.get_ref());
        let message = format!("`old_keys` of `[store]` is a list of places, not {kind}");
        mistakes.push((value.span().start, message));
        return Vec::new();
    };
    if let Some(more) = items.get(KEY_COUNT_LIMIT) {
        let message = format!(
            "`old_keys` of `[store]` has {} places, and {KEY_COUNT_LIMIT} are the most; \
             `wharf store key status` tells which keys nothing is sealed with any more",
            items.len()
        );
        mistakes.push((more.span().start, message));
    }
    items
        .iter()
        .filter_map(|item| place("old_keys", item, mistakes))
        .collect()
}

/// What is no reference may be the key itself, so it is never shown.
fn place(
    name: &str,
    value: &Spanned<DeValue<'_>>,
    mistakes: &mut Vec<Mistake>,
) -> Option<SecretPlace> {
    let DeValue::String(text) = value.get_ref() else {
        let kind = kind(value.get_ref());
        let message = format!(
            "`{name}` of `[store]` is the name of a variable or the path of a file in quotes, not \
             {kind}"
        );
        mistakes.push((value.span().start, message));
        return None;
    };
    let place = SecretPlace::of(text);
    if place.is_none() {
        let message = format!(
            "`{name}` of `[store]` says where a key is: the name of an environment variable \
             (`WHARF_STORE_KEY`), or the path of a file with a `/` in it (`/etc/wharf/store.key`). \
             What stands there is not shown, since it may be the key; if it is, make another one \
             with `wharf store key new`"
        );
        mistakes.push((value.span().start, message));
    }
    place
}

#[cfg(test)]
mod tests;
