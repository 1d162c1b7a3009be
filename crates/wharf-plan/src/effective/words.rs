//! Words for values and places.

use std::time::Duration;

use wharf_diag::{Span, Spanned};

use super::{Place, Setting};

/// A place whose name there is `key`.
pub(super) fn place(key: &str, span: Span, value: &str, wins: bool) -> Place {
    Place {
        span,
        words: format!("{key} {value}"),
        wins,
    }
}

/// A duration with a default: `holds`, and what the document says.
pub(super) fn bound(
    name: &'static str,
    keys: &'static [&'static str],
    holds: Duration,
    said: Option<Spanned<Duration>>,
) -> Setting {
    let key = keys.first().copied().unwrap_or(name);
    Setting {
        name,
        keys,
        value: shown(holds),
        reason: match said {
            Some(_) => format!("`{key}` says so"),
            None => format!("the default, since `{key}` is not given"),
        },
        places: said
            .map(|said| place(key, said.span, &shown(said.value), said.value == holds))
            .into_iter()
            .collect(),
        not_in_force: None,
    }
}

/// A value without a default. `None` where nothing holds, or the document says nothing.
pub(super) fn value<T>(
    name: &'static str,
    keys: &'static [&'static str],
    holds: Option<String>,
    said: Option<&Spanned<T>>,
) -> Option<Setting> {
    let (value, said) = holds.zip(said)?;
    let key = keys.first().copied().unwrap_or(name);
    Some(Setting {
        name,
        keys,
        reason: format!("`{key}` says so"),
        places: vec![place(key, said.span, &value, true)],
        value,
        not_in_force: None,
    })
}

/// A duration for people: `500 ms`, `1.5 s`, `2 min`, `24 h`, `90 days`.
pub fn shown(duration: Duration) -> String {
    let millis = duration.as_millis();
    for (unit, length) in [("days", 86_400_000), ("h", 3_600_000), ("min", 60_000)] {
        if millis >= 2 * length && millis.is_multiple_of(length) {
            return format!("{} {unit}", millis / length);
        }
    }
    if millis < 1_000 {
        return format!("{millis} ms");
    }
    let tenths = (millis + 50) / 100;
    if tenths.is_multiple_of(10) {
        format!("{} s", tenths / 10)
    } else {
        format!("{}.{} s", tenths / 10, tenths % 10)
    }
}
