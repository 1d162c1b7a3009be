//! Ranges of a text lead back to the right bytes of the source.

use std::sync::Arc;

use wharf_diag::{Span, Spanned};

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

#[test]
fn a_range_past_the_end_of_a_stretch_is_empty() {
    let (_, text) = sample();
    let whole = text.whole();
    let end = text.as_str().len();
    let odd = [
        (end, end + 1),
        (2, 1),
        (end + 5, end + 9),
        (usize::MAX, usize::MAX),
    ];
    for (start, end) in odd {
        assert!(whole.part(start..end).is_empty(), "{start} {end}");
    }
    // A part of a part ends where that ends.
    assert!(whole.part(0..8).part(6..10).is_empty());
}

/// The parts of a text with links and escapes, cut at every pair of places.
#[test]
fn every_part_is_as_if_it_were_all_there_is() {
    let (source, mut text) = sample();
    let target = |name: &str| Arc::new(Spanned::new(name.to_owned(), Span::new(0, 1)));
    text.link(0..4, target("first"));
    text.link(4..4, target("nothing"));
    text.link(10..13, target("second"));
    let ends: Vec<_> = (0..=text.as_str().len())
        .filter(|at| text.as_str().is_char_boundary(*at))
        .collect();
    for start in &ends {
        for end in ends.iter().filter(|end| *end >= start) {
            let range = *start..*end;
            let part = text.part(range.clone());
            let stretch = text.whole().part(range.clone());
            assert_eq!(part.as_str(), &text.as_str()[range.clone()]);
            assert_eq!(stretch.as_str(), part.as_str());
            assert_eq!(stretch.span(), part.span(), "{range:?}");
            assert_eq!(part.span(), text.span_of(range.clone()), "{range:?}");
            for (at, _) in part.as_str().char_indices() {
                let here = text.span_of(start + at..start + at + 1);
                assert_eq!(part.span_of(at..at + 1), here, "{range:?} {at}");
                assert_eq!(stretch.span_of(at..at + 1), here, "{range:?} {at}");
            }
            let links = text.links().iter().filter_map(|link| {
                let from = link.range.start.max(*start);
                let to = link.range.end.min(*end);
                (from < to).then(|| (from - start..to - start, link.target.value.clone()))
            });
            let found = part.links().iter();
            let found = found.map(|link| (link.range.clone(), link.target.value.clone()));
            assert!(links.eq(found), "{range:?}");
        }
    }
    assert_eq!(&source[text.span().range()], &source[2..25]);
}

#[test]
fn links_stay_at_their_words_when_pieces_are_left_out() {
    let source = "_ab_ _cd_";
    let mut text = Text::default();
    for (at, width) in [(0, 1), (1, 2), (3, 1), (4, 1), (5, 1), (6, 2), (8, 1)] {
        text.push(&source[at..at + width], Span::new(at, at + width), source);
    }
    let target = Arc::new(Spanned::new("x".to_owned(), Span::new(0, 1)));
    for range in [0..4, 5..9] {
        text.link(range, Arc::clone(&target));
    }
    let rest = text.without(&[8, 0, 3, 5]);
    assert_eq!(rest.as_str(), "ab cd");
    let places: Vec<_> = rest.links().iter().map(|link| link.range.clone()).collect();
    assert_eq!(places, [0..2, 3..5]);
    assert_eq!(rest.span(), Span::new(1, 8));
}
