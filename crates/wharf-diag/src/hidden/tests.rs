//! Hidden text is nowhere, and everything else stays where it was.

use std::sync::Arc;

use super::Hidden;
use crate::{Code, Diagnostic, Severity, SourceText, Span};

const CODE: Code = Code {
    id: "WH999",
    slug: "test",
};

fn hiding(source: &Arc<SourceText>, spans: &[(usize, usize)]) -> Hidden {
    let findings: Vec<_> = spans
        .iter()
        .map(|(start, end)| {
            let span = Span::new(*start, *end);
            Diagnostic::new(CODE, Severity::Error, "x", source, span).with_hidden(span)
        })
        .collect();
    Hidden::of(&findings)
}

#[test]
fn offsets_stay_and_white_space_too() {
    let source = Arc::new(SourceText::new("a.md", "key: sé crét\r\nend"));
    let hidden = hiding(&source, &[(5, 14)]);
    let masked = hidden.mask(&source, Span::new(0, 19));
    assert_eq!(masked, "key: *** *****\r\nend");
    assert_eq!(hidden.mask(&source, Span::new(8, 10)), " *");
    assert_eq!(hidden.mask(&source, Span::new(0, 5)), "key: ");
}

#[test]
fn overlapping_nested_and_odd_places_are_survived() {
    let source = Arc::new(SourceText::new("a.md", "0123456789"));
    let hidden = hiding(&source, &[(2, 8), (3, 4), (7, 9), (40, 50)]);
    assert_eq!(hidden.mask(&source, Span::new(0, 10)), "01*******9");
    let source = Arc::new(SourceText::new("a.md", "aжb"));
    assert_eq!(
        hiding(&source, &[(2, 3)]).mask(&source, Span::new(0, 4)),
        "****"
    );
    let other = Arc::new(SourceText::new("a.md", "aжb"));
    assert_eq!(
        hiding(&source, &[(0, 4)]).mask(&other, Span::new(0, 4)),
        "aжb"
    );
}

#[test]
fn a_hidden_word_is_taken_out_of_sentences_unless_it_may_be_a_plain_word() {
    let source = Arc::new(SourceText::new("a.md", "production s3cr3t-key\ns3cr3t-key"));
    let hidden = hiding(&source, &[(0, 10), (11, 21)]);
    assert_eq!(
        hidden.clean("`s3cr3t-key` in production"),
        "`********` in production"
    );
    assert_eq!(
        hidden.mask_everywhere(&source),
        "********** **********\n**********"
    );
}

#[test]
fn a_hidden_word_is_known_without_escapes_and_in_any_case() {
    let source = Arc::new(SourceText::new("a.md", r"sk\_live\_q8Zr2LxT"));
    let hidden = hiding(&source, &[(0, 18)]);
    for shown in [
        r"sk\_live\_q8Zr2LxT",
        "sk_live_q8Zr2LxT",
        "sk_live_q8zr2lxt",
        "SK_LIVE_Q8ZR2LXT",
        "sk-live-q8zr2lxt",
    ] {
        assert_eq!(
            hidden.clean(&format!("a {shown}:")),
            "a ********:",
            "{shown}"
        );
    }
}

#[test]
fn past_a_bound_nothing_is_shown() {
    let words: String = (0..20_001).map(|n| format!("word-{n:08}\n")).collect();
    let source = Arc::new(SourceText::new("a.md", words));
    let places: Vec<_> = (0..20_001).map(|n| (n * 14, n * 14 + 13)).collect();
    let hidden = hiding(&source, &places);
    assert_eq!(hidden.clean("anything"), "********");
    let few = hiding(&source, &places[..20_000]);
    assert_eq!(few.clean("anything word-00019999"), "anything ********");
    assert_eq!(few.clean("word-00020000"), "word-00020000");
}
