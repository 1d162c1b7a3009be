use super::{Layout, lines};

fn names(text: &str) -> Vec<(u8, &str)> {
    let layout = Layout::of(text);
    let headings = layout.headings.iter();
    headings
        .map(|heading| (heading.level, &text[heading.name.range()]))
        .collect()
}

#[test]
fn headings_in_blocks_are_none() {
    let text = "# T\n## A\n```md\n## B\n```\n### C ##\n    ## D\n##E\n~~~\n```\n## F\n~~~\n## G\n";
    assert_eq!(names(text), [(2, "A"), (3, "C"), (2, "G")]);
}

#[test]
fn a_block_without_an_end_reaches_to_the_last_line() {
    let text = "## A\n````yaml\n```\n## B\n";
    let layout = Layout::of(text);
    assert_eq!(layout.fences.len(), 1);
    assert_eq!(&text[layout.fences[0].info.range()], "yaml");
    assert_eq!(&text[layout.fences[0].body.range()], "```\n## B");
    assert_eq!(names(text), [(2, "A")]);
}

#[test]
fn a_section_reaches_to_the_next() {
    let text = "## A\n\n### B\nx\n\n### C\n\n## D\ny\n";
    let layout = Layout::of(text);
    let reach = |index| &text[layout.reach(index, text).range()];
    assert_eq!(reach(0), "## A\n\n### B\nx\n\n### C");
    assert_eq!(reach(1), "### B\nx");
    assert_eq!(reach(3), "## D\ny");
    let under = layout.under(text, text.find('y').unwrap());
    assert_eq!((under.section, under.part), (Some("D"), None));
}

#[test]
fn the_frontmatter_is_between_its_lines() {
    for (text, expected) in [
        ("---\na: 1\n---\n## A\n", Some("a: 1\n")),
        ("\u{feff}---\r\na: 1\r\n---\r\n", Some("a: 1\r\n")),
        ("---\na: 1\n\nwords\n", Some("a: 1")),
        ("a: 1\n---\n", None),
    ] {
        let found = Layout::of(text).frontmatter;
        assert_eq!(found.map(|span| &text[span.range()]), expected, "{text:?}");
    }
}

#[test]
fn lines_have_no_endings() {
    let text = "a\r\n\nb";
    let found: Vec<_> = lines(text).map(|line| &text[line.range()]).collect();
    assert_eq!(found, ["a", "", "b"]);
}
