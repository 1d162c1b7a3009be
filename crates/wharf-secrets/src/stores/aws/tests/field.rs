//! What users of other clients ran into, each built small. Others of them stand beside what they are
//! about, by the same names.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::advance;

use super::support::{
    Bench, CANARY, PATH, Script, error, given, instance, key, place, role, said, value,
};
use crate::exchange::Failure;
use crate::stores::aws::AwsError;

/// aws/aws-sdk-net#1625, newrelic/newrelic-java-agent#1676: at a cold start under load every thread
/// asked the instance's service, which then took no more.
#[tokio::test(start_paused = true)]
async fn a_thousand_at_a_cold_start_ask_the_instance_once() {
    let script = Script::new(|seen| {
        Ok(if seen.line.contains("GetSecretValue") {
            value()
        } else {
            instance(seen, "ASIAINST", 21_600)
        })
    });
    let resolver = Bench::bare().resolver(script.clone());
    let places: Vec<_> = (0..1_000)
        .map(|n| place(&resolver, &format!("/prod/{n}")))
        .collect();
    let keys = futures_util::future::join_all(places.iter().map(|p| key(p.as_ref()))).await;
    assert!(keys.iter().all(Result::is_ok));
    assert_eq!(script.count("169.254.169.254"), 3);
}

/// boto/botocore#3019: keys were asked for anew at nearly every use, hours before their end.
#[tokio::test(start_paused = true)]
async fn keys_with_hours_left_are_not_asked_for_anew() {
    let script = Script::new(|seen| {
        Ok(if seen.line.contains("GetSecretValue") {
            value()
        } else {
            instance(seen, "ASIAINST", 6 * 3_600)
        })
    });
    let place = Bench::bare().place(script.clone(), PATH);
    for _ in 0..340 {
        key(place.as_ref()).await.unwrap();
        advance(Duration::from_secs(60)).await;
    }
    assert_eq!(script.count("api/token"), 1);
}

/// ex-aws/ex_aws#625: a service of an instance that took no more questions for a moment ended the
/// program.
#[tokio::test(start_paused = true)]
async fn an_instance_that_takes_no_more_is_asked_again() {
    let asked = AtomicUsize::new(0);
    let script = Script::new(move |seen| {
        Ok(match seen.line.contains("GetSecretValue") {
            true => value(),
            false if asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) => said(429, &[], ""),
            false => instance(seen, "ASIAINST", 3_600),
        })
    });
    let place = Bench::bare().place(script, PATH);
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
}

/// aws/aws-sdk-js-v3#2297: the file of a web identity was read once, and its token ended after a day.
/// cube-js/cube#11622: keys were made anew only when that file changed, and so ended after an hour.
#[tokio::test(start_paused = true)]
async fn a_web_identity_is_read_for_each_of_its_keys() {
    let asked = AtomicUsize::new(0);
    let script = Script::new(move |seen| {
        Ok(if seen.line.contains("AssumeRole") {
            role(
                &format!("ASIA{}", asked.fetch_add(1, Ordering::Relaxed)),
                3_600,
            )
        } else {
            value()
        })
    });
    let bench = Bench::bare();
    let file = bench.write("token", "canary-first");
    let bench = bench
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap())
        .set("AWS_ROLE_ARN", "arn:aws:iam::1:role/web");
    let place = bench.place(script.clone(), PATH);
    key(place.as_ref()).await.unwrap();
    advance(Duration::from_secs(3_400)).await;
    key(place.as_ref()).await.unwrap();
    bench.write("token", "canary-second");
    advance(Duration::from_secs(3_400)).await;
    key(place.as_ref()).await.unwrap();
    let bodies: Vec<_> = script.seen().into_iter().map(|seen| seen.body).collect();
    let tokens: Vec<_> = bodies
        .iter()
        .filter_map(|b| b.split("canary-").nth(1))
        .collect();
    assert_eq!(tokens, ["first", "first", "second"]);
}

/// aws/aws-sdk-js-v3#3052: a token that was not accepted any more left an error without a remedy, and
/// no keys ever after.
#[tokio::test(start_paused = true)]
async fn a_web_identity_that_is_refused_heals_with_its_token() {
    let script = Script::new(|seen| {
        Ok(match seen.line.contains("AssumeRole") {
            true if seen.body.contains("old") => said(
                400,
                &[],
                "<Error><Code>ExpiredTokenException</Code></Error>",
            ),
            true => role("ASIAWEB", 3_600),
            false => value(),
        })
    });
    let bench = Bench::bare();
    let file = bench.write("token", "canary-old");
    let bench = bench
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap())
        .set("AWS_ROLE_ARN", "arn:aws:iam::1:role/web");
    let place = bench.place(script, PATH);
    let told = key(place.as_ref()).await.unwrap_err();
    assert!(matches!(&told, AwsError::RoleRefused { code, .. } if code == "ExpiredTokenException"));
    assert!(
        told.to_string().contains("is replaced before it ends"),
        "{told}"
    );
    bench.write("token", "canary-new");
    advance(Duration::from_secs(2)).await;
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
}

fn pod(bench: Bench, token: &std::path::Path) -> Bench {
    bench
        .set(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://169.254.170.23/v1/credentials",
        )
        .set(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            token.to_str().unwrap(),
        )
        .set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary-stale")
}

/// apache/doris#66554, boto/botocore#3117: the token of a pod was read once, at the start.
/// outline/outline#12885: 169.254.170.23 was no host that may be asked.
/// minio/minio-java#1719: the line break at the end of the token's file made a header that is none.
#[tokio::test(start_paused = true)]
async fn the_token_of_a_pod_is_read_for_each_of_its_keys() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET 169.254.170.23 /v1/credentials" => given("ASIAPOD", 3_600),
            _ => value(),
        })
    });
    let bench = Bench::bare();
    let file = bench.write("token", "canary-first\n");
    let bench = pod(bench, &file);
    let place = bench.place(script.clone(), PATH);
    key(place.as_ref()).await.unwrap();
    bench.write("token", "canary-second\r\n");
    advance(Duration::from_secs(3_400)).await;
    key(place.as_ref()).await.unwrap();
    let seen = script.seen();
    let tokens = seen.iter().filter(|seen| seen.line.starts_with("GET"));
    let tokens: Vec<_> = tokens.map(|seen| seen.header("authorization")).collect();
    assert_eq!(tokens, ["canary-first", "canary-second"]);
}

/// minio/minio-java#1719: a relative address with its slash became one with two.
#[tokio::test(start_paused = true)]
async fn a_relative_address_has_one_slash() {
    for written in ["/v2/credentials/a", "v2/credentials/a"] {
        let script = Script::new(|seen| {
            Ok(if seen.line.starts_with("GET") {
                given("ASIACONT", 3_600)
            } else {
                value()
            })
        });
        let bench = Bench::bare().set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", written);
        key(bench.place(script.clone(), PATH).as_ref())
            .await
            .unwrap();
        assert_eq!(
            script.seen()[0].url,
            "http://169.254.170.2/v2/credentials/a"
        );
    }
}

/// aws/aws-sdk-ruby#3162: while the instance's service was away, two threads at a time asked it, and
/// calls with keys that were good waited for both.
#[tokio::test(start_paused = true)]
async fn good_keys_do_not_wait_long_for_a_service_that_is_away() {
    let is_away = Arc::new(AtomicUsize::new(0));
    let switch = Arc::clone(&is_away);
    let script = Script::new(move |seen| {
        if seen.line.contains("GetSecretValue") {
            return Ok(value());
        }
        match switch.load(Ordering::Relaxed) {
            0 => Ok(instance(seen, "ASIAINST", 3_600)),
            _ => Err(Failure::Timeout(seen.timeout)),
        }
    });
    let resolver = Bench::bare().resolver(script.clone());
    let first = place(&resolver, PATH);
    key(first.as_ref()).await.unwrap();
    is_away.store(1, Ordering::Relaxed);
    advance(Duration::from_secs(3_400)).await;
    let before = script.count("api/token");
    let started = tokio::time::Instant::now();
    let places: Vec<_> = (0..100).map(|_| place(&resolver, PATH)).collect();
    let keys = futures_util::future::join_all(places.iter().map(|p| key(p.as_ref()))).await;
    assert!(keys.iter().all(Result::is_ok), "{keys:?}");
    assert!(
        started.elapsed() <= Duration::from_millis(2_500),
        "{:?}",
        started.elapsed()
    );
    assert!(script.count("api/token") - before <= 2);
}

/// AWS says most refusals with 400 and a word.
#[tokio::test(start_paused = true)]
async fn the_word_counts_and_not_the_status() {
    for status in [400, 403, 404] {
        let script = Script::new(move |_| Ok(error(status, "ResourceNotFoundException", "")));
        let told = key(Bench::new().place(script, PATH).as_ref())
            .await
            .unwrap_err();
        assert!(matches!(told, AwsError::NotFound { .. }), "{told}");
    }
}
