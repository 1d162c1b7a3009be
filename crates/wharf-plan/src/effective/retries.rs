//! How often a call is tried again, how long it can take in all, and whether it may be repeated.

use std::time::Duration;

use wharf_diag::Spanned;
use wharf_document::Integration;
use wharf_document::model::{Idempotence, Operation, Settings};
use wharf_policy::retry::LONGEST_CALL;

use super::Setting;
use super::calls::as_written;
use super::words::{place, shown};
use crate::{CallSettings, CompiledOperation};

/// How often a call is tried again.
pub(super) fn retries(document: &Integration, holding: &CallSettings) -> Setting {
    let holds = holding.retry.max_retries;
    let attempts = document.configuration.settings.retry_attempts;
    let most = document.retry.max_retries;
    let given = [("retry_attempts", attempts), ("max_retries", most)];
    let reason = match (attempts, most) {
        (Some(attempts), Some(most)) => format!(
            "the smaller of `retry_attempts` {} and `max_retries` {}",
            attempts.value, most.value
        ),
        (Some(_), None) => "`retry_attempts` says so".to_owned(),
        (None, Some(_)) => "`max_retries` says so".to_owned(),
        (None, None) if holds > 0 => "one for each of `retry_delays`".to_owned(),
        (None, None) => "the document asks for none".to_owned(),
    };
    let mut places: Vec<_> = given
        .into_iter()
        .filter_map(|(key, given)| {
            let given = given?;
            let wins = given.value == holds;
            Some(place(key, given.span, &given.value.to_string(), wins))
        })
        .collect();
    if let (true, Some(delays)) = (places.is_empty(), &document.retry.delays) {
        let words = format!("{} delays", delays.value.len());
        places.push(place("retry_delays", delays.span, &words, true));
    }
    let ending = if holds == 1 { "retry" } else { "retries" };
    Setting {
        name: "retries",
        keys: &["retry_attempts", "max_retries"],
        value: format!("{holds} {ending}"),
        reason,
        places,
        not_in_force: None,
    }
}

/// The delay before each retry.
pub(super) fn delays(document: &Integration, holding: &CallSettings) -> Setting {
    let given = document.retry.delays.as_ref();
    let retries = usize::try_from(holding.retry.max_retries).unwrap_or(usize::MAX);
    let delays = &holding.retry.delays;
    let last = delays.last().copied().unwrap_or_default();
    let shown_delays: Vec<_> = delays
        .iter()
        .copied()
        .chain(std::iter::repeat(last))
        .take(retries.min(10))
        .map(shown)
        .collect();
    let value = match (retries, shown_delays.is_empty()) {
        (0, _) | (_, true) => "none".to_owned(),
        (11.., _) => format!("{}, …", shown_delays.join(", ")),
        _ => shown_delays.join(", "),
    };
    let reason = match (given, delays.len()) {
        (None, _) => "`retry_delays` is not given, so a retry follows at once".to_owned(),
        (Some(_), count) if count < retries => "the last of `retry_delays` repeats".to_owned(),
        (Some(_), count) if count > retries => {
            format!("the first {retries} of `retry_delays`, one for each retry")
        }
        _ => "`retry_delays` says so".to_owned(),
    };
    let words = given.map(|given| format!("{} delays", given.value.len()));
    Setting {
        name: "delays before retries",
        keys: &["retry_delays"],
        value,
        reason,
        places: given
            .zip(words)
            .map(|(given, words)| place("retry_delays", given.span, &words, true))
            .into_iter()
            .collect(),
        not_in_force: None,
    }
}

/// Every attempt at its timeout, and every delay.
pub(super) fn longest_call(
    document: &Integration,
    holding: &CallSettings,
    timeout: Duration,
    given: Option<Spanned<Duration>>,
) -> Setting {
    let longest = holding.retry.longest_call(timeout);
    let (attempts, delays) = (longest.attempts, longest.delays);
    let mut places: Vec<_> = given
        .map(|given| place("timeout", given.span, &shown(given.value), true))
        .into_iter()
        .collect();
    let retries = retries(document, holding).places.into_iter();
    places.extend(retries.filter(|place| place.wins));
    if let Some(given) = &document.retry.delays {
        places.push(place("retry_delays", given.span, &shown(delays), true));
    }
    let plural = if attempts == 1 { "attempt" } else { "attempts" };
    let mut reason = if delays.is_zero() {
        format!("{attempts} {plural} of {}", shown(timeout))
    } else {
        format!(
            "{attempts} {plural} of {}, and {} of delays that may be a fifth longer",
            shown(timeout),
            shown(delays)
        )
    };
    if longest.is_cut {
        reason.push_str(&format!(
            "; no call lasts longer than {}",
            shown(LONGEST_CALL)
        ));
    }
    Setting {
        name: "longest possible call",
        keys: &[],
        value: shown(longest.total),
        reason,
        places,
        not_in_force: None,
    }
}

/// Whether a call of an operation may be sent twice.
pub(super) fn repeatable(
    written: &Operation,
    operation: &CompiledOperation,
    general: &Settings,
    holding: &CallSettings,
) -> Setting {
    let mut unsafe_methods = operation
        .methods
        .iter()
        .filter(|method| !method.is_idempotent());
    let marked = written.idempotent.as_ref();
    let (value, reason) = if operation.idempotent {
        (
            "always",
            "the row marks the operation idempotent".to_owned(),
        )
    } else if let Some(method) = unsafe_methods.next() {
        match keys_of(written, operation, general, holding).as_slice() {
            [] => (
                "when nothing was sent",
                format!("{method} is not idempotent and the document names no idempotency header"),
            ),
            [one, others @ ..] => {
                let other = others.first().filter(|other| *other != one);
                let other = other.map_or_else(String::new, |other| format!(" or `{other}`"));
                let reason = format!(
                    "{method} is repeated when the call carries `{one}`{other}, or nothing was sent"
                );
                ("with a key", reason)
            }
        }
    } else {
        let methods = written.shown_methods();
        ("always", format!("{methods} is idempotent"))
    };
    let methods = written.methods.iter();
    let mut places: Vec<_> = methods
        .map(|method| place("Method", method.span, method.value.as_str(), true))
        .collect();
    places.extend(marked.and_then(|marked| {
        let words = match &marked.value {
            Idempotence::Always => "yes".to_owned(),
            Idempotence::WithKey(header) => format!("with {header}"),
            Idempotence::Never => return None,
        };
        Some(place("Idempotent", marked.span, &words, true))
    }));
    Setting {
        name: "may be repeated",
        keys: &["Idempotent", "Method"],
        value: value.to_owned(),
        reason,
        places,
        not_in_force: None,
    }
}

/// The headers whose presence makes a request safe to repeat: the operation's own, then that of all.
fn keys_of(
    written: &Operation,
    operation: &CompiledOperation,
    general: &Settings,
    holding: &CallSettings,
) -> Vec<String> {
    let own = written.idempotent.as_ref().and_then(|marked| {
        let Idempotence::WithKey(name) = &marked.value else {
            return None;
        };
        Some(Spanned::new(name.clone(), marked.span))
    });
    let own = operation
        .idempotency_header
        .as_ref()
        .map(|header| as_written(header, own.as_ref()));
    let general = holding
        .idempotency_header
        .as_ref()
        .map(|header| as_written(header, general.idempotency_header.as_ref()));
    [own, general].into_iter().flatten().collect()
}
