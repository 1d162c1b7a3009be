//! A file is read once however it is linked, and there is a bound to how many are.

use std::sync::Arc;

use wharf_diag::SourceText;

use super::{LinkedExamples, LinkedText, MOST_BYTES, MOST_FILES, linked_examples};
use crate::{IntegrationId, load};

const ROW: &str =
    "## API Endpoints\n\n| Operation | Method | Endpoint |\n|---|---|---|\n| Get | GET | /get |\n";

/// Follows links to some targets; gives what they led to, and the targets that were opened.
fn followed(
    targets: impl IntoIterator<Item = String>,
    text: impl Fn(&str) -> String,
) -> (LinkedExamples, Vec<String>) {
    let links: String = targets
        .into_iter()
        .map(|target| format!("- [answers]({target})\n"))
        .collect();
    let document =
        format!("---\ntype: tool\nsubtype: integration\n---\n{ROW}\n### Examples\n\n{links}");
    let source = Arc::new(SourceText::new("a.md", document));
    let id = IntegrationId::named("a").unwrap();
    let integration = load(&id, &source).integration.unwrap();
    let mut opened = Vec::new();
    let linked = linked_examples(&integration, |target| {
        opened.push(target.to_owned());
        LinkedText::Read(Arc::new(SourceText::new(target, text(target))))
    });
    (linked, opened)
}

fn example(says: &str) -> String {
    format!("```json get\n{{\"says\": \"{says}\"}}\n```\n")
}

#[test]
fn a_file_is_read_once_however_its_link_is_written() {
    let spellings = [
        "x/a.md",
        "./x/a.md",
        "././x//a.md",
        "x/../x/a.md",
        "x/./a.md#get",
    ];
    let (linked, opened) = followed(spellings.map(str::to_owned), |_| example("a"));
    assert_eq!(opened, ["x/a.md"]);
    assert_eq!(linked.examples.len(), 1);
    // Where the text alone tells that two ways lead to one file.
    let ways = ["x/a.md", "x/%61.md", "link/a.md"];
    let (linked, opened) = followed(ways.map(str::to_owned), |_| example("a"));
    assert_eq!((opened.len(), linked.examples.len()), (3, 1));
}

#[test]
fn other_files_are_other_files() {
    let targets = ["a.md", "../a.md", "../../a.md", "/a.md", "b/a.md"];
    let (linked, opened) = followed(targets.map(str::to_owned), example);
    assert_eq!(opened, targets);
    assert_eq!(linked.examples.len(), 5);
    assert!(linked.diagnostics.is_empty(), "{:?}", linked.diagnostics);
}

#[test]
fn there_is_a_bound_to_files_and_to_their_bytes() {
    let targets = (0..2 * MOST_FILES).map(|n| format!("{n}.md"));
    let (linked, opened) = followed(targets, example);
    assert_eq!(
        (opened.len(), linked.examples.len()),
        (MOST_FILES, MOST_FILES)
    );
    let [found] = &linked.diagnostics[..] else {
        panic!("{:?}", linked.diagnostics);
    };
    assert!(found.message.contains("`100.md`"), "{}", found.message);

    let large = |target: &str| format!("{}{}", example(target), " ".repeat(MOST_BYTES / 3));
    let targets = ["a.md", "b.md", "c.md", "d.md"];
    let (linked, opened) = followed(targets.map(str::to_owned), large);
    assert_eq!((opened.len(), linked.examples.len()), (3, 2));
    let [found] = &linked.diagnostics[..] else {
        panic!("{:?}", linked.diagnostics);
    };
    assert!(found.message.contains("16 MiB"), "{}", found.message);
}
