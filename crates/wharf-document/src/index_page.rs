//! `INDEX.md`: the documents of a folder by category, as Markdown.
//!
//! The text depends on nothing but the documents, so making it twice gives the same bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use wharf_diag::{Diagnostic, SourceText, Spanned, Words};

use crate::checks::index_stale;
use crate::model::Integration;

/// How the first line of an index that the program made begins.
const MARKER: &str = "<!-- Made by `wharf index`";

/// Lines at the start of a file that may hold the marker.
const MARKER_LINES: usize = 5;

/// The heading of documents without a category.
const NO_CATEGORY: &str = "Other";

/// A document and where it is.
#[derive(Clone, Copy, Debug)]
pub struct IndexEntry<'a> {
    /// The file, relative to the index, with slashes.
    pub path: &'a str,
    /// What it says.
    pub integration: &'a Integration,
}

/// Whether a text was made by [`render_index`], and not by a person.
pub fn is_index(text: &str) -> bool {
    text.lines()
        .take(MARKER_LINES)
        .any(|line| line.starts_with(MARKER))
}

/// The text of an index. Words of `hidden` are left out of it.
pub fn render_index(entries: &[IndexEntry<'_>], hidden: &Words) -> String {
    let mut text = format!(
        "{MARKER} from the documents of this folder. Changes here are lost. -->\n\n# Integrations\n"
    );
    for ((_, category), mut rows) in by_category(entries) {
        rows.sort_by_key(|entry| {
            let name = entry.integration.display_name().to_lowercase();
            (name, entry.path)
        });
        text += &format!(
            "\n## {}\n\n| Integration | What for | Criticality | Owner |\n|---|---|---|---|\n",
            escaped(&without(&category, hidden))
        );
        for entry in rows {
            text += &row(*entry, hidden);
        }
    }
    text
}

/// What is wrong with an index that the program made earlier: `None` for one that is current, and
/// for a text that is a person's own.
pub fn check_index(
    source: &Arc<SourceText>,
    entries: &[IndexEntry<'_>],
    hidden: &Words,
) -> Option<Diagnostic> {
    if !is_index(source.text()) {
        return None;
    }
    index_stale::check(source, &render_index(entries, hidden))
}

/// Documents by category; those without one come last. Case makes no other category.
fn by_category<'e, 'a>(
    entries: &'e [IndexEntry<'a>],
) -> BTreeMap<(bool, String), Vec<&'e IndexEntry<'a>>> {
    let mut spellings: BTreeMap<String, &str> = BTreeMap::new();
    let category = |entry: &'e IndexEntry<'a>| value(entry.integration.service.category.as_ref());
    for written in entries.iter().filter_map(category) {
        let spelling = spellings.entry(written.to_lowercase()).or_insert(written);
        // One spelling out of several, whatever the order of the documents.
        *spelling = written.min(spelling);
    }
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for entry in entries {
        let name = category(entry).and_then(|written| spellings.get(&written.to_lowercase()));
        let key = match name {
            Some(name) => (false, (*name).to_owned()),
            None => (true, NO_CATEGORY.to_owned()),
        };
        groups.entry(key).or_default().push(entry);
    }
    groups
}

fn row(entry: IndexEntry<'_>, hidden: &Words) -> String {
    let integration = entry.integration;
    let state = if integration.is_deprecated() {
        " (deprecated)"
    } else if !integration.is_active() {
        " (not active)"
    } else {
        ""
    };
    let criticality = integration.frontmatter.criticality;
    let criticality = criticality.map_or("", |found| found.value.as_str());
    let contacts = integration.contacts.internal.iter();
    let mut owners = contacts.filter(|contact| contact.role.value.eq_ignore_ascii_case("owner"));
    let shown = |text: &str| escaped(&without(text, hidden));
    let owner = owners.find_map(|contact| value(contact.value.as_ref()));
    format!(
        "| [{}]({}){state} | {} | {criticality} | {} |\n",
        shown(integration.display_name()),
        address(&without(entry.path, hidden)),
        shown(value(integration.service.purpose.as_ref()).unwrap_or_default()),
        shown(owner.unwrap_or_default()),
    )
}

fn value(text: Option<&Spanned<String>>) -> Option<&str> {
    let text = text?.value.trim();
    (!text.is_empty()).then_some(text)
}

/// The text without what is hidden.
fn without<'a>(text: &'a str, hidden: &Words) -> Cow<'a, str> {
    let replaced = hidden.replaced(text, |_| "***".to_owned());
    replaced.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// A text that reads as itself in one line of Markdown, also inside a table.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~' => {
                escaped.extend(['\\', c]);
            }
            c if c.is_control() || wharf_diag::is_unprintable(c) => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A path as the target of a link.
fn address(path: &str) -> String {
    let mut address = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii() && !(c.is_ascii_alphanumeric() || "-._~/@+,=:".contains(c)) {
            address += &format!("%{:02X}", u32::from(c));
        } else if wharf_diag::is_unprintable(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                address += &format!("%{byte:02X}");
            }
        } else {
            address.push(c);
        }
    }
    address
}

#[cfg(test)]
mod tests;
