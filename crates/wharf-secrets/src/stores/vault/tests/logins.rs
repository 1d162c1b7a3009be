//! The ways in, and the life of a login: one for all, renewed, made anew, and never in a storm.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::advance;

use super::support::{
    Bench, CANARY, Reply, Script, Seen, about_token, key, login, mount, place, refused, version,
    versioned,
};
use crate::stores::vault::{ProofPlace, VaultError, VaultLogin};

/// Gives a token of this term at each login, and the secret to the newest token alone.
pub(super) struct Server {
    pub(super) lease: u64,
    pub(super) is_renewable: bool,
    /// What is left at the first renewal, and so on; then the server refuses.
    pub(super) renewals: Vec<u64>,
    pub(super) logins: AtomicUsize,
    renewed: AtomicUsize,
}

impl Server {
    pub(super) fn new(lease: u64) -> Self {
        Self {
            lease,
            is_renewable: true,
            renewals: Vec::new(),
            logins: AtomicUsize::new(0),
            renewed: AtomicUsize::new(0),
        }
    }

    pub(super) fn answer(&self, seen: &Seen) -> (u16, serde_json::Value) {
        let number = self.logins.load(Ordering::Relaxed);
        let newest = format!("canary-70ce{number:04}");
        let is_newest = seen.token.as_ref() == Some(&newest);
        match seen.line.as_str() {
            "POST auth/approle/login" | "POST auth/kubernetes/login" => {
                let number = self.logins.fetch_add(1, Ordering::Relaxed) + 1;
                self.renewed.store(0, Ordering::Relaxed);
                login(
                    &format!("canary-70ce{number:04}"),
                    self.lease,
                    self.is_renewable,
                )
            }
            _ if !is_newest => refused(),
            "POST auth/token/renew-self" => {
                let number = self.renewed.fetch_add(1, Ordering::Relaxed);
                match self.renewals.get(number) {
                    Some(left) => login(&newest, *left, true),
                    None => refused(),
                }
            }
            "GET auth/token/lookup-self" => about_token(self.lease, true),
            "GET secret/data/a" => versioned(&json!({"api_key": CANARY})),
            line if line.starts_with("GET sys/internal/ui/mounts/secret/") => {
                mount("secret/", "kv", Some("2"))
            }
            _ => refused(),
        }
    }

    pub(super) fn script(self) -> Arc<Script> {
        Script::new(move |seen| Ok(self.answer(seen)))
    }
}

#[tokio::test(start_paused = true)]
async fn approle_sends_its_two_ids_and_keeps_the_token() {
    let script = Server::new(600).script();
    let place = Bench::approle().place(script.clone(), "secret/a");
    for _ in 0..3 {
        assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
    }
    let logins: Vec<_> = script
        .seen()
        .into_iter()
        .filter(|s| s.line.ends_with("/login"))
        .collect();
    let [one] = logins.as_slice() else {
        panic!("{logins:?}")
    };
    assert_eq!(
        one.body,
        r#"{"role_id":"billing","secret_id":"canary-5ec4e71d0001"}"#
    );
    assert_eq!(one.token, None);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_at_once_log_in_once() {
    // redhat-cop/vault-config-operator#139, external-secrets/external-secrets#376,
    // upbound/provider-vault#155: a login for each read, until the server held too many.
    let script = Server::new(600).script();
    let resolver = Bench::approle().resolver(script.clone());
    let places: Vec<_> = (0..1_000).map(|_| place(&resolver, "secret/a")).collect();
    let keys = join_all(places.iter().map(|place| key(place.as_ref()))).await;
    assert!(keys.iter().all(Result::is_ok));
    assert_eq!(script.count("/login"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_at_two_thirds_of_its_term() {
    let mut server = Server::new(300);
    server.renewals = vec![300, 300];
    let script = server.script();
    let place = Bench::approle().place(script.clone(), "secret/a");
    key(place.as_ref()).await.unwrap();
    advance(Duration::from_secs(199)).await;
    key(place.as_ref()).await.unwrap();
    assert_eq!(script.count("renew-self"), 0);
    advance(Duration::from_secs(1)).await;
    key(place.as_ref()).await.unwrap();
    assert_eq!(script.count("renew-self"), 1);
    // Asking for a version keeps it alive too.
    advance(Duration::from_secs(200)).await;
    version(place.as_ref()).await.unwrap();
    assert_eq!(script.count("renew-self"), 2);
    assert_eq!(script.count("/login"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_is_made_anew_ahead() {
    let mut server = Server::new(300);
    server.is_renewable = false;
    let script = server.script();
    let place = Bench::approle().place(script.clone(), "secret/a");
    key(place.as_ref()).await.unwrap();
    advance(Duration::from_secs(200)).await;
    key(place.as_ref()).await.unwrap();
    assert_eq!((script.count("renew-self"), script.count("/login")), (0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_takes_nothing_away() {
    let is_down = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let mut server = Server::new(300);
    server.renewals = vec![300];
    let script = Script::new(move |seen| {
        if is_down.load(Ordering::Relaxed) && seen.line.starts_with("POST") {
            return Ok((500, json!(null)));
        }
        Ok(server.answer(seen))
    });
    let place = Bench::approle().place(script.clone(), "secret/a");
    key(place.as_ref()).await.unwrap();
    down.store(true, Ordering::Relaxed);
    advance(Duration::from_secs(210)).await;
    for _ in 0..20 {
        assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
    }
    // Once with its repetitions, and then not at each call.
    assert_eq!(script.count("renew-self"), 4);
    // At its end there is none, and an error says where.
    advance(Duration::from_secs(91)).await;
    let error = key(place.as_ref()).await.unwrap_err();
    assert!(error.to_string().contains("auth/approle/login"), "{error}");
    down.store(false, Ordering::Relaxed);
    advance(Duration::from_secs(4)).await;
    key(place.as_ref()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_login_that_fails_is_repeated_after_a_pause_that_doubles() {
    let script = Script::new(|_| Ok((400, json!({"errors": ["invalid role or secret ID"]}))));
    let place = Bench::approle().place(script.clone(), "secret/a");
    let started = tokio::time::Instant::now();
    let mut tries = Vec::new();
    while started.elapsed() < Duration::from_secs(200) {
        let before = script.seen().len();
        let error = key(place.as_ref()).await.unwrap_err();
        assert!(
            matches!(error, VaultError::LoginRefused { status: 400, .. }),
            "{error}"
        );
        if script.seen().len() > before {
            tries.push(started.elapsed().as_secs());
        }
        advance(Duration::from_millis(500)).await;
    }
    assert_eq!(tries, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_says_what_vault_said_and_how_the_clocks_differ() {
    let ahead = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(600);
    let date = jiff::fmt::rfc2822::DateTimePrinter::new();
    let date = date.timestamp_to_rfc9110_string(&ahead).unwrap();
    let body = json!({"errors": ["Token is expired canary-1234"]}).to_string();
    let script = Script::raw(move |_| {
        Ok(super::support::said(
            403,
            &[("date", &date)],
            body.as_bytes(),
        ))
    });
    let error = key(Bench::approle().place(script, "secret/a").as_ref())
        .await
        .unwrap_err();
    let text = error.to_string();
    let VaultError::LoginRefused {
        skew_seconds: Some(skew),
        ..
    } = error
    else {
        panic!("{text}")
    };
    assert!((598..=602).contains(&skew), "{skew}");
    for words in [
        "`auth/approle/login`",
        "(status 403, \"Token is expired\")",
        "s ahead of this machine's",
        "role_id",
    ] {
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn kubernetes_sends_the_token_that_its_file_holds_now() {
    // pomerium/pomerium#2722, spring-cloud/spring-cloud-vault#339: the file was read once, and the
    // login failed from the first rotation on.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "canary-j1\n").unwrap();
    let mut server = Server::new(30);
    server.is_renewable = false;
    let script = server.script();
    let mut bench = Bench::new();
    bench.settings.login = Some(VaultLogin::Kubernetes {
        role: "billing".to_owned(),
        token_file: Some(file.clone()),
        mount: None,
    });
    let place = bench.place(script.clone(), "secret/a");
    key(place.as_ref()).await.unwrap();
    std::fs::write(&file, "canary-j2").unwrap();
    advance(Duration::from_secs(31)).await;
    key(place.as_ref()).await.unwrap();
    let bodies = script
        .seen()
        .into_iter()
        .filter(|s| s.line.ends_with("/login"));
    let bodies: Vec<_> = bodies.map(|seen| seen.body).collect();
    assert_eq!(
        bodies,
        [
            r#"{"role":"billing","jwt":"canary-j1"}"#,
            r#"{"role":"billing","jwt":"canary-j2"}"#
        ]
    );
    std::fs::remove_file(&file).unwrap();
    advance(Duration::from_secs(31)).await;
    let error = key(place.as_ref()).await.unwrap_err().to_string();
    assert!(error.contains("there is no such file"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_token_file_is_read_anew_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sink");
    std::fs::write(&file, "canary-t1\n").unwrap();
    let script = Script::new(|seen| {
        Ok(match (seen.line.as_str(), seen.token.as_deref()) {
            ("GET auth/token/lookup-self", Some("canary-t1" | "canary-t2")) => {
                about_token(60, false)
            }
            ("GET secret/data/a", Some("canary-t1")) => versioned(&json!({"api_key": "canary-v1"})),
            ("GET secret/data/a", Some("canary-t2")) => versioned(&json!({"api_key": "canary-v2"})),
            (line, _) if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            _ => refused(),
        })
    });
    let mut bench = Bench::new();
    bench.settings.login = Some(VaultLogin::Token {
        from: ProofPlace::File(file.clone()),
    });
    let place = bench.place(script.clone(), "secret/a");
    assert_eq!(key(place.as_ref()).await.unwrap(), "canary-v1");
    // Half written: the token that is good goes on.
    std::fs::write(&file, "").unwrap();
    assert_eq!(key(place.as_ref()).await.unwrap(), "canary-v1");
    std::fs::write(&file, "canary-t2\n").unwrap();
    assert_eq!(key(place.as_ref()).await.unwrap(), "canary-v2");
    assert_eq!(script.count("lookup-self"), 2);
    // One that is refused, and that nobody replaced.
    std::fs::write(&file, "canary-t3\n").unwrap();
    let error = key(place.as_ref()).await.unwrap_err();
    assert!(matches!(&error, VaultError::TokenRefused { .. }), "{error}");
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );
    std::fs::write(&file, "canary-t1\n").unwrap();
    assert_eq!(key(place.as_ref()).await.unwrap(), "canary-v1");
}

#[tokio::test(start_paused = true)]
async fn a_given_token_is_renewed_where_it_can_be() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET auth/token/lookup-self" => about_token(90, true),
            "POST auth/token/renew-self" => login(super::support::TOKEN, 90, true),
            "GET secret/data/a" => versioned(&json!({"api_key": CANARY})),
            line if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            _ => refused(),
        })
    });
    let place = Bench::new().place(script.clone(), "secret/a");
    for _ in 0..10 {
        key(place.as_ref()).await.unwrap();
        advance(Duration::from_secs(60)).await;
    }
    assert_eq!(
        (script.count("lookup-self"), script.count("renew-self")),
        (1, 9)
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_forbids_one_secret_starts_no_logins() {
    let script = Server::new(3_600).script();
    let resolver = Bench::approle().resolver(script.clone());
    let (allowed, forbidden) = (place(&resolver, "secret/a"), place(&resolver, "secret/b"));
    for _ in 0..50 {
        key(allowed.as_ref()).await.unwrap();
        let error = key(forbidden.as_ref()).await.unwrap_err();
        assert!(matches!(error, VaultError::Denied { .. }), "{error}");
        advance(Duration::from_secs(4)).await;
    }
    assert_eq!(script.count("/login"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_may_not_look_itself_up_starts_few_logins() {
    let server = Server::new(1 << 20);
    let script = Script::new(move |seen| match seen.line.as_str() {
        "GET auth/token/lookup-self" => Ok(refused()),
        _ => Ok(server.answer(seen)),
    });
    let resolver = Bench::approle().resolver(script.clone());
    let (allowed, forbidden) = (place(&resolver, "secret/a"), place(&resolver, "secret/b"));
    // A day of looks, one every 4 s.
    for _ in 0..21_600 {
        key(forbidden.as_ref()).await.unwrap_err();
        advance(Duration::from_secs(4)).await;
    }
    key(allowed.as_ref()).await.unwrap();
    let logins = script.count("/login");
    assert!((20..=40).contains(&logins), "{logins}");
}

#[tokio::test(start_paused = true)]
async fn a_wrapping_token_is_used_once_and_its_secret_id_often() {
    // hashicorp/vault#16148, spring-cloud/spring-cloud-vault#651: the second login unwrapped again.
    let server = Server::new(30);
    let unwraps = AtomicUsize::new(0);
    let script = Script::new(move |seen| -> Reply {
        if seen.line != "POST sys/wrapping/unwrap" {
            return Ok(server.answer(seen));
        }
        assert_eq!(seen.token.as_deref(), Some("canary-5ec4e71d0001"));
        Ok(match unwraps.fetch_add(1, Ordering::Relaxed) {
            0 => (
                200,
                json!({"data": {"secret_id": "canary-1d1d1d1d", "secret_id_ttl": 0}}),
            ),
            _ => (
                400,
                json!({"errors": ["wrapping token is not valid or does not exist"]}),
            ),
        })
    });
    let mut bench = Bench::approle();
    wrap(&mut bench);
    let place = bench.place(script.clone(), "secret/a");
    for _ in 0..4 {
        key(place.as_ref()).await.unwrap();
        advance(Duration::from_secs(31)).await;
    }
    assert_eq!((script.count("unwrap"), script.count("/login")), (1, 4));
    let login = script
        .seen()
        .into_iter()
        .find(|s| s.line.ends_with("/login"))
        .unwrap();
    assert!(login.body.contains("canary-1d1d1d1d"));
    assert_eq!(login.token, None);
}

#[tokio::test(start_paused = true)]
async fn a_wrapping_token_that_somebody_used_is_told_and_not_tried_again() {
    let script = Script::new(|_| Ok((400, json!({"errors": ["wrapping token is not valid"]}))));
    let mut bench = Bench::approle();
    wrap(&mut bench);
    let place = bench.place(script.clone(), "secret/a");
    for _ in 0..10 {
        let error = key(place.as_ref()).await.unwrap_err();
        assert!(matches!(error, VaultError::WrappingSpent { .. }), "{error}");
        assert!(error.to_string().contains("SECRET_ID"), "{error}");
        advance(Duration::from_secs(61)).await;
    }
    assert_eq!(script.seen().len(), 1);
}

fn wrap(bench: &mut Bench) {
    if let Some(VaultLogin::AppRole { is_wrapped, .. }) = &mut bench.settings.login {
        *is_wrapped = true;
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_without_a_token_is_none() {
    for (body, words) in [
        (
            json!({"auth": {"client_token": "", "lease_duration": 60}}),
            "an empty token",
        ),
        (
            json!({"auth": {"client_token": "canary-x\ny"}}),
            "no header takes",
        ),
        (json!({"auth": null}), "no token in an object `auth`"),
        (
            json!({"auth": {"client_token": 7}}),
            "no token in an object `auth`",
        ),
        (
            json!({"wrap_info": {"token": "canary-w"}}),
            "no token in an object `auth`",
        ),
    ] {
        let script = Script::new(move |_| Ok((200, body.clone())));
        let error = key(Bench::approle().place(script, "secret/a").as_ref())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}
