//! Any `Accept` and `User-Agent` of a caller: a problem is told under one of two media types, the
//! same one however the ranges are spread over lines, ordered and written.

use http::HeaderMap;
use http::header::{ACCEPT, HeaderValue};
use wharf_gateway::wire::problem_type;

const PROBLEM: &str = "application/problem+json";
const JSON: &str = "application/json";

/// The target. Every line is a header.
pub fn accept(bytes: &[u8]) {
    let headers = super::headers(bytes);
    let found = problem_type(&headers);
    assert!(found == PROBLEM || found == JSON, "{found:?}");
    let lines: Vec<_> = headers.get_all(ACCEPT).iter().collect();
    let with = |lines: &[&[u8]]| {
        let mut others = headers.clone();
        others.remove(ACCEPT);
        for line in lines {
            others.append(ACCEPT, HeaderValue::from_bytes(line).unwrap());
        }
        problem_type(&others)
    };
    let turned: Vec<_> = lines.iter().rev().map(|line| line.as_bytes()).collect();
    assert_eq!(with(&turned), found, "{headers:?}");
    let loud: Vec<Vec<u8>> = lines
        .iter()
        .map(|line| line.as_bytes().to_ascii_uppercase())
        .collect();
    let loud: Vec<_> = loud.iter().map(Vec::as_slice).collect();
    assert_eq!(with(&loud), found, "{headers:?}");
    // What is not text names nothing, and may be one line of several.
    if lines.iter().all(|line| line.to_str().is_ok()) {
        let joined = lines
            .iter()
            .map(|line| line.as_bytes())
            .collect::<Vec<_>>()
            .join(b",".as_slice());
        let one: &[&[u8]] = if lines.is_empty() { &[] } else { &[&joined] };
        assert_eq!(with(one), found, "{headers:?}");
        let apart: Vec<_> = joined.split(|byte| *byte == b',').collect();
        assert_eq!(with(&apart), found, "{headers:?}");
    }
    // Whoever names it gets it, whatever stands beside.
    let mut named = headers.clone();
    named.append(ACCEPT, HeaderValue::from_static(PROBLEM));
    assert_eq!(problem_type(&named), PROBLEM, "{headers:?}");
    assert_eq!(problem_type(&HeaderMap::new()), PROBLEM);
}
