//! The matching rule, case by case.

use super::{Match, find};

#[test]
fn one_field_and_one_value_match_whatever_their_names() {
    assert_eq!(find("api_key", 1, &["GITHUB_TOKEN"]), Match::One(0));
    assert_eq!(find("api_key", 2, &["GITHUB_TOKEN"]), Match::None);
    assert_eq!(find("api_key", 1, &["GITHUB_TOKEN", "OTHER"]), Match::None);
}

#[test]
fn a_name_fits_whole_or_behind_an_underscore() {
    let names = ["SERVICE_API_KEY", "SERVICE_SECRET"];
    assert_eq!(find("api_key", 2, &names), Match::One(0));
    assert_eq!(find("SECRET", 2, &names), Match::One(1));
    assert_eq!(find("key", 2, &names), Match::One(0));
    assert_eq!(find("ey", 2, &names), Match::None);
    assert_eq!(find("the_service_api_key", 2, &names), Match::None);
    assert_eq!(find("token", 2, &["Token", "user"]), Match::One(0));
}

#[test]
fn the_whole_name_wins_over_an_ending() {
    assert_eq!(find("key", 1, &["SECRET_KEY", "KEY"]), Match::One(1));
}

#[test]
fn two_endings_are_not_guessed_between() {
    assert_eq!(
        find("key", 1, &["A_KEY", "USER", "B_KEY"]),
        Match::Several(vec![0, 2])
    );
    assert_eq!(find("key", 1, &["KEY", "key"]), Match::Several(vec![0, 1]));
}

#[test]
fn names_that_are_not_ascii_do_not_break_the_search() {
    assert_eq!(find("key", 2, &["é", "Ü_KEY"]), Match::One(1));
    assert_eq!(find("y", 2, &["é", "ü"]), Match::None);
}
