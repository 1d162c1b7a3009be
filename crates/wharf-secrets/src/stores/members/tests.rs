//! Which member fills which field, and what is said of one that is no string.

use secrecy::ExposeSecret as _;

use super::{Members, fill};
use crate::error::Error;

fn filled(json: &str, fields: &[&str]) -> Result<Vec<(String, String)>, String> {
    let members: Members = serde_json::from_str(json).unwrap();
    let unusable = |name: &str, problem| Error::VariableUnusable {
        variable: name.to_owned(),
        problem,
    };
    let values = fill(&members, fields, || "the store".to_owned(), unusable);
    let values = values.map_err(|error| error.to_string())?;
    let shown = values
        .into_iter()
        .map(|(field, value)| (field, value.expose_secret().to_owned()));
    Ok(shown.collect())
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = list.iter().map(|(a, b)| ((*a).into(), (*b).into()));
    owned.collect()
}

#[test]
fn what_is_no_string_is_in_nobodys_way() {
    // tuenti/secrets-manager#94, hashicorp/terraform-provider-vault#2509: one number in a secret made
    // all of it unreadable.
    for other in ["5432", "-1", "2.5", "true", "null", "[\"x\"]", "{\"a\":{}}"] {
        let json = format!("{{\"port\": {other}, \"api_key\": \"canary-0a0a0a\"}}");
        let expected = pairs(&[("api_key", "canary-0a0a0a")]);
        assert_eq!(filled(&json, &["api_key"]).unwrap(), expected, "{json}");
    }
}

#[test]
fn a_field_that_means_one_is_told_its_name_and_no_value() {
    for (json, fields, name) in [
        (r#"{"pin": 90210, "note": "n"}"#, &["pin"][..], "pin"),
        (r#"{"PIN": 90210}"#, &["pin"], "pin"),
        (r#"{"code": 90210}"#, &["api_key"], "code"),
        (r#"{"a_user": 90210, "b": 1}"#, &["user"], "a_user"),
    ] {
        let error = filled(json, fields).unwrap_err();
        let words = format!("{name} is not a string");
        assert!(error.contains(&words), "{error}");
        assert!(!error.contains("90210"), "{error}");
    }
}

#[test]
fn a_string_of_the_same_name_is_preferred() {
    let found = filled(r#"{"Pin": 1, "PIN": "canary-1b1b1b"}"#, &["pin"]).unwrap();
    assert_eq!(found, pairs(&[("pin", "canary-1b1b1b")]));
}

#[test]
fn the_later_of_two_with_one_name_counts() {
    let found = filled(r#"{"a": 1, "b": "x", "a": "canary-2c2c2c"}"#, &["a"]).unwrap();
    assert_eq!(found, pairs(&[("a", "canary-2c2c2c")]));
    let error = filled(r#"{"a": "canary-2c2c2c", "a": 1}"#, &["a"]).unwrap_err();
    assert!(error.contains("a is not a string"), "{error}");
}

#[test]
fn a_missing_field_tells_the_names_that_are_there() {
    let error = filled(r#"{"x": "canary-3d3d3d", "y": "z"}"#, &["key"]).unwrap_err();
    assert!(error.contains("`x`, `y`"), "{error}");
    assert!(!error.contains("canary-"), "{error}");
}
