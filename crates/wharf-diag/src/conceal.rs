//! Keeps what one finding hides out of the words of others.

use crate::Diagnostic;

/// Shorter hidden texts stand in too many words to be looked for.
const SHORTEST_BYTES: usize = 6;

/// Takes every text that `told` hides out of what `findings` say. A fix that would write one is
/// dropped.
///
/// For findings that are made after a document was read, when its secrets are known already.
pub fn conceal(findings: &mut [Diagnostic], told: &[Diagnostic]) {
    let mut words: Vec<&str> = told
        .iter()
        .flat_map(|diagnostic| {
            let source = &diagnostic.primary.source;
            let hidden = diagnostic.hidden.iter();
            hidden.filter_map(move |span| source.text().get(span.range()))
        })
        .filter(|word| word.len() >= SHORTEST_BYTES)
        .collect();
    // A long word may hold a shorter one.
    words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    for finding in findings {
        for word in &words {
            let labels = finding.secondary.iter_mut().map(|label| &mut label.text);
            let texts = labels
                .chain([&mut finding.message, &mut finding.primary.text])
                .chain(&mut finding.help);
            for text in texts {
                if text.contains(word) {
                    *text = text.replace(word, "********");
                }
            }
            finding.fix.take_if(|fix| {
                let edits = fix.edits.iter().map(|edit| &edit.replacement);
                edits.chain([&fix.title]).any(|text| text.contains(word))
            });
        }
    }
}

#[cfg(test)]
mod tests;
