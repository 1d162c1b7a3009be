//! Ranges of a text lead back to the right bytes of the source.

use wharf_diag::Span;

use super::Text;

/// `**Ключ**: `a\|b` tail` as a Markdown reader would hand it over.
fn sample() -> (&'static str, Text) {
    let source = r"**Ключ**: `a\|b` tail";
    let mut text = Text::default();
    text.push("Ключ", Span::new(2, 10), source);
    text.push(": ", Span::new(12, 14), source);
    text.push("a|b", Span::new(14, 20), source);
    text.push(" tail", Span::new(20, 25), source);
    (source, text)
}

#[test]
fn key_and_value_keep_their_places() {
    let (source, text) = sample();
    let (key, value) = text.split_key().unwrap();
    assert_eq!(key.as_str(), "Ключ");
    assert_eq!(&source[key.span().range()], "Ключ");
    assert_eq!(value.as_str(), "a|b tail");
    assert_eq!(&source[value.span().range()], r"`a\|b` tail");
}

#[test]
fn a_range_of_a_verbatim_piece_is_exact() {
    let (source, text) = sample();
    let tail = text.as_str().find("tail").unwrap();
    assert_eq!(&source[text.span_of(tail..tail + 4).range()], "tail");
    let part = text.part(tail - 1..tail + 2).trimmed();
    assert_eq!(part.as_str(), "ta");
    assert_eq!(&source[part.span().range()], "ta");
}

#[test]
fn a_colon_inside_a_word_does_not_end_a_key() {
    let text = Text::new("a:b: c", Span::new(0, 6), "a:b: c");
    let (key, value) = text.split_key().unwrap();
    assert_eq!((key.as_str(), value.as_str()), ("a:b", "c"));
}

#[test]
fn splits_and_drops_empty_pieces() {
    let source = " a ,, b";
    let text = Text::new(source, Span::new(0, source.len()), source);
    let parts = text.split(|value, at| usize::from(value[at..].starts_with(',')));
    let parts: Vec<_> = parts
        .iter()
        .map(|part| (part.as_str(), part.span()))
        .collect();
    assert_eq!(parts, [("a", Span::new(1, 2)), ("b", Span::new(6, 7))]);
}
