//! A document of the catalog under a name of its own.

use std::sync::Arc;

use jiff::Timestamp;
use wharf_diag::{SourceText, Span};
use wharf_document::{Integration, IntegrationId};

use crate::catalog;
use crate::template;

/// How documents of the catalog write the gateway's address, in front of an id.
const GATEWAY: &str = "http://127.0.0.1:7070/";

/// A document of the catalog as a new one: written now, in its first version.
///
/// Under another id it has a title of its own, receives webhooks at paths of its own, and names
/// its own address to client libraries, so that both can be in one workspace.
pub(crate) fn copy(
    entry: catalog::Entry,
    id: &IntegrationId,
    title: Option<&str>,
    now: Timestamp,
) -> String {
    let source = Arc::new(SourceText::new(entry.id, entry.text));
    let loaded = wharf_document::load(id, &source);
    let Some(integration) = loaded.integration else {
        return entry.text.to_owned();
    };
    let frontmatter = &integration.frontmatter;
    let now = template::moment(now);
    let mut edits: Vec<(Span, String)> = Vec::new();
    for moment in [&frontmatter.created, &frontmatter.modified] {
        edits.extend(moment.as_ref().map(|found| (found.span, now.clone())));
    }
    let version = frontmatter.version.as_ref();
    edits.extend(version.map(|found| (found.span, "1".to_owned())));
    let is_renamed = id.as_str() != entry.id;
    if is_renamed {
        edits.extend(own_places(entry, &integration));
    }
    let made = is_renamed.then(|| template::title_of(id));
    if let Some(title) = title.or(made.as_deref()) {
        let quoted = template::quoted(title);
        let found = frontmatter.title.as_ref();
        edits.extend(found.map(|found| {
            let line = line_of(entry.text, found.span.start);
            (line, format!("title: \"[Integration] {quoted}\""))
        }));
        let heading = entry.text[frontmatter.span.end..].find("\n# ");
        edits.extend(heading.map(|at| {
            let line = line_of(entry.text, frontmatter.span.end + at + 1);
            (line, format!("# [Integration] {title}"))
        }));
    }
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = entry.text.to_owned();
    for (span, replacement) in edits {
        text.replace_range(span.range(), &replacement);
    }
    if is_renamed {
        // Other words are of other lengths, and tables are aligned.
        let layout = wharf_document::format(&text);
        text = wharf_document::apply(&text, &layout);
    }
    text
}

/// Paths of webhooks, links to examples and addresses of the gateway, with the document's id for the catalog's.
fn own_places(entry: catalog::Entry, integration: &Integration) -> Vec<(Span, String)> {
    let id = integration.id.as_str();
    let mut edits = Vec::new();
    for row in &integration.webhooks.incoming {
        let Some(endpoint) = &row.endpoint else {
            continue;
        };
        let path = endpoint.value.as_str();
        // The place may hold more than the path, such as a code span.
        let Some(at) = entry.text[endpoint.span.range()].find(path) else {
            continue;
        };
        let segments: Vec<_> = path.split('/').collect();
        let own = if segments.contains(&entry.id) {
            let own = |segment| if segment == entry.id { id } else { segment };
            segments.into_iter().map(own).collect::<Vec<_>>().join("/")
        } else {
            format!("{}/{id}", path.trim_end_matches('/'))
        };
        let start = endpoint.span.start + at;
        edits.push((Span::new(start, start + path.len()), own));
    }
    let targets = integration
        .example_files
        .iter()
        .filter_map(|link| link.target.as_ref());
    edits.extend(targets.map(|target| (target.span, format!("examples/{id}.md"))));
    let address = format!("{GATEWAY}{}", entry.id);
    for (at, found) in entry.text.match_indices(&address) {
        let end = at + found.len();
        let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !entry.text[end..].starts_with(goes_on) {
            edits.push((Span::new(at + GATEWAY.len(), end), id.to_owned()));
        }
    }
    edits
}

/// The line that an offset is in, without its end.
fn line_of(text: &str, at: usize) -> Span {
    let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
    Span::new(start, end)
}
