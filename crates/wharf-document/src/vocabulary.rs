//! The names that documents may use, with what each means.
//!
//! The reader knows exactly these names, and editors offer them. `docs/document.md` says what each
//! may hold; a test keeps the two together.

mod calls;
mod frontmatter;
mod operations;
mod service;

pub use calls::{
    ENDPOINT_COLUMNS, ERROR_COLUMNS, EXAMPLE_KINDS, METHODS, RETRY_NAMES, SETTINGS, VERBS,
};
pub use frontmatter::{CRITICALITIES, FRONTMATTER};
pub use operations::{
    BACKUP_KEYS, CONTACT_KEYS, COST_KEYS, DEPENDENT_WORDS, FALLBACK_ENVIRONMENT_COLUMNS,
    FALLBACK_OPERATION_COLUMNS, HEALTH_KEYS, INCOMING_COLUMNS, METRICS, OUTGOING_COLUMNS,
    PROBED_WORDS, ROADMAP_KEYS, VENDOR_KEYS, VERIFICATION_KEYS,
};
pub use service::{
    AUTHENTICATION_TYPES, CREDENTIAL_FIELDS, ENVIRONMENT_COLUMNS, ENVIRONMENT_STATUSES, LOCATIONS,
    METHOD_KEYS, OVERVIEW_KEYS,
};

use crate::raw::same_name;

/// A name with what it means, in one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// As documents write it.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
}

/// What stands under a level-two heading.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// The heading.
    pub name: &'static str,
    /// What the section is for.
    pub about: &'static str,
    /// The level-three headings below it.
    pub parts: &'static [Part],
}

/// What stands under a level-three heading. The part without a name is what stands directly below
/// the section's heading.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The heading.
    pub name: &'static str,
    /// What the part is for.
    pub about: &'static str,
    /// Keys of its list.
    pub keys: &'static [Word],
    /// Columns of its tables.
    pub columns: &'static [&'static [Word]],
    /// Language and names of its block.
    pub block: Option<(&'static str, &'static [Word])>,
}

impl Part {
    const EMPTY: Self = Self {
        name: "",
        about: "",
        keys: &[],
        columns: &[],
        block: None,
    };

    /// The columns of the table that has a column of this name.
    pub fn columns_with(&self, name: &str) -> &'static [Word] {
        let mut tables = self.columns.iter();
        let found = tables.find(|columns| find(columns, name).is_some());
        found.or(self.columns.first()).copied().unwrap_or_default()
    }
}

/// All sections in the order of the template.
pub static SECTIONS: &[Section] = &[
    service::SERVICE_DETAILS,
    service::AUTHENTICATION,
    calls::CONFIGURATION,
    calls::API_ENDPOINTS,
    operations::WEBHOOKS,
    calls::ERROR_HANDLING,
    operations::MONITORING,
    operations::DEPENDENCIES,
    operations::COSTS,
    operations::MIGRATION,
    operations::DISASTER_RECOVERY,
    operations::CONTACTS,
    operations::DOCUMENTATION,
    operations::NOTES,
    operations::REVIEW_CHECKLIST,
];

/// The section with this heading, whatever its case.
pub fn section(name: &str) -> Option<&'static Section> {
    SECTIONS
        .iter()
        .find(|section| same_name(section.name, name))
}

/// A part of a section. Without a name, what stands directly below the section's heading: its
/// nameless part, or its only one.
pub fn part(section: &Section, name: Option<&str>) -> Option<&'static Part> {
    let parts = section.parts;
    match name {
        Some(name) => parts.iter().find(|part| same_name(part.name, name)),
        None => parts
            .iter()
            .find(|part| part.name.is_empty())
            .or_else(|| (parts.len() == 1).then(|| parts.first()).flatten()),
    }
}

/// The word with this name, whatever its case.
pub fn find(words: &'static [Word], name: &str) -> Option<&'static Word> {
    words.iter().find(|word| same_name(word.name, name))
}

/// The keys of the frontmatter, in the order in which they are written.
pub(crate) const FRONTMATTER_KEYS: [&str; 18] = names(&FRONTMATTER);

/// The names of some words.
pub(crate) const fn names<const COUNT: usize>(words: &[Word; COUNT]) -> [&'static str; COUNT] {
    let mut names = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        names[at] = words[at].name;
        at += 1;
    }
    names
}

const fn word(name: &'static str, about: &'static str) -> Word {
    Word { name, about }
}

#[cfg(test)]
mod tests;
