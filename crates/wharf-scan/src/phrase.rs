//! Passphrases of several plain words: `passphrase: "planet candle velvet biscuit"`, `RESTIC_PASSWORD=four-
//! words-and-marks`, the words of a wallet.
//!
//! Such words are drawn from a list, so they say nothing together. A text that says where a passphrase is kept, or
//! that asks for one, has small words of its language, or words of the trade. In quotes a phrase
//! may be a sentence that a person made up, where the name is that of a phrase.
//!
//! Sources: "Dice-Generated Passphrases" (eff.org); BIP 39, "Mnemonic code for generating deterministic
//! keys".

use std::ops::Range;

use super::code_words;

/// Shortest phrase in quotes, and without any.
const LEAST_WORDS: usize = 4;
pub(super) const LEAST_OPEN: usize = 5;
/// Words of four letters and more in a sentence.
const LEAST_LONG: usize = 3;
/// The words of a wallet are 24 at most.
const MOST_WORDS: usize = 24;
const MOST_PHRASE: usize = 260;
/// Lengths of words, in characters.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=12;

/// Parts of names that say that a value is of words.
const NAMES: [&str; 8] = [
    "phras",
    "fras",
    "zin",
    "seed",
    "mnemonic",
    "recovery",
    "kod",
    "フレーズ",
];

/// First letters of words with which people talk of a phrase, and are none of one.
const STEMS: [&str; 33] = [
    "password",
    "passphrase",
    "passwort",
    "phras",
    "secret",
    "requir",
    "stor",
    "encrypt",
    "decrypt",
    "invalid",
    "incorrect",
    "missing",
    "default",
    "character",
    "generat",
    "rotat",
    "reset",
    "forg",
    "provid",
    "print",
    "unlock",
    "protect",
    "contrase",
    "guarda",
    "introdu",
    "saisi",
    "conserv",
    "aufbewahr",
    "hinterleg",
    "gespeichert",
    "geänder",
    "eingeben",
    "chang",
];
/// Whole words of the same.
const TALK: [&str; 37] = [
    "pass", "your", "must", "should", "will", "cannot", "please", "enter", "kept", "keep", "held",
    "saved", "vault", "wrong", "empty", "none", "same", "word", "words", "letter", "letters",
    "minimum", "least", "maximum", "never", "asks", "ask", "given", "written", "liegt", "tresor",
    "coffre", "caja", "used", "uses", "using", "frase",
];

/// Small words that a list has none of.
const SMALL: [&str; 62] = [
    "the", "and", "for", "with", "from", "that", "this", "into", "see", "are", "was", "were",
    "has", "have", "not", "can", "may", "our", "its", "his", "her", "who", "when", "where", "how",
    "before", "after", "than", "then", "only", "per", "via", "all", "any", "der", "die", "das",
    "dem", "den", "und", "ist", "von", "mit", "aus", "bei", "les", "des", "une", "dans", "est",
    "sur", "par", "pour", "los", "las", "del", "con", "por", "para", "está", "che", "het",
];

/// The phrase whose first word is the value that was read. `named` is the name before it.
pub(super) fn behind(text: &str, value: &Range<usize>, named: &str) -> Option<Range<usize>> {
    let end = text.floor_char_boundary((value.start + MOST_PHRASE).min(text.len()));
    let near = &text[value.start..end];
    let opening = text[..value.start]
        .trim_end_matches([' ', '\u{a0}', '\u{202f}'])
        .chars()
        .next_back();
    let mark = opening.and_then(closing);
    let is_word = |sign: char| {
        sign.is_alphabetic()
            // Letters and their marks may be apart: Unicode Standard Annex 15, NFD.
            || matches!(sign, ' ' | '-' | '\u{300}'..='\u{36f}')
            || (matches!(sign, '\'' | '’') && mark != Some(sign))
    };
    let length = near.find(|sign| !is_word(sign)).unwrap_or(near.len());
    let words = near[..length].trim_end_matches([' ', '-', '\'', '’']);
    let behind = near[words.len()..].trim_start_matches([' ', '.', '\u{a0}', '\u{202f}']);
    let span = value.start..value.start + words.len();
    let is_phrase = if let Some(mark) = mark {
        behind.starts_with(mark) && is_quoted(words, named)
    } else {
        let is_end = behind.is_empty() || behind.starts_with(['\n', '\r', '<', '`']);
        is_end && is_of_phrase(named) && is_open(words, LEAST_OPEN)
    };
    is_phrase.then_some(span)
}

/// Whether a whole cell of a table is a phrase.
pub(super) fn is_cell(text: &str, cell: &Range<usize>, named: &str) -> bool {
    let phrase = behind(text, cell, named);
    phrase.is_some_and(|phrase| phrase == *cell)
        || is_of_phrase(named) && is_open(&text[cell.clone()], LEAST_OPEN)
}

/// Whether words joined by one mark, with no space, are a phrase: `pencil-harbor-puzzle-river`.
pub(super) fn is_joined(value: &str) -> bool {
    let mark = ['-', '.', '_']
        .into_iter()
        .find(|mark| value.contains(*mark));
    mark.is_some_and(|mark| {
        let is_of_trade = |word: &str| code_words::is_one(word) || is_place(word);
        let words = value.split(mark).take(MOST_WORDS + 1);
        value.split(mark).count() >= LEAST_WORDS
            && words
                .clone()
                .all(|word| word.len() >= LEAST_WORDS && !is_of_trade(word))
            && is_open(&value.replace(mark, " "), LEAST_WORDS)
    })
}

/// Words that stand in the names of services and their machines.
fn is_place(word: &str) -> bool {
    const PLACES: [&str; 24] = [
        "prod",
        "production",
        "staging",
        "stage",
        "test",
        "main",
        "master",
        "cluster",
        "server",
        "service",
        "internal",
        "external",
        "operator",
        "backup",
        "east",
        "west",
        "north",
        "south",
        "central",
        "node",
        "cloud",
        "team",
        "admin",
        "user",
    ];
    PLACES.contains(&word)
}

/// The mark that closes what another one opens.
fn closing(opening: char) -> Option<char> {
    Some(match opening {
        '"' | '\'' | '`' | '*' => opening,
        '«' => '»',
        '“' => '”',
        '„' => '“',
        '‘' => '’',
        '「' => '」',
        '『' => '』',
        '>' => '<',
        _ => return None,
    })
}

/// Whether a name is that of a phrase. Behind that of a password, words without quotes are a rule.
fn is_of_phrase(named: &str) -> bool {
    let named = named.to_lowercase();
    NAMES.iter().any(|name| named.contains(name))
}

/// Words in quotes. Behind the name of a phrase they may be a sentence.
fn is_quoted(words: &str, named: &str) -> bool {
    // Everybody's example: "Password Strength", xkcd 936.
    if words.eq_ignore_ascii_case("correct horse battery staple") {
        return false;
    }
    if !words.contains(' ') {
        return is_joined(words);
    }
    if !is_of_phrase(named) {
        return is_open(words, LEAST_WORDS);
    }
    let count = words.split([' ', '-']).count();
    let talk = talk(words);
    let has_long = words
        .split([' ', '-'])
        .filter(|word| word.chars().count() >= 4);
    (LEAST_WORDS..=MOST_WORDS).contains(&count)
        && has_long.count() >= LEAST_LONG
        // Of many words one may be of the trade by chance.
        && talk * 11 < count.max(1)
}

/// Words that nothing encloses: none of them is a small one.
fn is_open(words: &str, least: usize) -> bool {
    let parts = || words.split(' ');
    let count = parts().count();
    let is_small = |word: &str| SMALL.contains(&word.to_lowercase().as_str());
    // "Rotated", "automatically": words of a sentence.
    let has_ending = |word: &str| ["ed", "ly", "ing"].iter().any(|end| word.ends_with(end));
    let is_plain = |word: &str| {
        LENGTHS.contains(&word.chars().count())
            && word.chars().skip(1).all(char::is_lowercase)
            && !is_small(word)
    };
    let capitals = parts()
        .filter(|word| word.starts_with(char::is_uppercase))
        .count();
    let endings = parts().filter(|word| has_ending(word)).count();
    let different = parts().collect::<std::collections::BTreeSet<_>>().len();
    (least..=MOST_WORDS).contains(&count)
        && parts().all(is_plain)
        && (capitals == 0 || capitals == count)
        && endings * 4 < count.max(4)
        && different * 4 >= count * 3
        && talk(words) * 11 < count
}

/// How many words of those who talk of a phrase stand in it.
fn talk(words: &str) -> usize {
    words
        .split([' ', '-'])
        .filter(|word| {
            let word = word.to_lowercase();
            TALK.contains(&word.as_str()) || STEMS.iter().any(|stem| word.starts_with(stem))
        })
        .count()
}

#[cfg(test)]
mod tests;
