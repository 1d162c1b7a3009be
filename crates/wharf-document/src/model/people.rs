//! Contacts, notes and the review checklist: what people read.

use wharf_diag::Spanned;

use super::Task;

/// The Contacts section.
#[derive(Clone, Debug, Default)]
pub struct Contacts {
    /// Lines of Internal, in the document's order.
    pub internal: Vec<Contact>,
    /// Lines of Vendor, in the document's order.
    pub vendor: Vec<Contact>,
}

/// One person, team or address.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The words before the colon, for example `Owner`.
    pub role: Spanned<String>,
    /// Who or where. `None` when it is a placeholder.
    pub value: Option<Spanned<String>>,
}

/// The Notes section.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Lines of Known Issues.
    pub known_issues: Vec<Note>,
    /// Lines of Tips.
    pub tips: Vec<Note>,
}

/// One line of Notes.
#[derive(Clone, Debug)]
pub struct Note {
    /// The words before the colon, if there are any.
    pub topic: Option<Spanned<String>>,
    /// What it says. `None` when it is a placeholder.
    pub text: Option<Spanned<String>>,
}

/// One line of the Review Checklist.
#[derive(Clone, Debug)]
pub struct ReviewItem {
    /// Which question it is. `None`: one of the document's own, for people.
    pub question: Option<ReviewQuestion>,
    /// The line.
    pub task: Task,
}

/// The questions that the program answers from evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words beside each in `ALL` say it")]
pub enum ReviewQuestion {
    CredentialsRotated,
    UsageWithinLimits,
    CostsAsExpected,
    PerformanceAcceptable,
    BackupsConfigured,
    MonitoringActive,
    DocumentationCurrent,
    ContactsUpdated,
}

impl ReviewQuestion {
    /// Every question with the words that documents use for it.
    pub const ALL: [(Self, &'static str); 8] = [
        (
            Self::CredentialsRotated,
            "Credentials rotated per schedule?",
        ),
        (Self::UsageWithinLimits, "Usage within limits?"),
        (Self::CostsAsExpected, "Costs as expected?"),
        (Self::PerformanceAcceptable, "Performance acceptable?"),
        (Self::BackupsConfigured, "Backups configured?"),
        (Self::MonitoringActive, "Monitoring active?"),
        (Self::DocumentationCurrent, "Documentation current?"),
        (Self::ContactsUpdated, "Contacts updated?"),
    ];
}
