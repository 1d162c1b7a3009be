//! Tests of the canonical layout.

use super::{apply, format};

/// Formats a text, and checks that formatting the result changes nothing.
fn formatted(text: &str) -> String {
    let after = apply(text, &format(text));
    let again = format(&after);
    assert!(again.is_empty(), "{after}\n{again:?}");
    after
}

fn assert_formats(before: &str, after: &str) {
    assert_eq!(formatted(before), after);
}

#[test]
fn pipes_stand_below_each_other_and_colons_stay() {
    assert_formats(
        "|A|Long one|C|D|\n|-|:-|:-:|--:|\n|aaa|b|c|d|\n| 1 |2|3\n\nProse | stays.\n",
        "| A   | Long one | C | D |\n\
         |-----|:---------|:-:|--:|\n\
         | aaa | b        | c | d |\n\
         | 1   | 2        | 3 |   |\n\nProse | stays.\n",
    );
    assert_formats(
        "| R | C |\n|--:|:-:|\n| 1000 | 12345 |\n| 1 | 1 |\n",
        "|    R |   C   |\n|-----:|:-----:|\n| 1000 | 12345 |\n|    1 |   1   |\n",
    );
}

/// A mark of a word processor begins an item, so what stands behind it is no row.
#[test]
fn what_the_reader_takes_for_an_item_is_no_row() {
    for text in [
        "◦ Network | Endpoint |\n|---|---|\n| Production | x |\n",
        "  • a | b\n  |-|-|\n  |c|d|\n",
    ] {
        assert_formats(text, text);
    }
    assert_formats(
        "a | b\n|-|-|\n• | d\n• c | d\n",
        "| a | b |\n|---|---|\n| • | d |\n• c | d\n",
    );
}

#[test]
fn outer_pipes_are_added_and_line_endings_stay() {
    assert_formats(
        "a | b\r\n--|--\r\n1 | 2  \r\n",
        "| a | b |\r\n|---|---|\r\n| 1 | 2 |\r\n",
    );
    assert_formats("|a|b|\n|-|-|\n|1|2|", "| a | b |\n|---|---|\n| 1 | 2 |");
}

#[test]
fn width_is_what_an_editor_shows() {
    assert_formats(
        "|a|b|\n|-|-|\n|日本|1|\n|e\u{301}|2|\n|👩\u{200d}💻|3|\n|שלום|4|\n|a\u{200b}b|5|\n",
        "| a    | b |\n|------|---|\n| 日本 | 1 |\n| e\u{301}    | 2 |\n| 👩\u{200d}💻   | 3 |\n\
         | שלום | 4 |\n| a\u{200b}b   | 5 |\n",
    );
}

#[test]
fn what_a_cell_holds_stays() {
    assert_formats(
        "|a|b|\n|-|-|\n|x \\| y|`a \\| b`|\n|<b title=\"x\">c</b><br>d|[l](u \"t\")|\n|\\\\\\|z|*e*|\n",
        "| a                       | b          |\n\
         |-------------------------|------------|\n\
         | x \\| y                  | `a \\| b`   |\n\
         | <b title=\"x\">c</b><br>d | [l](u \"t\") |\n\
         | \\\\\\|z                   | *e*        |\n",
    );
}

#[test]
fn a_pipe_in_a_code_span_ends_a_cell_as_it_does_for_every_reader() {
    // The third cell has no heading; it is reported, and kept.
    assert_formats(
        "|a|b|\n|-|-|\n|`x | y`|z|\n",
        "| a  | b  |\n|----|----|\n| `x | y` | z |\n",
    );
}

#[test]
fn a_comment_behind_a_row_stays_behind_it() {
    assert_formats(
        "|a|b|\n|-|-|\n|1|2|<!-- x -->\n|1|2| <!-- x --> |\n",
        "| a | b |\n|---|---|\n| 1 | 2 | <!-- x -->\n| 1 | 2 | <!-- x -->\n",
    );
}

#[test]
fn a_table_in_a_list_or_a_quote_keeps_what_stands_before_it() {
    assert_formats(
        "- item\n\n  |a|b|\n  |-|-|\n  |11|2|\n\n> |a|b|\n> |-|-|\n>|11|2|\n\n1. > | a |b|\n   > |-|-|\n   > |11|2|\n",
        "- item\n\n  | a  | b |\n  |----|---|\n  | 11 | 2 |\n\n> | a  | b |\n> |----|---|\n>| 11 | 2 |\n\n1. > | a  | b |\n   > |----|---|\n   > | 11 | 2 |\n",
    );
}

#[test]
fn what_only_looks_like_a_table_stays() {
    for text in [
        "```\n|a|b|\n|-|-|\n|1|2|\n```\n",
        "    |a|b|\n    |-|-|\n    |1|2|\n",
        "<!--\n|a|b|\n|-|-|\n-->\n",
        "<div>\n|a|b|\n|-|-|\n</div>\n",
        "|a|b|\n|-|\n|1|2|\n",
        "a\n---\n",
        "",
    ] {
        assert_formats(text, text);
    }
}

#[test]
fn a_very_wide_cell_sticks_out() {
    let long = "x".repeat(101);
    assert_formats(
        &format!("|a|b|\n|-|-|\n|{long}|1|\n|yy|2|\n"),
        &format!("| a  | b |\n|----|---|\n| {long} | 1 |\n| yy | 2 |\n"),
    );
}

#[test]
fn a_table_that_would_grow_without_bound_is_left_alone() {
    let columns = 2_000;
    let header = "|a".repeat(columns);
    let delimiter = "|-".repeat(columns);
    let rows = "|1|\n".repeat(2_000);
    let text = format!("{header}|\n{delimiter}|\n{rows}");
    assert_formats(&text, &text);
}

#[test]
fn keys_come_in_the_order_of_the_template_with_their_comments() {
    assert_formats(
        "---\n# about the version\n# two lines\nversion: 1 # remark\nzeta: z\nsubtype: integration\n\
         tags:\n  - a\n  # b is off\n  - b\nreferences:\n- x\n- y\ntype: tool\ndeprecated_reason: |+\n  # text\n  type: x\n\n\
         title: [Integration] X\nalpha: 1\n# last\n---\n# Body\n",
        "---\ntitle: [Integration] X\ntype: tool\nsubtype: integration\ntags:\n  - a\n  # b is off\n  - b\n\
         # about the version\n# two lines\nversion: 1 # remark\ndeprecated_reason: |+\n  # text\n  type: x\n\n\
         references:\n- x\n- y\nzeta: z\nalpha: 1\n# last\n---\n# Body\n",
    );
}

#[test]
fn line_endings_and_a_byte_order_mark_stay_in_the_frontmatter() {
    assert_formats(
        "\u{feff}---\r\ntype: tool\r\nactive:\r\n\"title\": \"x\r\n  y\"\r\n---\r\n",
        "\u{feff}---\r\n\"title\": \"x\r\n  y\"\r\ntype: tool\r\nactive:\r\n---\r\n",
    );
}

#[test]
fn frontmatter_that_cannot_be_read_stays() {
    for text in [
        "---\ntype: tool\ntitle: \"x\n---\n",
        "---\ntype: tool\ntitle: x\n",
        "---\n{type: tool, title: x}\n---\n",
        "---\n  type: tool\n  title: x\n---\n",
        "---\ntype: &a tool\ntitle: *a\n---\n",
        "---\n? type\n: tool\n? title\n: x\n---\n",
        "---\n- type\n- title\n---\n",
        "---\ntype: tool\nTitle: a\ntitle: b\n---\n",
    ] {
        assert_formats(text, text);
    }
}

#[test]
fn edits_touch_the_lines_that_change_only() {
    let text = "| a | b |\n|---|---|\n|1|2|\n| 3 | 4 |\n";
    let edits = format(text);
    assert_eq!(edits.len(), 1);
    assert_eq!(&text[edits[0].span.range()], "|1|2|");
}

/// endoflife-date/endoflife.date, products/neos.md: pages show no table there.
#[test]
fn a_table_that_no_page_shows_is_not_made_one() {
    let text =
        "| Version   |    PHP    |\n| ------- --| --------- |\n| 9.x | 8.2 |\n\n|a|b|\n|-|-|\n";
    let after = formatted(text);
    assert!(
        after.starts_with("| Version   |    PHP    |\n| ------- --| --------- |\n| 9.x | 8.2 |\n"),
        "{after}"
    );
    assert!(after.ends_with("| a | b |\n|---|---|\n"), "{after}");
}

/// discord/discord-api-docs, topics/rpc.mdx, has the first.
#[test]
fn a_line_without_a_pipe_behind_the_rows_stays() {
    for line in ["</Accordion>", ":::", "{% endraw %}", "words"] {
        assert_formats(
            &format!("|a|b|\n|-|-|\n|1|2|\n{line}\n\nProse.\n"),
            &format!("| a | b |\n|---|---|\n| 1 | 2 |\n{line}\n\nProse.\n"),
        );
    }
}

#[test]
fn a_line_for_a_tool_stays_the_first() {
    let schema = "# yaml-language-server: $schema=https://example.org/s.json\n";
    assert_formats(
        &format!("---\n{schema}subtype: integration\n# about the type\ntype: tool\n---\n"),
        &format!("---\n{schema}# about the type\ntype: tool\nsubtype: integration\n---\n"),
    );
    // A remark about a key goes with its key.
    assert_formats(
        "---\n# says what it is\nsubtype: integration\ntype: tool\n---\n",
        "---\ntype: tool\n# says what it is\nsubtype: integration\n---\n",
    );
}
