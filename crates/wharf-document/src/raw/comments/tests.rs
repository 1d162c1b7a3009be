//! Comments are found where they are comments, and nowhere else.

use super::find;

const FRONTMATTER: &str = "---\ntype: tool\n---\n";

/// What the comments of a document say, `!` before those that stand alone.
fn said(body: &str) -> Vec<String> {
    let text = format!("{FRONTMATTER}{body}");
    let found = find(&text);
    let said = found.all.iter().map(|comment| {
        let alone = if comment.is_alone { "!" } else { "" };
        format!("{alone}{}", &text[comment.content.range()])
    });
    said.collect()
}

#[test]
fn in_prose_lists_and_tables() {
    let body = "<!-- wharf-ignore A: a -->\n\n- x: y <!--wharf-ignore B: b-->\n  <!-- wharf-ignore C:\n  c -->\n\n\
                | a |\n|---|\n| b <!-- wharf-ignore D: d --> |\n| b | <!-- wharf-ignore E: e -->\n<!-- other -->\n";
    assert_eq!(
        said(body),
        [
            "!wharf-ignore A: a",
            "wharf-ignore B: b",
            "!wharf-ignore C:\n  c",
            "wharf-ignore D: d",
            "wharf-ignore E: e"
        ]
    );
}

#[test]
fn in_yaml_and_settings_behind_a_hash() {
    let text = "---\ntype: tool # wharf-ignore A: a\n  # wharf-ignore B: b\nx: \"a # wharf-ignore C: c\"\n\
                y: a#wharf-ignore D: d\n---\n```yaml\r\n# wharf-ignore E: e\r\n```\n\n~~~Python\nx = 1 # no # wharf-ignore F: f\n~~~\n";
    let found = find(text);
    let said: Vec<_> = found.all.iter().map(|c| &text[c.content.range()]).collect();
    assert_eq!(
        said,
        [
            "wharf-ignore A: a",
            "wharf-ignore B: b",
            "wharf-ignore E: e",
            "wharf-ignore F: f"
        ]
    );
    let alone: Vec<_> = found.all.iter().map(|c| c.is_alone).collect();
    assert_eq!(alone, [false, true, true, false]);
}

#[test]
fn in_other_code_they_are_text() {
    for body in [
        "```markdown\n<!-- wharf-ignore A: a -->\n```\n",
        "```json\n{} # wharf-ignore A: a\n<!-- wharf-ignore A: a -->\n```\n",
        "```yaml\n<!-- wharf-ignore A: a -->\n```\n",
        "````yaml\n```\n<!-- wharf-ignore A: a -->\n```\n````\n",
        "    <!-- wharf-ignore A: a -->\n",
        "Write `<!-- wharf-ignore A: a -->` there.\n",
        "Write \\<!-- wharf-ignore A: a --> there.\n",
        "# wharf-ignore A: a\n",
        "<!-- wharf-ignore A: never closed\n",
    ] {
        assert_eq!(said(body), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn the_first_section_is_the_first_that_is_read_as_one() {
    let before = "> ## Quoted\n\n- ## In a list\n\n```\n## Code\n```\n\n";
    let text = format!("{FRONTMATTER}<!-- wharf-ignore A: a -->\n{before}## Costs\n");
    assert_eq!(find(&text).first_section, text.find("## Costs").unwrap());
    let without = format!("{FRONTMATTER}<!-- wharf-ignore A: a -->\n");
    assert_eq!(find(&without).first_section, without.len());
}

#[test]
fn a_comment_in_a_table_stays_in_its_cell() {
    let open = "| a | b |\n|---|---|\n| <!-- wharf-ignore A | b: c --> |\n| <!-- wharf-ignore\n\n";
    assert_eq!(
        said(&format!("{open}## B <!-- wharf-ignore B: b -->\n")),
        ["wharf-ignore B: b"]
    );
}
