//! Columns of tables.

use super::{cells, end, heading};

fn column(text: &str, name: &str) -> Option<Vec<String>> {
    let at = text.find(name)? + name.len();
    let heading = heading(text, at)?;
    assert!(end(text, &heading) <= text.len());
    Some(
        cells(text, &heading)
            .into_iter()
            .map(|cell| text[cell].to_owned())
            .collect(),
    )
}

#[test]
fn the_cells_below_a_heading() {
    let text = "x\n| Name | Token | Note |\n|:--|---|--:|\n| a | `1` | n |\n| b \\| c | **2** |\n| d |\n\n| e | 3 |\n";
    assert_eq!(column(text, "Token").unwrap(), ["1", "2"]);
    assert_eq!(column(text, "Note").unwrap(), ["n"]);
}

#[test]
fn a_row_without_a_delimiter_row_has_no_headings() {
    for text in [
        "| Token | x |\n| a | b |\n",
        "Token | a\n---\n",
        "| Token |",
        "| Token |\n|---|",
        "| Token |\n|   |\n",
    ] {
        assert_eq!(column(text, "Token"), None, "{text}");
    }
}

#[test]
fn the_pipes_at_the_ends_of_rows_may_be_left_out() {
    let text = "SSID | Token\n---- | -----\nlab | 1\n| hall | 2 |\n\nSee a | b\n";
    assert_eq!(column(text, "Token").unwrap(), ["1", "2"]);
    assert_eq!(column(text, "SSID").unwrap(), ["lab", "hall"]);
}
