//! Tags between a name and its value.

use super::super::samples::{BASE62, drawn, found, is_not_found};

#[test]
fn tags_do_not_hide_a_value() {
    let value = drawn(BASE62, 28);
    for line in [
        "<p>API key: <code>@</code></p>",
        "<tr><td>API key</td><td>@</td></tr>",
        "<tr><th>API key</th></tr>\n<tr><td><kbd>@</kbd></td></tr>",
        "<dl><dt>API key</dt><dd>@</dd></dl>",
        "<b>API key</b>: @",
        "<details>\n<summary>API key</summary>\n\n`@`\n\n</details>",
        "API key = <span class=\"v\">@</span>",
    ] {
        let text = line.replace('@', &value);
        let all: Vec<_> = found(&text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(all, [value.as_str()], "{text}");
    }
}

#[test]
fn other_tags_are_left_alone() {
    let value = drawn(BASE62, 28);
    for line in [
        "API key <a href=\"@\">here</a>",
        "<td>API key</td><td>@ and more</td>",
        "API key: <code>@ and more</code>",
        "<td>API key</td><td><a href=\"@",
    ] {
        is_not_found(&line.replace('@', &value));
    }
}
