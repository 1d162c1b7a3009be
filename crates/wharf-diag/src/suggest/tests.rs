//! Near words are found, far words are not.

use super::{closest, slip};

const VERBS: [&str; 3] = ["Backoff", "Retry", "Rotate key"];

#[test]
fn finds_a_misspelt_word_whatever_its_case() {
    assert_eq!(closest("backof", VERBS), Some("Backoff"));
    assert_eq!(closest("RETYR", VERBS), Some("Retry"));
}

#[test]
fn leaves_a_different_word_alone() {
    assert_eq!(closest("explode", VERBS), None);
    assert_eq!(closest("", VERBS), None);
    assert_eq!(closest(&"x".repeat(65), VERBS), None);
}

/// Headings of public pages that were taken for one of ours.
#[test]
fn another_word_is_no_slip_of_the_pen() {
    let known = [
        "Contacts",
        "Review Checklist",
        "Configuration",
        "API Endpoints",
        "references",
        "Type",
    ];
    for other in [
        "Contents",
        "Contract",
        "Contexts",
        "Testing Checklist",
        "CORS Configuration",
        "Auth Endpoints",
        "Preferences",
    ] {
        assert_eq!(slip(other, known), None, "{other}");
    }
    for (written, meant) in [
        ("Contcats", "Contacts"),
        ("contact", "Contacts"),
        ("Reviw Cheklist", "Review Checklist"),
        ("Configuratoin", "Configuration"),
        ("Api Endpoint", "API Endpoints"),
        ("Typ", "Type"),
        ("yTpe", "Type"),
    ] {
        assert_eq!(slip(written, known), Some(meant), "{written}");
    }
}
