//! What the log says at a start of what does not go as somebody may expect.

use std::sync::Arc;

use wharf_document::Integration;
use wharf_workspace::settings::FILE_NAME;

/// Tells the log what each document, and what the `settings`, say that nothing obeys yet.
pub(super) fn log_not_in_force(documents: &[Arc<Integration>], settings: &[&str]) {
    for document in documents {
        let parts = not_in_force(document);
        if !parts.is_empty() {
            let integration = document.id.as_str();
            tracing::info!(integration, "not in force yet: {}", parts.join(", "));
        }
    }
    if !settings.is_empty() {
        let file = FILE_NAME;
        tracing::info!(file, "not in force yet: {}", settings.join(", "));
    }
}

/// Warns of proxies that are not used, and of calls that nobody can make. `no_callers` is set where
/// there are none, to what a command needs to find the state.
pub(super) fn warn_of_what_calls_will_meet(no_callers: Option<String>) {
    for name in wharf_net::proxy_variables_set() {
        tracing::warn!("{name} is set; Wharf does not use it and connects to vendors directly");
    }
    if let Some(option) = no_callers {
        tracing::warn!(
            "no caller is registered, so every call is refused; create one with `wharf callers add NAME{option}`"
        );
    }
}

/// Each part of a document once that nothing obeys yet.
pub(crate) fn not_in_force(document: &Integration) -> Vec<&'static str> {
    let mut parts: Vec<_> = wharf_plan::not_in_force(document)
        .into_iter()
        .map(|found| found.part)
        .collect();
    parts.sort_unstable();
    parts.dedup();
    parts.into_iter().map(wharf_plan::Part::as_str).collect()
}
