//! Tables fit, whatever their cells hold.

use unicode_width::UnicodeWidthStr as _;

use super::{Column, cut, render};

const COLUMNS: [Column; 4] = [
    Column::whole("ID", 0),
    Column::words("NAME", 6, 0),
    Column::number("COUNT", 2),
    Column::words("WORDS", 8, 1),
];

fn rows() -> Vec<Vec<String>> {
    [
        ["a", "A short one", "7", "many words that go on and on"],
        ["long-id", "Ünïcödé 日本語の名前", "1234567", ""],
    ]
    .map(|row| row.map(str::to_owned).to_vec())
    .to_vec()
}

#[test]
fn without_a_width_nothing_is_cut() {
    let table = render(&COLUMNS, &rows(), None);
    let expected = "\
ID       NAME                    COUNT  WORDS
a        A short one                 7  many words that go on and on
long-id  Ünïcödé 日本語の名前  1234567
";
    assert_eq!(table.text, expected);
    assert!(table.left_out.is_empty());
}

#[test]
fn every_line_fits_a_narrow_terminal() {
    for width in 24..80 {
        let table = render(&COLUMNS, &rows(), Some(width));
        for line in table.text.lines() {
            assert!(line.width() <= width, "{width}: {}", table.text);
        }
        assert!(table.text.contains("long-id"), "{}", table.text);
    }
}

#[test]
fn words_are_cut_before_columns_go() {
    let table = render(&COLUMNS, &rows(), Some(42));
    assert!(table.left_out.is_empty());
    assert!(table.text.contains('…'), "{}", table.text);
    let table = render(&COLUMNS, &rows(), Some(25));
    assert_eq!(table.left_out, ["WORDS"]);
    let table = render(&COLUMNS, &rows(), Some(20));
    assert_eq!(table.left_out, ["WORDS", "COUNT"]);
    // What is never left out is shown in any case.
    let table = render(&COLUMNS, &rows(), Some(1));
    assert!(table.text.starts_with("ID"), "{}", table.text);
}

#[test]
fn a_cut_text_is_no_wider_than_asked_for() {
    assert_eq!(cut("words", 5), "words");
    assert_eq!(cut("words", 4), "wor…");
    assert_eq!(cut("two words", 5), "two…");
    assert_eq!(cut("日本語", 4), "日…");
}
