use gen_lsp_types::{Position, Range};
use wharf_diag::Span;

use super::{Encoding, Lines};

/// Right-to-left letters, a character outside the first plane, a combining mark.
const TEXT: &str = "שלום 😀 a\u{301}\r\nsecond\rthird\n";

fn position(offset: usize, encoding: Encoding) -> (u32, u32) {
    let place = Lines::new(TEXT).position(TEXT, offset, encoding);
    (place.line, place.character)
}

fn offset(line: u32, character: u32, encoding: Encoding) -> usize {
    Lines::new(TEXT).offset(TEXT, Position { line, character }, encoding)
}

#[test]
fn every_offset_comes_back_in_both_encodings() {
    let lines = Lines::new(TEXT);
    for encoding in [Encoding::Utf8, Encoding::Utf16] {
        for (at, sign) in TEXT.char_indices() {
            // A line ending has no column of its own: the protocol clamps it to its line's end.
            if matches!(sign, '\n') && TEXT[..at].ends_with('\r') {
                continue;
            }
            let place = lines.position(TEXT, at, encoding);
            assert_eq!(lines.offset(TEXT, place, encoding), at, "{encoding:?} {at}");
        }
    }
}

#[test]
fn columns_count_the_units_of_the_encoding() {
    let behind_smile = TEXT.find("😀").unwrap() + "😀".len();
    assert_eq!(position(behind_smile, Encoding::Utf16), (0, 7));
    assert_eq!(position(behind_smile, Encoding::Utf8), (0, 13));
}

#[test]
fn a_lone_carriage_return_ends_a_line() {
    assert_eq!(
        position(TEXT.find("third").unwrap(), Encoding::Utf16),
        (2, 0)
    );
    assert_eq!(
        position(TEXT.find("second").unwrap(), Encoding::Utf16),
        (1, 0)
    );
}

#[test]
fn places_out_of_bounds_are_clamped() {
    let end_of_first = TEXT.find('\r').unwrap();
    assert_eq!(offset(0, 999, Encoding::Utf16), end_of_first);
    assert_eq!(offset(999, 0, Encoding::Utf16), TEXT.len());
    assert_eq!(offset(u32::MAX, u32::MAX, Encoding::Utf8), TEXT.len());
    assert_eq!(position(usize::MAX, Encoding::Utf8), (3, 0));
}

#[test]
fn a_place_inside_a_character_is_its_start() {
    let smile = TEXT.find("😀").unwrap();
    assert_eq!(offset(0, 6, Encoding::Utf16), smile);
    assert_eq!(offset(0, 10, Encoding::Utf8), smile);
    assert_eq!(position(smile + 2, Encoding::Utf16), (0, 5));
}

#[test]
fn a_range_that_runs_backwards_is_empty() {
    let lines = Lines::new(TEXT);
    let range = Range {
        start: Position {
            line: 1,
            character: 3,
        },
        end: Position {
            line: 0,
            character: 0,
        },
    };
    let start = lines.offset(TEXT, range.start, Encoding::Utf16);
    assert_eq!(lines.span(TEXT, range, Encoding::Utf16), Span::at(start));
}

/// Every text of up to `length` of three signs that may begin, end or join lines.
fn texts(length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..length {
        let longer: Vec<String> = all[from..]
            .iter()
            .flat_map(|text| ['a', '\r', '\n'].map(|sign| format!("{text}{sign}")))
            .collect();
        from = all.len();
        all.extend(longer);
    }
    all
}

#[test]
fn a_part_replaced_leaves_the_lines_of_the_new_text() {
    let replacements = texts(2);
    for before in texts(5) {
        for start in 0..=before.len() {
            for end in start..=before.len() {
                for replacement in &replacements {
                    let mut text = before.clone();
                    let mut lines = Lines::new(&text);
                    lines.replace(&mut text, Span::new(start, end), replacement);
                    let expected = Lines::new(&text).starts;
                    assert_eq!(
                        lines.starts, expected,
                        "{before:?} {start}..{end} {replacement:?}"
                    );
                }
            }
        }
    }
}
