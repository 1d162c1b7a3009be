//! What a body says, to compare it before and after a change; and words written as Markdown.

use crate::raw::frontmatter::bounds;
use crate::raw::{Block, Item, Section, markdown};

use super::{Error, Place};

/// The sections of a text, whatever stands before them.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let start = bounds(text).map_or(0, |bounds| bounds.whole.end);
    markdown::sections(text, start)
}

/// The blocks of a place.
pub(super) fn blocks<'a>(
    sections: &'a [Section],
    place: Place<'_>,
) -> Result<Vec<&'a Block>, Error> {
    let section = sections
        .iter()
        .find(|section| crate::raw::same_name(section.name.as_str(), place.section))
        .ok_or(Error::NoPlace)?;
    Ok(match place.part {
        Some(part) => section.part(part),
        None => section.loose_blocks().collect(),
    })
}

/// Everything that the sections say, piece by piece.
pub(super) fn said(sections: &[Section]) -> Vec<String> {
    let mut said = Vec::new();
    for section in sections {
        said.push(format!("## {}", section.name.as_str()));
        section
            .blocks
            .iter()
            .for_each(|block| say(&mut said, block));
        for part in &section.parts {
            said.push(format!("### {}", part.name.as_str()));
            part.blocks.iter().for_each(|block| say(&mut said, block));
        }
    }
    said
}

fn say(said: &mut Vec<String>, block: &Block) {
    match block {
        Block::Table(table) => {
            let rows = table.rows.iter().map(|row| &row.cells);
            for cells in std::iter::once(&table.header).chain(rows) {
                said.push("row".to_owned());
                said.extend(cells.iter().map(|cell| cell.as_str().to_owned()));
            }
        }
        Block::List(items) => {
            for Item { text, children, .. } in items {
                said.push(format!("- {}", text.as_str()));
                for block in children {
                    say(said, block);
                }
            }
        }
        Block::Code(code) => {
            said.push(format!("``` {}", code.info.value));
            said.push(code.text.as_str().to_owned());
        }
    }
}

/// Whether `after` differs in one place only, where `removed` pieces became `added` ones.
pub(super) fn changed_once(
    before: &[String],
    after: &[String],
    removed: usize,
    added: usize,
) -> bool {
    let same = |(left, right): &(&String, &String)| left == right;
    let start = before.iter().zip(after).take_while(same).count();
    let rest = before.len() - start;
    let end = before.iter().rev().zip(after.iter().rev());
    let end = end.take(rest).take_while(same).count();
    start + end + removed >= before.len() && after.len() + removed == before.len() + added
}

/// The ways to write words as Markdown, the plainest first. None for words that no line holds.
pub(super) fn ways_to_write(value: &str, in_table: bool) -> Vec<String> {
    if value.trim() != value || value.contains(['\n', '\r']) {
        return Vec::new();
    }
    let escape = |signs: &[char]| {
        let mut written = String::new();
        for sign in value.chars() {
            if signs.contains(&sign) {
                written.push('\\');
            }
            written.push(sign);
        }
        written
    };
    if in_table {
        vec![escape(&['|']), escape(&MARKUP)]
    } else {
        vec![value.to_owned(), escape(&MARKUP)]
    }
}

/// Signs that Markdown reads as something else than themselves inside of a line.
const MARKUP: [char; 13] = [
    '\\', '`', '*', '_', '[', ']', '<', '>', '&', '|', '~', '!', '#',
];
