//! A secret that one finding hides is said by no other.

use std::sync::Arc;

use super::{conceal, take_out};
use crate::{Applicability, Code, Diagnostic, Edit, Fix, Severity, SourceText, Span};

const CODE: Code = Code {
    id: "WH999",
    slug: "example",
};

#[test]
fn hidden_words_are_taken_out_and_short_ones_are_not_looked_for() {
    let source = Arc::new(SourceText::new("a.md", "the hunter2 of app"));
    let new = |message: &'static str| {
        Diagnostic::new(CODE, Severity::Error, message, &source, Span::new(0, 3))
    };
    let told = [new("secret")
        .with_hidden(Span::new(4, 11))
        .with_hidden(Span::new(15, 18))];
    let fix = |replacement: &str| Fix {
        title: "Replace it".to_owned(),
        applicability: Applicability::Safe,
        edits: vec![Edit {
            span: Span::new(0, 3),
            replacement: replacement.to_owned(),
        }],
    };
    let mut findings = [
        new("no path `/hunter2/app`")
            .with_label("hunter2")
            .with_help("hunter2?")
            .with_secondary(&source, Span::new(0, 3), "x hunter2")
            .with_fix(fix("hunter2")),
        new("other").with_fix(fix("app")),
    ];
    conceal(&mut findings, &told);
    let [first, second] = &findings;
    assert_eq!(first.message, "no path `/********/app`");
    assert_eq!(first.secondary[0].text, "x ********");
    assert!(!format!("{:?} {:?}", first.primary, first.help).contains("hunter2"));
    assert!(first.fix.is_none());
    assert_eq!(second.message, "other");
    assert!(second.fix.is_some());
}

#[test]
fn words_are_taken_out_as_a_reader_of_markdown_takes_them() {
    let source = Arc::new(SourceText::new("a.md", "x"));
    let message = "`sk_live_q8Zr2LxT`, or `sk_live_q8zr2lxt`";
    let mut findings = [Diagnostic::new(
        CODE,
        Severity::Error,
        message,
        &source,
        Span::new(0, 1),
    )];
    take_out([r"sk\_live\_q8Zr2LxT"], &mut findings);
    assert_eq!(findings[0].message, "`********`, or `********`");
}
