//! The blank template of a document, filled in as far as a program can.

use jiff::Timestamp;
use wharf_document::IntegrationId;

/// Every section and part, with what else each may hold as comments.
const TEMPLATE: &str = include_str!("template.md");

/// The sections that calls need, each as short as it is useful.
const SMALL: &str = include_str!("template-small.md");

/// How much a blank template has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Size {
    /// What calls need.
    Small,
    /// Every section.
    Whole,
}

/// The text of a new document, laid out as `wharf fmt` does.
pub(crate) fn fill(size: Size, id: &IntegrationId, title: &str, now: Timestamp) -> String {
    let template = match size {
        Size::Small => SMALL,
        Size::Whole => TEMPLATE,
    };
    let text = template
        .replace("<<now>>", &moment(now))
        .replace("<<NAME>>", &variable(id))
        .replace("<<id>>", id.as_str())
        .replace("<<yaml title>>", &quoted(title))
        .replace("<<title>>", title);
    // The id is as long as it is, so columns are known only now.
    let edits = wharf_document::format(&text);
    wharf_document::apply(&text, &edits)
}

/// A moment as the frontmatter writes it, in whole seconds.
pub(crate) fn moment(now: Timestamp) -> String {
    format!("{now:.0}")
}

/// The title of an id: `my-service` is `My Service`.
pub(crate) fn title_of(id: &IntegrationId) -> String {
    let words = id.as_str().split(['-', '_', '.']);
    let words: Vec<_> = words
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect();
    words.join(" ")
}

/// What stands between the quotes of a YAML text.
pub(crate) fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The start of the names of environment variables.
fn variable(id: &IntegrationId) -> String {
    let name = id.as_str().to_ascii_uppercase().replace(['-', '.'], "_");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("SERVICE_{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests;
