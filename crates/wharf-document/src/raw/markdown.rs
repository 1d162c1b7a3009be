//! Markdown to sections: headings, tables, lists and code blocks with their places.

mod inline;
mod lost;
mod places;

use std::collections::HashMap;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use wharf_diag::{Span, Spanned};

use super::delimiter::is_of_the_page;
use super::inline::Underlined;
use super::marks;
use super::near::{MOST_KEPT, NearHeading};
use super::{Block, CodeBlock, Heading, Item, Link, Part, Row, Section, Table, Text, plain_name};

/// Lists nested deeper than this are read as plain text of their ancestor.
const DEEPEST_LIST: usize = 16;

/// The dialect of documents. Whatever writes to one has to read the same.
pub(crate) const DIALECT: Options = Options::ENABLE_TABLES;

/// Reads the sections behind `body_start`. Text before the first level-two heading is prose.
pub(crate) fn sections(source: &str, body_start: usize) -> Vec<Section> {
    built(source, body_start).sections
}

/// The same, with the lines that look like headings and are none.
pub(crate) fn sections_and_near(
    source: &str,
    body_start: usize,
) -> (Vec<Section>, Vec<NearHeading>) {
    let built = built(source, body_start);
    (built.sections, built.near_headings)
}

/// The headings that start a section or a part, in the order of the text.
pub(crate) fn headings(source: &str, body_start: usize) -> Vec<Heading> {
    built(source, body_start).headings
}

/// The same for a text that is no document: what stands before the first heading is a section
/// without a name.
pub(crate) fn sections_from_start(source: &str) -> Vec<Section> {
    let mut builder = Builder::new(source);
    builder.current = Some(0);
    builder.sections.push(Section {
        name: Text::empty_at(Span::at(0)),
        blocks: Vec::new(),
        parts: Vec::new(),
        words: Vec::new(),
        not_tables: Vec::new(),
        near_items: Vec::new(),
    });
    builder.read(0).sections
}

fn built(source: &str, body_start: usize) -> Builder<'_> {
    Builder::new(source).read(body_start)
}

/// An open list or list item.
enum Container {
    List(Vec<Item>),
    Item(Item),
}

struct Builder<'a> {
    source: &'a str,
    near_headings: Vec<NearHeading>,
    sections: Vec<Section>,
    headings: Vec<Heading>,
    index_of: HashMap<String, usize>,
    /// Index of the section that receives blocks. Sections of one name are read as one.
    current: Option<usize>,
    containers: Vec<Container>,
    /// Depth of quotes, HTML and lists that are too deep: nothing in them is data.
    skipped: usize,
    heading: Option<HeadingLevel>,
    table: Option<Table>,
    row: Row,
    code: Option<CodeBlock>,
    inline: Option<Text>,
    links: Vec<Link>,
    open_link: Option<OpenLink>,
    /// Where underscores stand in the running text that are emphasis to Markdown.
    underlined: Vec<Underlined>,
    /// Indices of those that are not closed yet.
    open_underlined: Vec<usize>,
    /// Open anchors that lead nowhere: places to jump to.
    anchors: usize,
}

struct OpenLink {
    text_start: usize,
    target: Spanned<String>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            near_headings: Vec::new(),
            sections: Vec::new(),
            headings: Vec::new(),
            index_of: HashMap::new(),
            current: None,
            containers: Vec::new(),
            skipped: 0,
            heading: None,
            table: None,
            row: Row::default(),
            code: None,
            inline: None,
            links: Vec::new(),
            open_link: None,
            underlined: Vec::new(),
            open_underlined: Vec::new(),
            anchors: 0,
        }
    }

    fn read(mut self, body_start: usize) -> Self {
        let body = self.source.get(body_start..).unwrap_or_default();
        let read = marks::as_markdown(body);
        for (event, range) in Parser::new_ext(&read, DIALECT).into_offset_iter() {
            // What stands there word by word is taken from the source: there the marks are as
            // written.
            let event = match event {
                Event::Text(text) if read.get(range.clone()) == Some(&*text) => {
                    Event::Text(body.get(range.clone()).unwrap_or_default().into())
                }
                event => event,
            };
            self.event(event, Span::from(range).shifted(body_start));
        }
        self
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag, span),
            _ if self.skipped > 0 => {}
            Event::Text(text) => {
                if let Some(code) = &mut self.code {
                    code.text.push(&text, span, self.source);
                } else {
                    self.push_inline(&text, span);
                }
            }
            Event::Code(text) => self.push_inline(&text, self.inner(&text, span)),
            // A comment is for readers of the source, never part of a value.
            Event::InlineHtml(html) if html.starts_with("<!--") || self.is_anchor(&html) => {}
            Event::InlineHtml(html) => {
                let text = if html.starts_with("<br") {
                    "; "
                } else {
                    &*html
                };
                self.push_inline(text, span);
            }
            Event::SoftBreak | Event::HardBreak => self.push_inline(" ", span),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, span: Span) {
        if self.skipped > 0 {
            if matches!(tag, Tag::Table(_)) {
                self.lose_quoted_table(span);
            }
            if is_skipped(&tag) {
                self.skipped += 1;
            }
            return;
        }
        match tag {
            Tag::Heading { level, .. } => {
                self.flush_inline();
                self.heading = Some(level);
                self.inline = Some(Text::empty_at(span));
            }
            Tag::Paragraph => {
                self.flush_inline();
                self.look_for_near(span);
            }
            Tag::List(_) => {
                self.flush_inline();
                if self.containers.len() >= 2 * DEEPEST_LIST {
                    self.skipped = 1;
                } else {
                    self.containers.push(Container::List(Vec::new()));
                }
            }
            Tag::Item => self.containers.push(Container::Item(Item {
                text: Text::empty_at(Span::at(span.start)),
                ..Item::default()
            })),
            Tag::CodeBlock(kind) => self.start_code(&kind, span),
            Tag::Table(_) if !self.has_row_of_dashes(span) => {
                self.flush_inline();
                self.skipped = 1;
            }
            Tag::Table(_) => {
                self.flush_inline();
                self.table = Some(Table {
                    span,
                    ..Table::default()
                });
            }
            Tag::TableHead | Tag::TableRow => {
                self.row = Row {
                    span: self.trimmed(span),
                    excess: Span::at(span.start),
                    cells: Vec::new(),
                }
            }
            Tag::TableCell => self.inline = Some(Text::empty_at(self.cell_place(span))),
            Tag::Emphasis => self.underscores(span, 1, true),
            Tag::Strong => self.underscores(span, 2, true),
            Tag::Link { dest_url, .. } => {
                let text_start = self.inline.as_ref().map_or(0, |text| text.as_str().len());
                let target = Spanned::new(dest_url.to_string(), self.inner(&dest_url, span));
                self.open_link = Some(OpenLink { text_start, target });
            }
            tag if is_skipped(&tag) => {
                self.flush_inline();
                self.look_into_skipped(&tag, span);
                self.skipped = 1;
                if let Tag::BlockQuote(_) | Tag::FootnoteDefinition(_) = tag {
                    let quote = self.source.get(span.range()).unwrap_or_default();
                    self.push_words(Text::new(quote, span, self.source).into_trimmed());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, span: Span) {
        if self.skipped > 0 {
            if matches!(
                tag,
                TagEnd::BlockQuote(_)
                    | TagEnd::HtmlBlock
                    | TagEnd::List(_)
                    | TagEnd::FootnoteDefinition
                    | TagEnd::MetadataBlock(_)
                    | TagEnd::Table
            ) {
                self.skipped -= 1;
            }
            return;
        }
        match tag {
            TagEnd::Heading(_) => self.end_heading(span),
            TagEnd::Paragraph => self.flush_inline(),
            TagEnd::Item => {
                self.flush_inline();
                if let Some(Container::Item(item)) = self.containers.pop()
                    && let Some(Container::List(items)) = self.containers.last_mut()
                {
                    items.push(item);
                }
            }
            TagEnd::List(_) => {
                if let Some(Container::List(items)) = self.containers.pop() {
                    self.push_block(Block::List(items));
                }
            }
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    self.push_block(Block::Code(code));
                }
            }
            TagEnd::TableCell => {
                let cell = self.take_inline().unwrap_or_default();
                self.links.clear();
                self.row.cells.push(cell.into_trimmed());
                self.row.excess = Span::at(span.end);
            }
            TagEnd::TableHead => {
                if let Some(table) = &mut self.table {
                    table.header = std::mem::take(&mut self.row).cells;
                }
            }
            TagEnd::TableRow => {
                let mut row = std::mem::take(&mut self.row);
                row.excess = self.excess(&row);
                let line = self.source.get(row.span.range()).unwrap_or_default();
                if let Some(table) = &mut self.table
                    && !is_of_the_page(line)
                {
                    table.rows.push(row);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    self.push_block(Block::Table(table));
                }
            }
            TagEnd::Emphasis => self.underscores(span, 1, false),
            TagEnd::Strong => self.underscores(span, 2, false),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>, span: Span) {
        self.flush_inline();
        let info = match kind {
            CodeBlockKind::Fenced(info) => {
                Spanned::new(info.to_string(), self.first_of(info, span))
            }
            CodeBlockKind::Indented => Spanned::new(String::new(), Span::at(span.start)),
        };
        self.code = Some(CodeBlock {
            span,
            text: Text::empty_at(Span::at(info.span.end)),
            info,
        });
    }

    fn end_heading(&mut self, span: Span) {
        let level = self.heading.take();
        let name = self.take_heading().into_trimmed();
        self.links.clear();
        if !self.containers.is_empty() {
            return;
        }
        if let Some(level @ (HeadingLevel::H2 | HeadingLevel::H3)) = level {
            self.headings.push(Heading {
                is_section: level == HeadingLevel::H2,
                name: name.as_str().to_owned(),
                span,
            });
        }
        match level {
            Some(HeadingLevel::H2) => {
                let plain = plain_name(name.as_str());
                let known = self.index_of.get(&plain).copied();
                self.current = Some(known.unwrap_or(self.sections.len()));
                if let Some(section) = known.and_then(|at| self.sections.get_mut(at)) {
                    // A part without a name, so that what follows is not taken for the last one's.
                    section.parts.push(Part::default());
                } else {
                    self.index_of.insert(plain, self.sections.len());
                    self.sections.push(Section {
                        name,
                        blocks: Vec::new(),
                        parts: Vec::new(),
                        words: Vec::new(),
                        not_tables: Vec::new(),
                        near_items: Vec::new(),
                    });
                }
            }
            Some(HeadingLevel::H3) => {
                if let Some(section) = self.current.and_then(|at| self.sections.get_mut(at)) {
                    section.parts.push(Part {
                        name,
                        ..Part::default()
                    });
                }
            }
            Some(level) if self.near_headings.len() < MOST_KEPT => {
                self.near_headings.push(NearHeading {
                    name: name.as_str().to_owned(),
                    level: level as usize,
                    span: self.trimmed(span),
                    section: self.current,
                    is_in_html: false,
                });
            }
            _ => {}
        }
    }

    fn push_block(&mut self, block: Block) {
        if let Some(container) = self.containers.last_mut() {
            if let Container::Item(item) = container {
                item.children.push(block);
            }
            return;
        }
        let Some(section) = self.current.and_then(|at| self.sections.get_mut(at)) else {
            return;
        };
        match section.parts.last_mut() {
            Some(part) => part.blocks.push(block),
            None => section.blocks.push(block),
        }
    }
}

fn is_skipped(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::BlockQuote(_)
            | Tag::HtmlBlock
            | Tag::List(_)
            | Tag::FootnoteDefinition(_)
            | Tag::MetadataBlock(_)
            | Tag::Table(_)
    )
}
