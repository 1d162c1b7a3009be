//! How long keys are used, and who asks for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::advance;

use super::support::{
    Bench, CANARY, PATH, SECRET_KEY, Script, error, given, instance, key, place, value,
};
use crate::exchange::Failure;
use crate::stores::aws::AwsError;

/// A container whose keys last so long. From `until` on it does not answer.
fn container(seconds: i64, until: usize) -> (Bench, Arc<Script>) {
    let asked = AtomicUsize::new(0);
    let script = Script::new(move |seen| {
        if !seen.line.contains("169.254.170.2 ") {
            return Ok(value());
        }
        match asked.fetch_add(1, Ordering::Relaxed) {
            n if n < until => Ok(given(&format!("ASIA{n}"), seconds)),
            _ => Err(Failure::NotSent("away".into())),
        }
    });
    let bench = Bench::bare().set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/a");
    (bench, script)
}

#[tokio::test(start_paused = true)]
async fn keys_are_kept_until_five_minutes_before_their_end() {
    let (bench, script) = container(3_600, 9);
    let place = bench.place(script.clone(), PATH);
    for (seconds, count) in [(0, 1), (3_290, 1), (20, 2), (3_290, 2), (20, 3)] {
        advance(Duration::from_secs(seconds)).await;
        key(place.as_ref()).await.unwrap();
        assert_eq!(script.count("169.254.170.2 "), count, "after {seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_used_on_while_their_source_is_away_and_not_behind_their_end() {
    let (bench, script) = container(3_600, 1);
    let place = bench.place(script.clone(), PATH);
    key(place.as_ref()).await.unwrap();
    advance(Duration::from_secs(3_310)).await;
    for _ in 0..20 {
        assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
        advance(Duration::from_secs(10)).await;
    }
    let tries = script.count("169.254.170.2 ");
    assert!(tries < 60, "{tries}");
    advance(Duration::from_secs(100)).await;
    let told = key(place.as_ref()).await.unwrap_err();
    assert!(matches!(told, AwsError::NoAnswer { .. }), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_search_that_failed_is_not_repeated_at_once() {
    let script = Script::new(|_| Err(Failure::NotSent("away".into())));
    let place = Bench::bare().place(script.clone(), PATH);
    for _ in 0..50 {
        key(place.as_ref()).await.unwrap_err();
    }
    assert!(script.seen().len() <= 4, "{}", script.seen().len());
    let before = script.seen().len();
    advance(Duration::from_secs(2)).await;
    key(place.as_ref()).await.unwrap_err();
    assert!(script.seen().len() > before);
}

#[tokio::test(start_paused = true)]
async fn a_file_with_other_keys_is_read_again() {
    let of = |id: &str| {
        format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {SECRET_KEY}\n")
    };
    let bench = Bench::bare().file(".aws/credentials", &of("AKIDONE"));
    let script = Script::new(|_| Ok(value()));
    let place = bench.place(script.clone(), PATH);
    key(place.as_ref()).await.unwrap();
    bench.write(".aws/credentials", &of("AKIDANOTHER"));
    key(place.as_ref()).await.unwrap();
    // While it is being written, the keys from before are used.
    bench.write(".aws/credentials", "[default]\naws_access_key_id = AKID");
    key(place.as_ref()).await.unwrap();
    let seen = script.seen();
    let ids: Vec<_> = seen.iter().map(super::support::Seen::key_id).collect();
    assert_eq!(ids, ["AKIDONE", "AKIDANOTHER", "AKIDANOTHER"]);
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_refused_are_looked_for_once_and_not_in_a_storm() {
    let asked = AtomicUsize::new(0);
    let script = Script::new(move |seen| {
        Ok(match seen.line.contains("169.254.170.2 ") {
            true => given(
                &format!("ASIA{}", asked.fetch_add(1, Ordering::Relaxed)),
                3_600,
            ),
            false if seen.key_id() == "ASIA0" => error(400, "ExpiredTokenException", ""),
            false => value(),
        })
    });
    let bench = Bench::bare().set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/a");
    let resolver = bench.resolver(script.clone());
    let places: Vec<_> = (0..50).map(|_| place(&resolver, PATH)).collect();
    let keys = futures_util::future::join_all(places.iter().map(|p| key(p.as_ref()))).await;
    assert!(keys.iter().all(Result::is_ok), "{keys:?}");
    assert_eq!(script.count("169.254.170.2 "), 2);

    let script = Script::new(|seen| {
        Ok(if seen.line.contains("169.254.170.2 ") {
            given("ASIASAME", 3_600)
        } else {
            error(403, "UnrecognizedClientException", "")
        })
    });
    let place = bench.place(script.clone(), PATH);
    for _ in 0..100 {
        let told = key(place.as_ref()).await.unwrap_err();
        assert!(
            told.to_string()
                .contains("the keys from the container's role"),
            "{told}"
        );
    }
    assert_eq!(script.count("169.254.170.2 "), 2);
}

/// smithy-lang/smithy-rs#2258: keys that the instance's service gives behind their end were an error,
/// though AWS takes them while that service is behind.
#[tokio::test(start_paused = true)]
async fn keys_of_an_instance_may_outlive_themselves() {
    let script = Script::new(|seen| {
        Ok(if seen.line.contains("GetSecretValue") {
            value()
        } else {
            instance(seen, "ASIAOLD", -60)
        })
    });
    let place = Bench::bare().place(script.clone(), PATH);
    for (seconds, count) in [(0, 1), (200, 1), (200, 2)] {
        advance(Duration::from_secs(seconds)).await;
        assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
        assert_eq!(script.count("api/token"), count);
    }
}
