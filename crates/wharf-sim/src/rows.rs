//! What a request may ask of rows, as `PostgREST` reads it: one object instead of a list, no rows
//! in the answer of a change, their count.

use bytes::Bytes;
use http::header::{ACCEPT, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::Value;

use crate::answer::{Answer, AnswerBody, json_bytes};

/// RFC 7240, 2.
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The media type for one row that is no list.
const ONE_OBJECT: &str = "application/vnd.pgrst.object+json";

/// Changes an answer whose body is a list of rows into what the headers ask for.
pub(crate) fn adapt(answer: &mut Answer, rows: &[Value], method: &Method, headers: &HeaderMap) {
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    if prefers(headers, |preference| preference.starts_with("count=")) {
        let count = rows.len();
        let range = match count.checked_sub(1) {
            // Only of rows that are read it is known which they are.
            Some(last) if is_read => format!("0-{last}/{count}"),
            _ => format!("*/{count}"),
        };
        answer.content_range = HeaderValue::from_str(&range).ok();
    }
    if !is_read && prefers(headers, |preference| preference == "return=minimal") {
        if answer.status == StatusCode::OK {
            answer.status = StatusCode::NO_CONTENT;
        }
        answer.content_type = None;
        answer.body = AnswerBody::Whole(Bytes::new());
    } else if accepts_one_object(headers)
        && let Some(row) = rows.first()
    {
        answer.content_type = Some(HeaderValue::from_static(
            "application/vnd.pgrst.object+json; charset=utf-8",
        ));
        answer.body = AnswerBody::Whole(json_bytes(row));
    }
}

fn prefers(headers: &HeaderMap, wanted: impl Fn(&str) -> bool) -> bool {
    listed(headers, &PREFER).any(|preference| wanted(&preference.replace([' ', '"'], "")))
}

fn accepts_one_object(headers: &HeaderMap) -> bool {
    listed(headers, &ACCEPT).any(|range| {
        let kind = range.split(';').next().unwrap_or(range).trim();
        kind.eq_ignore_ascii_case(ONE_OBJECT)
    })
}

fn listed<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}
