//! Tests of line and column numbers.

use super::{LineColumn, SourceText, Utf16Position};

/// Lines with one, two, three and four byte characters, both line endings and no last one.
const MIXED: &str = "ab\r\né😀x\n\n\u{feff}中\u{200d}👩\u{200d}💻\nשלום";

#[test]
fn scalar_values_and_code_units_are_counted_apart() {
    let source = SourceText::new("a.md", MIXED);
    let x = MIXED.find('x').unwrap();
    assert_eq!(source.line_column(x), LineColumn { line: 2, column: 3 });
    assert_eq!(
        source.utf16_position(x),
        Utf16Position { line: 2, column: 4 }
    );
}

#[test]
fn every_offset_comes_back_from_its_position() {
    let source = SourceText::new("a.md", MIXED);
    for (offset, character) in MIXED.char_indices() {
        let at = source.utf16_position(offset);
        let back = source.offset_of_utf16(at.line, at.column);
        // The line feed of a CR LF pair is inside the line ending, which has one place only.
        let expected = if character == '\n' && MIXED[..offset].ends_with('\r') {
            offset - 1
        } else {
            offset
        };
        assert_eq!(back, expected, "offset {offset}");
    }
    let end = source.utf16_position(MIXED.len());
    assert_eq!(source.offset_of_utf16(end.line, end.column), MIXED.len());
}

#[test]
fn a_place_that_does_not_exist_is_the_nearest_that_does() {
    let source = SourceText::new("a.md", MIXED);
    assert_eq!(source.offset_of_utf16(1, 99), 2);
    assert_eq!(source.offset_of_utf16(0, 0), 0);
    assert_eq!(source.offset_of_utf16(99, 1), MIXED.len());
    // The second half of the emoji's surrogate pair.
    let emoji = MIXED.find('😀').unwrap();
    assert_eq!(source.offset_of_utf16(2, 3), emoji);
    // An offset inside a character is its start.
    assert_eq!(
        source.utf16_position(emoji + 2),
        source.utf16_position(emoji)
    );
    assert_eq!(
        source.utf16_position(usize::MAX),
        source.utf16_position(MIXED.len())
    );
}

#[test]
fn an_empty_text_has_one_place() {
    let source = SourceText::new("a.md", "");
    assert_eq!(
        source.utf16_position(7),
        Utf16Position { line: 1, column: 1 }
    );
    assert_eq!(source.offset_of_utf16(3, 3), 0);
}
