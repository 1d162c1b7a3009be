//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, HEX, drawn, found, is_found, is_not_found};

use super::super::Kind;

#[test]
fn a_short_token_has_no_checksum() {
    is_found(Kind::GitLab, &format!("glpat-{}", drawn(BASE62, 20)));
    is_not_found("glpat-my-secret-token-of-x");
}

#[test]
fn a_routable_token_needs_its_checksum() {
    is_not_found(&format!(
        "glpat-{}.01.0w{}",
        drawn(BASE62, 27),
        drawn("abc123", 7)
    ));
}

#[test]
fn the_cookie_of_a_session_is_found() {
    let session = drawn(HEX, 32);
    let text = format!("Cookie: _gitlab_session={session}; theme=dark");
    assert_eq!(found(&text), [(Kind::GitLab, session.as_str())]);
    is_not_found("Cookie: _gitlab_session=<session>");
}
