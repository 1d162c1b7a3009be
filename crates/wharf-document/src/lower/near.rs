//! Tells of headings, tables and items that are text to Markdown, where their words are names that
//! documents use.

use wharf_diag::{Edit, Span};

use super::{Context, Sections};
use crate::findings::{item_not_read, misspelt, table_not_read};
use crate::raw::{
    Block, LostKind, LostTable, MARKS, NearHeading, NearItem, Section, cells, same_name,
};
use crate::vocabulary;

/// Reports lines whose words are those of a heading that the document has not.
pub(super) fn headings(context: &mut Context<'_>, sections: &Sections, near: &[NearHeading]) {
    let mut told: Vec<&str> = Vec::new();
    for heading in near {
        let name = heading.name.as_str();
        let section = vocabulary::section(name).filter(|_| heading.level != 3);
        let section = section.filter(|known| sections.find(known.name).is_none());
        let around = heading.section.and_then(|at| sections.0.get(at));
        let (meant, kind) = if let Some(section) = section {
            (section.name, "section")
        } else if let Some(part) = around.and_then(|around| part(around, name, heading.level)) {
            (part, "part")
        } else {
            continue;
        };
        if told.contains(&meant) {
            continue;
        }
        told.push(meant);
        context.report_at(heading.span, |source, span| {
            misspelt::heading(source, span, kind, meant, heading.is_in_html)
        });
    }
}

/// The part that a line names, where its section has no such part.
fn part(around: &Section, name: &str, level: usize) -> Option<&'static str> {
    let known = vocabulary::section(around.name.as_str())?;
    let parts = known.parts.iter().filter(|part| !part.name.is_empty());
    // Lists and tables of the first part are read without its heading too.
    let mut parts =
        parts.filter(|part| level == 3 || part.columns.is_empty() && part.keys.is_empty());
    let part = parts.find(|part| same_name(part.name, name))?;
    let is_there = around.has_part(part.name) || !around.part(part.name).is_empty();
    (!is_there).then_some(part.name)
}

/// Reports what looks like a table of a section and is none.
pub(super) fn tables(context: &mut Context<'_>, section: &Section, known: &vocabulary::Section) {
    for lost in &section.not_tables {
        let is_of_section = lost.is_behind_table
            || cells(&lost.header)
                .map(|cell| cell.trim_matches(['*', '_', '`', '>', ' ']))
                .any(|cell| has_column(known, cell));
        if lost.kind == LostKind::Dashes || is_of_section {
            told_table(context, lost);
        }
    }
    let loose = section.loose_blocks();
    let blocks = loose.chain(section.parts.iter().flat_map(|part| &part.blocks));
    for item in crate::raw::items(blocks) {
        let is_part = item.key().is_some_and(|key| {
            let mut parts = known.parts.iter();
            parts.any(|part| same_name(part.name, key.as_str()))
        });
        for table in crate::raw::tables(&item.children) {
            let mut header = table.header.iter();
            if !is_part
                && header.any(|cell| has_column(known, cell.as_str()))
                && let Some(first) = table.header.first()
            {
                context.report_at(first.span(), table_not_read::in_item);
            }
        }
    }
}

fn told_table(context: &mut Context<'_>, lost: &LostTable) {
    context.report_at(lost.span, |source, span| match lost.kind {
        LostKind::Dashes => table_not_read::new(source, span, cells(&lost.header).count()),
        LostKind::Rows if lost.is_behind_table => table_not_read::behind(source, span),
        LostKind::Rows => table_not_read::without_dashes(source, span),
        LostKind::Quoted => table_not_read::in_quote(source, span),
        LostKind::Html => table_not_read::in_html(source, span),
    });
}

fn has_column(known: &vocabulary::Section, name: &str) -> bool {
    let mut tables = known.parts.iter().flat_map(|part| part.columns);
    tables.any(|columns| vocabulary::find(columns, name).is_some())
}

/// Reports keys of a list that stand in running text, in a quote, in code or in a table.
pub(super) fn items(context: &mut Context<'_>, section: &Section, known: &vocabulary::Section) {
    let parts = known.parts;
    let all: Vec<_> = parts.iter().flat_map(|part| part.keys).collect();
    // What stands below no heading of its own may belong to any part.
    near_items(context, &section.near_items, |name| {
        all.iter().any(|key| same_name(key.name, name))
    });
    for written in &section.parts {
        let of_part = parts
            .iter()
            .find(|part| same_name(written.name.as_str(), part.name));
        let Some(part) = of_part.filter(|part| part.columns.is_empty() || !part.keys.is_empty())
        else {
            continue;
        };
        let is_open = part.keys.is_empty() && part.block.is_none();
        near_items(context, &written.near_items, |name| {
            vocabulary::find(part.keys, name).is_some() || is_open && name.is_empty()
        });
        for block in written.blocks.iter().filter(|_| !part.keys.is_empty()) {
            if let Some(place) = key_in_block(part, block) {
                context.report_at(place, item_not_read::in_block);
            }
        }
    }
}

/// The first key of a part that stands in a table or in code.
fn key_in_block(part: &vocabulary::Part, block: &Block) -> Option<Span> {
    let is_key = |name: &str| vocabulary::find(part.keys, name.trim()).is_some();
    match block {
        Block::Table(table) if part.columns.is_empty() => {
            let rows = table.rows.iter().map(|row| &row.cells);
            let mut first = rows
                .chain([&table.header])
                .filter_map(|cells| cells.first());
            first
                .find(|cell| is_key(cell.as_str()))
                .map(crate::raw::Text::span)
        }
        Block::Code(code) if part.block.is_none() => {
            let mut lines = code.text.as_str().lines();
            let is_item = lines.any(|line| {
                let line = line.trim().trim_start_matches(['-', '*', '+', ' ']);
                line.split_once(':').is_some_and(|(key, _)| is_key(key))
            });
            is_item.then_some(code.span)
        }
        _ => None,
    }
}

/// Reports the lines of one part at once. `is_key` gets the key, or nothing where a line has none
/// and only begins with a mark.
fn near_items(context: &mut Context<'_>, lines: &[NearItem], is_key: impl Fn(&str) -> bool) {
    let found: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            let (mark, rest) = mark(&line.text);
            let key = rest.find([':', '：']).map_or("", |colon| &rest[..colon]);
            let key = key.trim().trim_matches(['*', '_', '`', ' ']);
            let has_key = !key.is_empty() && is_key(key);
            let is_item = has_key || mark > 0 && !line.is_quoted && is_key("");
            is_item.then_some((line, mark))
        })
        .collect();
    let Some((first, _)) = found.first() else {
        return;
    };
    let edits: Vec<_> = found
        .iter()
        .map(|(line, mark)| Edit {
            span: Span::at(line.span.start + mark),
            replacement: if *mark > 0 { " " } else { "- " }.to_owned(),
        })
        .collect();
    let is_quoted = first.is_quoted;
    context.report_at(first.span, |source, span| {
        if is_quoted {
            item_not_read::in_block(source, span)
        } else {
            item_not_read::new(source, span, edits)
        }
    });
}

/// The length of a mark with no space behind it, and what follows.
fn mark(line: &str) -> (usize, &str) {
    let Some(rest) = line.strip_prefix(MARKS) else {
        return (0, line);
    };
    let is_emphasis = line.starts_with('*') && rest.contains('*');
    if is_emphasis || !rest.starts_with(char::is_alphabetic) {
        return (0, line);
    }
    (line.len() - rest.len(), rest)
}
