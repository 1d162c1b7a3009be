//! Secrets that are lent: their end, and that they are made once.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, advance};

use super::support::{
    Bench, Script, about_token, fetch_fields, login, mount, refused, shown, version,
};
use crate::exchange::Failure;

fn lent(seconds: u64) -> (u16, Value) {
    let data = json!({"username": "v-billing", "password": "canary-1ea5e1ea5e"});
    let answer = json!({"lease_id": "database/creds/billing/x1", "lease_duration": seconds, "renewable": true, "data": data});
    (200, answer)
}

#[tokio::test(start_paused = true)]
async fn what_is_lent_has_an_end() {
    // jmgilman/vaultrs#144: the term was not to be had.
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET sys/internal/ui/mounts/database/creds/billing" => {
                mount("database/", "database", None)
            }
            "GET database/creds/billing" => lent(3_600),
            _ => about_token(0, false),
        })
    });
    let place = Bench::new().place(script.clone(), "/database/creds/billing");
    let fetched = fetch_fields(place.as_ref(), &["username", "password"])
        .await
        .unwrap();
    assert_eq!(shown(&fetched.credential, "password"), "canary-1ea5e1ea5e");
    let end = (Instant::now() + Duration::from_secs(3_600)).into_std();
    let life = fetched.life.unwrap();
    assert!(end - life.end < Duration::from_secs(1), "{life:?}");
    assert_eq!((life.end - life.renew_at).as_secs(), 1_200);
    // To ask for its version makes no other one.
    assert_eq!(version(place.as_ref()).await.unwrap(), fetched.version);
    let second = fetch_fields(place.as_ref(), &["username"]).await.unwrap();
    assert_ne!(second.version, fetched.version);
    assert_eq!(version(place.as_ref()).await.unwrap(), second.version);
    assert_eq!(script.count("GET database/creds/billing"), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_lent_goes_with_the_login() {
    // spring-projects/spring-vault#815, hashicorp/hello-vault-go#27: the lease was good for hours, and
    // ended with the token that it was made with.
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "POST auth/approle/login" => login("canary-7070", 600, false),
            line if line.starts_with("GET sys/") => mount("database/", "database", None),
            "GET database/creds/billing" => lent(3_600),
            _ => refused(),
        })
    });
    let place = Bench::approle().place(script, "database/creds/billing");
    let first = fetch_fields(place.as_ref(), &["password"]).await.unwrap();
    let login_end = Instant::now() + Duration::from_secs(600);
    assert!(first.life.unwrap().end <= login_end.into_std());
    advance(Duration::from_secs(100)).await;
    let second = fetch_fields(place.as_ref(), &["password"]).await.unwrap();
    assert!(second.life.unwrap().end <= login_end.into_std());
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_made_is_not_made_twice() {
    for (failure, tries) in [
        (Failure::NoAnswer("reset".to_owned()), 1),
        (Failure::NotSent("refused".to_owned()), 4),
    ] {
        let script = Script::new(move |seen| match seen.line.as_str() {
            "GET database/creds/billing" => Err(failure.clone()),
            line if line.starts_with("GET sys/") => Ok(mount("database/", "database", None)),
            _ => Ok(about_token(0, false)),
        });
        let place = Bench::new().place(script.clone(), "database/creds/billing");
        fetch_fields(place.as_ref(), &["password"])
            .await
            .err()
            .unwrap();
        assert_eq!(script.count("GET database/"), tries);
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_no_clock_reaches_is_cut() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            line if line.starts_with("GET sys/") => mount("database/", "database", None),
            "GET database/creds/billing" => lent(u64::MAX),
            _ => about_token(u64::MAX, true),
        })
    });
    let place = Bench::new().place(script, "database/creds/billing");
    let fetched = fetch_fields(place.as_ref(), &["password"]).await.unwrap();
    assert!(fetched.life.is_some());
}
