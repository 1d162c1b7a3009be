//! Workflow commands are one line each, whatever is in them.

use std::sync::Arc;

use super::write_github;
use crate::{Code, Diagnostic, Hidden, Problem, Report, Severity, SourceText, Span};

const CODE: Code = Code {
    id: "WH999",
    slug: "test-code",
};

fn render(diagnostics: &[Diagnostic], problems: Vec<Problem>) -> String {
    let report = Report {
        shown: diagnostics.iter().collect(),
        problems,
        ..Report::default()
    };
    let mut text = Vec::new();
    write_github(&mut text, &report, &Hidden::of(diagnostics)).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_finding_is_one_command_with_its_place() {
    let source = Arc::new(SourceText::new("docs/a.md", "éins zwei\ndrei\n"));
    let finding = Diagnostic::new(CODE, Severity::Warning, "is odd", &source, Span::new(6, 10))
        .with_label("here")
        .with_secondary(&source, Span::new(11, 15), "because of this")
        .with_help("leave it out");
    assert_eq!(
        render(&[finding], Vec::new()),
        "::warning file=docs/a.md,line=1,col=6,endLine=1,endColumn=10,title=WH999 test-code\
         ::is odd (here)%0Adocs/a.md:2: because of this%0Ahelp: leave it out\n"
    );
}

#[test]
fn severities_have_githubs_names_and_lines_no_columns() {
    let source = Arc::new(SourceText::new("a.md", "one\ntwo\n"));
    let finding = |severity, span| Diagnostic::new(CODE, severity, "x", &source, span);
    let findings = [
        finding(Severity::Error, Span::new(0, 5)),
        finding(Severity::Info, Span::at(8)),
    ];
    assert_eq!(
        render(&findings, Vec::new()),
        "::error file=a.md,line=1,endLine=2,title=WH999 test-code::x\n\
         ::notice file=a.md,line=3,col=1,endLine=3,endColumn=1,title=WH999 test-code::x\n"
    );
}

#[test]
fn what_would_end_a_property_or_a_command_is_escaped() {
    let source = Arc::new(SourceText::new("a,b:c%0A\n::set.md", "one"));
    let message = "50%, a: b\r\n::error ::x";
    let finding = Diagnostic::new(CODE, Severity::Error, message, &source, Span::new(0, 3));
    let problem = Problem {
        file: "x:y".to_owned(),
        message: "cannot\nbe read".to_owned(),
    };
    let text = render(&[finding], vec![problem]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(
        lines[0],
        "::error file=x%3Ay,title=not checked::x:y: cannot%0Abe read"
    );
    assert!(
        lines[1].starts_with("::error file=a%2Cb%3Ac%250A%0A%3A%3Aset.md,line=1,"),
        "{text}"
    );
    assert!(
        lines[1].ends_with("::50%25, a: b%0D%0A::error ::x"),
        "{text}"
    );
}

#[test]
fn a_hidden_word_is_not_shown() {
    let source = Arc::new(SourceText::new("a.md", "s3cr3t-key"));
    let span = Span::new(0, 10);
    let finding =
        Diagnostic::new(CODE, Severity::Error, "`s3cr3t-key`", &source, span).with_hidden(span);
    assert!(!render(&[finding], Vec::new()).contains("s3cr3t"));
}
