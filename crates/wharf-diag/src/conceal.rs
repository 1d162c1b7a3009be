//! Keeps what one finding hides out of the words of others.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::Diagnostic;
use crate::hidden::STAND_IN;

/// Shorter hidden texts stand in too many words to be looked for.
const SHORTEST_BYTES: usize = 6;

/// Words that are looked for in one walk over what findings say: bounds the memory for it.
const MOST_WORDS_AT_ONCE: usize = 1_024;

/// Takes every text that `told` hides out of what `findings` say. A fix that would write one is
/// dropped.
///
/// For findings that are made after a document was read, when its secrets are known already.
pub fn conceal(findings: &mut [Diagnostic], told: &[Diagnostic]) {
    let words = told
        .iter()
        .flat_map(|diagnostic| {
            let source = &diagnostic.primary.source;
            let hidden = diagnostic.hidden.iter();
            hidden.filter_map(move |span| source.text().get(span.range()))
        })
        .filter(|word| word.len() >= SHORTEST_BYTES);
    take_out(words.collect(), findings);
}

/// Takes words out of everything that findings say. A fix that would write one is dropped.
pub fn take_out<'a>(mut words: Vec<&str>, findings: impl IntoIterator<Item = &'a mut Diagnostic>) {
    words.sort_unstable();
    words.dedup();
    if words.is_empty() {
        return;
    }
    let mut findings: Vec<_> = findings.into_iter().collect();
    for words in words.chunks(MOST_WORDS_AT_ONCE) {
        let searcher = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(words);
        for finding in &mut findings {
            match &searcher {
                Ok(searcher) => take_out_of(finding, searcher),
                Err(_) => silence(finding),
            }
        }
    }
}

fn take_out_of(finding: &mut Diagnostic, words: &AhoCorasick) {
    for text in texts(finding) {
        if words.is_match(text.as_str()) {
            *text = words.replace_all(text, &vec![STAND_IN; words.patterns_len()]);
        }
    }
    finding.fix.take_if(|fix| {
        let edits = fix.edits.iter().map(|edit| &edit.replacement);
        edits
            .chain([&fix.title])
            .any(|text| words.is_match(text.as_str()))
    });
}

/// Takes out everything: for words that could not be looked for.
fn silence(finding: &mut Diagnostic) {
    for text in texts(finding) {
        "not shown".clone_into(text);
    }
    finding.fix = None;
}

/// Everything a finding says.
fn texts(finding: &mut Diagnostic) -> impl Iterator<Item = &mut String> {
    let labels = finding.secondary.iter_mut().map(|label| &mut label.text);
    labels
        .chain([&mut finding.message, &mut finding.primary.text])
        .chain(&mut finding.help)
}

#[cfg(test)]
mod tests;
