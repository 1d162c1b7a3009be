//! Frames underline the right bytes and never show what is hidden.

use std::sync::Arc;

use super::{Colour, to_text};
use crate::{Code, Diagnostic, Hidden, Severity, SourceText, Span};

const CODE: Code = Code {
    id: "WH999",
    slug: "test",
};

fn source(text: &str) -> Arc<SourceText> {
    Arc::new(SourceText::new("a.md", text))
}

fn finding(source: &Arc<SourceText>, word: &str) -> Diagnostic {
    let start = source.text().find(word).unwrap();
    let span = Span::new(start, start + word.len());
    Diagnostic::new(CODE, Severity::Warning, "something is odd", source, span)
}

fn plain(diagnostics: &[Diagnostic]) -> String {
    to_text(diagnostics, &Hidden::of(diagnostics), Colour::Never)
}

#[test]
fn a_frame_shows_place_line_and_help() {
    let source = source("one\ntwo three\nfour\n");
    let diagnostic = finding(&source, "three")
        .with_label("here")
        .with_secondary(&source, Span::new(4, 7), "because of this")
        .with_help("leave it out");
    assert_eq!(
        plain(&[diagnostic]),
        "\
warning[WH999]: something is odd
 --> a.md:2:5
  |
2 | two three
  | --- ^^^^^ here
  | |
  | because of this
  |
  = help: leave it out

"
    );
}

#[test]
fn columns_count_characters_with_any_line_ending_and_alphabet() {
    let source = source("# Заголовок\r\nключ:\tзначение\r\n");
    let text = plain(&[finding(&source, "значение")]);
    assert!(text.contains(" --> a.md:2:7\n"), "{text}");
    assert!(text.contains("^^^^^^^^"), "{text}");
}

#[test]
fn another_text_gets_a_frame_of_its_own() {
    let first = source("one\n");
    let second = Arc::new(SourceText::new("b.md", "uno\n"));
    let text =
        plain(&[finding(&first, "one").with_secondary(&second, Span::new(0, 3), "and this")]);
    assert!(
        text.contains("a.md:1:1") && text.contains("b.md:1:1"),
        "{text}"
    );
}

#[test]
fn hidden_text_is_shown_by_no_finding_of_the_file() {
    let source = source("key: s3cr3t # é\n");
    let secret = finding(&source, "s3cr3t");
    let place = secret.primary.span;
    let findings = [finding(&source, "key"), secret.with_hidden(place)];
    let text = plain(&findings);
    assert!(!text.contains("s3cr3t"), "{text}");
    assert_eq!(text.matches("key: ****** # é").count(), 2, "{text}");
    // A finding that is not shown still hides.
    let text = to_text(&findings[..1], &Hidden::of(&findings), Colour::Never);
    assert!(!text.contains("s3cr3t"), "{text}");
}

#[test]
fn places_at_the_end_and_in_huge_lines_are_survived() {
    let empty = source("");
    let at_end = Diagnostic::new(CODE, Severity::Error, "x", &empty, Span::at(0));
    assert!(plain(&[at_end]).contains("a.md:1:1"));
    let long = source(&"ж".repeat(200_000));
    let wide = Diagnostic::new(CODE, Severity::Error, "x", &long, Span::new(0, 400_000));
    assert!(plain(&[wide]).len() < 200_000);
    let beyond = Diagnostic::new(CODE, Severity::Error, "x", &empty, Span::new(7, 9));
    assert!(plain(&[beyond]).contains("error[WH999]: x"));
}

#[test]
fn colour_only_when_asked() {
    let source = source("one\n");
    let findings = [finding(&source, "one")];
    assert!(!plain(&findings).contains('\u{1b}'));
    assert!(to_text(&findings, &Hidden::of(&findings), Colour::Always).contains('\u{1b}'));
}

#[test]
fn words_of_a_document_neither_end_a_line_nor_act() {
    let source = Arc::new(SourceText::new("a\n::b.md", "one\ntwo\n"));
    let acting = "x\n::error::y\u{1b}[31m";
    let start = source.text().find("two").unwrap();
    let span = Span::new(start, start + 3);
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, acting, &source, span)
        .with_label(acting)
        .with_secondary(&source, Span::new(0, 3), acting)
        .with_help(acting);
    let mut lines = Vec::new();
    super::write_lines(&mut lines, [&diagnostic], &Hidden::default()).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!(lines.lines().count(), 1, "{lines}");
    for text in [lines, plain(&[diagnostic])] {
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert!(
            !text.lines().any(|line| line.trim_start().starts_with("::")),
            "{text}"
        );
    }
}
