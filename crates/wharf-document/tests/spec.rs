//! Runs the spec files: a document, then the findings or the model that it has to give.
//!
//! `WHARF_UPDATE=1 cargo test -p wharf-document --test spec` writes what comes out into the
//! files; read the difference before you keep it.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use support::{Case, cases, parse, read, show_diagnostics, show_model, spec_files};

#[test]
fn documents_give_what_their_spec_says() {
    if std::env::var_os("WHARF_UPDATE").is_some() {
        update();
    }
    let mut wrong = String::new();
    for case in cases() {
        let (diagnostics, model) = outcome(&case, &case.document);
        for (kind, expected, found) in [
            ("diagnostics", &case.diagnostics, diagnostics),
            ("model", &case.model, model),
        ] {
            if expected.as_ref().is_some_and(|expected| *expected != found) {
                let expected = expected.as_deref().unwrap_or_default();
                writeln!(
                    wrong,
                    "{}: {}\n--- {kind} expected\n{expected}--- {kind} found\n{found}",
                    case.file, case.name
                )
                .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn windows_line_endings_and_a_byte_order_mark_change_nothing() {
    for case in cases() {
        let expected = outcome(&case, &case.document);
        let windows = case.document.replace('\n', "\r\n");
        assert_eq!(
            outcome(&case, &windows),
            expected,
            "{}: {}",
            case.file,
            case.name
        );
        let marked = format!("\u{feff}{}", case.document);
        let (diagnostics, model) = outcome(&case, &marked);
        assert_eq!(model, expected.1, "{}: {}", case.file, case.name);
        // Only the first line is shifted, and only findings about the whole document are there.
        let places = |text: &str| text.lines().filter(|l| !l.starts_with("1:")).count();
        assert_eq!(places(&diagnostics), places(&expected.0), "{}", case.name);
    }
}

#[test]
fn the_order_of_sections_is_free() {
    for case in cases() {
        let (_, expected) = outcome(&case, &case.document);
        let (_, found) = outcome(&case, &sections_reversed(&case.document));
        let without_unread = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| !line.starts_with("unread "));
            lines.map(str::to_owned).collect()
        };
        // Where one heading stands twice, or in a quote, the pieces cannot be told apart by lines.
        let is_free = !case.name.contains("twice") && !case.name.ends_with("are none");
        assert!(
            !is_free || without_unread(&found) == without_unread(&expected),
            "{}: {}\n{found}",
            case.file,
            case.name
        );
    }
}

fn outcome(case: &Case, document: &str) -> (String, String) {
    let (_, loaded) = read(document);
    let model = loaded.integration.as_ref().map(show_model);
    let diagnostics = show_diagnostics(&loaded, case.lines_before);
    (
        diagnostics,
        model.unwrap_or_else(|| "no document\n".to_owned()),
    )
}

/// The document with its level-two sections in the opposite order.
fn sections_reversed(document: &str) -> String {
    let mut starts = Vec::new();
    let mut at = 0;
    let mut in_block = false;
    for line in document.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if line.starts_with("## ") && !in_block {
            starts.push(at);
        }
        at += line.len();
    }
    let Some(first) = starts.first().copied() else {
        return document.to_owned();
    };
    let mut reversed = document[..first].to_owned();
    starts.push(document.len());
    for pair in starts.windows(2).rev() {
        reversed.push_str(document[pair[0]..pair[1]].trim_end());
        reversed.push_str("\n\n");
    }
    reversed
}

/// Writes the outcome of every case over what the spec files say.
fn update() {
    for path in spec_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec")) {
        let text = fs::read_to_string(&path).unwrap();
        let mut cases = parse("update", &text).into_iter();
        let mut case = None;
        let mut fence: Option<String> = None;
        let mut is_replaced = false;
        let mut updated = String::new();
        for line in text.lines() {
            if let Some(mark) = &fence {
                let is_end = line == mark;
                if is_end {
                    fence = None;
                }
                if !is_end && is_replaced {
                    continue;
                }
            } else if line.starts_with("```") {
                let mark: String = line.chars().take_while(|c| *c == '`').collect();
                let kind = &line[mark.len()..];
                is_replaced = matches!(kind, "diagnostics" | "model");
                updated.push_str(line);
                updated.push('\n');
                if let Some(case) = &case {
                    let Case { document, .. } = case;
                    let (diagnostics, model) = outcome(case, document);
                    match kind {
                        "diagnostics" => updated.push_str(&diagnostics),
                        "model" => updated.push_str(&model),
                        _ => {}
                    }
                }
                fence = Some(mark);
                continue;
            } else if line.starts_with("## ") {
                case = cases.next();
            }
            updated.push_str(line);
            updated.push('\n');
        }
        fs::write(&path, updated).unwrap();
    }
}
