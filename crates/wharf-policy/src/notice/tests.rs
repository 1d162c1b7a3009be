use std::time::Duration;

use jiff::Timestamp;

use super::{DedupeKey, Notice, Severity, Subject};
use crate::bounded::Name;

#[test]
fn a_key_tells_its_parts_apart() {
    let kind = |name| Name::new(name).unwrap();
    let key = DedupeKey::of(&kind("a"), &["b", "c"]);
    assert_eq!(key, DedupeKey::of(&kind("a"), &["b", "c"]));
    assert_ne!(key, DedupeKey::of(&kind("a"), &["bc"]));
    assert_ne!(key, DedupeKey::of(&kind("ab"), &["c"]));
    assert_ne!(key, DedupeKey::of(&kind("a"), &["b", "c", ""]));
    assert_eq!(key.to_string().len(), 32);
    assert_eq!(key, DedupeKey::from_bytes(*key.as_bytes()));
}

#[test]
fn the_time_of_a_notice_counts_from_the_first_one() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let hour = Duration::from_secs(3_600);
    for (second, is_same) in [
        (0, true),
        (3_599, true),
        (3_600, false),
        (-3_599, true),
        (-3_600, false),
    ] {
        let found = Notice::is_same(at(0), hour, at(second));
        assert_eq!(found, is_same, "{second}");
    }
    assert!(!Notice::is_same(at(0), Duration::ZERO, at(0)));
}

#[test]
fn severities_are_ordered_and_known_by_their_words() {
    assert!(Severity::Info < Severity::Warning && Severity::Warning < Severity::Critical);
    for severity in Severity::ALL {
        assert_eq!(severity.as_str().parse(), Ok(severity));
    }
    assert!("fatal".parse::<Severity>().is_err());
}

#[test]
fn a_subject_is_named_as_calls_name_it() {
    let shown = [
        Subject::installation(),
        Subject::integration("stripe"),
        Subject::environment("stripe", "production"),
    ];
    let shown = shown.map(|subject| subject.to_string());
    assert_eq!(shown, ["wharf", "stripe", "stripe@production"]);
}
