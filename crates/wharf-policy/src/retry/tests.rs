use std::time::Duration;

use super::{
    BodyLost, Decision, Failure, LONGEST_CALL, LongestCall, Policy, Progress, Repeatable, Safety,
    Sent, Stop,
};

const SAFE: Safety = Safety::Safe("test");

fn policy() -> Policy {
    Policy {
        delays: vec![Duration::from_secs(1), Duration::from_secs(2)],
        max_retries: 3,
        retry_on: vec![429, 503],
    }
}

fn failure(status: u16) -> Failure {
    Failure {
        status: Some(status),
        row_asks: false,
        row_forbids: false,
        advice: None,
        safety: SAFE,
        body_lost: None,
        wait_at_least: None,
    }
}

fn progress(retries: u32) -> Progress {
    Progress {
        retries,
        remaining: Duration::from_secs(60),
        random: 0.5,
    }
}

fn retry(seconds: u64) -> Decision {
    Decision::Retry {
        after: Duration::from_secs(seconds),
        vendor_decided: false,
    }
}

#[test]
fn the_ladder_is_climbed_from_the_top() {
    let post = Repeatable::default();
    let get = Repeatable {
        method: true,
        ..post
    };
    let marked = Repeatable {
        operation: true,
        ..post
    };
    let keyed = Repeatable { key: true, ..post };
    for sent in [Sent::Nothing, Sent::NotProcessed] {
        assert!(post.safety(sent).is_safe());
    }
    assert!(!post.safety(Sent::Maybe).is_safe());
    for request in [get, marked, keyed] {
        assert!(request.safety(Sent::Maybe).is_safe(), "{request:?}");
    }
}

#[test]
fn delays_follow_the_list_and_the_last_repeats() {
    for (retries, seconds) in [(0, 1), (1, 2), (2, 2)] {
        assert_eq!(
            policy().decide(failure(503), progress(retries), || true),
            retry(seconds)
        );
    }
    assert_eq!(
        policy().decide(failure(503), progress(3), || true),
        Decision::Stop(Stop::RetriesSpent)
    );
}

#[test]
fn no_retry_is_used_up_where_none_is_allowed() {
    let policy = Policy {
        max_retries: 0,
        ..policy()
    };
    let decision = policy.decide(failure(503), progress(0), || true);
    assert_eq!(decision, Decision::Stop(Stop::NoneAllowed));
    let words = Stop::NoneAllowed.to_string();
    assert!(words.contains("allows no retry: `max_retries`"), "{words}");
}

#[test]
fn only_listed_statuses_and_broken_connections_are_retried() {
    assert_eq!(
        policy().decide(failure(500), progress(0), || true),
        Decision::Stop(Stop::NotRetried)
    );
    let asked = Failure {
        row_asks: true,
        ..failure(500)
    };
    assert_eq!(policy().decide(asked, progress(0), || true), retry(1));
    let broken = Failure {
        status: None,
        ..failure(0)
    };
    assert_eq!(policy().decide(broken, progress(0), || true), retry(1));
    let forbidden = Failure {
        row_forbids: true,
        ..failure(429)
    };
    assert_eq!(
        policy().decide(forbidden, progress(0), || true),
        Decision::Stop(Stop::NotRetried)
    );
}

#[test]
fn the_vendors_wish_is_a_floor_up_to_the_deadline() {
    let wish = |seconds| Failure {
        wait_at_least: Some(Duration::from_secs(seconds)),
        ..failure(429)
    };
    assert_eq!(policy().decide(wish(0), progress(0), || true), retry(1));
    assert_eq!(
        policy().decide(wish(7), progress(0), || true),
        Decision::Retry {
            after: Duration::from_secs(7),
            vendor_decided: true
        }
    );
    assert_eq!(
        policy().decide(wish(60), progress(0), || true),
        Decision::Stop(Stop::DeadlineTooClose {
            wait: Duration::from_secs(60)
        })
    );
}

#[test]
fn what_must_not_be_repeated_is_not() {
    let unsafe_call = Failure {
        safety: Safety::Unsafe("no"),
        ..failure(503)
    };
    assert_eq!(
        policy().decide(unsafe_call, progress(0), || true),
        Decision::Stop(Stop::NotSafe("no"))
    );
    let large = Failure {
        body_lost: Some(BodyLost::TooLarge),
        ..failure(503)
    };
    assert_eq!(
        policy().decide(large, progress(0), || true),
        Decision::Stop(Stop::BodyNotKept(BodyLost::TooLarge))
    );
}

#[test]
fn the_budget_is_charged_only_for_retries_that_are_made() {
    let mut asked = 0;
    let mut ask = |status| {
        policy().decide(failure(status), progress(0), || {
            asked += 1;
            false
        })
    };
    assert_eq!(ask(500), Decision::Stop(Stop::NotRetried));
    assert_eq!(ask(503), Decision::Stop(Stop::BudgetSpent));
    assert_eq!(asked, 1);
}

#[test]
fn delays_are_spread_by_a_fifth() {
    for (random, milliseconds) in [(0.0, 800), (0.25, 900), (1.0, 1_200)] {
        let spread = Progress {
            random,
            ..progress(0)
        };
        assert_eq!(
            policy().decide(failure(503), spread, || true),
            Decision::Retry {
                after: Duration::from_millis(milliseconds),
                vendor_decided: false
            }
        );
    }
}

#[test]
fn the_longest_call_is_every_attempt_and_every_delay_at_its_longest() {
    let longest = policy().longest_call(Duration::from_secs(10));
    assert_eq!(longest.attempts, 4);
    // 1 s, 2 s, and the last once more.
    assert_eq!(longest.delays, Duration::from_secs(5));
    assert_eq!(longest.spread_delays, Duration::from_secs(6));
    assert_eq!(longest.total, Duration::from_secs(46));
    let once = Policy::default().longest_call(Duration::from_secs(10));
    assert_eq!((once.attempts, once.delays), (1, Duration::ZERO));
    assert_eq!(once.total, Duration::from_secs(10));
    // More delays than retries: those that are never waited do not count.
    let few = LongestCall::new(Duration::ZERO, 1, &[1, 100].map(Duration::from_secs));
    assert_eq!(few.delays, Duration::from_secs(1));
}

#[test]
fn no_delay_is_longer_than_the_longest_call_says() {
    let last = Progress {
        random: 1.0,
        ..progress(0)
    };
    let Decision::Retry { after, .. } = policy().decide(failure(503), last, || true) else {
        panic!("a retry");
    };
    let longest = LongestCall::new(Duration::ZERO, 1, &policy().delays);
    assert_eq!(after, longest.spread_delays);
}

#[test]
fn the_longest_of_all_calls_has_a_length() {
    let longest = LongestCall::new(Duration::MAX, u32::MAX, &[Duration::MAX]);
    assert_eq!((longest.attempts, longest.total), (u32::MAX, LONGEST_CALL));
    // Four attempts of a quarter of an hour fill the bound, and no delay fits beside them.
    let quarter = LONGEST_CALL / 4;
    let all = LongestCall::new(quarter, 3, &[]);
    assert_eq!((all.total, all.is_cut), (LONGEST_CALL, false));
    let more = LongestCall::new(quarter, 3, &[Duration::from_millis(1)]);
    assert_eq!((more.total, more.is_cut), (LONGEST_CALL, true));
}
