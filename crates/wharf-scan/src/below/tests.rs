//! Values on the lines below their names.

use super::super::samples::{BASE62, drawn, found, is_not_found};

#[test]
fn a_name_may_be_the_title_of_its_value() {
    let value = drawn(BASE62, 28);
    for line in [
        "**API key**\n\n```\n@\n```",
        "### API key (live)\n\n```text\n@\n```",
        "API key of the shop\n~~~\n@\n~~~",
        "API key\n: `@`",
        "API key\n:   @",
        "API key\n\n    @\n",
        "API key:\n`@`",
        "API key for staging:\n\n```\n@\n```",
        "> **API key**\n>\n> ```\n> @\n> ```",
    ] {
        let text = line.replace('@', &value);
        let all: Vec<_> = found(&text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(all, [value.as_str()], "{text}");
    }
}

#[test]
fn other_lines_below_are_no_values() {
    let value = drawn(BASE62, 28);
    for line in [
        "API key\n@",
        "API key\n\n```\n@\nand more\n```",
        "API key\n\n```\nrun @\n```",
        "API key\n\n\n\n```\n@\n```",
    ] {
        is_not_found(&line.replace('@', &value));
    }
}
