//! The summary of a round is read whole, and a round with errors measures nothing.

use super::{Round, parse};

#[test]
fn a_summary_is_read() {
    let text = "Running 2s test\n  2 requests in 2.00s\n\n{\"requests\":40000,\"microseconds\":2000000,\"p50\":61,\"p99\":240,\"bad_statuses\":0,\"broken\":0}\n";
    let expected = Round {
        requests: 40_000.0,
        requests_per_second: 20_000.0,
        p50_microseconds: 61.0,
        p99_microseconds: 240.0,
    };
    assert_eq!(parse(text).expect("a summary"), expected);
}

#[test]
fn errors_void_a_round() {
    for (bad, broken) in [(1, 0), (0, 1)] {
        let text = format!(
            "{{\"requests\":10,\"microseconds\":1,\"p50\":1,\"p99\":1,\"bad_statuses\":{bad},\"broken\":{broken}}}"
        );
        let error = parse(&text).expect_err("a round with errors").to_string();
        assert!(error.ends_with("nothing was measured"), "{error}");
    }
}

#[test]
fn silence_is_an_error() {
    assert!(parse("unable to connect").is_err());
    assert!(parse("{\"requests\":0,\"microseconds\":1,\"p50\":0,\"p99\":0,\"bad_statuses\":0,\"broken\":0}").is_err());
}
