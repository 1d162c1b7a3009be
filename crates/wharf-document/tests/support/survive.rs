//! What has to hold for any text whatever: no panic, places within the text, nothing lost.

use wharf_diag::{Colour, Hidden, Span, to_text};
use wharf_document::{Integration, Loaded, Outline, apply, format};

use super::{read, show_model};

/// Loads a text and looks at everything that has a place; draws every frame.
pub(crate) fn survives(text: &str) {
    let loaded = loads(text);
    let frames = to_text(
        &loaded.diagnostics,
        &Hidden::of(&loaded.diagnostics),
        Colour::Never,
    );
    assert_eq!(frames.is_empty(), loaded.diagnostics.is_empty());
    round_trips(text);
    lays_out(text, &loaded);
}

/// Loads a text; every place that is given lies within it.
pub(crate) fn loads(text: &str) -> Loaded {
    let (source, loaded) = read(text);
    let fits = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} of\n{text}");
    let mut places = loaded.diagnostics.iter().map(|d| d.primary.span.start);
    assert!(places.by_ref().is_sorted());
    let (mut counted, mut lines) = (0, 1);
    for diagnostic in &loaded.diagnostics {
        let place = diagnostic.primary.span;
        fits(place);
        diagnostic
            .secondary
            .iter()
            .for_each(|label| fits(label.span));
        diagnostic.hidden.iter().for_each(|span| fits(*span));
        let edits = diagnostic.fix.iter().flat_map(|fix| &fix.edits);
        edits.for_each(|edit| fits(edit.span));
        assert!(!diagnostic.message.is_empty());
        // Counted apart from the source's table of lines.
        lines += text[counted..place.start].matches('\n').count();
        counted = place.start;
        let last = lines + text[place.range()].matches('\n').count();
        for (offset, line) in [(place.start, lines), (place.end, last)] {
            let place = source.utf16_position(offset);
            let before = &text[..offset];
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            let column = before[line_start..].encode_utf16().count() + 1;
            assert_eq!((place.line, place.column), (line, column));
        }
    }
    if let Some(integration) = &loaded.integration {
        assert_eq!(source.name(), integration.source.name());
        spans(integration).into_iter().for_each(fits);
    }
    loaded
}

fn spans(integration: &Integration) -> Vec<Span> {
    let operations = || integration.operations.iter();
    let rows = integration.errors.iter().map(|row| row.code.span);
    let stores = integration
        .credentials
        .iter()
        .map(|credential| credential.store.span);
    operations()
        .map(|operation| operation.name.span)
        .chain(rows)
        .chain(stores)
        .collect()
}

/// The pieces of a text are consecutive and cover it.
pub(crate) fn round_trips(text: &str) {
    let outline = Outline::of(text);
    let mut at = 0;
    for piece in outline.pieces() {
        assert_eq!(piece.span.start, at, "{text}");
        assert!(
            piece.span.end > at && text.is_char_boundary(piece.span.end),
            "{text}"
        );
        at = piece.span.end;
    }
    assert_eq!(at, text.len());
}

/// The canonical layout says the same as the text, and has no other layout itself.
pub(crate) fn lays_out(text: &str, loaded: &Loaded) {
    let edits = format(text);
    if edits.is_empty() {
        return;
    }
    let ordered = edits
        .windows(2)
        .all(|pair| pair[0].span.end <= pair[1].span.start);
    assert!(ordered, "{edits:?}");
    let after = apply(text, &edits);
    let again = format(&after);
    assert!(again.is_empty(), "{text}\n---\n{after}\n---\n{again:?}");
    let (_, new) = read(&after);
    let model = |loaded: &Loaded| loaded.integration.as_ref().map(show_model);
    assert_eq!(model(&new), model(loaded), "{text}\n---\n{after}");
    let codes = |loaded: &Loaded| {
        let mut codes: Vec<_> = loaded.diagnostics.iter().map(|d| d.code).collect();
        codes.sort();
        codes
    };
    assert_eq!(codes(&new), codes(loaded), "{text}\n---\n{after}");
}
