//! Takes secrets out of what findings say.

use aho_corasick::{AhoCorasick, MatchKind};
use wharf_diag::Diagnostic;

use crate::checks::{secret_in_text, test_secret_in_text};

/// Words that are looked for in one walk over what findings say: bounds the memory for it.
const MOST_WORDS_AT_ONCE: usize = 1_024;

/// Takes words out of everything that findings say. A fix that would write one is dropped.
pub(super) fn hide(diagnostics: &mut [Diagnostic], mut words: Vec<&str>) {
    words.sort_unstable();
    words.dedup();
    for words in words.chunks(MOST_WORDS_AT_ONCE) {
        let searcher = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(words);
        // These say nothing of the document's words, and there may be many.
        let others = diagnostics.iter_mut().filter(|diagnostic| {
            !matches!(
                diagnostic.code,
                secret_in_text::CODE | test_secret_in_text::CODE
            )
        });
        match searcher {
            Ok(searcher) => others.for_each(|diagnostic| hide_in(diagnostic, &searcher)),
            Err(_) => others.for_each(silence),
        }
    }
}

fn hide_in(diagnostic: &mut Diagnostic, words: &AhoCorasick) {
    for text in texts(diagnostic) {
        if words.is_match(text.as_str()) {
            *text = words.replace_all(text, &vec!["********"; words.patterns_len()]);
        }
    }
    diagnostic.fix.take_if(|fix| {
        let edits = fix.edits.iter().map(|edit| &edit.replacement);
        edits
            .chain([&fix.title])
            .any(|text| words.is_match(text.as_str()))
    });
}

/// Takes out everything: for words that could not be looked for.
fn silence(diagnostic: &mut Diagnostic) {
    for text in texts(diagnostic) {
        "not shown".clone_into(text);
    }
    diagnostic.fix = None;
}

/// Everything a finding says.
fn texts(diagnostic: &mut Diagnostic) -> impl Iterator<Item = &mut String> {
    let labels = diagnostic.secondary.iter_mut().map(|label| &mut label.text);
    labels
        .chain([&mut diagnostic.message, &mut diagnostic.primary.text])
        .chain(&mut diagnostic.help)
}
