//! What a reader of SARIF relies on. The whole is validated in `tests/clients`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Tool, write_sarif};
use crate::{
    Applicability, Code, Diagnostic, Edit, Fix, Hidden, Page, Problem, Report, Severity,
    SourceText, Span, SuppressedFinding,
};

const CODE: Code = Code {
    id: "WH999",
    slug: "test-code",
};

const PAGES: &[Page] = &[Page {
    code: CODE,
    text: "# WH999 test-code\n\nIt is odd.\n\nSeverity: info.\n\n## Why\n",
}];

fn run(report: &Report<'_>, hidden: &Hidden) -> Value {
    let tool = Tool {
        name: "wharf",
        version: "1.2.3",
        pages: PAGES,
    };
    let mut text = Vec::new();
    write_sarif(&mut text, report, hidden, tool).unwrap();
    let log: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    log["runs"][0].clone()
}

fn of(diagnostics: &[Diagnostic]) -> Value {
    let report = Report {
        shown: diagnostics.iter().collect(),
        ..Report::default()
    };
    run(&report, &Hidden::of(diagnostics))
}

fn source(name: &str, text: &str) -> Arc<SourceText> {
    Arc::new(SourceText::new(name, text))
}

#[test]
fn columns_count_utf16_code_units() {
    let source = source("a.md", "first\n🍳é odd\n");
    let start = source.text().find("odd").unwrap();
    let span = Span::new(start, start + 3);
    let run = of(&[Diagnostic::new(CODE, Severity::Warning, "x", &source, span)]);
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    assert_eq!(
        run["results"][0]["locations"][0]["physicalLocation"]["region"],
        json!({ "startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 8 })
    );
}

#[test]
fn names_are_addresses() {
    for (name, expected) in [
        (
            "my docs/ä%1.md",
            json!({ "uri": "my%20docs/%C3%A4%251.md", "uriBaseId": "%SRCROOT%" }),
        ),
        ("/srv/a b.md", json!({ "uri": "file:///srv/a%20b.md" })),
        ("../a.md", json!({ "uri": "../a.md" })),
        (
            "a:b.md",
            json!({ "uri": "a%3Ab.md", "uriBaseId": "%SRCROOT%" }),
        ),
    ] {
        let source = source(name, "x");
        let run = of(&[Diagnostic::new(
            CODE,
            Severity::Error,
            "x",
            &source,
            Span::at(0),
        )]);
        let location = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"], expected);
    }
}

#[test]
fn rules_have_their_page_and_results_point_at_them() {
    let source = source("a.md", "x");
    let other = Code {
        id: "WH000",
        slug: "without-page",
    };
    let finding = |code| Diagnostic::new(code, Severity::Info, "x", &source, Span::at(0));
    let run = of(&[finding(CODE), finding(other), finding(CODE)]);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["level"], "note");
        assert_eq!(result["suppressions"], json!([]));
    }
    assert_eq!(rules[1]["shortDescription"]["text"], "It is odd.");
    assert_eq!(rules[1]["help"]["markdown"], PAGES[0].text);
    assert_eq!(rules[1]["defaultConfiguration"]["level"], "note");
}

#[test]
fn other_places_and_fixes_are_told() {
    let source = source("a.md", "one two");
    let finding = Diagnostic::new(CODE, Severity::Error, "is odd", &source, Span::new(0, 3))
        .with_label("here")
        .with_secondary(&source, Span::new(4, 7), "because of this")
        .with_help("leave it out")
        .with_fix(Fix {
            title: "Leave it out".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![
                Edit {
                    span: Span::new(0, 3),
                    replacement: String::new(),
                },
                Edit {
                    span: Span::at(7),
                    replacement: "!".to_owned(),
                },
            ],
        });
    let result = &of(&[finding])["results"][0];
    assert_eq!(
        result["message"]["text"],
        "is odd (here)\nHelp: leave it out"
    );
    assert_eq!(
        result["relatedLocations"][0]["message"]["text"],
        "because of this"
    );
    let fix = &result["fixes"][0];
    assert_eq!(fix["properties"]["safe"], true);
    let replacements = &fix["artifactChanges"][0]["replacements"];
    assert_eq!(replacements[0].get("insertedContent"), None);
    assert_eq!(replacements[1]["deletedRegion"]["startColumn"], 8);
    assert_eq!(replacements[1]["insertedContent"]["text"], "!");
}

#[test]
fn suppressed_findings_carry_the_reason_and_problems_are_notifications() {
    let source = source("a.md", "x");
    let finding = Diagnostic::new(CODE, Severity::Error, "x", &source, Span::at(0));
    let report = Report {
        suppressed: vec![SuppressedFinding {
            diagnostic: &finding,
            reason: "agreed with the vendor",
        }],
        problems: vec![Problem {
            file: "b.md".to_owned(),
            message: "is not UTF-8".to_owned(),
        }],
        ..Report::default()
    };
    let run = run(&report, &Hidden::default());
    assert_eq!(
        run["results"][0]["suppressions"],
        json!([{ "kind": "inSource", "justification": "agreed with the vendor" }])
    );
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = &invocation["toolExecutionNotifications"][0];
    assert_eq!(told["message"]["text"], "is not UTF-8");
}

#[test]
fn nothing_hidden_is_shown_and_a_fix_that_would_is_left_out() {
    let source = source("a.md", "s3cr3t-key");
    let span = Span::new(0, 10);
    let finding = Diagnostic::new(CODE, Severity::Error, "`s3cr3t-key`", &source, span)
        .with_hidden(span)
        .with_label("s3cr3t-key")
        .with_secondary(&source, span, "s3cr3t-key")
        .with_help("not s3cr3t-key")
        .with_fix(Fix {
            title: "Quote it".to_owned(),
            applicability: Applicability::Safe,
            edits: vec![Edit {
                span,
                replacement: "\"s3cr3t-key\"".to_owned(),
            }],
        });
    let run = of(&[finding]);
    assert!(!run.to_string().contains("s3cr3t"), "{run:#}");
    assert_eq!(run["results"][0].get("fixes"), None);
}
