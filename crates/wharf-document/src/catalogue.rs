//! The pages of everything that this crate finds, and what each finding rests on.

use std::sync::LazyLock;

use wharf_diag::{Code, Page};

use crate::checks::{self, content_changed};
use crate::findings::{self, not_a_reference, secret_in_text};

static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let mut pages: Vec<Page> = findings::all_pages().chain(checks::all_pages()).collect();
    pages.sort_by_key(|page| page.code.id);
    pages.dedup_by_key(|page| page.code);
    pages
});

/// The pages of everything that this crate finds, in the order of their ids.
pub fn pages() -> &'static [Page] {
    &PAGES
}

/// Whether a finding is about a secret, so that no setting may switch it off.
pub fn is_always_reported(code: Code) -> bool {
    [secret_in_text::CODE, not_a_reference::CODE].contains(&code)
}

/// What has to be at hand, besides the document and the day, before a finding can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// The other documents of the workspace.
    Others,
    /// The names of handlers in the settings.
    Handlers,
    /// The text in version control.
    History,
    /// The files that the document links: API descriptions and examples.
    Descriptions,
}

/// What has to be at hand for a finding. Where it was not, its absence says nothing.
pub fn needs(code: Code) -> Needs {
    if code == content_changed::CODE {
        Needs::History
    } else if checks::needs_others(code) {
        Needs::Others
    } else if checks::needs_handlers(code) {
        Needs::Handlers
    } else if findings::needs_linked_files(code) {
        Needs::Descriptions
    } else {
        Needs::Nothing
    }
}
