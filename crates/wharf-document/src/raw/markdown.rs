//! Markdown to sections: headings, tables, lists and code blocks with their places.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use wharf_diag::{Span, Spanned};

use super::delimiter::{is_of_the_page, is_row_of_dashes};
use super::inline::{Underlined, whole_underlined, without_attributes};
use super::marks;
use super::near::{self, LostKind, LostTable, MOST_KEPT, NearHeading, NearItem};
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

    /// Whether GFM reads a table there; where it does not, that is kept to be told.
    fn has_row_of_dashes(&mut self, table: Span) -> bool {
        let line = self.second_line(table);
        let dashes = self.source.get(line.range()).unwrap_or_default();
        let is_table = is_row_of_dashes(dashes);
        if !is_table {
            self.lose_table(table, line);
        }
        is_table
    }

    /// Lines of a paragraph that look like a heading, a table or items, and are text.
    fn look_for_near(&mut self, paragraph: Span) {
        if !self.containers.is_empty() {
            return;
        }
        let lines = near::lines(self.source, paragraph);
        for (line, span) in &lines {
            self.look_for_heading(line, *span, false);
        }
        if let Some(mut lost) = near::table(&lines) {
            lost.is_behind_table = self.is_behind_table();
            self.keep_lost(lost);
        } else {
            self.keep_near_items(&lines, false);
        }
    }

    fn look_for_heading(&mut self, line: &str, span: Span, is_in_html: bool) {
        if self.near_headings.len() < MOST_KEPT
            && let Some((name, level)) = near::heading(line)
        {
            self.near_headings.push(NearHeading {
                name,
                level,
                span,
                section: self.current,
                is_in_html,
            });
        }
    }

    /// The same in quotes and HTML, of which nothing is read.
    fn look_into_skipped(&mut self, tag: &Tag<'_>, block: Span) {
        if !self.containers.is_empty() {
            return;
        }
        let lines = near::lines(self.source, block);
        match tag {
            Tag::HtmlBlock => {
                let is_comment = lines.first().is_some_and(|line| line.0.starts_with("<!"));
                for (index, (line, span)) in lines.iter().enumerate().filter(|_| !is_comment) {
                    self.look_for_heading(line, *span, index > 0);
                }
                if let Some(lost) = near::table_in_html(&lines) {
                    self.keep_lost(lost);
                }
            }
            Tag::BlockQuote(_) => self.keep_near_items(&lines, true),
            _ => {}
        }
    }

    fn keep_near_items(&mut self, lines: &[(&str, Span)], is_quoted: bool) {
        let Some(section) = self.current.and_then(|at| self.sections.get_mut(at)) else {
            return;
        };
        let items = match section.parts.last_mut() {
            Some(part) => &mut part.near_items,
            None => &mut section.near_items,
        };
        let free = MOST_KEPT.saturating_sub(items.len());
        // A key, or a mark without a space behind it.
        let may_be = |line: &str| line.contains([':', '：']) || line.starts_with(near::MARKS);
        let lines = lines.iter().filter(|(line, _)| may_be(line));
        items.extend(lines.take(free).map(|(line, span)| {
            let text = if is_quoted {
                line.trim_start_matches(['>', ' ', '-', '*', '+'])
            } else {
                line
            };
            NearItem {
                text: text.to_owned(),
                span: Span::new(span.end - text.len(), span.end),
                is_quoted,
            }
        }));
    }

    /// A table that stands where nothing is read.
    fn lose_quoted_table(&mut self, table: Span) {
        if let Some((header, span)) = near::lines(self.source, table).first() {
            self.keep_lost(LostTable {
                kind: LostKind::Quoted,
                span: *span,
                header: (*header).to_owned(),
                is_behind_table: false,
            });
        }
    }

    fn is_behind_table(&self) -> bool {
        let section = self.current.and_then(|at| self.sections.get(at));
        let blocks = section.map(|section| match section.parts.last() {
            Some(part) => &part.blocks,
            None => &section.blocks,
        });
        blocks.is_some_and(|blocks| matches!(blocks.last(), Some(Block::Table(_))))
    }

    fn lose_table(&mut self, table: Span, dashes: Span) {
        let header = near::lines(self.source, table);
        let header = header.first().map_or("", |line| line.0).to_owned();
        self.keep_lost(LostTable {
            kind: LostKind::Dashes,
            span: dashes,
            header,
            is_behind_table: false,
        });
    }

    fn keep_lost(&mut self, lost: LostTable) {
        if let Some(section) = self.current.and_then(|at| self.sections.get_mut(at))
            && section.not_tables.len() < MOST_KEPT
        {
            section.not_tables.push(lost);
        }
    }

    /// The second line of a block, without white space around it.
    fn second_line(&self, block: Span) -> Span {
        let lines = self.source.get(block.range()).unwrap_or_default();
        let newline = lines.find(['\n', '\r']).unwrap_or(lines.len());
        let rest = lines[newline..].trim_start();
        let start = block.start + lines.len() - rest.len();
        let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
        Span::new(start, start + line.trim_end().len())
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

    fn end_link(&mut self) {
        let Some(link) = self.open_link.take() else {
            return;
        };
        if let Some(inline) = &mut self.inline {
            let range = link.text_start..inline.as_str().len();
            let text = inline.part(range.clone());
            inline.link(range, Arc::new(link.target.clone()));
            self.links.push(Link {
                text,
                target: link.target,
            });
        }
    }

    /// Ends the running text. It becomes the text of the open item, or is prose of the part.
    fn flush_inline(&mut self) {
        let mut text = self.take_inline().map(Text::into_trimmed);
        let links = std::mem::take(&mut self.links);
        if let (Some(text), Some(Container::Item(item))) = (&mut text, self.containers.last_mut())
            && item.children.is_empty()
        {
            if item.text.is_empty() {
                item.text = std::mem::take(text);
                item.links = links;
                return;
            }
            if item.text.as_str().ends_with(':') {
                // The value of a key that has none yet.
                item.text.append(" ", text);
                item.links.extend(links);
                return;
            }
        }
        let section = self.current.and_then(|at| self.sections.get_mut(at));
        if self.containers.is_empty()
            && let Some(part) = section.and_then(|section| section.parts.last_mut())
        {
            part.links.extend(links);
        }
        if let Some(text) = text {
            self.push_words(text);
        }
    }

    /// Keeps running text that is no value.
    fn push_words(&mut self, text: Text) {
        if text.is_empty() {
            return;
        }
        let section = self.current.and_then(|at| self.sections.get_mut(at));
        if let Some(section) = section {
            let part = section.parts.last_mut().map(|part| &mut part.words);
            part.unwrap_or(&mut section.words).push(text);
        }
    }

    fn push_inline(&mut self, text: &str, span: Span) {
        self.inline
            .get_or_insert_with(|| Text::empty_at(span))
            .push(text, span, self.source);
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

    /// Underscores are letters in the names that documents hold, so they stay.
    fn underscores(&mut self, span: Span, count: usize, opening: bool) {
        let range: Range<usize> = if opening {
            span.start..span.start + count
        } else {
            span.end.saturating_sub(count)..span.end
        };
        if let Some(mark) = self.source.get(range.clone())
            && mark.starts_with('_')
        {
            let start = self.inline.as_ref().map_or(0, |text| text.as_str().len());
            self.push_inline(mark, range.into());
            if opening {
                self.open_underlined.push(self.underlined.len());
                self.underlined.push(Underlined {
                    opening: start,
                    closing: None,
                    count,
                });
            } else if let Some(open) = self.open_underlined.pop()
                && let Some(underlined) = self.underlined.get_mut(open)
            {
                underlined.closing = Some(start);
            }
        }
    }

    /// The running text. Underscores around the whole of it, or around the whole of its key or
    /// value, are emphasis; any others are letters.
    fn take_inline(&mut self) -> Option<Text> {
        let text = self.inline.take();
        let underlined = std::mem::take(&mut self.underlined);
        self.open_underlined.clear();
        self.anchors = 0;
        let text = text?;
        let whole = whole_underlined(text.as_str(), &underlined);
        Some(if whole.is_empty() {
            text
        } else {
            text.without(&whole)
        })
    }

    /// The same for a heading, without the attributes behind it.
    fn take_heading(&mut self) -> Text {
        if let Some(heading) = self.inline.take() {
            let name = without_attributes(heading.as_str());
            self.inline = Some(if name.len() < heading.as_str().len() {
                heading.part(0..name.len())
            } else {
                heading
            });
        }
        self.take_inline().unwrap_or_default()
    }

    /// Whether a tag is of an anchor that only marks a place, such as `<a name="costs"></a>`. In
    /// a heading no link matters, so every anchor is.
    fn is_anchor(&mut self, html: &str) -> bool {
        let lower = html.to_ascii_lowercase();
        if lower == "</a>" && self.anchors > 0 {
            self.anchors -= 1;
            return true;
        }
        let is_opening = lower.starts_with("<a ") || lower == "<a>";
        let leads = lower.contains("href") && self.heading.is_none();
        if !is_opening || leads {
            return false;
        }
        if !lower.ends_with("/>") {
            self.anchors += 1;
        }
        true
    }

    /// Where `text` last stands within a span; the whole span where it does not.
    fn inner(&self, text: &str, span: Span) -> Span {
        self.source
            .get(span.range())
            .filter(|_| !text.is_empty())
            .and_then(|slice| slice.rfind(text))
            .map_or(span, |at| {
                Span::new(span.start + at, span.start + at + text.len())
            })
    }

    /// Where `text` first stands in the first line of a span; the start of the span otherwise.
    fn first_of(&self, text: &str, span: Span) -> Span {
        let line = self
            .source
            .get(span.range())
            .and_then(|slice| slice.lines().next())
            .unwrap_or_default();
        line.find(text)
            .map_or(Span::new(span.start, span.start + line.len()), |at| {
                Span::new(span.start + at, span.start + at + text.len())
            })
    }

    /// What stands in a row behind the cells that have a heading.
    fn excess(&self, row: &Row) -> Span {
        let end = row.span.end;
        let start = row.excess.start.min(end);
        let rest = self.source.get(start..end).unwrap_or_default();
        let is_empty = |c: char| c == '|' || c.is_whitespace();
        let rest = rest.trim_start_matches(is_empty);
        let start = end - rest.len();
        let mut text = rest.trim_end_matches(is_empty);
        // A comment behind the row is no cell.
        while text.ends_with("-->")
            && let Some(at) = text.rfind("<!--")
        {
            text = text[..at].trim_end_matches(is_empty);
        }
        Span::new(start, start + text.len())
    }

    /// A span without the white space at its end.
    fn trimmed(&self, span: Span) -> Span {
        let slice = self.source.get(span.range()).unwrap_or_default();
        Span::new(span.start, span.start + slice.trim_end().len())
    }

    /// An empty cell is underlined where its content would stand.
    fn cell_place(&self, span: Span) -> Span {
        let slice = self.source.get(span.range()).unwrap_or_default();
        if slice.trim().is_empty() && !slice.is_empty() {
            Span::at(span.start + slice.len().min(1))
        } else {
            span
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
