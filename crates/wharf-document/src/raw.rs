//! A document as written: sections, tables, lists and code blocks, each with its place.
//!
//! Nothing here knows what a section means; that is the business of `lower`.

pub(crate) mod assignments;
pub(crate) mod comments;
pub(crate) mod delimiter;
pub(crate) mod frontmatter;
mod inline;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod marks;
mod near;
mod text;
pub(crate) mod yaml;

use std::borrow::Cow;

use wharf_diag::{SourceText, Span, Spanned};

pub(crate) use near::{LostKind, LostTable, MARKS, NearHeading, NearItem, cells};
pub(crate) use text::{Stretch, Text};

/// What stands under one level-two heading.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: Text,
    /// Blocks before the first level-three heading.
    pub(crate) blocks: Vec<Block>,
    pub(crate) parts: Vec<Part>,
    /// Running text before the first level-three heading, a paragraph each.
    pub(crate) words: Vec<Text>,
    /// Lines that look like a table and are none to GFM, or stand where no table is read.
    pub(crate) not_tables: Vec<LostTable>,
    /// Lines of running text before the first level-three heading.
    pub(crate) near_items: Vec<NearItem>,
}

/// What stands under one level-three heading.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) name: Text,
    pub(crate) blocks: Vec<Block>,
    /// Links in its running text, lists aside.
    pub(crate) links: Vec<Link>,
    /// Its running text, a paragraph each; a quote is one, marks included.
    pub(crate) words: Vec<Text>,
    /// Lines of its running text.
    pub(crate) near_items: Vec<NearItem>,
}

/// A heading that starts a section or a part.
#[derive(Debug)]
pub(crate) struct Heading {
    /// Whether it is of level two.
    pub(crate) is_section: bool,
    pub(crate) name: String,
    /// The heading with its marks.
    pub(crate) span: Span,
}

/// A piece of Markdown that carries data.
#[derive(Debug)]
pub(crate) enum Block {
    Table(Table),
    List(Vec<Item>),
    Code(CodeBlock),
}

/// A table as written. Rows have as many cells as the header.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) span: Span,
    pub(crate) header: Vec<Text>,
    pub(crate) rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) span: Span,
    /// What stands behind the last cell that has a heading; empty where nothing does.
    pub(crate) excess: Span,
    pub(crate) cells: Vec<Text>,
}

/// One item of a list.
#[derive(Debug, Default)]
pub(crate) struct Item {
    pub(crate) text: Text,
    pub(crate) links: Vec<Link>,
    pub(crate) children: Vec<Block>,
}

/// A link inside an item.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) text: Text,
    pub(crate) target: Spanned<String>,
}

/// A fenced or indented code block.
#[derive(Debug)]
pub(crate) struct CodeBlock {
    /// The block with its fences.
    pub(crate) span: Span,
    /// The words behind the opening fence.
    pub(crate) info: Spanned<String>,
    /// The lines between the fences.
    pub(crate) text: Text,
}

impl Section {
    /// The blocks of a part: under its heading, or indented below a list key of that name.
    pub(crate) fn part(&self, name: &str) -> Vec<&Block> {
        let headed = self
            .parts
            .iter()
            .filter(|part| same_name(part.name.as_str(), name))
            .flat_map(|part| &part.blocks);
        let keyed = self
            .loose_items()
            .filter(|item| item.key().is_some_and(|key| same_name(key.as_str(), name)))
            .flat_map(|item| &item.children);
        headed.chain(keyed).collect()
    }

    /// The links of a part, in its running text and its lists.
    pub(crate) fn part_links(&self, name: &str) -> impl Iterator<Item = &Link> {
        let named = |part: &&Part| same_name(part.name.as_str(), name);
        let parts = self.parts.iter().filter(named);
        parts.flat_map(|part| {
            let listed = items(&part.blocks).flat_map(|item| &item.links);
            part.links.iter().chain(listed)
        })
    }

    /// The code blocks of a part. Where nothing has the part's name, those directly below the
    /// section's heading stand for it. A block in another language than `languages` is prose.
    pub(crate) fn part_code(&self, name: &str, languages: &[&str]) -> Vec<&CodeBlock> {
        let part = self.part(name);
        let blocks: Vec<_> = if part.is_empty() && !self.has_part(name) {
            self.loose_blocks().collect()
        } else {
            part
        };
        code_blocks(blocks)
            .filter(|block| block.is_in(languages))
            .collect()
    }

    /// The first code block of a part that names a language which is none of `languages`.
    pub(crate) fn part_code_in_another(
        &self,
        name: &str,
        languages: &[&str],
    ) -> Option<&CodeBlock> {
        code_blocks(self.part(name)).find(|block| !block.is_in(languages))
    }

    /// The heading of a part, or of the section where the part has none.
    pub(crate) fn place_of_part(&self, name: &str) -> Span {
        self.parts
            .iter()
            .find(|part| same_name(part.name.as_str(), name))
            .map_or(self.name.span(), |part| part.name.span())
    }

    /// Whether a part of that name has a heading.
    pub(crate) fn has_part(&self, name: &str) -> bool {
        self.parts
            .iter()
            .any(|part| same_name(part.name.as_str(), name))
    }

    /// Blocks that stand under no level-three heading. A part without a name is none.
    pub(crate) fn loose_blocks(&self) -> impl Iterator<Item = &Block> {
        let unnamed = self.parts.iter().filter(|part| part.name.is_empty());
        self.blocks
            .iter()
            .chain(unnamed.flat_map(|part| &part.blocks))
    }

    /// Items of the lists under no level-three heading.
    pub(crate) fn loose_items(&self) -> impl Iterator<Item = &Item> {
        items(self.loose_blocks())
    }
}

impl CodeBlock {
    /// The first word behind the opening fence.
    /// The first word behind the opening fence; empty where there is none.
    pub(crate) fn language(&self) -> &str {
        self.info
            .value
            .split([' ', ',', '{'])
            .next()
            .unwrap_or_default()
    }

    /// A block that names no language may be in any.
    fn is_in(&self, languages: &[&str]) -> bool {
        let language = self.language();
        language.is_empty() || languages.iter().any(|l| language.eq_ignore_ascii_case(l))
    }
}

impl Item {
    /// The words before the first colon that ends a word.
    pub(crate) fn key(&self) -> Option<Stretch<'_>> {
        self.text.whole().split_key().map(|(key, _)| key)
    }
}

/// Items of all lists among some blocks, without nested ones.
pub(crate) fn items<'a>(
    blocks: impl IntoIterator<Item = &'a Block>,
) -> impl Iterator<Item = &'a Item> {
    blocks.into_iter().flat_map(|block| match block {
        Block::List(items) => items.as_slice(),
        _ => &[],
    })
}

/// Tables among some blocks.
pub(crate) fn tables<'a>(
    blocks: impl IntoIterator<Item = &'a Block>,
) -> impl Iterator<Item = &'a Table> {
    blocks.into_iter().filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    })
}

/// Code blocks among some blocks.
pub(crate) fn code_blocks<'a>(
    blocks: impl IntoIterator<Item = &'a Block>,
) -> impl Iterator<Item = &'a CodeBlock> {
    blocks.into_iter().filter_map(|block| match block {
        Block::Code(code) => Some(code),
        _ => None,
    })
}

/// Every code block of a text, wherever it stands.
pub(crate) fn all_code(source: &str) -> Vec<CodeBlock> {
    let sections = markdown::sections_from_start(source).into_iter();
    let blocks = sections.flat_map(|section| {
        let parts = section.parts.into_iter().flat_map(|part| part.blocks);
        section.blocks.into_iter().chain(parts)
    });
    blocks
        .filter_map(|block| match block {
            Block::Code(code) => Some(code),
            _ => None,
        })
        .collect()
}

/// Where a finding about something that is not there is shown: the frontmatter's first line.
pub(crate) fn document_place(source: &SourceText) -> Span {
    let start = frontmatter::bounds(source.text()).map_or(0, |bounds| bounds.whole.start);
    Span::new(start, (start + 3).min(source.text().len()))
}

/// A name in the form that all its spellings share.
pub(crate) fn plain_name(name: &str) -> String {
    let name = if name.is_ascii() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.to_lowercase())
    };
    let mut plain = String::with_capacity(name.len());
    for word in name.trim_end_matches(':').split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.push_str(word);
    }
    plain.make_ascii_lowercase();
    plain
}

/// Whether two names are the same but for case and spacing: whether their plain names are equal.
///
/// Asked for every key and heading against many known ones, so it makes no texts.
pub(crate) fn same_name(left: &str, right: &str) -> bool {
    if let Some(decided) = same_at_first_sight(left.as_bytes(), right.as_bytes()) {
        return decided;
    }
    let mut left = left.trim_end_matches(':').split_whitespace();
    let mut right = right.trim_end_matches(':').split_whitespace();
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(word), Some(other)) if same_word(word, other) => {}
            _ => return false,
        }
    }
}

/// The answer for names of letters and figures with one space between two words, as nearly all are.
fn same_at_first_sight(left: &[u8], right: &[u8]) -> Option<bool> {
    let mut is_word = false;
    for (one, other) in left.iter().zip(right) {
        let are_signs = one.is_ascii_alphanumeric() && other.is_ascii_alphanumeric();
        if are_signs && !one.eq_ignore_ascii_case(other) {
            return Some(false);
        }
        let are_spaces = is_word && *one == b' ' && *other == b' ';
        if !are_signs && !are_spaces {
            return None;
        }
        is_word = are_signs;
    }
    let shorter = left.len().min(right.len());
    let behind = left.get(shorter).or(right.get(shorter));
    match behind {
        None => is_word.then_some(true),
        Some(sign) => sign.is_ascii_alphanumeric().then_some(false),
    }
}

fn same_word(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    // The whole word at once: some letters have another lower case at the end of a word.
    left.to_lowercase() == right.to_lowercase()
}

#[cfg(test)]
mod tests;
