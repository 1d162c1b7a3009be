//! The words in which a secret of a document may be shown: not only as it is written there.
//!
//! One place for everything that keeps secrets out of what is shown. Case is not spelled out here:
//! [`Words`](crate::Words) looks for a word in any.

use std::borrow::Cow;
use std::iter;

/// Shortest word in bytes that is looked for wherever it stands. A shorter one, or a longer one
/// without a digit, may be a word of the language.
const SHORTEST_WORD_BYTES: usize = 8;

/// From this length on a word is looked for, with or without a digit.
const LONG_WORD_BYTES: usize = 24;

/// What a reader of Markdown, or of JSON, makes of the end of a line in a text.
const JOINTS: [&str; 3] = [" ", "; ", "\n"];

/// Names of marks of ASCII (HTML, "Named character references").
const NAMED: [(&str, char); 38] = [
    ("Hat", '^'),
    ("UnderBar", '_'),
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("midast", '*'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrace", '}'),
    ("rbrack", ']'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("verbar", '|'),
    ("vert", '|'),
    ("VerticalLine", '|'),
];

/// Whether a word can be no word of the language, so that it is taken out wherever it stands.
pub(crate) fn is_no_plain_word(word: &str) -> bool {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    word.len() >= LONG_WORD_BYTES || has_digit && word.len() >= SHORTEST_WORD_BYTES
}

/// Every spelling in which a text may be shown that is a secret where `written` stands.
///
/// As it is written, and as a reader of Markdown takes it: without escapes and marks, with its
/// lines in one. Each line of it by itself, where that can be no plain word. And as the id that is
/// made of a name. None of them is empty.
pub(crate) fn spellings(written: &str) -> Vec<String> {
    let mut all = Vec::new();
    for read in readings(written) {
        let lines: Vec<_> = lines(&read).collect();
        if lines.len() > 1 {
            all.extend(JOINTS.map(|joint| lines.join(joint)));
            let lines = lines.into_iter().filter(|line| is_no_plain_word(line));
            all.extend(lines.map(str::to_owned));
        }
        all.push(id(&read));
        all.push(read.trim().to_owned());
    }
    // ASCII letters are found in any case; of others, each case has bytes of its own.
    let others = all.iter().filter(|word| !word.is_ascii());
    let others: Vec<_> = others
        .flat_map(|word| [word.to_lowercase(), word.to_uppercase()])
        .collect();
    all.extend(others);
    all.retain(|word| !word.is_empty());
    all.sort_unstable();
    all.dedup();
    all
}

/// A text as it is written, and as it may be read.
fn readings(written: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let has_marks = written.contains(['\\', '&', '*', '`', '<']);
    let read = has_marks.then(|| {
        [
            // In code of a table, a bar has an escape and nothing else has.
            written.replace("\\|", "|"),
            read(written, false),
            read(written, true),
        ]
    });
    iter::once(Cow::Borrowed(written)).chain(read.into_iter().flatten().map(Cow::Owned))
}

/// The text without escapes, and perhaps without marks of emphasis and code.
///
/// Source: `CommonMark` 0.31, "Backslash escapes" and "Entity and numeric character references".
fn read(written: &str, without_marks: bool) -> String {
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        match sign {
            '\\' if rest.starts_with(|c: char| c.is_ascii_punctuation()) => {
                text.push_str(&rest[..1]);
                rest = &rest[1..];
            }
            '&' => match reference(rest) {
                Some((named, length)) => {
                    text.push(named);
                    rest = &rest[length..];
                }
                None => text.push(sign),
            },
            '*' | '`' if without_marks => {}
            _ => text.push(sign),
        }
    }
    text
}

/// The sign that a reference stands for, and its length behind the `&`.
fn reference(rest: &str) -> Option<(char, usize)> {
    // The longest known name, and more digits than any sign has.
    let end = rest.bytes().take(16).position(|byte| byte == b';')?;
    let name = rest.get(..end)?;
    let sign = match name.strip_prefix('#') {
        Some(number) => {
            let hexadecimal = number.strip_prefix(['x', 'X']);
            let (digits, radix) = hexadecimal.map_or((number, 10), |digits| (digits, 16));
            char::from_u32(u32::from_str_radix(digits, radix).ok()?)?
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((sign, end + 1))
}

/// The lines of a text, also those that `<br>` or the `\n` of a quoted text end. None is empty.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.split(['\n', '\r']);
    let text = text.flat_map(|line| line.split("\\n"));
    let text = text.flat_map(|line| {
        line.split("<br").enumerate().map(|(index, piece)| {
            let is_behind = index > 0;
            let behind = piece.split_once('>').filter(|_| is_behind);
            behind.map_or(piece, |(_, behind)| behind)
        })
    });
    let text = text.map(|line| line.trim().trim_end_matches("\\r"));
    text.filter(|line| !line.is_empty())
}

/// The id that is made of a name: its letters and digits in small letters, with dashes between.
fn id(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests;
