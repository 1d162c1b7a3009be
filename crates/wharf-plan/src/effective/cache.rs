//! How long answers may be reused. Nothing reuses them yet.

use wharf_document::model::{CacheTime, Operation, Settings};

use super::Setting;
use super::words::{place, shown, value};
use crate::Part;

/// What `cache_ttl` says for all operations.
pub(super) fn of_integration(written: &Settings) -> Option<Setting> {
    let said = written.cache_ttl.as_ref();
    let words = said.map(|time| shown(time.value));
    Some(Setting {
        not_in_force: Some(Part::Cache),
        ..value("cache", &["cache_ttl"], words, said)?
    })
}

/// What column `Cache` says, or `cache_ttl` where the column is silent.
pub(super) fn of_operation(written: &Operation, general: &Settings) -> Option<Setting> {
    let Some(own) = &written.cache else {
        return of_integration(general);
    };
    let words = cache_time(own.value);
    let setting = match &general.cache_ttl {
        Some(general) => Setting {
            name: "cache",
            keys: &["Cache", "cache_ttl"],
            reason: "the operation's own goes before the setting".to_owned(),
            places: vec![
                place("Cache", own.span, &words, true),
                place("cache_ttl", general.span, &shown(general.value), false),
            ],
            value: words,
            not_in_force: None,
        },
        None => value("cache", &["Cache"], Some(words), Some(own))?,
    };
    Some(Setting {
        not_in_force: Some(Part::Cache),
        ..setting
    })
}

/// `5 min`, or `5 min, shared`.
fn cache_time(time: CacheTime) -> String {
    let fresh = shown(time.fresh);
    if time.shared {
        format!("{fresh}, shared")
    } else {
        fresh
    }
}
