//! The notices that the binary itself makes: of documents that people have to look at, and of events
//! that nobody got.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;
use wharf_document::IntegrationId;
use wharf_policy::bounded::{Name, NameError, Text};
use wharf_policy::notice::{DedupeKey, Notice, Severity, Subject};
use wharf_workspace::reload::{Broken, Fate, Held};

use crate::redact::without_secrets;

/// The same trouble is told anew after so long.
const SAME_WITHIN: Duration = Duration::from_secs(24 * 3_600);

/// A document that could not be taken as it is.
pub(crate) fn broken(document: &Broken, now: Timestamp) -> Result<Notice, NameError> {
    let file = document.file.as_str();
    let kind = Name::new("document-broken")?;
    let id = Path::new(file).file_stem().and_then(|stem| stem.to_str());
    let id = id.and_then(IntegrationId::new);
    Ok(Notice {
        key: DedupeKey::of(&kind, &[file, &document.what]),
        kind,
        severity: match document.fate {
            Fate::NotServed => Severity::Critical,
            Fate::LastGood | Fate::Older(_) => Severity::Warning,
        },
        subject: id.map_or_else(Subject::installation, |id| {
            Subject::integration(id.as_str())
        }),
        title: Text::new(&without_secrets(&format!("{file} is broken"))),
        text: Text::new(&without_secrets(&document.message())),
        at: now,
        same_within: SAME_WITHIN,
        evidence: Some(Text::new("wharf check")),
    })
}

/// A change that waits for somebody to accept it.
pub(crate) fn held(document: &Held, now: Timestamp) -> Result<Notice, NameError> {
    let kind = Name::new("document-held")?;
    let file = &document.file;
    Ok(Notice {
        key: DedupeKey::of(&kind, &[file, &document.hash]),
        kind,
        severity: Severity::Warning,
        subject: Subject::integration(&document.id),
        title: Text::new(&without_secrets(&format!(
            "a change of {file} waits for somebody"
        ))),
        text: Text::new(&without_secrets(&document.message())),
        at: now,
        same_within: SAME_WITHIN,
        evidence: Some(Text::new(&document.command())),
    })
}

/// Events that a handler never got, because there were too many bytes of them. One a day and
/// handler.
pub(crate) fn undelivered(
    handler: &str,
    count: u64,
    bytes: u64,
    now: Timestamp,
) -> Result<Notice, NameError> {
    let kind = Name::new("events-undelivered")?;
    let day = Offset::UTC.to_datetime(now).date().to_string();
    Ok(Notice {
        key: DedupeKey::of(&kind, &[handler, &day]),
        kind,
        severity: Severity::Critical,
        subject: Subject::installation(),
        title: Text::new(&format!("handler {handler} never gets some events")),
        text: Text::new(&undelivered_words(handler, count, bytes)),
        at: now,
        // The key has the day.
        same_within: SAME_WITHIN,
        evidence: Some(Text::new("wharf store status")),
    })
}

/// What happened, and what to do.
pub(crate) fn undelivered_words(handler: &str, count: u64, bytes: u64) -> String {
    format!(
        "handler {handler} never gets {count} events: they were the oldest, and there were more than \
         the {bytes} bytes that `events_bytes` of `[store]` in wharf.toml allows. `wharf store \
         status` shows how far it is behind; mend it, or allow more bytes"
    )
}
