//! Tests of the pieces of a text.

use super::{Outline, PieceKind};

const DOCUMENT: &str = "\u{feff}---\r\ntype: tool\r\n---\r\n\r\n# Title\r\n\r\nWords.\r\n\r\n   ## One ##\r\n\r\n> ## Quoted\r\n\r\n- ## In a list\r\n\r\n### A\r\n```\r\n## In code\r\n```\r\n### B\r\nTwo\r\n---\r\n### C";

fn shown(text: &str) -> Vec<(String, &str)> {
    let outline = Outline::of(text);
    let pieces = outline.pieces().iter().map(|piece| {
        let kind = match &piece.kind {
            PieceKind::Frontmatter => "frontmatter".to_owned(),
            PieceKind::Prose => "prose".to_owned(),
            PieceKind::Section { name } => name.clone(),
            PieceKind::Part { section, name } => format!("{section}/{name}"),
        };
        (kind, &text[piece.span.range()])
    });
    pieces.collect()
}

#[test]
fn headings_outside_of_containers_and_blocks_cut_the_text() {
    let shown = shown(DOCUMENT);
    let kinds: Vec<_> = shown.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "frontmatter",
            "prose",
            "One",
            "One/A",
            "One/B",
            "Two",
            "Two/C"
        ]
    );
    assert!(shown[2].1.starts_with("   ## One ##"));
    assert!(shown[3].1.contains("## In code"));
    assert_eq!(shown[5].1, "Two\r\n---\r\n");
    let whole: String = shown.iter().map(|(_, text)| *text).collect();
    assert_eq!(whole, DOCUMENT);
}

#[test]
fn a_section_has_its_parts() {
    let outline = Outline::of(DOCUMENT);
    let one = outline.section(" one ").unwrap();
    assert_eq!(one.start, outline.pieces()[2].span.start);
    assert_eq!(
        one.end,
        outline.part("Two", "c").unwrap().start - "Two\r\n---\r\n".len()
    );
    assert_eq!(outline.section_names().collect::<Vec<_>>(), ["One", "Two"]);
    assert_eq!(outline.part_names("ONE").collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(outline.section("Quoted"), None);
    assert_eq!(outline.part("One", "C"), None);
}

#[test]
fn an_empty_text_has_no_pieces() {
    assert_eq!(shown(""), []);
    assert_eq!(shown("a"), [("prose".to_owned(), "a")]);
    assert_eq!(
        shown("### A\n"),
        [("/A".to_owned(), "### A\n")],
        "a part before any section"
    );
}
