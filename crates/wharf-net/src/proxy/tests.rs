//! Which variables count.

use super::set_among;

// agentgateway/agentgateway#1084, n8n-io/n8n#16171
#[test]
fn variables_that_hold_something_are_named() {
    let named = set_among(|name| match name {
        "HTTPS_PROXY" | "all_proxy" => Some("http://user:secret@proxy:3128".into()),
        "HTTP_PROXY" => Some("".into()),
        _ => None,
    });
    assert_eq!(named, ["HTTPS_PROXY", "all_proxy"]);
}
