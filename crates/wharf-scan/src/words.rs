//! Names and drawn values, told by which of the two explains a text in fewer bits.
//!
//! A machine draws every sign of its alphabet with the same chance: a text of so many signs has so
//! many bits. A person puts a name together from words: letters follow each other as in English,
//! a word has some length, digits stand in short groups, and a capital, a digit or a mark starts
//! the next word. Whichever description is shorter is the likelier one (J. Rissanen, "Modeling by
//! shortest data description", 1978).
//!
//! So `StripeWebhookV2Controller`, `kv/data/Prod1/apiKey3` and `checkout_3ds2_flow` are names, of
//! whatever words they are made, and no list of names is needed.

use std::ops::Range;

/// How surprising a letter is behind another, in half bits, `a` for none: a row for the letter
/// before, a column for the letter. Counted over the words of technical English and of the names
/// in source code.
const FOLLOWS: [&[u8; 26]; 26] = [
    b"mjijpnkrktmgjhtjtgiflnoomr",
    b"gkjlhmpqhlqfmohnsjjmhqrrlr",
    b"gokmgnphjuijnpfnsjlhkprsnv",
    b"hlmjdlnpfqrknninrjjmjooqnu",
    b"jniglkmqnurjkgolnfgipmnjou",
    b"hmlkhgnsfstinmgntikkirqrmu",
    b"ionneolihurjlijmshhmjpprpq",
    b"fonmeprpgvpmmogotjmikrptms",
    b"klijkkjurtqijehlskihslvnwl",
    b"gmmmemmniokonogltnhngpmpoq",
    b"immldmlmgpqjnklmqlgklplrnt",
    b"gpnkenprfuphppgnupjjkoruiu",
    b"fkoneoqsguplkohgtpjmjqssov",
    b"ipihhkfqismmpmintphflmrtpu",
    b"mlijomlrmsmiiekjvgjjilkprt",
    b"gpmnfnpliwphophisgjikqptkx",
    b"knmmlnnomtrjmmomkkjobooqos",
    b"golkenlrgxmmklhmtkiilnpulw",
    b"jqjofoojgumlmnjjpohfiqoslq",
    b"hplnfnrifwrlnpimvhikkqoqkr",
    b"kijljlltjvrhifniwhhgrstqus",
    b"fnmocnppftrnmojnsnmnqrprqs",
    b"fomlgnoifuqlnihnrhimppnoss",
    b"ilhkgjqmhspmknmgqmkfoopilr",
    b"kljljmmpjrqjihkfskghomlpom",
    b"gonmcnpnhrqmnoioqomnoqonmk",
];
/// The same for the first letter of a word.
const FIRST: &[u8; 26] = b"ijhijjkljpnjjklipihjkmlnqq";

/// Half bits for the length of a word, from one letter to seven: short words are rare in names.
const LENGTH: [u32; 7] = [12, 10, 7, 5, 5, 5, 5];
/// The same for longer ones.
const LONGER: u32 = 7;
/// Half bits for the `V` before a number.
const VERSION: u32 = 8;
/// Longest word that is one whatever its letters: `app`, `kv`.
const MOST_SHORT: usize = 4;
/// Half bits for a mark between two words.
const MARK: u32 = 5;

/// Whether words explain a text better than chance does.
pub(super) fn is_name(text: &str) -> bool {
    // Lengths are bounded by those who ask, so a float is exact.
    f64::from(half_bits_of_words(text)) < 2.0 * bits_of_chance(text)
}

/// Whether chance explains a text better than words do, by a tenth and more.
pub(super) fn is_far_from_name(text: &str) -> bool {
    f64::from(half_bits_of_words(text)) > 2.2 * bits_of_chance(text)
}

/// Whether words explain a text better than chance does, by a tenth and more.
pub(super) fn is_clear_name(text: &str) -> bool {
    2.2 * f64::from(half_bits_of_words(text)) < 4.0 * bits_of_chance(text)
}

/// A text without the words at its ends that a mark divides from the rest.
pub(super) fn core(text: &str) -> Range<usize> {
    let is_mark = |c: char| !c.is_ascii_alphanumeric();
    let mut core = 0..text.len();
    while let Some(mark) = text[core.clone()].find(is_mark) {
        if !is_word(&text[core.start..core.start + mark]) {
            break;
        }
        let width = text[core.start + mark..]
            .chars()
            .next()
            .map_or(1, char::len_utf8);
        core.start += mark + width;
    }
    while let Some(mark) = text[core.clone()].rfind(is_mark) {
        let width = text[core.start + mark..]
            .chars()
            .next()
            .map_or(1, char::len_utf8);
        if !is_word(&text[core.start + mark + width..core.end]) {
            break;
        }
        core.end = core.start + mark;
    }
    core
}

/// A word of letters, with a digit or two behind it at most.
fn is_word(text: &str) -> bool {
    let letters = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_plain = letters.len() >= 2
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.len() - letters.len() <= 2;
    // Few letters do not tell what they are, save by their case.
    let is_one = letters.len() <= MOST_SHORT && of(letters).count() == 1;
    text.is_empty() || (is_plain && (is_one || is_name(text)))
}

/// The words of a text: runs of letters, parted where a small one is followed by a capital.
pub(super) fn of(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        (at < text.len()).then(|| {
            let start = at;
            at = chunk_end(text.as_bytes(), start);
            &text.as_bytes()[start..at]
        })
    })
    .filter(|chunk| chunk[0].is_ascii_alphabetic())
    .filter_map(|chunk| std::str::from_utf8(chunk).ok())
}

/// Twice the bits that it takes to describe a text as words.
fn half_bits_of_words(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut sum = 0;
    while at < bytes.len() {
        let end = chunk_end(bytes, at);
        let chunk = &bytes[at..end];
        let is_version =
            matches!(chunk, b"v" | b"V") && bytes.get(end).is_some_and(u8::is_ascii_digit);
        sum += if is_version {
            VERSION
        } else if chunk[0].is_ascii_alphabetic() {
            half_bits_of_word(chunk)
        } else if chunk[0].is_ascii_digit() {
            half_bits_of_digits(chunk.len())
        } else {
            MARK
        };
        at = end;
    }
    sum
}

/// Where the word, the digits or the mark at `at` ends: `Api`, `HTTP` before `Client`, `2024`, `_`.
fn chunk_end(bytes: &[u8], at: usize) -> usize {
    let count = |from: usize, is_part: fn(&u8) -> bool| {
        bytes[from..]
            .iter()
            .take_while(|byte| is_part(byte))
            .count()
    };
    match bytes[at] {
        b'0'..=b'9' => at + count(at, u8::is_ascii_digit),
        b'a'..=b'z' => at + count(at, u8::is_ascii_lowercase),
        b'A'..=b'Z' => {
            let capitals = count(at, u8::is_ascii_uppercase);
            let small = count(at + capitals, u8::is_ascii_lowercase);
            match (capitals, small) {
                (_, 0) => at + capitals,
                (1, _) => at + 1 + small,
                _ => at + capitals - 1,
            }
        }
        _ => at + 1,
    }
}

fn half_bits_of_word(word: &[u8]) -> u32 {
    let index = |byte: u8| usize::from(byte.to_ascii_lowercase() - b'a');
    let half_bits = |level: u8| u32::from(level - b'a');
    let length = LENGTH.get(word.len() - 1).copied().unwrap_or(LONGER);
    let first = half_bits(FIRST[index(word[0])]);
    let others = word
        .windows(2)
        .map(|pair| half_bits(FOLLOWS[index(pair[0])][index(pair[1])]));
    length + first + others.sum::<u32>()
}

/// A version or a year is likely; a long row of digits is no likelier than chance makes it.
fn half_bits_of_digits(count: usize) -> u32 {
    let count = u32::try_from(count).unwrap_or(u32::MAX / 16);
    if count <= 4 {
        6 + count * 33 / 5
    } else {
        count * 52 / 5
    }
}

/// The bits of a text whose every sign was drawn from the kinds of signs that it has.
fn bits_of_chance(text: &str) -> f64 {
    let has = |is_kind: fn(u8) -> bool| text.bytes().any(is_kind);
    let is_all = |is_kind: fn(u8) -> bool| text.bytes().all(is_kind);
    let is_hex = is_all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
        || is_all(|b| b.is_ascii_hexdigit() && !b.is_ascii_lowercase());
    let kinds = [
        (has(|b| b.is_ascii_lowercase()), 26),
        (has(|b| b.is_ascii_uppercase()), 26),
        (has(|b| b.is_ascii_digit()), 10),
    ];
    let mut marks = [false; 256];
    for byte in text.bytes().filter(|byte| !byte.is_ascii_alphanumeric()) {
        marks[usize::from(byte)] = true;
    }
    let marks = marks.iter().filter(|is_met| **is_met).count();
    let signs: usize = kinds
        .iter()
        .filter(|(is_met, _)| *is_met)
        .map(|kind| kind.1)
        .sum();
    let signs = if is_hex { 16 } else { signs + marks };
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(text.len()) * number(signs.max(2)).log2()
}

#[cfg(test)]
mod tests;
