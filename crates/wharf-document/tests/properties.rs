//! Whatever stands in a document: no panic, every place within the text, every frame drawable.

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use wharf_diag::{Applicability, Severity, apply_fixes};
use wharf_document::{IntegrationId, apply_harmless_fixes};

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

/// Applies all fixes until none is left; never are there more errors than before.
fn no_fix_makes_an_error(text: &str) -> Result<(), TestCaseError> {
    const MOST_ROUNDS: usize = 10;
    let errors = |loaded: &wharf_document::Loaded| {
        let found = loaded.diagnostics.iter();
        found
            .filter(|found| found.severity == Severity::Error)
            .count()
    };
    let Some(id) = IntegrationId::new("example") else {
        return Err(TestCaseError::fail("the id is one"));
    };
    let mut text = text.to_owned();
    for _ in 0..MOST_ROUNDS {
        let (source, loaded) = read(&text);
        if loaded.integration.is_none() {
            return Ok(());
        }
        let unsafe_too = Applicability::Unsafe;
        let applied = apply_harmless_fixes(&id, &source, &loaded.diagnostics, unsafe_too);
        if applied.applied.is_empty() {
            return Ok(());
        }
        let (_, after) = read(&applied.text);
        prop_assert!(
            errors(&after) <= errors(&loaded),
            "{text}\n---\n{}",
            applied.text
        );
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
    fn fixes_make_no_errors(
        index in any::<proptest::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..8),
        slips in proptest::collection::vec(0.0..1.0_f64, 1..8),
    ) {
        let cases = cases();
        let mut text = index.get(&cases).document.clone();
        for change in &changes {
            apply(&mut text, change);
        }
        // Letters that are left out, as in a slip of the pen: a third copy of a line keeps the
        // right name beside it.
        for slip in slips {
            let at = place(&text, slip);
            let line = text[at..].split_inclusive('\n').next().unwrap_or_default().to_owned();
            if let Some(letter) = text[at..].chars().next().filter(|sign| sign.is_alphabetic()) {
                let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
                let whole = text[start..at + line.len()].to_owned();
                text.replace_range(at..at + letter.len_utf8(), "");
                text.insert_str(start, &whole);
            }
        }
        no_fix_makes_an_error(&text)?;
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

/// Each of these names has its right spelling beside it: written rightly it would be there twice.
#[test]
fn a_name_that_is_taken_is_not_suggested() {
    let text = format!(
        "{}\n{}",
        FRONTMATTER.replace("type: tool", "type: tool\nversion: 1\nversoin: 2"),
        "## Service Details\n\n### Environments\n\n| Environment | Endpoint | Endpoints |\n|---|---|---|\n\
         | Production | https://api.example.org | x |\n\n\
         ## Authentication\n\n### Method\n- Type: None\n- Typ: None\n\n\
         ## Configuration\n\n### Required Settings\n```json\n{ \"timeout\": 4, \"timeut\": 3 }\n```\n\n\
         ## Error Handling\n\n### Retry Strategy\n```python\nmax_retris = 2\nmax_retries = 3\n```\n\n\
         ## Csts\n\n## Cots\n"
    );
    let (source, loaded) = read(&text);
    let suggested: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.fix.is_some())
        .map(|found| source.slice(found.primary.span))
        .collect();
    // The first of two sections that nothing else is in the way of.
    assert_eq!(suggested, ["Csts"]);
    let applied = apply_fixes(&source, &loaded.diagnostics, Applicability::Unsafe);
    let (_, after) = read(&applied.text);
    let twice = after
        .diagnostics
        .iter()
        .filter(|found| found.code.id == "WH004");
    assert_eq!(twice.count(), 0, "{}", applied.text);
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
