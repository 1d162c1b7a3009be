//! An index is stable, reads as itself, and leaves people's own files alone.

use std::sync::Arc;

use wharf_diag::{SourceText, Words};

use super::{IndexEntry, check_index, is_index, render_index};
use crate::{Integration, IntegrationId, load};

fn document(id: &str, title: &str, rest: &str) -> Integration {
    let text =
        format!("---\ntitle: \"[Integration] {title}\"\ntype: tool\nsubtype: integration\n{rest}");
    let source = Arc::new(SourceText::new(format!("{id}.md"), text));
    let loaded = load(&IntegrationId::new(id).unwrap(), &source);
    loaded.integration.unwrap()
}

fn details(category: &str, purpose: &str) -> String {
    format!("---\n\n## Service Details\n\n- Purpose: {purpose}\n- Category: {category}\n")
}

fn entry(integration: &Integration) -> IndexEntry<'_> {
    IndexEntry {
        path: integration.source.name(),
        integration,
    }
}

fn entries(documents: &[Integration]) -> Vec<IndexEntry<'_>> {
    documents.iter().map(entry).collect()
}

#[test]
fn documents_stand_by_category_and_name() {
    let owner = "\n## Contacts\n\n### Internal\n\n- Owner: Team Quay\n";
    let documents = vec![
        document("zeta", "Zeta", &(details("api", "Last") + owner)),
        document("alone", "Alone", "---\n"),
        document("slack", "Slack", &details("Messages", "Chat")),
        document(
            "alpha",
            "Alpha",
            &format!("criticality: high\n{}", details("API", "First")),
        ),
        document(
            "old",
            "Old",
            &format!("deprecated: true\n{}", details("API", "Gone")),
        ),
        document(
            "off",
            "Off",
            &format!("active: false\n{}", details("API", "Later")),
        ),
    ];
    let expected = "\
<!-- Made by `wharf index` from the documents of this folder. Changes here are lost. -->

# Integrations

## API

| Integration | What for | Criticality | Owner |
|---|---|---|---|
| [Alpha](alpha.md) | First | high |  |
| [Off](off.md) (not active) | Later |  |  |
| [Old](old.md) (deprecated) | Gone |  |  |
| [Zeta](zeta.md) | Last |  | Team Quay |

## Messages

| Integration | What for | Criticality | Owner |
|---|---|---|---|
| [Slack](slack.md) | Chat |  |  |

## Other

| Integration | What for | Criticality | Owner |
|---|---|---|---|
| [Alone](alone.md) |  |  |  |
";
    let mut entries = entries(&documents);
    assert_eq!(render_index(&entries, &Words::default()), expected);
    entries.reverse();
    assert_eq!(
        render_index(&entries, &Words::default()),
        expected,
        "whatever the order"
    );
}

#[test]
fn text_reads_as_itself() {
    let documents = [document(
        "a",
        "Quay | [Sons] <b>",
        &details("A & B", "Pay `all` \\\\| now"),
    )];
    let entry = IndexEntry {
        path: "a folder/100%(x).md",
        integration: &documents[0],
    };
    let text = render_index(&[entry], &Words::default());
    let row = text.lines().last().unwrap();
    assert!(
        row.starts_with("| [Quay \\| \\[Sons\\] \\<b\\>](a%20folder/100%25%28x%29.md) | "),
        "{row}"
    );
    assert!(text.contains("\n## A \\& B\n"), "{text}");
}

#[test]
fn hidden_words_are_left_out() {
    let documents = [document(
        "a",
        "A",
        &details("API", "Key abc_def_123 in words"),
    )];
    let text = render_index(&entries(&documents), &Words::from_iter([r"abc\_def\_123"]));
    assert!(!text.contains("def"), "{text}");
    assert!(text.contains("Key \\*\\*\\* in words"), "{text}");
}

#[test]
fn only_an_own_index_is_checked_and_line_ends_make_no_difference() {
    let documents = [document("a", "A", &details("API", "First"))];
    let entries = entries(&documents);
    let current = render_index(&entries, &Words::default());
    let check = |text: &str| {
        let source = Arc::new(SourceText::new("INDEX.md", text));
        check_index(&source, &entries, &Words::default())
    };
    assert!(is_index(&current));
    assert!(check(&current).is_none());
    assert!(check(&current.replace('\n', "\r\n")).is_none());
    assert!(check("# Integrations\n\nOurs.\n").is_none());
    let place = |text: &str| {
        let found = check(text).unwrap();
        let label = &found.primary;
        (
            label.start().line,
            label.source.slice(label.span).to_owned(),
        )
    };
    let changed = current.replace("First", "Second");
    assert_eq!(
        place(&changed),
        (9, "| [A](a.md) | Second |  |  |".to_owned())
    );
    assert_eq!(place(&format!("{current}more\n")), (10, "more".to_owned()));
    let shorter = current.trim_end().rsplit_once('\n').unwrap().0;
    assert_eq!(place(shorter).1, "");
}
