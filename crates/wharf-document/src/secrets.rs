//! The last pass over one text: what looks like a live credential is reported, and no finding shows
//! one.

use wharf_diag::Span;

use crate::findings::{Findings, secret_in_text, test_secret_in_text};

/// Most findings about secrets that are kept for a document.
const MOST_FINDINGS: usize = 1_000;

/// Scans the text, and takes the credentials of the document out of the words of all findings.
pub(crate) fn scan(findings: &mut Findings<'_>) {
    let words = report(findings);
    // Findings about secrets say nothing of the document's words, and there may be many.
    let others = findings.iter_mut().filter(|diagnostic| {
        !matches!(
            diagnostic.code,
            secret_in_text::CODE | test_secret_in_text::CODE
        )
    });
    wharf_diag::take_out(words, others);
}

/// Reports what looks like a live credential, up to the bound; the last one reported hides the
/// others. Returns the words that no finding may show.
fn report<'a>(findings: &mut Findings<'a>) -> Vec<&'a str> {
    let source = findings.source;
    let text = source.text();
    let mut hidden: Vec<Span> = findings
        .iter()
        .flat_map(|diagnostic| &diagnostic.hidden)
        .copied()
        .collect();
    hidden.sort_by_key(|place| place.start);
    // A field of Credential Storage is judged more strictly than prose.
    let mut words: Vec<_> = hidden
        .iter()
        .map(|span| text.get(span.range()).unwrap_or_default())
        .filter(|word| wharf_scan::looks_like_secret(word))
        .collect();
    let mut places = hidden.iter().peekable();
    let mut told = 0;
    let mut reported = 0;
    for found in wharf_scan::scan(text) {
        words.push(&text[found.span.clone()]);
        let span = Span::from(found.span);
        while let Some(place) = places.next_if(|place| place.start <= span.start) {
            told = told.max(place.end);
        }
        if told >= span.end {
            continue;
        }
        reported += 1;
        if reported > MOST_FINDINGS && !findings.is_empty() {
            findings.leave_out([span]);
            continue;
        }
        findings.report(if found.kind.is_test() {
            test_secret_in_text::new(source, span, found.kind)
        } else {
            secret_in_text::new(source, span, found.kind)
        });
    }
    words
}
