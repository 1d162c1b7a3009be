//! Any value into any document: what is set is there, and setting it again changes nothing.

use wharf_document::Draft;
use wharf_document::draft::Place;

/// The target. The first line is the value, the rest the document.
pub fn draft(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some((value, document)) = text.split_once('\n') else {
        return;
    };
    let mut draft = Draft::new(document);
    let place = Place::part("A", "B");
    if let Ok(Some(edit)) = draft.set_item(place, "key", value) {
        let after = draft.text();
        assert!(after.starts_with(&document[..edit.span.start]));
        assert!(after.ends_with(&document[edit.span.end..]));
        assert_eq!(draft.set_item(place, "key", value), Ok(None));
    }
    if draft.set_cell(place, "row", "column", value).is_ok() {
        // Where the column is the first, the row has another name now, and a second row of the
        // old name is next. That ends with the last of them.
        let mut again = (0..=document.lines().count())
            .map(|_| draft.set_cell(place, "row", "column", value))
            .skip_while(|set| matches!(set, Ok(Some(_))));
        assert_eq!(again.next(), Some(Ok(None)));
    }
    if draft.set_setting("name", &value.into()).is_ok() {
        assert_eq!(draft.set_setting("name", &value.into()), Ok(None));
    }
}
