//! Lines that look like headings, tables and items, and are text to Markdown.

use pulldown_cmark::Tag;
use wharf_diag::Span;

use super::Builder;
use crate::raw::Block;
use crate::raw::delimiter::is_row_of_dashes;
use crate::raw::near::{self, LostKind, LostTable, MOST_KEPT, NearHeading, NearItem};

impl Builder<'_> {
    /// Whether GFM reads a table there; where it does not, that is kept to be told.
    pub(super) fn has_row_of_dashes(&mut self, table: Span) -> bool {
        let line = self.second_line(table);
        let dashes = self.source.get(line.range()).unwrap_or_default();
        let is_table = is_row_of_dashes(dashes);
        if !is_table {
            self.lose_table(table, line);
        }
        is_table
    }

    /// Lines of a paragraph that look like a heading, a table or items, and are text.
    pub(super) fn look_for_near(&mut self, paragraph: Span) {
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
    pub(super) fn look_into_skipped(&mut self, tag: &Tag<'_>, block: Span) {
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
    pub(super) fn lose_quoted_table(&mut self, table: Span) {
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
}
