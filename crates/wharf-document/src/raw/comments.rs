//! Comments that are meant for the program: `wharf-ignore …` in HTML, YAML and settings.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};
use wharf_diag::Span;

use super::frontmatter;
use super::markdown::DIALECT;
use super::marks::as_markdown;

/// The word that such a comment starts with.
const WORD: &str = "wharf-ignore";

/// Most comments of a document that are read.
const MOST_COMMENTS: usize = 1_000;

/// Languages of blocks in which `#` starts a comment.
const HASH_LANGUAGES: [&str; 6] = ["yaml", "yml", "python", "py", "toml", "ini"];

/// One comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    /// The comment with its marks.
    pub(crate) span: Span,
    /// What it says, from its first word to its last.
    pub(crate) content: Span,
    /// Whether nothing else stands on its lines.
    pub(crate) is_alone: bool,
    /// Whether it is Markdown, where a line break may mean something.
    pub(crate) is_html: bool,
}

/// The comments of a document in the order of their places, and what they may be about.
#[derive(Debug, Default)]
pub(crate) struct Comments {
    pub(crate) all: Vec<Comment>,
    /// Fenced code blocks with their fences.
    pub(crate) blocks: Vec<Span>,
    /// Where the first section starts; the end of the text where there is none.
    pub(crate) first_section: usize,
}

/// Finds the comments of a document. What stands in code of another language is text.
pub(crate) fn find(text: &str) -> Comments {
    if !text.contains(WORD) {
        return Comments::default();
    }
    let bounds = frontmatter::bounds(text);
    let body_start = bounds.map_or(0, |bounds| bounds.whole.end);
    let layout = Layout::of(text, body_start);
    let mut comments = Vec::new();
    if let Some(bounds) = bounds {
        comments.extend(hash_comments(text, bounds.yaml));
    }
    for block in layout.blocks.iter().filter(|block| block.has_hash_comments) {
        comments.extend(hash_comments(text, block.span));
    }
    comments.extend(html_comments(text, body_start, &layout));
    comments.sort_by_key(|comment| comment.span);
    comments.truncate(MOST_COMMENTS);
    Comments {
        all: comments,
        blocks: layout.blocks.iter().map(|block| block.span).collect(),
        first_section: layout.first_section,
    }
}

/// Where code and the first section are.
struct Layout {
    /// Code of every kind, in the order of its places.
    code: Vec<Span>,
    tables: Vec<Span>,
    blocks: Vec<Block>,
    first_section: usize,
}

struct Block {
    span: Span,
    has_hash_comments: bool,
}

impl Layout {
    fn of(text: &str, body_start: usize) -> Self {
        let mut layout = Self {
            code: Vec::new(),
            tables: Vec::new(),
            blocks: Vec::new(),
            first_section: text.len(),
        };
        let mut depth = 0_usize;
        let body = text.get(body_start..).unwrap_or_default();
        let read = as_markdown(body);
        for (event, range) in Parser::new_ext(&read, DIALECT).into_offset_iter() {
            let span = Span::from(range).shifted(body_start);
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    layout.code.push(span);
                    if let CodeBlockKind::Fenced(info) = kind {
                        let language = info.split([' ', ',', '{']).next().unwrap_or_default();
                        let has_hash_comments = HASH_LANGUAGES
                            .iter()
                            .any(|known| language.eq_ignore_ascii_case(known));
                        layout.blocks.push(Block {
                            span,
                            has_hash_comments,
                        });
                    }
                }
                Event::Code(_) => layout.code.push(span),
                Event::Start(Tag::Table(_)) => layout.tables.push(span),
                Event::Start(Tag::List(_) | Tag::BlockQuote(_)) => depth += 1,
                Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_)) => {
                    depth = depth.saturating_sub(1);
                }
                Event::Start(Tag::Heading {
                    level: HeadingLevel::H2,
                    ..
                }) if depth == 0 => {
                    layout.first_section = layout.first_section.min(span.start);
                }
                _ => {}
            }
        }
        layout
    }
}

/// Whether an offset is in one of some places, which are in order and apart from each other.
fn is_in(places: &[Span], offset: usize) -> bool {
    places
        .get(places.partition_point(|span| span.end <= offset))
        .is_some_and(|span| span.start <= offset)
}

/// `<!-- wharf-ignore … -->` outside of code.
fn html_comments(text: &str, body_start: usize, layout: &Layout) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut at = body_start;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("<!--")) {
        let start = at + found;
        at = start + "<!--".len();
        if is_in(&layout.code, start) || text[..start].ends_with('\\') {
            continue;
        }
        // A cell ends at the next `|` and with its line, and so does what stands in it.
        let in_table = is_in(&layout.tables, start);
        let within = if in_table {
            let end = text[at..].find(['|', '\n']);
            &text[at..end.map_or(text.len(), |end| at + end)]
        } else {
            &text[at..]
        };
        let Some(length) = within.find("-->") else {
            if in_table {
                continue;
            }
            break;
        };
        let content = trimmed(text, Span::new(at, at + length));
        at += length + "-->".len();
        if is_ours(&text[content.range()]) {
            comments.push(comment(text, Span::new(start, at), content, true));
        }
    }
    comments
}

/// `# wharf-ignore …` in the lines of a block.
fn hash_comments(text: &str, block: Span) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut line_start = block.start;
    for line in text[block.range()].split_inclusive('\n') {
        let hash = line.match_indices('#').map(|(at, _)| at).find(|at| {
            let before = &line[..*at];
            let is_comment = before.is_empty() || before.ends_with([' ', '\t']);
            is_comment && before.matches('"').count() % 2 == 0 && is_ours(line[at + 1..].trim())
        });
        if let Some(at) = hash {
            let start = line_start + at;
            let content = trimmed(text, Span::new(start + 1, line_start + line.len()));
            let span = Span::new(start, content.end);
            comments.push(comment(text, span, content, false));
        }
        line_start += line.len();
    }
    comments
}

fn comment(text: &str, span: Span, content: Span, is_html: bool) -> Comment {
    let before = &text[line_start(text, span.start)..span.start];
    let after = &text[span.end..line_end(text, span.end)];
    Comment {
        span,
        content,
        is_alone: before.trim().is_empty() && after.trim().is_empty(),
        is_html,
    }
}

fn is_ours(content: &str) -> bool {
    content.starts_with(WORD)
}

fn trimmed(text: &str, span: Span) -> Span {
    let content = &text[span.range()];
    let start = span.start + content.len() - content.trim_start().len();
    Span::new(start, start + content.trim().len())
}

/// Offset of the first byte of a place's line.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// Offset behind the line break of a place's line.
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    let rest = text[offset..].find('\n');
    rest.map_or(text.len(), |at| offset + at + 1)
}

#[cfg(test)]
mod tests;
