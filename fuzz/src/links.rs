//! Any `Location` and `Link`: led back without a panic, and without the credential.

use http::header::{HeaderMap, HeaderValue, LINK, LOCATION};
use wharf_gateway::wire::relocate;

const VENDOR: &str = "https://api.example.com/v1";
const LOCAL: &str = "http://127.0.0.1:7070/example";

/// The target. The first line is `Location`, the others are `Link`.
pub fn links(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    if let Some(Ok(value)) = lines.next().map(HeaderValue::from_bytes) {
        headers.insert(LOCATION, value);
    }
    for value in lines.filter_map(|line| HeaderValue::from_bytes(line).ok()) {
        headers.append(LINK, value);
    }
    let before = headers.clone();
    relocate(&mut headers, VENDOR, LOCAL, "key");
    assert_eq!(headers.len(), before.len());
    let Some(location) = headers.get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return;
    };
    let query = location.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let has_key = query.split('&').any(|pair| pair.starts_with("key="));
    assert!(!has_key, "the credential is passed on: {location}");
    let leads_back = |text: &str| text.strip_prefix(LOCAL).map(str::to_owned);
    let told = before[LOCATION].to_str().unwrap_or_default();
    if let Some(rest) = told.strip_prefix(VENDOR)
        && rest.starts_with('/')
        && !rest.contains(['?', '#'])
        && !rest.contains("/.")
    {
        assert!(leads_back(location).is_some(), "{told} leads to {location}");
    }
}
