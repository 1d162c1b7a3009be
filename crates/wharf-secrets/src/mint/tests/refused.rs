//! Answers that give no token: errors, waits, redirects, pages, and clocks that differ.

use std::time::Duration;

use super::super::{Again, AnswerProblem, Reason};
use super::*;
use crate::value::ValueProblem;

fn problem(answer: Said) -> MintError {
    let exchange = Scripted::answering([answer]);
    mint(&recipe(PAYPAL), &client(), &exchange).unwrap_err()
}

/// RFC 6749, 5.2, and what the error of each code asks people to do.
#[test]
fn errors_of_the_rfc_are_told_apart() {
    for (code, reason, remedy) in [
        (
            "invalid_request",
            Reason::InvalidRequest,
            "`Client authentication`",
        ),
        (
            "invalid_client",
            Reason::InvalidClient,
            "client id and secret",
        ),
        ("invalid_grant", Reason::InvalidGrant, "no longer valid"),
        (
            "unauthorized_client",
            Reason::UnauthorizedClient,
            "allow this grant",
        ),
        (
            "unsupported_grant_type",
            Reason::UnsupportedGrant,
            "`Grant`",
        ),
        ("invalid_scope", Reason::InvalidScope, "`Scopes`"),
        ("something_else", Reason::Other, "the credential"),
    ] {
        let body = format!(r#"{{"error":"{code}","error_description":"It is so."}}"#);
        let problem = problem(json(400, &body));
        let MintError::Refused {
            refusal,
            status: 400,
            ..
        } = &problem
        else {
            panic!("{problem}");
        };
        assert_eq!(refusal.reason(), reason);
        let text = problem.to_string();
        assert!(
            text.starts_with(&format!(
                "api.vendor.test/base/v1/oauth2/token refuses a token with status 400, {code} (It is so.); "
            )),
            "{text}"
        );
        assert!(text.contains(remedy), "{text}");
        assert_eq!(problem.again(), Again::WhenChanged);
        assert_eq!(problem.has_ended(), reason == Reason::InvalidGrant);
    }
}

#[test]
fn a_description_is_bounded_and_one_line() {
    let long = "ä".repeat(1_000);
    let body = serde_json::json!({
        "error": "invalid_client",
        "error_description": format!("first\r\nsecond\u{1b}[31m\u{202e} {long}"),
    });
    let MintError::Refused { refusal, .. } = problem(json(401, &body.to_string())) else {
        panic!();
    };
    let description = refusal.description.unwrap();
    assert!(
        description.starts_with("first second[31m ää"),
        "{description}"
    );
    assert_eq!(description.chars().count(), 201);
    assert!(description.ends_with('…'));
}

#[test]
fn a_wait_is_handed_on() {
    for (status, headers, again) in [
        (
            429,
            vec![("retry-after", "7")],
            Again::After(Duration::from_secs(7)),
        ),
        (
            429,
            vec![("retry-after", "Mon, 30 Nov 2026 10:01:00 GMT")],
            Again::After(Duration::from_secs(60)),
        ),
        (429, vec![], Again::Later),
        (429, vec![("retry-after", "soon")], Again::Later),
        (
            503,
            vec![("retry-after", "2")],
            Again::After(Duration::from_secs(2)),
        ),
    ] {
        let problem = problem(said(status, &headers, "slow down"));
        assert!(matches!(problem, MintError::Busy { .. }), "{problem}");
        assert_eq!(problem.again(), again);
    }
    let problem = problem(said(503, &[], "<html>"));
    assert!(matches!(problem, MintError::Failing { status: 503, .. }));
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    for (location, to) in [
        (
            Some("https://login.other.test/token?secret=x"),
            "to login.other.test",
        ),
        (Some("/v2/token"), "elsewhere"),
        (None, "elsewhere"),
    ] {
        let headers: Vec<_> = location.iter().map(|to| ("location", *to)).collect();
        let exchange = Scripted::answering([said(307, &headers, "")]);
        let problem = mint(&recipe(PAYPAL), &client(), &exchange).unwrap_err();
        let text = problem.to_string();
        assert!(
            text.contains(&format!("answers 307, which leads {to}; ")),
            "{text}"
        );
        assert!(!text.contains("secret=x"), "{text}");
        exchange.one();
    }
}

#[test]
fn answers_that_are_no_token_are_told_apart() {
    let at = || "/access_token".to_owned();
    let end = || "/expires_in".to_owned();
    let kind = |found: &str| AnswerProblem::TokenType {
        found: found.to_owned(),
    };
    for (body, expected) in [
        ("", AnswerProblem::Empty),
        (" \n", AnswerProblem::Empty),
        ("<!doctype html><p>Sign in", AnswerProblem::Html),
        ("access_token=a&expires_in=1", AnswerProblem::NotJson),
        ("{", AnswerProblem::NotJson),
        ("[]", AnswerProblem::NotAnObject),
        ("\"token\"", AnswerProblem::NotAnObject),
        ("{}", AnswerProblem::TokenMissing { at: at() }),
        (
            r#"{"access_token":null}"#,
            AnswerProblem::TokenMissing { at: at() },
        ),
        (
            r#"{"access_token":7}"#,
            AnswerProblem::TokenNotText { at: at() },
        ),
        (
            r#"{"access_token":""}"#,
            AnswerProblem::Token(ValueProblem::Empty),
        ),
        (
            r#"{"access_token":"a\nb"}"#,
            AnswerProblem::Token(ValueProblem::LineBreak),
        ),
        (
            r#"{"access_token":"a\u0000b"}"#,
            AnswerProblem::Token(ValueProblem::ControlCharacter),
        ),
        (
            r#"{"access_token":"-----BEGIN X-----\nb"}"#,
            AnswerProblem::Token(ValueProblem::LineBreak),
        ),
        (
            r#"{"access_token":"ä"}"#,
            AnswerProblem::Token(ValueProblem::NotAscii),
        ),
        (
            r#"{"access_token":"aaaa","token_type":"DPoP"}"#,
            kind("DPoP"),
        ),
        (
            r#"{"access_token":"aaaa","token_type":"urn:x aaaa"}"#,
            kind("urn:x {token}"),
        ),
        (
            r#"{"access_token":"a","expires_in":0}"#,
            AnswerProblem::EndNotAhead { at: end() },
        ),
        (
            r#"{"access_token":"a","expires_in":-1}"#,
            AnswerProblem::EndNotAhead { at: end() },
        ),
        (
            r#"{"access_token":"a","expires_in":"soon"}"#,
            AnswerProblem::EndNotRead { at: end() },
        ),
        (
            r#"{"access_token":"a","expires_in":[1]}"#,
            AnswerProblem::EndNotRead { at: end() },
        ),
    ] {
        let problem = problem(json(200, body));
        let text = problem.to_string();
        let MintError::Unusable {
            problem,
            status: 200,
            ..
        } = problem
        else {
            panic!("{body}: {text}");
        };
        assert_eq!(problem, expected, "{body}");
        assert!(
            text.starts_with("api.vendor.test/base/v1/oauth2/token answers 200, and "),
            "{text}"
        );
    }
}

const DATE: &str = "Mon, 30 Nov 2026 10:10:00 GMT";
const SAME_DATE: &str = "Mon, 30 Nov 2026 10:00:20 GMT";

/// Our clock is ten minutes behind theirs.
#[test]
fn a_jwt_that_is_refused_for_the_clock_is_signed_by_theirs_once() {
    let refused = || {
        said(
            401,
            &[("date", DATE)],
            r#"{"message":"'exp' is in the past"}"#,
        )
    };
    let exchange = Scripted::answering([
        refused(),
        said(
            201,
            &[("date", DATE)],
            r#"{"token":"t","expires_at":"2026-11-30T11:10:00Z"}"#,
        ),
    ]);
    let minted = mint(&recipe(GITHUB), &github_app(RSA), &exchange).unwrap();
    // An hour by their clock is an hour by ours.
    assert_eq!(minted.valid_until, Some(later(3_600)));
    let issued: Vec<_> = exchange
        .asked()
        .iter()
        .map(|asked| {
            let jwt = asked.header("authorization").unwrap()[7..].to_owned();
            parts(&jwt).1["iat"].as_i64().unwrap() - now().as_second()
        })
        .collect();
    assert_eq!(issued, [-60, 540]);

    let exchange = Scripted::answering([refused(), refused()]);
    let problem = mint(&recipe(GITHUB), &github_app(RSA), &exchange).unwrap_err();
    assert_eq!(exchange.asked().len(), 2);
    assert!(
        problem.to_string().contains("('exp' is in the past)"),
        "{problem}"
    );
}

#[test]
fn a_clock_within_bounds_or_a_request_without_a_jwt_is_not_sent_again() {
    for (method, credential, date) in [
        (GITHUB, github_app(RSA), SAME_DATE),
        (GITHUB, github_app(RSA), "yesterday"),
        (PAYPAL, client(), DATE),
    ] {
        let exchange = Scripted::answering([said(401, &[("date", date)], "")]);
        mint(&recipe(method), &credential, &exchange).unwrap_err();
        exchange.one();
    }
    let exchange = Scripted::answering([said(500, &[("date", DATE)], "")]);
    mint(&recipe(GITHUB), &github_app(RSA), &exchange).unwrap_err();
    exchange.one();
}
