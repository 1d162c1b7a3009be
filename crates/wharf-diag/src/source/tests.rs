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
fn an_offset_that_is_no_place_is_the_nearest_before_it() {
    let source = SourceText::new("a.md", MIXED);
    let emoji = MIXED.find('😀').unwrap();
    // Inside a character.
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
fn every_character_has_a_place_of_its_own() {
    let source = SourceText::new("a.md", MIXED);
    let places = MIXED.char_indices().map(|(offset, character)| {
        let at = source.utf16_position(offset);
        (at.line, at.column, character)
    });
    let (mut line, mut column) = (1, 1);
    for (at_line, at_column, character) in places {
        assert_eq!((at_line, at_column), (line, column), "{character:?}");
        column += character.len_utf16();
        if character == '\n' {
            (line, column) = (line + 1, 1);
        }
    }
}

#[test]
fn an_empty_text_has_one_place() {
    let source = SourceText::new("a.md", "");
    assert_eq!(
        source.utf16_position(7),
        Utf16Position { line: 1, column: 1 }
    );
}
