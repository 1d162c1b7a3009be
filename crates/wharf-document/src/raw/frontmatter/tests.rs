//! The fences are found whatever the editor, and lines are read where YAML is broken.

use super::{bounds, is_integration, key_lines};

#[test]
fn finds_the_fences_with_windows_endings_and_a_mark() {
    let text = "\u{feff}---\r\ntype: tool\r\n--- \r\n# Title\r\n";
    let found = bounds(text).unwrap();
    assert!(found.closed);
    assert_eq!(&text[found.yaml.range()], "type: tool\r\n");
    assert_eq!(&text[found.whole.range()], "---\r\ntype: tool\r\n--- \r\n");
}

#[test]
fn an_open_block_ends_before_the_prose() {
    let text = "---\ntype: tool\nsubtype: integration\n\n# Title\n";
    let found = bounds(text).unwrap();
    assert!(!found.closed);
    assert_eq!(
        &text[found.yaml.range()],
        "type: tool\nsubtype: integration\n"
    );
}

#[test]
fn text_without_fences_has_no_frontmatter() {
    assert_eq!(bounds(""), None);
    assert_eq!(bounds("# Title\n---\n"), None);
    assert_eq!(bounds("----\n"), None);
}

#[test]
fn recognises_a_document_whose_yaml_is_broken() {
    assert!(is_integration(
        "---\ntitle: [A] B\ntype:\t\"tool\" # kind\nsubtype: 'integration'\ntags: [\n---\n"
    ));
    assert!(!is_integration(
        "---\ntype: tool\n---\nsubtype: integration\n"
    ));
    assert!(!is_integration(
        "---\ntype: note\nsubtype: integration\n---\n"
    ));
}

#[test]
fn a_comment_is_not_part_of_the_value() {
    let text = "---\ncost: $5/month # about\ntitle: \"a # b\"\nnested:\n  type: x\n---\n";
    let lines = key_lines(text, bounds(text).unwrap().yaml);
    let values: Vec<_> = lines.iter().map(|line| &text[line.value.range()]).collect();
    assert_eq!(values, ["$5/month", "\"a # b\"", ""]);
}
