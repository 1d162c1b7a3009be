//! The documented example is what comes out.

use std::sync::Arc;

use super::write_json;
use crate::{
    Applicability, Code, Counts, Diagnostic, Edit, Fix, Fixed, Hidden, Problem, Report, Severity,
    SourceText, Span, SuppressedFinding,
};

fn json(report: &Report<'_>, hidden: &Hidden) -> String {
    let mut json = Vec::new();
    write_json(&mut json, report, hidden).unwrap();
    String::from_utf8(json).unwrap()
}

#[test]
fn the_example_of_the_schema_is_the_output() {
    let source = Arc::new(SourceText::new("stripe.md", "Code\n| Backof |\n"));
    let code = Code {
        id: "WH501",
        slug: "verb-unknown",
    };
    let span = Span::new(7, 13);
    let message = "`Backof` is not a response the program knows";
    let diagnostic = Diagnostic::new(code, Severity::Error, message, &source, span)
        .with_label("did you mean `Backoff`?")
        .with_secondary(&source, Span::new(0, 4), "in this table")
        .with_help("known: Backoff, Retry")
        .with_fix(Fix {
            title: "Write `Backoff`".to_owned(),
            applicability: Applicability::Unsafe,
            edits: vec![Edit {
                span,
                replacement: "Backoff".to_owned(),
            }],
        });
    let problem = Problem {
        file: "old.md".to_owned(),
        message: "is not UTF-8 from line 6 on; save it as UTF-8".to_owned(),
    };
    let twice = Code {
        id: "WH004",
        slug: "given-twice",
    };
    let message = "the column `Code` is given twice";
    let suppressed = Diagnostic::new(twice, Severity::Warning, message, &source, Span::new(0, 4));
    let report = Report {
        files: vec!["stripe.md"],
        shown: vec![&diagnostic],
        suppressed: vec![SuppressedFinding {
            diagnostic: &suppressed,
            reason: "the vendor's own table",
        }],
        fixed: vec![Fixed {
            file: "stripe.md".to_owned(),
            code: Code {
                id: "WH102",
                slug: "title-not-quoted",
            },
            title: "Put the title in quotes".to_owned(),
        }],
        problems: vec![problem],
        counts: Counts::of([&diagnostic]),
    };
    let json = json(&report, &Hidden::default());
    let schema = include_str!("schema.md");
    let example = schema.split("```json\n").nth(1).unwrap();
    assert_eq!(json, example.split("```").next().unwrap());
}

#[test]
fn a_hidden_word_is_in_no_field() {
    let source = Arc::new(SourceText::new("a.md", "s3cr3t-key"));
    let code = Code {
        id: "WH999",
        slug: "test",
    };
    let span = Span::new(0, 10);
    let word = "s3cr3t-key";
    let finding = Diagnostic::new(code, Severity::Error, word, &source, span)
        .with_hidden(span)
        .with_label(word)
        .with_secondary(&source, span, word)
        .with_help(word)
        .with_fix(Fix {
            title: "Quote it".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![Edit {
                span,
                replacement: format!("\"{word}\""),
            }],
        });
    let report = Report {
        shown: vec![&finding],
        suppressed: vec![SuppressedFinding {
            diagnostic: &finding,
            reason: word,
        }],
        ..Report::default()
    };
    let json = json(&report, &Hidden::of([&finding]));
    assert!(!json.contains("s3cr3t"), "{json}");
}
