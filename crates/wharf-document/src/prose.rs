//! What a document says beside its values: running text, items, cells and blocks of code, sentence
//! by sentence, each with the part that it stands in.

use std::rc::Rc;

use wharf_diag::Span;

use crate::parse::words;
use crate::raw::{
    Block, CodeBlock, Row, Section, Stretch, Table, Text, code_blocks, plain_name, tables,
};

/// Longest piece of text that is split into sentences, in bytes; what is longer is left out.
const LONGEST: usize = 4_096;

/// Most sentences that are kept of a document; what is said behind them is not heard. Checks
/// compare each with many others.
const MOST_SENTENCES: usize = 3_000;

/// Languages of blocks that hold calls; empty for one that names none.
const CALLS: [&str; 7] = ["", "sh", "bash", "shell", "console", "http", "curl"];

/// What parts two statements of one sentence.
const JOINTS: [&str; 12] = [
    ",",
    "(",
    ")",
    " – ",
    " — ",
    " - ",
    " since ",
    " because ",
    " while ",
    " but ",
    " and ",
    " whereas ",
];

/// What a sentence is a piece of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Running text.
    Words,
    /// An item of a list.
    Item,
    /// A cell of a table.
    Cell,
    /// A block of code with calls, as a whole.
    Code,
}

/// The plain names of a section and of a part.
type Place = (Rc<str>, Rc<str>);

/// One sentence.
#[derive(Debug)]
pub(crate) struct Sentence<'a> {
    /// The plain name of the section.
    pub(crate) section: Rc<str>,
    /// The plain name of the part; empty above the first one.
    pub(crate) part: Rc<str>,
    pub(crate) kind: Kind,
    pub(crate) text: Stretch<'a>,
    /// Its words in lower case, one space around each.
    plain: String,
    /// Counts the items, paragraphs and cells: sentences of one have one number.
    pub(crate) block: usize,
}

/// Everything that a document says.
pub(crate) struct Prose<'a> {
    sections: &'a [Section],
    pub(crate) sentences: Vec<Sentence<'a>>,
}

/// The words of a text in lower case, one space around each.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 2);
    plain.push(' ');
    for sign in text.chars() {
        if sign.is_ascii_alphanumeric() {
            plain.push(sign.to_ascii_lowercase());
            continue;
        }
        if sign.is_alphanumeric() {
            plain.extend(sign.to_lowercase());
        } else if !plain.ends_with(' ') && !matches!(sign, '\'' | '\u{2019}') {
            plain.push(' ');
        }
    }
    if !plain.ends_with(' ') {
        plain.push(' ');
    }
    plain
}

/// Whether one of some phrases stands in a plain text, as whole words.
pub(crate) fn has(plain: &str, phrases: &[&str]) -> bool {
    words::says_plain(plain, phrases)
}

/// Whether two words differ in case and number at most: `Glossary`, `glossaries`.
pub(crate) fn is_one_word(left: &str, right: &str) -> bool {
    singular(left) == singular(right)
}

fn singular(word: &str) -> String {
    let word = word.to_lowercase();
    for (end, rest) in [("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("xes", "x")] {
        if let Some(stem) = word.strip_suffix(end) {
            return format!("{stem}{rest}");
        }
    }
    let is_plural = word.len() > 3 && !word.ends_with("ss");
    let stem = word.strip_suffix('s').filter(|_| is_plural);
    stem.map_or(word.clone(), str::to_owned)
}

impl<'a> Sentence<'a> {
    /// Whether it has one of some phrases, in lower case, as whole words.
    pub(crate) fn has(&self, phrases: &[&str]) -> bool {
        has(&self.plain, phrases)
    }

    /// Its words in lower case, one space around each.
    pub(crate) fn plain(&self) -> &str {
        &self.plain
    }

    /// Whether it stands in a section.
    pub(crate) fn is_in(&self, section: &str) -> bool {
        self.section.eq_ignore_ascii_case(section)
    }

    pub(crate) fn span(&self) -> Span {
        self.text.span()
    }

    /// Its pieces between commas, brackets and words that join two statements.
    pub(crate) fn clauses(&self) -> Vec<Stretch<'a>> {
        self.text.split(|value, at| {
            // All of them begin with one of these.
            if !matches!(value.as_bytes()[at], b',' | b'(' | b')' | b' ') {
                return 0;
            }
            let rest = &value[at..];
            let is_group = rest.starts_with(',')
                && rest[1..].starts_with(|c: char| c.is_ascii_digit())
                && value[..at].ends_with(|c: char| c.is_ascii_digit());
            let found = JOINTS.iter().find(|joint| rest.starts_with(**joint));
            found.filter(|_| !is_group).map_or(0, |joint| joint.len())
        })
    }
}

impl<'a> Prose<'a> {
    /// Reads all that stands in some sections.
    pub(crate) fn of(sections: &'a [Section]) -> Self {
        let mut prose = Self {
            sections,
            sentences: Vec::new(),
        };
        for section in sections {
            let name: Rc<str> = plain_name(section.name.as_str()).into();
            let place = (Rc::clone(&name), Rc::from(""));
            prose.words(&place, &section.words);
            prose.blocks(&place, &section.blocks);
            for part in &section.parts {
                let part_name = plain_name(part.name.as_str()).into();
                let place = (Rc::clone(&name), part_name);
                prose.words(&place, &part.words);
                prose.blocks(&place, &part.blocks);
            }
        }
        prose
    }

    /// Sentences of running text and items.
    pub(crate) fn told(&self) -> impl Iterator<Item = &Sentence<'a>> {
        let is_told = |sentence: &&Sentence<'_>| matches!(sentence.kind, Kind::Words | Kind::Item);
        self.sentences.iter().filter(is_told)
    }

    /// The sentences of one item, paragraph or cell.
    pub(crate) fn block(&self, block: usize) -> &[Sentence<'a>] {
        let start = self.sentences.partition_point(|said| said.block < block);
        let end = self.sentences.partition_point(|said| said.block <= block);
        self.sentences.get(start..end).unwrap_or_default()
    }

    /// The tables of a section, wherever in it they stand.
    pub(crate) fn tables(&self, section: &str) -> impl Iterator<Item = &'a Table> {
        let named = plain_name(section);
        let mut sections = self.sections.iter();
        // Sections of one name are read as one.
        let found = sections.find(|section| plain_name(section.name.as_str()) == named);
        found.into_iter().flat_map(|section| {
            let parts = section.parts.iter().flat_map(|part| &part.blocks);
            tables(section.blocks.iter().chain(parts))
        })
    }

    /// The code blocks of a part.
    pub(crate) fn code(&self, section: &str, part: &str) -> impl Iterator<Item = &'a CodeBlock> {
        let named = plain_name(section);
        let mut sections = self.sections.iter();
        let found = sections.find(|section| plain_name(section.name.as_str()) == named);
        found
            .into_iter()
            .flat_map(move |section| code_blocks(section.part(part)))
    }

    /// The row of a table that a place is in.
    pub(crate) fn row_at(&self, section: &str, place: Span) -> Option<&'a Row> {
        let mut rows = self.tables(section).flat_map(|table| &table.rows);
        rows.find(|row| row.span.start <= place.start && place.end <= row.span.end)
    }

    fn words(&mut self, place: &Place, words: &'a [Text]) {
        for text in words {
            self.sentences_of(place, Kind::Words, text);
        }
    }

    fn blocks(&mut self, place: &Place, blocks: &'a [Block]) {
        for block in blocks {
            match block {
                Block::List(list) => {
                    for item in list {
                        self.sentences_of(place, Kind::Item, &item.text);
                        self.blocks(place, &item.children);
                    }
                }
                Block::Table(table) => {
                    for cell in table.rows.iter().flat_map(|row| &row.cells) {
                        self.sentences_of(place, Kind::Cell, cell);
                    }
                }
                Block::Code(code) => {
                    let language = code.language();
                    if CALLS
                        .iter()
                        .any(|known| language.eq_ignore_ascii_case(known))
                    {
                        self.push(place, Kind::Code, code.text.whole(), self.next_block());
                    }
                }
            }
        }
    }

    fn sentences_of(&mut self, place: &Place, kind: Kind, text: &'a Text) {
        let block = self.next_block();
        for sentence in sentences(text.whole()) {
            self.push(place, kind, sentence, block);
        }
    }

    fn next_block(&self) -> usize {
        self.sentences.last().map_or(0, |last| last.block + 1)
    }

    fn push(&mut self, (section, part): &Place, kind: Kind, text: Stretch<'a>, block: usize) {
        if self.sentences.len() >= MOST_SENTENCES {
            return;
        }
        self.sentences.push(Sentence {
            section: Rc::clone(section),
            part: Rc::clone(part),
            kind,
            plain: plain(text.as_str()),
            text,
            block,
        });
    }
}

/// The sentences of a text; none of one that is too long.
pub(crate) fn sentences(text: Stretch<'_>) -> Vec<Stretch<'_>> {
    if text.is_empty() || text.as_str().len() > LONGEST {
        return Vec::new();
    }
    // Most cells and items are one; that is seen at once.
    if !text.as_str().contains([';', '!', '?', '.']) {
        return vec![text.trimmed()];
    }
    text.split(end_of_sentence)
}

/// How many bytes end a sentence there; none where it goes on, as behind `e.g.`.
fn end_of_sentence(text: &str, at: usize) -> usize {
    let mut signs = text[at..].chars();
    let (sign, next) = (signs.next(), signs.next());
    let is_end = match sign {
        Some(';' | '!' | '?') => true,
        Some('.') => !signs.next().is_some_and(char::is_lowercase),
        _ => false,
    };
    usize::from(is_end && next.is_none_or(char::is_whitespace))
}
