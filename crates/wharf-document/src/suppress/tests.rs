//! A comment leaves out what it names, where it stands, for a reason.

use std::sync::Arc;

use wharf_diag::{Applicability, Code, Diagnostic, Severity, SourceText, Span, apply_fixes};
use wharf_scan::Kind;

use super::{Reach, Suppressed, suppress};
use crate::findings::{given_twice, plain_http, rate_not_read, secret_in_text};

const FRONTMATTER: &str = "---\ntype: tool\nsubtype: integration\n---\n";

fn source(body: &str) -> Arc<SourceText> {
    Arc::new(SourceText::new("a.md", format!("{FRONTMATTER}{body}")))
}

/// A finding at every place where a word stands in capitals.
fn findings(source: &Arc<SourceText>) -> Vec<Diagnostic> {
    let codes = [
        ("HTTP", plain_http::CODE),
        ("TWICE", given_twice::CODE),
        ("RATE", rate_not_read::CODE),
    ];
    let found = codes.iter().flat_map(|(word, code)| {
        let places = source.text().match_indices(word);
        places.map(|(at, word)| {
            let span = Span::new(at, at + word.len());
            Diagnostic::new(*code, Severity::Warning, "x", source, span)
        })
    });
    let secrets = source.text().match_indices("SECRET").map(|(at, word)| {
        secret_in_text::new(source, Span::new(at, at + word.len()), Kind::Assigned)
    });
    found.chain(secrets).collect()
}

fn run(body: &str) -> Suppressed {
    let source = source(body);
    suppress(&source, findings(&source), |_| true)
}

/// Line within the body and slug of what is kept.
fn kept(body: &str) -> Vec<String> {
    let lines_before = FRONTMATTER.lines().count();
    let kept = run(body).kept;
    let line =
        |diagnostic: &Diagnostic| diagnostic.primary.start().line.saturating_sub(lines_before);
    kept.iter()
        .map(|diagnostic| format!("{} {}", line(diagnostic), diagnostic.code.slug))
        .collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn on_the_line_and_on_the_line_before() {
    for body in [
        "HTTP <!-- wharf-ignore plain-http: inside -->\n",
        "- x: HTTP <!-- wharf-ignore WH114: inside -->\r\n",
        "| a | HTTP <!-- wharf-ignore wh114: inside --> |\n",
        "<!-- wharf-ignore plain-http: inside -->\nHTTP\n",
        "<!-- wharf-ignore plain-http: inside -->\r\n\r\nHTTP\r\n",
        "<!--\n  wharf-ignore plain-http: inside,\n  as agreed\n-->\nHTTP\n",
        "  <!-- wharf-ignore plain-http: inside -->\n  HTTP",
        "```yaml\na: HTTP # wharf-ignore plain-http: inside\n```\n",
        "```yaml\n# wharf-ignore plain-http: inside\na: HTTP\n```\n",
        "```python\na = HTTP  # wharf-ignore plain-http: inside\n```\n",
    ] {
        assert_eq!(kept(body), NOTHING, "{body}");
    }
    assert_eq!(
        kept("HTTP\n<!-- wharf-ignore plain-http: inside -->\nx\nHTTP\n"),
        ["1 plain-http", "2 suppression-unused", "4 plain-http"]
    );
}

#[test]
fn several_codes_and_several_comments() {
    let body = "HTTP TWICE RATE <!-- wharf-ignore plain-http, WH004 : both are meant -->\n";
    assert_eq!(kept(body), ["1 rate-not-read"]);
    let body = "<!-- wharf-ignore plain-http: one -->\n<!-- wharf-ignore given-twice: two -->\nHTTP TWICE\n";
    assert_eq!(kept(body), NOTHING);
    let reasons: Vec<_> = run(body).suppressed.into_iter().map(|s| s.reason).collect();
    assert_eq!(reasons, ["one", "two"]);
}

#[test]
fn before_a_block_for_all_of_it() {
    let body = "<!-- wharf-ignore plain-http: inside -->\n```json\n{\"a\": \"HTTP\",\n \"b\": \"HTTP\"}\n```\nHTTP\n";
    assert_eq!(kept(body), ["6 plain-http"]);
}

#[test]
fn for_the_file_only_in_front_of_the_first_section() {
    let comment = "<!-- wharf-ignore-file plain-http: inside -->\n";
    let body = format!("{comment}\n## A\n\nHTTP\n\n## B\nHTTP\n");
    assert_eq!(kept(&body), NOTHING);
    let late = format!("## A\n\n{comment}\nHTTP\n");
    assert_eq!(kept(&late), ["3 suppression-unused", "5 plain-http"]);
    let source = Arc::new(SourceText::new(
        "a.md",
        "---\n# wharf-ignore-file plain-http: inside\ntype: tool\n---\n## A\nHTTP\n",
    ));
    assert!(
        suppress(&source, findings(&source), |_| true)
            .kept
            .is_empty()
    );
}

#[test]
fn the_narrowest_comment_is_the_one_that_is_used() {
    let body = "<!-- wharf-ignore-file plain-http: all -->\n\n## A\n\nHTTP <!-- wharf-ignore plain-http: one -->\n";
    let outcome = run(body);
    assert_eq!(outcome.suppressed[0].reason, "one");
    assert_eq!(kept(body), ["1 suppression-unused"]);
}

#[test]
fn a_secret_only_by_a_comment_about_its_line() {
    let line = "SECRET <!-- wharf-ignore secret-in-text: a sample of the vendor -->\n";
    let outcome = run(line);
    assert!(outcome.kept.is_empty());
    assert_eq!(outcome.suppressed[0].diagnostic.hidden.len(), 1);
    let file = "<!-- wharf-ignore-file secret-in-text: samples -->\nSECRET\n";
    assert_eq!(kept(file), ["1 suppression-unused", "2 secret-in-text"]);
    let block = "<!-- wharf-ignore secret-in-text: samples -->\n```json\nSECRET\n```\n";
    assert_eq!(kept(block), ["1 suppression-unused", "3 secret-in-text"]);
}

#[test]
fn without_a_reason_nothing_is_left_out() {
    for comment in [
        "wharf-ignore plain-http",
        "wharf-ignore plain-http:",
        "wharf-ignore plain-http: --",
        "wharf-ignore",
    ] {
        let body = format!("HTTP <!-- {comment} -->\n");
        let expected = ["1 plain-http", "1 suppression-without-reason"];
        assert_eq!(kept(&body), expected, "{comment}");
    }
    assert_eq!(
        kept("HTTP <!-- wharf-ignored plain-http: x -->\n"),
        ["1 plain-http"]
    );
}

#[test]
fn unknown_codes_are_named_with_the_nearest_and_no_code_is_told() {
    let outcome = run("HTTP <!-- wharf-ignore plain-htpp, given-twice: x -->\nTWICE\n");
    let messages: Vec<_> = outcome.kept.iter().map(|d| &*d.message).collect();
    assert_eq!(
        messages[1..],
        [
            "`plain-htpp` is no code of a finding; did you mean `plain-http`?",
            "this comment leaves out nothing: WH004 (given-twice) is not found here",
            "x"
        ]
    );
    assert_eq!(
        kept("<!-- wharf-ignore: x -->\nx\n"),
        ["1 suppression-unknown"]
    );
}

#[test]
fn what_was_not_looked_for_is_not_called_unused() {
    let source = source("x <!-- wharf-ignore plain-http, given-twice: x -->\n");
    let looked_for = |code: Code| code != plain_http::CODE;
    let outcome = suppress(&source, Vec::new(), looked_for);
    assert_eq!(outcome.kept.len(), 1);
    assert!(outcome.kept[0].message.contains("given-twice"));
}

#[test]
fn hidden_text_in_a_comment_is_hidden_in_what_is_said_about_it() {
    let body =
        "HTTP <!-- wharf-ignore plain-http: key SECRET -->\n<!-- wharf-ignore SECRET: x -->\n";
    let outcome = run(body);
    assert_eq!(outcome.suppressed[0].reason, "key ******");
    let unknown = outcome
        .kept
        .iter()
        .find(|d| d.code.slug == "suppression-unknown")
        .unwrap();
    assert!(
        unknown.message.starts_with("`******` is no code"),
        "{unknown:?}"
    );
}

/// The body after the safe fixes, applied until nothing changes.
fn fixed(body: &str) -> String {
    let mut text = source(body);
    for _ in 0..10 {
        let kept = suppress(&text, findings(&text), |_| true).kept;
        let applied = apply_fixes(&text, &kept, Applicability::Safe);
        if applied.applied.is_empty() {
            return text.text()[FRONTMATTER.len()..].to_owned();
        }
        text = Arc::new(SourceText::new("a.md", applied.text));
    }
    panic!("the fixes of {body} do not settle");
}

#[test]
fn the_fix_takes_away_what_is_unused_and_nothing_else() {
    let unused = "<!-- wharf-ignore plain-http: x -->";
    for (body, expected) in [
        (format!("a {unused}\nb\n"), "a\nb\n"),
        (format!("| a | b | {unused}\r\n"), "| a | b |\r\n"),
        (format!("a\n\n{unused}\n\nb\n"), "a\n\nb\n"),
        (format!("a\n{unused}\nb\n"), "a\n\nb\n"),
        (format!("a\r\n{unused}\r\nb\r\n"), "a\r\n\r\nb\r\n"),
        (format!("a\n\n{unused}\nb\n"), "a\n\nb\n"),
        (format!("a\n{unused}"), "a\n"),
        (
            "```yaml\na: 1\n# wharf-ignore plain-http: x\nb: 2\n```\n".to_owned(),
            "```yaml\na: 1\nb: 2\n```\n",
        ),
        (
            "```yaml\na: 1  # wharf-ignore plain-http: x\n```\n".to_owned(),
            "```yaml\na: 1\n```\n",
        ),
        (
            "TWICE <!-- wharf-ignore plain-http, WH004, rate-not-read: x -->\n".to_owned(),
            "TWICE <!-- wharf-ignore WH004: x -->\n",
        ),
        (
            "TWICE <!-- wharf-ignore WH004, rate-not-read,WH114 : x -->\n".to_owned(),
            "TWICE <!-- wharf-ignore WH004 : x -->\n",
        ),
        (
            "x <!-- wharf-ignore rate-not-read, WH114: x -->\n".to_owned(),
            "x\n",
        ),
        (format!("a\n\n{unused}\n{unused}\nb\n"), "a\n\n\nb\n"),
    ] {
        assert_eq!(fixed(&body), expected, "{body}");
    }
}

#[test]
fn thousands_of_comments_are_bounded() {
    let body = "HTTP <!-- wharf-ignore given-twice, plain-http: x -->\n".repeat(3_000);
    let outcome = run(&body);
    assert_eq!(outcome.suppressed.len(), 1_000);
    assert_eq!(outcome.kept.len(), 3_000);
}

/// Time grew with the cube of the comments, up to the most that are read.
#[test]
fn comments_one_below_the_other_cost_no_more_than_their_lines() {
    let comments = "<!-- wharf-ignore plain-http: x -->\n".repeat(1_000);
    let source = source(&format!("{comments}\nhttp\n"));
    let found = crate::raw::comments::find(source.text());
    let reaches = super::reaches(source.text(), &found);
    assert_eq!(reaches.len(), 1_000);
    assert!(reaches.iter().all(|reach| *reach == reaches[0]));
    let Reach::Line(line) = reaches[0] else {
        panic!("{:?}", reaches[0]);
    };
    assert_eq!(source.slice(line), "http\n");
}
