//! Ends of tokens in each form, and what stands beside them.

use serde_json::{Value, json};

use super::{AnswerProblem, LONGEST_LIFE_SECONDS, Reading};
use crate::mint::tests::{later, now};
use crate::mint::veil::Veil;

fn reading(token: &str, expiry: &str) -> Reading {
    Reading {
        token: token.to_owned(),
        expiry: expiry.to_owned(),
        is_placed: false,
    }
}

/// Seconds until the end; `None` where there is none.
fn end(expiry: &str, value: Value, skew_seconds: i64) -> Result<Option<i64>, AnswerProblem> {
    let mut body = json!({"access_token": "a"});
    body[&expiry[1..]] = value;
    let answer =
        reading("/access_token", expiry).read(&body, now(), skew_seconds, &Veil::default())?;
    let seconds = |end: jiff::Timestamp| end.as_second() - now().as_second();
    Ok(answer.valid_until.map(seconds))
}

#[test]
fn ends_in_each_form() {
    let day = 24 * 3_600;
    let at = now().as_second();
    for (expiry, value, expected) in [
        ("/expires_in", json!(3600), 3_600),
        ("/expires_in", json!("3600"), 3_600),
        ("/expires_in", json!(" 3600 "), 3_600),
        ("/expires_in", json!(1e3), 1_000),
        ("/expires_in", json!(315_360_000), LONGEST_LIFE_SECONDS),
        ("/expires_in", json!(i64::MAX), LONGEST_LIFE_SECONDS),
        ("/expires_in", json!(u64::MAX), LONGEST_LIFE_SECONDS),
        ("/expires_in", json!(1e300), LONGEST_LIFE_SECONDS),
        ("/expires_in", json!("2026-11-30T11:00:00Z"), 3_600),
        // A number of seconds for ever, and no moment.
        ("/expires_in", json!(1_500_000_000), LONGEST_LIFE_SECONDS),
        ("/expires_at", json!("2026-11-30T12:00:00+01:00"), 3_600),
        ("/expires_at", json!("Mon, 30 Nov 2026 11:00:00 GMT"), 3_600),
        ("/expires_at", json!(at + day), day),
        ("/expires_at", json!((at + day) * 1_000), day),
        ("/expires_on", json!((at + day).to_string()), day),
        ("/ttl", json!(60), 60),
        (
            "/expires_at",
            json!("9999-12-31T23:59:59Z"),
            LONGEST_LIFE_SECONDS,
        ),
    ] {
        assert_eq!(
            end(expiry, value.clone(), 0),
            Ok(Some(expected)),
            "{expiry} {value}"
        );
    }
}

#[test]
fn ends_that_are_none() {
    let at = || "/expires_at".to_owned();
    for value in [
        json!("soon"),
        json!(""),
        json!("12 h"),
        json!(true),
        json!({}),
        json!("inf"),
        json!("NaN"),
    ] {
        let problem = AnswerProblem::EndNotRead { at: at() };
        assert_eq!(
            end("/expires_at", value.clone(), 0),
            Err(problem),
            "{value}"
        );
    }
    for value in [
        json!(0),
        json!(-5),
        json!("-5"),
        json!(-1e300),
        json!("2026-11-30T10:00:00Z"),
        json!(now().as_second()),
        json!(i64::MIN),
    ] {
        let problem = AnswerProblem::EndNotAhead { at: at() };
        assert_eq!(
            end("/expires_at", value.clone(), 0),
            Err(problem),
            "{value}"
        );
    }
    assert_eq!(end("/expires_at", Value::Null, 0), Ok(None));
}

#[test]
fn a_date_is_of_the_vendors_clock_and_a_number_of_seconds_is_not() {
    // Theirs is ten minutes behind: an hour by it has ended by ours in less than an hour.
    assert_eq!(
        end("/expires_at", json!("2026-11-30T10:50:00Z"), -600),
        Ok(Some(3_600))
    );
    assert_eq!(
        end("/expires_at", json!("2026-11-30T11:10:00Z"), 600),
        Ok(Some(3_600))
    );
    assert_eq!(end("/expires_in", json!(3600), 600), Ok(Some(3_600)));
}

#[test]
fn what_stands_beside_the_token_goes_before_what_stands_above() {
    let body = json!({
        "ok": true,
        "token_type": "mac",
        "scope": "all",
        "authed_user": {
            "access_token": "xoxp",
            "token_type": "user",
            "scope": ["one", "two", 3],
            "refresh_token": "xoxe",
            "expires_in": 43200,
        },
    });
    let reading = reading("/authed_user/access_token", "/expires_in");
    let answer = reading.read(&body, now(), 0, &Veil::default()).unwrap();
    assert_eq!(answer.scopes.as_deref(), Some("one two"));
    assert_eq!(answer.valid_until, Some(later(43_200)));
    assert!(reading.refresh_token(&body).is_some());
}

#[test]
fn a_document_that_places_its_token_knows_its_type() {
    let body = |kind: &str| json!({"access_token": "a", "token_type": kind});
    let placed = Reading {
        is_placed: true,
        ..reading("/access_token", "/expires_in")
    };
    assert!(
        placed
            .read(&body("admin"), now(), 0, &Veil::default())
            .is_ok()
    );
    for kind in ["mac", "DPoP", "pop"] {
        assert!(
            placed
                .read(&body(kind), now(), 0, &Veil::default())
                .is_err()
        );
    }
    let usual = reading("/access_token", "/expires_in");
    assert!(
        usual
            .read(&body("admin"), now(), 0, &Veil::default())
            .is_err()
    );
}
