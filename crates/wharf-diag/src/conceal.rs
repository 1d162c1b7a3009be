//! Keeps what one finding hides out of the words of others.

use crate::hidden::STAND_IN;
use crate::words::Words;
use crate::{Diagnostic, Remark};

/// Shorter hidden texts stand in too many words to be looked for.
const SHORTEST_BYTES: usize = 6;

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
    take_out(words, findings);
}

/// Takes words out of everything that findings say. A fix that would write one is dropped.
pub fn take_out<'a, 'w>(
    words: impl IntoIterator<Item = &'w str>,
    findings: impl IntoIterator<Item = &'a mut Diagnostic>,
) {
    let words = Words::spelled(words, |word| word.len() >= SHORTEST_BYTES);
    if words.is_empty() {
        return;
    }
    for finding in findings {
        take_out_of(finding, &words);
    }
}

fn take_out_of(finding: &mut Diagnostic, words: &Words) {
    for text in texts(finding) {
        if let Some(replaced) = words.replaced(text, |_| STAND_IN.to_owned()) {
            *text = replaced.into();
        }
    }
    finding.fix.take_if(|fix| {
        let edits = fix.edits.iter().map(|edit| edit.replacement.as_str());
        edits
            .chain([fix.title.as_str()])
            .any(|text| !words.places(text).is_empty())
    });
}

/// Everything a finding says.
fn texts(finding: &mut Diagnostic) -> impl Iterator<Item = &mut Remark> {
    let labels = finding.secondary.iter_mut().map(|label| &mut label.text);
    labels
        .chain([&mut finding.message, &mut finding.primary.text])
        .chain(&mut finding.help)
}

#[cfg(test)]
mod tests;
