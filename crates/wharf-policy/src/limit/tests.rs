use std::time::{Duration, SystemTime};

use super::{Meaning, Reset, Said};

const NOW_S: u64 = 1_795_000_000;

/// The quota, what the value means, and the value.
type Value<'a> = (usize, Meaning, &'a str);

fn said(values: &[Value<'_>]) -> Said {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW_S);
    let mut said = Said::default();
    for (quota, meaning, value) in values {
        said.hear(*quota, *meaning, value, now);
    }
    said
}

#[test]
fn a_time_is_read_in_the_form_that_the_document_names() {
    let cases = [
        (Reset::EpochSeconds, "1795000030", Some(30_000)),
        (Reset::EpochSeconds, "1795000000.25", Some(250)),
        (Reset::EpochSeconds, "1", Some(0)),
        (Reset::EpochMilliseconds, "1795000000500", Some(500)),
        (Reset::Seconds, "12", Some(12_000)),
        (Reset::Milliseconds, "12", Some(12)),
        (Reset::Duration, "6m0s", Some(360_000)),
        (Reset::Duration, "1h2m3.5s", Some(3_723_500)),
        (Reset::Duration, "120ms", Some(120)),
        (Reset::Duration, "17", Some(17_000)),
        (Reset::Duration, "1d", Some(86_400_000)),
        (Reset::Seconds, "-3", None),
        (Reset::Seconds, "soon", None),
        (Reset::Seconds, "", None),
        (Reset::Duration, "6q", None),
        (Reset::Duration, "m", None),
        (Reset::Duration, "", None),
        (Reset::EpochSeconds, "1e400", None),
        (Reset::EpochSeconds, "NaN", None),
        // Thirty days are the longest wait that is believed.
        (
            Reset::Seconds,
            "99999999999999999999999999999999",
            Some(2_592_000_000),
        ),
    ];
    for (form, value, expected) in cases {
        let wait = said(&[(0, Meaning::Reset(form), value)]).until_reset(true);
        let expected = expected.map(Duration::from_millis);
        assert_eq!(wait, expected, "{form:?} {value}");
    }
}

#[test]
fn dates_of_both_kinds_are_read() {
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW_S + 45);
    let http = httpdate::fmt_http_date(moment);
    let rfc3339 = jiff::Timestamp::try_from(moment).unwrap().to_string();
    for value in [http, rfc3339] {
        let wait = said(&[(0, Meaning::Reset(Reset::Date), &value)]).until_reset(true);
        assert_eq!(wait, Some(Duration::from_secs(45)), "{value}");
    }
}

#[test]
fn only_limits_that_are_used_up_are_waited_for() {
    let reset = Meaning::Reset(Reset::Seconds);
    let cases: [(&[Value<'_>], bool, Option<u64>); 9] = [
        (
            &[(0, Meaning::Remaining, "0"), (0, reset, "7")],
            false,
            Some(7),
        ),
        (&[(0, Meaning::Remaining, "3"), (0, reset, "7")], true, None),
        (
            &[(0, Meaning::UsedOfLimit, "40/40"), (0, reset, "7")],
            false,
            Some(7),
        ),
        (
            &[(0, Meaning::UsedOfLimit, "32/40"), (0, reset, "7")],
            true,
            None,
        ),
        (
            &[
                (0, Meaning::Used, "9"),
                (0, Meaning::Limit, "9"),
                (0, reset, "7"),
            ],
            false,
            Some(7),
        ),
        // Nothing tells how much is left: the status does.
        (&[(0, reset, "7")], true, Some(7)),
        (&[(0, reset, "7")], false, None),
        // Of two quotas, the one that is used up is waited for.
        (
            &[
                (0, Meaning::Remaining, "90"),
                (0, reset, "60"),
                (1, Meaning::Remaining, "0"),
                (1, reset, "2"),
            ],
            true,
            Some(2),
        ),
        (&[(0, Meaning::Remaining, "0")], true, None),
    ];
    for (values, limit_was_hit, expected) in cases {
        let wait = said(values).until_reset(limit_was_hit);
        assert_eq!(wait, expected.map(Duration::from_secs), "{values:?}");
    }
}

#[test]
fn advice_is_heard() {
    for (value, expected) in [
        ("true", Some(true)),
        ("False", Some(false)),
        ("0", Some(false)),
        ("maybe", None),
        ("", None),
    ] {
        let heard = said(&[(0, Meaning::ShouldRetry, value)]);
        assert_eq!(heard.should_retry(), expected, "{value}");
    }
    let heard = said(&[(0, Meaning::RetryAfterMilliseconds, "1500")]);
    assert_eq!(heard.retry_after(), Some(Duration::from_millis(1500)));
}
