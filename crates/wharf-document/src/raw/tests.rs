use proptest::prelude::*;

use super::{plain_name, same_name};

proptest! {
    #[test]
    fn names_are_the_same_when_their_plain_names_are(
        left in "[aAbBß İΣς:_/ \\t\u{a0}]{0,8}",
        right in "[aAbBß İΣς:_/ \\t\u{a0}]{0,8}",
    ) {
        prop_assert_eq!(same_name(&left, &right), plain_name(&left) == plain_name(&right));
        prop_assert!(same_name(&left, &left));
    }
}

#[test]
fn case_and_spacing_make_no_difference() {
    assert!(same_name("  API   Endpoints:", "api endpoints"));
    assert!(!same_name("API Endpoint", "API Endpoints"));
    assert!(!same_name("", "a"));
}
