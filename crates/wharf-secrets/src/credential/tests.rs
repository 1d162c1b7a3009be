//! Equality and fingerprints of credentials.

use super::Credential;

fn credential(values: &[(&str, &str)]) -> Credential {
    let values = values
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned().into()))
        .collect();
    Credential::new(values, Vec::new())
}

#[test]
fn equal_means_same_fields_and_same_values() {
    let one = credential(&[("a", "1"), ("b", "2")]);
    assert_eq!(one, credential(&[("b", "2"), ("a", "1")]));
    for other in [
        credential(&[("a", "1")]),
        credential(&[("a", "1"), ("b", "3")]),
        credential(&[("a", "2"), ("b", "1")]),
        credential(&[("a", "1b"), ("", "2")]),
        Credential::default(),
    ] {
        assert_ne!(one, other);
        assert_ne!(one.fingerprint(), other.fingerprint());
    }
}

#[test]
fn a_byte_moved_between_name_and_value_changes_the_fingerprint() {
    assert_ne!(
        credential(&[("ab", "c")]).fingerprint(),
        credential(&[("a", "bc")]).fingerprint()
    );
}

/// Unkeyed, it would be the start of `e3b0c44298fc1c14…` (FIPS 180-4) for nothing, and a short
/// password could be found by trying.
#[test]
fn the_fingerprint_is_keyed_and_the_same_within_a_process() {
    let nothing = Credential::default().fingerprint();
    assert_ne!(nothing.to_string(), "e3b0c44298fc1c14");
    assert_ne!(nothing.as_bytes(), &[0; 8]);
    assert_eq!(nothing, Credential::default().fingerprint());
}

#[test]
fn another_value_for_a_field_is_another_credential() {
    let one = Credential::default().with("a", "1".into());
    let other = one.clone().with("a", "2".into());
    let more = one.clone().with("b", "1".into());
    assert_eq!(one, other.clone().with("a", "1".into()));
    assert!(one != other && one != more);
    assert_ne!(one.fingerprint(), other.fingerprint());
    assert_eq!(more.fields().collect::<Vec<_>>(), ["a", "b"]);
}
