//! What documents say in words of their own: under keys that the program does not read, in tables
//! beside the known ones, and in running text.

use std::time::Duration;

use wharf_diag::{SourceText, Span};

use crate::parse::words::{find_duration, lowered, place_of, placed_durations, says_plain};
use crate::prose::sentences;
use crate::raw::{Block, Item, Section, Stretch, Table, Text, plain_name};

/// Languages of blocks whose lines are read with the running text; what stands in others is made
/// up for an example.
const READ_BLOCKS: [&str; 4] = ["yaml", "yml", "python", "toml"];

/// Words at the start of an item without a key that say what it is about.
const WORDS_OF_A_TOPIC: usize = 6;

/// Everything that is said in a document, in its order.
pub(super) struct Said<'a> {
    pub(super) statements: Vec<Statement<'a>>,
    pub(super) tables: Vec<&'a Table>,
    /// Items that stand beside each other.
    pub(super) lists: Vec<&'a [Item]>,
    pub(super) passages: Vec<Passage<'a>>,
}

/// One item of a list, one row of a table of two columns, or one sentence of running text.
pub(super) struct Statement<'a> {
    pub(super) section: &'a str,
    /// The words before the colon, in small letters; empty where there is none.
    pub(super) key: String,
    /// What stands behind the key; all of it where it has none.
    pub(super) value: Stretch<'a>,
    /// The same in small letters, each where it is there: many phrases are looked for in it.
    pub(super) lower: String,
    /// Whether it is an item of a list of tasks that is not done.
    pub(super) is_task: bool,
}

/// A paragraph, an item or a row as the source has it, with blanks for its marks.
pub(super) struct Passage<'a> {
    pub(super) text: &'a str,
    start: usize,
}

impl Passage<'_> {
    /// Where a range of the passage stands.
    pub(super) fn span_of(&self, range: &std::ops::Range<usize>) -> Span {
        Span::new(self.start + range.start, self.start + range.end)
    }
}

impl Statement<'_> {
    /// Whether the key, or what an item without one begins with, says one of some phrases.
    pub(super) fn is_about(&self, phrases: &[&str]) -> bool {
        if !self.key.is_empty() {
            return self.key_says(phrases);
        }
        says_plain(first_words(&self.lower, WORDS_OF_A_TOPIC), phrases)
    }

    pub(super) fn is_in(&self, section: &str) -> bool {
        self.section.eq_ignore_ascii_case(section)
    }

    /// Whether the value says one of some phrases.
    pub(super) fn says(&self, phrases: &[&str]) -> bool {
        says_plain(&self.lower, phrases)
    }

    /// Whether the key does.
    pub(super) fn key_says(&self, phrases: &[&str]) -> bool {
        says_plain(&self.key, phrases)
    }

    /// Whether either does.
    pub(super) fn tells(&self, phrases: &[&str]) -> bool {
        self.key_says(phrases) || self.says(phrases)
    }

    /// Whether the value has a figure. Most have none, and hold no time, sum or date.
    pub(super) fn has_figure(&self) -> bool {
        self.lower.bytes().any(|byte| byte.is_ascii_digit())
    }

    /// The longest time in the value. Of a line with several objectives, only what stands behind the
    /// first of its own names, and before the name of another.
    pub(super) fn longest_time(&self, names: &[&str], other: &str) -> Option<(Duration, Span)> {
        let text = self.value.as_str();
        let own = names.iter().filter_map(|name| place_of(&self.lower, name));
        let start = own.min().unwrap_or(0);
        let end = place_of(self.lower.get(start..)?, other).map_or(text.len(), |at| start + at);
        let own = text.get(start..end)?;
        let times = placed_durations(own);
        let longest = times.into_iter().max_by_key(|(time, _)| *time);
        let (time, range) = longest.or_else(|| find_duration(own))?;
        let place = range.start + start..range.end + start;
        Some((time, self.value.span_of(place)))
    }
}

impl<'a> Said<'a> {
    /// Everything that the sections say. `blanked` is the text without its [marks](blanked).
    pub(super) fn of(source: &SourceText, blanked: &'a str, sections: &'a [Section]) -> Self {
        let mut said = Self {
            statements: Vec::new(),
            tables: Vec::new(),
            lists: Vec::new(),
            passages: passages(source.text(), blanked),
        };
        for section in sections {
            let name = section.name.as_str();
            said.words(name, &section.words);
            said.read(name, &section.blocks);
            for part in &section.parts {
                said.words(name, &part.words);
                said.read(name, &part.blocks);
            }
        }
        said
    }

    /// Sentences of running text are statements without a key.
    fn words(&mut self, section: &'a str, words: &'a [Text]) {
        for sentence in words.iter().flat_map(|text| sentences(text.whole())) {
            self.statement(section, String::new(), sentence, false);
        }
    }

    fn read(&mut self, section: &'a str, blocks: &'a [Block]) {
        for block in blocks {
            match block {
                Block::Code(_) => {}
                Block::Table(table) => self.table(section, table),
                Block::List(items) => {
                    self.lists.push(items);
                    for item in items {
                        self.item(section, &item.text);
                        self.read(section, &item.children);
                    }
                }
            }
        }
    }

    fn item(&mut self, section: &'a str, text: &'a Text) {
        let (key, value) = match text.whole().split_key() {
            Some((key, value)) => (plain_name(key.as_str()), value),
            None => (String::new(), text.whole()),
        };
        let is_task = text.as_str().starts_with("[ ]");
        self.statement(section, key, value, is_task);
    }

    fn table(&mut self, section: &'a str, table: &'a Table) {
        self.tables.push(table);
        if table.header.len() != 2 {
            return;
        }
        for row in &table.rows {
            if let [key, value] = row.cells.as_slice() {
                self.statement(section, plain_name(key.as_str()), value.whole(), false);
            }
        }
    }

    fn statement(&mut self, section: &'a str, key: String, value: Stretch<'a>, is_task: bool) {
        self.statements.push(Statement {
            section,
            key,
            lower: lowered(value.as_str()),
            value,
            is_task,
        });
    }

    /// The statements of a section.
    pub(super) fn of_section(&self, section: &str) -> impl Iterator<Item = &Statement<'a>> {
        let is_there = move |statement: &&Statement<'_>| statement.is_in(section);
        self.statements.iter().filter(is_there)
    }
}

/// The first words of a text.
fn first_words(text: &str, count: usize) -> &str {
    let ends = text.char_indices().filter(|(at, sign)| {
        sign.is_whitespace()
            && !text[..*at].is_empty()
            && !text[..*at].ends_with(char::is_whitespace)
    });
    let mut ends = ends.map(|(at, _)| at);
    ends.nth(count - 1).map_or(text, |end| &text[..end])
}

/// Paragraphs, items and rows. Lines that go on with a paragraph belong to it.
fn passages<'a>(source: &str, text: &'a str) -> Vec<Passage<'a>> {
    let mut passages: Vec<Passage<'a>> = Vec::new();
    let mut fence: Option<(char, bool)> = None;
    let mut goes_on = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let words = line.trim();
        let mark = fence_mark(&source[start..at]);
        if let Some((open, is_read)) = fence {
            if mark == Some(open) {
                fence = None;
            } else if is_read && !words.is_empty() {
                passages.push(Passage { text: line, start });
            }
            continue;
        }
        if let Some(mark) = mark {
            let language = source[start..at].trim().trim_start_matches(mark).trim();
            fence = Some((mark, READ_BLOCKS.contains(&language)));
            goes_on = false;
            continue;
        }
        let begins = words.starts_with(['-', '+', '#', '|', '>', '•'])
            || source[start..at].trim_start().starts_with("* ")
            || words.split_once(['.', ')']).is_some_and(|(number, rest)| {
                number.parse::<u16>().is_ok() && rest.starts_with(' ')
            });
        match passages.last_mut() {
            Some(last) if goes_on && !begins && !words.is_empty() => {
                last.text = &text[last.start..at];
            }
            _ if !words.is_empty() => passages.push(Passage { text: line, start }),
            _ => {}
        }
        goes_on = !words.is_empty() && !words.starts_with(['#', '|']);
    }
    passages
}

/// The sign of which a line is a fence.
fn fence_mark(line: &str) -> Option<char> {
    let line = line.trim_start();
    let marks = [("```", '`'), ("~~~", '~')];
    let found = marks.iter().find(|(mark, _)| line.starts_with(mark));
    found.map(|(_, sign)| *sign)
}

/// The text with blanks for comments and for marks of emphasis and code, as long as it was.
pub(super) fn blanked(source: &str) -> String {
    let mut bytes = source.as_bytes().to_vec();
    let mut at = 0;
    while let Some(open) = source[at..].find("<!--") {
        let start = at + open;
        let end = source[start..]
            .find("-->")
            .map_or(source.len(), |end| start + end + 3);
        bytes[start..end]
            .iter_mut()
            .filter(|byte| **byte != b'\n')
            .for_each(|byte| *byte = b' ');
        at = end;
    }
    let is_word = |at: Option<usize>| {
        at.and_then(|at| source.as_bytes().get(at))
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80)
    };
    for (at, byte) in bytes.iter_mut().enumerate() {
        let is_mark = match *byte {
            b'*' | b'`' => true,
            b'_' => !(is_word(at.checked_sub(1)) && is_word(Some(at + 1))),
            _ => false,
        };
        if is_mark {
            *byte = b' ';
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}
