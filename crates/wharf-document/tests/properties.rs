//! Whatever stands in a document: no panic, every place within the text, every frame drawable.

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use wharf_diag::{Applicability, Severity, apply_fixes};

use support::survive::{loads, survives};
use support::{FRONTMATTER, cases, read};

/// Applies safe fixes until none is left, which has to come soon. No line break becomes another.
fn settles(text: &str) -> Result<(), TestCaseError> {
    const MOST_ROUNDS: usize = 10;
    let mut text = text.to_owned();
    let has_line_feeds_alone = |text: &str| text.replace("\r\n", "").contains('\n');
    for _ in 0..MOST_ROUNDS {
        let (source, loaded) = read(&text);
        let applied = apply_fixes(&source, &loaded.diagnostics, Applicability::Safe);
        if applied.applied.is_empty() {
            prop_assert!(applied.left.is_empty(), "{:?}", applied.left);
            return Ok(());
        }
        if !has_line_feeds_alone(&text) {
            prop_assert!(!has_line_feeds_alone(&applied.text), "{:?}", applied.text);
        }
        text = applied.text;
    }
    Err(TestCaseError::fail(format!("does not settle: {text}")))
}

/// One change to a text. Places are shares of its length.
#[derive(Clone, Debug)]
enum Change {
    Remove(f64, f64),
    Repeat(f64, f64),
    Insert(f64, String),
}

fn change() -> impl Strategy<Value = Change> {
    const WORDS: &[&str] = &[
        "|",
        "\n",
        "\r\n",
        "---\n",
        "```",
        "```json\n",
        "## ",
        "### ",
        "- ",
        ": ",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "\t",
        "\u{feff}",
        "\u{0}",
        "é",
        "🙂",
        "\u{202e}",
        "*",
        "_",
        "\\",
        "<",
        ">",
        "&",
        "#",
        "$X",
        "[x]",
        "-1",
        "99999999999999999999",
        "https://",
        "=",
        "!",
        "%",
        "@",
        "0x1",
        "1e999",
        ",",
        "<!-- wharf-ignore plain-http, WH004: x -->",
        "<!-- wharf-ignore-file title-not-quoted: x -->\n",
        " # wharf-ignore given-twice: x\n",
        "<!-- wharf-ignore",
        "-->",
    ];
    let place = 0.0..1.0_f64;
    let length = 0.0..0.1_f64;
    prop_oneof![
        (place.clone(), length.clone()).prop_map(|(at, length)| Change::Remove(at, length)),
        (place.clone(), length).prop_map(|(at, length)| Change::Repeat(at, length)),
        (place, proptest::sample::select(WORDS))
            .prop_map(|(at, word)| Change::Insert(at, word.to_owned())),
    ]
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "any place in the text will do"
)]
fn place(text: &str, share: f64) -> usize {
    let mut at = ((text.len() as f64) * share) as usize;
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn apply(text: &mut String, change: &Change) {
    match change {
        Change::Remove(at, length) => {
            let (start, end) = (place(text, *at), place(text, at + length));
            text.replace_range(start..end, "");
        }
        Change::Repeat(at, length) => {
            let (start, end) = (place(text, *at), place(text, at + length));
            let piece = text[start..end].to_owned();
            text.insert_str(end, &piece);
        }
        Change::Insert(at, word) => text.insert_str(place(text, *at), word),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn changed_documents_are_survived(
        index in any::<proptest::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..8),
    ) {
        let cases = cases();
        let mut text = index.get(&cases).document.clone();
        for change in &changes {
            apply(&mut text, change);
        }
        survives(&text);
    }

    #[test]
    fn fixes_settle(
        index in any::<proptest::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..8),
    ) {
        let cases = cases();
        let mut text = index.get(&cases).document.clone();
        for change in &changes {
            apply(&mut text, change);
        }
        settles(&text)?;
    }

    #[test]
    fn any_frontmatter_is_survived(yaml in "[ -~\\t\\néж🙂]{0,200}") {
        survives(&format!("---\ntype: tool\nsubtype: integration\n{yaml}\n---\n"));
    }

    #[test]
    fn any_text_is_survived(body in "\\PC{0,400}") {
        survives(&format!("{FRONTMATTER}{body}"));
        survives(&body);
    }

    #[test]
    fn any_cell_is_survived(cell in "[^\\n\\r|]{0,60}") {
        for table in [
            format!("## Service Details\n\n|Environment|Endpoint|\n|-|-|\n|A|{cell}|\n"),
            format!("## API Endpoints\n\n|Operation|Method|Endpoint|Rate Limit|Cache|Timeout|Idempotent|\n|-|-|-|-|-|-|-|\n|{cell}|{cell}|{cell}|{cell}|{cell}|{cell}|{cell}|\n|A|GET|/a|{cell}|{cell}|{cell}|{cell}|\n"),
            format!("## Error Handling\n\n|Code|Meaning|Response|\n|-|-|-|\n|{cell}|{cell}|{cell}|\n|500|x|{cell}|\n"),
            format!("## Authentication\n\n- Type: {cell}\n- Header: {cell}\n- Query: {cell}\n- Username: {cell}\n\n```yaml\na:\n  location: {cell}\n  path: {cell}\n```\n"),
        ] {
            survives(&format!("{FRONTMATTER}{table}"));
        }
    }
}

#[test]
fn a_document_cut_off_at_any_place_is_survived() {
    let cases = cases().into_iter();
    for case in cases.filter(|case| case.name.starts_with("every ") || case.file == "template.md") {
        let text = &case.document;
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            loads(&text[..end]);
        }
    }
}

#[test]
fn deep_nesting_and_long_lines_are_survived() {
    for body in [
        "> ".repeat(20_000),
        "- ".repeat(20_000),
        (0..2_000)
            .map(|depth| format!("{}- a\n", "  ".repeat(depth)))
            .collect(),
        format!("## API Endpoints\n\n{}\n", "|".repeat(100_000)),
        "[".repeat(50_000),
        "*_".repeat(50_000),
        format!(
            "## Configuration\n\n```json\n{}\n```\n",
            "{\"a\":".repeat(20_000)
        ),
        format!(
            "## Authentication\n\n```yaml\n{}\n```\n",
            "a: {".repeat(20_000)
        ),
        format!(
            "## Error Handling\n\n```python\nretry_on = {}\n```\n",
            "[".repeat(50_000)
        ),
    ] {
        survives(&format!("{FRONTMATTER}{body}"));
    }
}

#[test]
fn findings_are_bounded_and_the_rest_is_counted() {
    let rows = "| A | GET | nowhere |\n".repeat(3_500);
    let table = format!("## API Endpoints\n\n|Operation|Method|Endpoint|\n|-|-|-|\n{rows}");
    let (_, loaded) = read(&format!("{FRONTMATTER}{table}"));
    let errors = loaded
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error);
    assert_eq!(errors.count(), 1_000);
    assert_eq!(loaded.left_out, 2_500);
    // What the findings past the bound hide stays hidden.
    let items = "- a: b\n".repeat(1_500);
    let storage = format!("## Authentication\n\n### Credential Storage\n\n{items}");
    let (source, loaded) = read(&format!("{FRONTMATTER}{storage}"));
    let hidden = loaded.diagnostics.iter().flat_map(|d| &d.hidden);
    let places: BTreeSet<_> = hidden.map(|span| source.line_column(span.start)).collect();
    assert_eq!(places.len(), 1_500);
    assert!(loaded.left_out >= 500, "{}", loaded.left_out);
}
