//! Names of a store fill the fields of a template.

use super::fill_fields;

#[test]
fn a_field_takes_the_name_that_is_it_or_ends_with_it() {
    let names = ["SERVICE_API_KEY", "SERVICE_SECRET", "TOKEN"];
    assert_eq!(
        fill_fields(&["api_key", "token", "api_key", "other"], &names),
        [
            ("api_key", Some("SERVICE_API_KEY")),
            ("token", Some("TOKEN")),
            ("other", None)
        ]
    );
}

#[test]
fn the_whole_name_goes_before_an_ending() {
    assert_eq!(
        fill_fields(&["key", "x"], &["API_KEY", "Key"]),
        [("key", Some("Key")), ("x", None)]
    );
}

#[test]
fn one_field_and_one_name_belong_together() {
    assert_eq!(
        fill_fields(&["api_key"], &["GITHUB_PAT"]),
        [("api_key", Some("GITHUB_PAT"))]
    );
    assert_eq!(fill_fields(&["k", "k"], &[""]), [("k", Some(""))]);
    assert_eq!(fill_fields(&["k"], &[]), [("k", None)]);
}

#[test]
fn an_ending_starts_at_an_underscore() {
    assert_eq!(
        fill_fields(&["key", "x"], &["MONKEY", "X"]),
        [("key", None), ("x", Some("X"))]
    );
}

#[test]
fn of_several_endings_the_earlier_name_counts_and_case_does_not() {
    assert_eq!(
        fill_fields(
            &["Api_Key", "key", "é"],
            &["A_B_API_KEY", "C_KEY", "_Key", "d_é"]
        ),
        [
            ("Api_Key", Some("A_B_API_KEY")),
            ("key", Some("A_B_API_KEY")),
            ("é", Some("d_é")),
        ]
    );
}
