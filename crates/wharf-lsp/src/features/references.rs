//! Where documents name each other.

use std::path::{Component, Path, PathBuf};

use gen_lsp_types::Location;
use wharf_diag::Span;
use wharf_document::Integration;

use crate::document::Document;
use crate::view::View;

/// Most places that are listed.
const MOST_LISTED: usize = 10_000;

/// A place that names an integration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mention {
    /// The id alone, without what stands around it.
    pub(crate) span: Span,
    pub(crate) id: String,
}

/// Every place of a document that names an integration, in order, each once.
pub(crate) fn mentions(document: &Document, integration: &Integration) -> Vec<Mention> {
    let text = document.text();
    let named = wharf_document::named_ids(integration).into_iter();
    let mut mentions: Vec<_> = named
        .filter_map(|(id, span)| {
            let id = id.as_str();
            // A link shows other words than the id, which then stands in its target.
            let line = crate::place::line_of(text, span.start);
            let found = word_in(text, span, id).or_else(|| word_in(text, line, id));
            Some(Mention {
                span: found?,
                id: id.to_owned(),
            })
        })
        .collect();
    mentions.extend(links(document));
    mentions.sort();
    mentions.dedup();
    mentions
}

/// Where an id stands in a stretch of text, not as a piece of a longer name.
fn word_in(text: &str, span: Span, id: &str) -> Option<Span> {
    let stretch = text.get(span.range())?;
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
    stretch
        .match_indices(id)
        .map(|(at, _)| Span::new(span.start + at, span.start + at + id.len()))
        .find(|found| {
            let before = text[..found.start].chars().next_back();
            let mut after = text[found.end..].chars();
            let next = after.next();
            let ends_word = match next {
                Some('.') => {
                    text[found.end..].starts_with(".md") || !after.next().is_some_and(is_part)
                }
                Some(sign) => !is_part(sign),
                None => true,
            };
            ends_word && !before.is_some_and(|sign| is_part(sign) || sign == '.')
        })
}

/// Links to Markdown files beside the document, as the ids of those files.
fn links(document: &Document) -> Vec<Mention> {
    let text = document.text();
    let folder = document.path.parent().unwrap_or(Path::new(""));
    text.match_indices("](")
        .filter_map(|(at, _)| {
            let start = at + 2;
            let target = text[start..].split([')', '\n']).next()?;
            let path = target.split(['#', ' ']).next()?.trim_matches(['<', '>']);
            let stem = path.strip_suffix(".md")?;
            if path.contains("://") || path.starts_with('/') {
                return None;
            }
            let id_start = stem.rfind('/').map_or(0, |slash| slash + 1);
            // Only a link that leads to the very folder names the file; others are left alone.
            let whole = plain_path(&folder.join(path))?;
            let lead = target.find(path)?;
            let span = Span::new(start + lead + id_start, start + lead + stem.len());
            let id = whole.file_stem()?.to_str()?.to_owned();
            Some(Mention { span, id })
        })
        .collect()
}

/// A path without `.` and `..`.
fn plain_path(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !plain.pop() {
                    return None;
                }
            }
            component => plain.push(component),
        }
    }
    Some(plain)
}

/// The id that a place is about: one that is named there, or the document's own on its title.
pub(crate) fn id_at(view: &View<'_>, offset: usize) -> Option<Mention> {
    let integration = view.integration()?;
    let mentions = mentions(view.document, integration);
    if let Some(found) = mentions
        .into_iter()
        .find(|mention| holds(mention.span, offset))
    {
        return Some(found);
    }
    own_title(view, offset).map(|span| Mention {
        span,
        id: integration.id.as_str().to_owned(),
    })
}

/// The title in the frontmatter or the heading of the document, where the place is in one.
fn own_title(view: &View<'_>, offset: usize) -> Option<Span> {
    let integration = view.integration()?;
    let title = integration
        .frontmatter
        .title
        .as_ref()
        .map(|title| title.span);
    if let Some(title) = title.filter(|span| holds(*span, offset)) {
        return Some(title);
    }
    let line = crate::place::line_of(view.text(), offset);
    let content = &view.text()[line.range()];
    let name = content.strip_prefix("# ")?.trim();
    let is_before_sections = view
        .layout()
        .headings
        .first()
        .is_none_or(|heading| line.end < heading.line.start);
    let start = line.start + content.find(name)?;
    let span = Span::new(start, start + name.len());
    is_before_sections.then_some(span)
}

/// Whether a place is in a span or at one of its ends.
pub(crate) fn holds(span: Span, offset: usize) -> bool {
    span.start <= offset && offset <= span.end
}

/// Where a document declares its id: its title, or its first line.
pub(crate) fn declaration(integration: &Integration) -> Span {
    let title = integration.frontmatter.title.as_ref();
    title.map_or(Span::at(0), |title| title.span)
}

/// Every place that names the id at an offset.
pub(crate) fn list(view: &View<'_>, offset: usize, declared: bool) -> Option<Vec<Location>> {
    let id = id_at(view, offset)?.id;
    let mut found = Vec::new();
    if declared && let Some((document, integration)) = view.find(&id) {
        found.push(view.location(document, declaration(integration)));
    }
    for (document, integration) in view.beside() {
        let mentions = mentions(document, integration).into_iter();
        let named = mentions.filter(|mention| mention.id == id);
        found.extend(named.map(|mention| view.location(document, mention.span)));
    }
    found.truncate(MOST_LISTED);
    Some(found)
}
