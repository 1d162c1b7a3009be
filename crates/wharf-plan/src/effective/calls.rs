//! Where calls go, how long they may take, and what goes with them.

use std::time::Duration;

use http::HeaderName;
use wharf_diag::Spanned;
use wharf_document::Integration;
use wharf_document::model::{BodyFormat, Operation, Settings};

use super::words::{bound, place, shown, value};
use super::{Place, Setting};
use crate::CallSettings;

const ATTEMPT_TIMEOUT: &str = "timeout of an attempt";

/// The environment of calls that name none; `default` is its place in the table.
pub(super) fn environment(document: &Integration, default: Option<usize>) -> Setting {
    let named = document.frontmatter.environment.as_ref();
    let found = default.and_then(|index| document.environments.get(index));
    let (value, reason) = match (found, named) {
        (Some(found), Some(_)) => (
            found.name.value.clone(),
            "`environment` of the frontmatter names it".to_owned(),
        ),
        (Some(found), None) => (found.name.value.clone(), "it is the only one".to_owned()),
        (None, _) => ("none".to_owned(), "the caller has to name one".to_owned()),
    };
    let mut places = Vec::new();
    if let Some(named) = named {
        places.push(Place {
            span: named.span,
            words: "environment".to_owned(),
            wins: true,
        });
    }
    if let Some(found) = found {
        places.push(Place {
            span: found.name.span,
            words: format!("the row `{}`", found.name.value),
            wins: true,
        });
    }
    Setting {
        name: "environment",
        keys: &["environment"],
        value,
        reason,
        places,
        not_in_force: None,
    }
}

pub(super) fn attempt_timeout(written: &Settings, holding: &CallSettings) -> Setting {
    let holds = holding.attempt_timeout;
    bound(ATTEMPT_TIMEOUT, &["timeout"], holds, written.timeout)
}

pub(super) fn connect_timeout(written: &Settings, holding: &CallSettings) -> Setting {
    bound(
        "timeout of connecting",
        &["connect_timeout"],
        holding.connect_timeout,
        written.connect_timeout,
    )
}

/// The bound of one attempt of an operation: its own, or that of all.
pub(super) fn timeout_of_operation(
    written: &Operation,
    general: &Settings,
    holds: Duration,
) -> Setting {
    match (written.timeout, general.timeout) {
        (Some(own), Some(general)) => Setting {
            name: ATTEMPT_TIMEOUT,
            keys: &["Timeout", "timeout"],
            value: shown(holds),
            reason: "the operation's own goes before the setting".to_owned(),
            places: vec![
                place("Timeout", own.span, &shown(own.value), true),
                place("timeout", general.span, &shown(general.value), false),
            ],
            not_in_force: None,
        },
        (Some(own), None) => bound(ATTEMPT_TIMEOUT, &["Timeout"], holds, Some(own)),
        (None, general) => bound(ATTEMPT_TIMEOUT, &["timeout"], holds, general),
    }
}

pub(super) fn largest_body(written: &Settings, holding: &CallSettings) -> Option<Setting> {
    let holds = holding.max_body_bytes.map(|bytes| format!("{bytes} bytes"));
    value(
        "largest body",
        &["max_body"],
        holds,
        written.max_body.as_ref(),
    )
}

pub(super) fn idempotency_header(written: &Settings, holding: &CallSettings) -> Option<Setting> {
    let said = written.idempotency_header.as_ref();
    let holds = holding.idempotency_header.as_ref();
    let holds = holds.map(|header| as_written(header, said));
    value("idempotency header", &["idempotency_header"], holds, said)
}

pub(super) fn body_format(written: &Settings, holding: &CallSettings) -> Option<Setting> {
    let holds = match holding.body_format {
        BodyFormat::Json => "JSON",
        BodyFormat::Form => "a form",
    };
    value(
        "body of `wharf call`",
        &["body_format"],
        Some(holds.to_owned()),
        written.body_format.as_ref(),
    )
}

/// The version that calls ask for, and whether they do.
pub(super) fn version(document: &Integration, holding: &CallSettings) -> Option<Setting> {
    let written = document.configuration.settings.api_version.as_ref()?;
    let authentication = document.authentication.as_ref();
    let header = authentication.and_then(|found| found.version_header.as_ref());
    let mut places = vec![place("api_version", written.span, &written.value, true)];
    if let Some(header) = header {
        places.push(place("Version header", header.span, &header.value, true));
    }
    let reason = match (&holding.version_header, header) {
        (Some((name, _)), _) => {
            let name = as_written(name, header);
            format!("sent as `{name}` where the caller sends none")
        }
        (None, Some(_)) => "not sent, since no header can carry it".to_owned(),
        (None, None) => "not sent, since no `Version header` is named".to_owned(),
    };
    let holds = holding.version_header.as_ref();
    let holds = holds.and_then(|(_, value)| value.to_str().ok());
    Some(Setting {
        name: "API version",
        keys: &["api_version", "Version header"],
        value: holds.unwrap_or(&written.value).to_owned(),
        reason,
        places,
        not_in_force: None,
    })
}

/// The name of a header in the document's own spelling: it means the same and is found in the text.
pub(super) fn as_written(name: &HeaderName, written: Option<&Spanned<String>>) -> String {
    let same = written.filter(|written| name.as_str().eq_ignore_ascii_case(&written.value));
    same.map_or_else(|| name.to_string(), |written| written.value.clone())
}
