//! The documented example is what comes out.

use std::sync::Arc;

use super::{Problem, to_json};
use crate::render::Counts;
use crate::{Applicability, Code, Diagnostic, Edit, Fix, Severity, SourceText, Span};

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
    let findings = [diagnostic];
    let json = to_json(&["stripe.md"], &findings, Counts::of(&findings), &[problem]).unwrap();
    let schema = include_str!("schema.md");
    let example = schema.split("```json\n").nth(1).unwrap();
    assert_eq!(json, example.split("```").next().unwrap());
}
