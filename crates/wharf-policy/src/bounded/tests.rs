use super::{Name, Text};

#[test]
fn a_name_is_short_and_plain() {
    for good in ["a", "switch-to.fallback_2", &"x".repeat(64)] {
        assert_eq!(Name::new(good).unwrap().as_str(), good);
    }
    for bad in ["", "-a", "A", "a b", "a\n", "ä", &"x".repeat(65)] {
        assert!(Name::new(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_long_text_is_cut_between_characters_and_says_so() {
    assert_eq!(Text::<8>::new("12345678").as_str(), "12345678");
    assert_eq!(Text::<8>::new("123456789").as_str(), "12345…");
    assert_eq!(Text::<8>::new("1234äöüß").as_str(), "1234…");
    assert_eq!(Text::<2>::new("123").as_str(), "");
    for length in 0..40 {
        let text = Text::<13>::new(&"€".repeat(length));
        assert!(text.as_str().len() <= 13, "{text}");
    }
}
