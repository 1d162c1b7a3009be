//! What a server, a network or a configuration does wrong: each an error of its own, and none with a
//! value in it.

use std::time::Duration;

use serde_json::json;

use super::support::{
    ADDRESS, Bench, CANARY, Script, TOKEN, about_token, fetch, key, mount, refused, said, version,
    versioned,
};
use crate::exchange::{Exchange, Failure};
use crate::stores::vault::{ServerState, VaultError, VaultSettings};
use crate::variables::FixedVariables;

/// The error where reading the secret is answered like this; asked for once.
async fn error_of(status: u16, headers: &[(&'static str, &str)], body: &str) -> VaultError {
    let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    let body = body.to_owned();
    let script = Script::raw(move |seen| {
        if seen.line == "GET secret/data/a" {
            let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            return Ok(said(status, &headers, body.as_bytes()));
        }
        let (status, body) = match seen.line.as_str() {
            line if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            _ => about_token(0, false),
        };
        Ok(said(status, &[], body.to_string().as_bytes()))
    });
    let error = key(Bench::new().place(script, "secret/a").as_ref()).await;
    let error = error.unwrap_err();
    let text = error.to_string();
    for words in ["data/a", "`secret`", ADDRESS] {
        assert!(text.contains(words), "{text}");
    }
    error
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_none_of_vaults_is_told_so() {
    let html = "<html><title>Sign in</title> canary-111111</html>";
    let wrong = json!({"data": {"data": [CANARY], "metadata": {"version": 1}}}).to_string();
    let text = json!({"data": CANARY}).to_string();
    let null = json!({"data": {"data": null, "metadata": {"version": 1}}}).to_string();
    for (status, headers, body, words) in [
        (
            200,
            &[("content-type", "text/html; charset=utf-8")][..],
            html,
            "is a page of HTML",
        ),
        (200, &[], "<!DOCTYPE html>", "is a page of HTML"),
        (200, &[], "", "is empty"),
        (200, &[], " \r\n", "is empty"),
        (204, &[], "", "is empty"),
        (200, &[], "canary-222222", "is not JSON"),
        (
            200,
            &[],
            "{\"data\": {\"data\": {\"api_key\": \"canary-33",
            "is not JSON",
        ),
        (200, &[], "[]", "has no object `data`"),
        (200, &[], "{}", "has no object `data`"),
        (200, &[], "null", "has no object `data`"),
        (200, &[], &wrong, "has no object `data`"),
        (200, &[], &text, "has no object `data`"),
        (200, &[], &null, "has no object `data`"),
    ] {
        let error = error_of(status, headers, body).await;
        assert!(
            matches!(error, VaultError::NotVault { status: s, .. } if s == status),
            "{error}"
        );
        assert!(error.to_string().contains(words), "{body}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed_and_its_query_not_shown() {
    for (to, words) in [
        (
            "https://active.internal:8200/v1/secret?token=canary-4444",
            "leads to https://active.internal:8200, and",
        ),
        (
            "https://user:canary-5555@other/",
            "leads to https://other, and",
        ),
        ("/ui/", "leads to another place"),
    ] {
        for status in [301, 302, 307, 308] {
            let error = error_of(status, &[("location", to)], "").await;
            assert!(matches!(error, VaultError::Redirected { .. }), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_answer_says_why() {
    for (status, body, state, remedy) in [
        (
            503,
            r#"{"errors":["Vault is sealed"]}"#,
            ServerState::Sealed,
            "unseal it",
        ),
        (
            503,
            r#"{"errors":["core is sealed"]}"#,
            ServerState::Sealed,
            "unseal it",
        ),
        (503, "<html>", ServerState::Failing, "look at its log"),
        (
            500,
            r#"{"errors":["internal error canary-66"]}"#,
            ServerState::Failing,
            "log",
        ),
        (502, "", ServerState::Failing, "log"),
        (501, "", ServerState::NotInitialised, "operator init"),
        (
            429,
            r#"{"errors":["request path: rate limit quota exceeded"]}"#,
            ServerState::RateLimited,
            "rate limit quota",
        ),
        (429, "", ServerState::RateLimited, "active server"),
        (472, "", ServerState::Recovery, "primary"),
        (473, "", ServerState::Standby, "active server"),
        (412, "", ServerState::Behind, "replication"),
    ] {
        let error = error_of(status, &[], body).await;
        assert!(
            matches!(error, VaultError::Unavailable { status: s, state: t, .. } if s == status && t == state),
            "{error:?}"
        );
        assert!(error.to_string().contains(remedy), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_say_which_policy_and_which_path() {
    let (status, body) = refused();
    let error = error_of(status, &[], &body.to_string()).await;
    let text = error.to_string();
    let policy = "`path \"secret/data/a\" { capabilities = [\"read\"] }`";
    assert!(
        matches!(error, VaultError::Denied { .. }) && text.contains(policy),
        "{text}"
    );

    let error = error_of(404, &[], "{\"errors\":[]}").await;
    assert!(matches!(error, VaultError::NotFound { .. }), "{error}");
    assert!(error.to_string().contains("change `path`"), "{error}");

    let error = error_of(404, &[], "{\"errors\":[\"namespace not found\"]}").await;
    assert!(matches!(error, VaultError::NoNamespace { .. }), "{error}");

    for status in [400, 402, 405, 418] {
        let error = error_of(status, &[], "{\"errors\":[\"canary-77\"]}").await;
        assert!(
            matches!(error, VaultError::Refused { status: s, .. } if s == status),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn failures_of_the_network_keep_their_words_and_long_answers_are_cut() {
    for (failure, words) in [
        (
            Failure::NotSent("certificate expired 2 days ago".to_owned()),
            "certificate expired 2 days ago",
        ),
        (
            Failure::NoAnswer("connection closed".to_owned()),
            "connection closed",
        ),
        (
            Failure::Timeout(Duration::from_secs(5)),
            "no answer within 5000 ms",
        ),
        (Failure::TooLong, "longer than 262144 bytes"),
    ] {
        let script = Script::new(move |_| Err(failure.clone()));
        let place = Bench::new().place(script, "secret/a");
        let error = key(place.as_ref()).await.unwrap_err().to_string();
        assert!(error.contains(words) && error.contains(ADDRESS), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_is_safe_is_repeated_and_within_the_time() {
    let lost = || Err(Failure::NoAnswer("reset".to_owned()));
    let unsent = || Err(Failure::NotSent("refused".to_owned()));
    // Reading is repeated, whatever happened.
    let script = Script::new(move |seen| match seen.line.as_str() {
        "GET secret/data/a" => lost(),
        line if line.starts_with("GET sys") => Ok(mount("secret/", "kv", Some("2"))),
        _ => Ok(about_token(0, false)),
    });
    let started = tokio::time::Instant::now();
    key(Bench::new().place(script.clone(), "secret/a").as_ref())
        .await
        .unwrap_err();
    assert_eq!(script.count("secret/data/a"), 4);
    assert!(started.elapsed() < Duration::from_secs(5));
    // Within the time.
    let mut bench = Bench::new();
    bench.settings.timeout = Some(Duration::from_millis(200));
    let started = tokio::time::Instant::now();
    key(bench.place(script.clone(), "secret/a").as_ref())
        .await
        .unwrap_err();
    assert_eq!(script.count("secret/data/a"), 6);
    assert!(started.elapsed() < Duration::from_millis(200));
    // A login only where nothing was sent: it may have used up a secret id.
    for (failure, tries) in [(lost(), 1), (unsent(), 4)] {
        let failure: Result<(u16, serde_json::Value), Failure> = failure;
        let script = Script::new(move |_| failure.clone());
        key(Bench::approle().place(script.clone(), "secret/a").as_ref())
            .await
            .unwrap_err();
        assert_eq!(script.count("auth/approle/login"), tries);
    }
    // A sealed server stays so for longer than this.
    let script = Script::new(|_| Ok((503, json!({"errors": ["Vault is sealed"]}))));
    key(Bench::new().place(script.clone(), "secret/a").as_ref())
        .await
        .unwrap_err();
    assert_eq!(script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_got_over() {
    let failures = std::sync::atomic::AtomicUsize::new(0);
    let script = Script::new(move |seen| {
        let number = failures.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if number.is_multiple_of(2) {
            return Ok((473, json!(null)));
        }
        Ok(match seen.line.as_str() {
            "GET secret/data/a" => versioned(&json!({"api_key": CANARY})),
            line if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            _ => about_token(0, false),
        })
    });
    let place = Bench::new().place(script, "secret/a");
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_another_mount_is_refused() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            line if line.starts_with("GET sys") => mount("other/", "kv", Some("2")),
            _ => about_token(0, false),
        })
    });
    let error = key(Bench::new().place(script, "secret/a").as_ref())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("another mount"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_the_settings_lack_is_told_before_anything_is_sent() {
    let script = Script::new(|_| Ok(refused()));
    let ask = async |bench: Bench| {
        let place = bench.place(script.clone(), "secret/a");
        fetch(place.as_ref()).await.err().unwrap()
    };
    let mut bench = Bench::new();
    bench.settings.address = None;
    let error = ask(bench).await;
    assert_eq!(error, VaultError::NoAddress);
    for address in [
        "vault.internal",
        "ftp://a",
        "https://",
        "https://u:canary-88@h:1",
        "https://h?x=canary-99",
        "https://h h",
    ] {
        let mut bench = Bench::new();
        bench.settings.address = Some(address.to_owned());
        let error = ask(bench).await;
        assert!(
            error.to_string().contains("`[secrets.vault] address`"),
            "{error}"
        );
        let mut bench = Bench::new();
        bench.settings.address = None;
        let error = ask(bench.set("VAULT_ADDR", address)).await;
        assert!(
            error
                .to_string()
                .contains("environment variable VAULT_ADDR"),
            "{error}"
        );
    }
    let mut bench = Bench::new();
    bench.settings.namespace = Some("tëam\n".to_owned());
    assert_eq!(ask(bench).await, VaultError::NamespaceUnusable);
    let mut bench = Bench::new();
    bench.variables = FixedVariables::new();
    let error = ask(bench).await.to_string();
    assert!(
        error.contains("environment variable VAULT_TOKEN: the variable is not set"),
        "{error}"
    );
    let error = ask(Bench::new().set("VAULT_TOKEN", "canary-aa\nb")).await;
    assert!(matches!(error, VaultError::ProofUnusable { .. }), "{error}");
    assert!(script.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn variables_of_vaults_own_tools_fill_what_the_settings_leave_open() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET secret/data/a" => versioned(&json!({"api_key": CANARY})),
            line if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            _ => about_token(0, false),
        })
    });
    let mut bench = Bench::new()
        .set("VAULT_ADDR", &format!("{ADDRESS}/"))
        .set("VAULT_NAMESPACE", "team/a/")
        .set("VAULT_CACERT", "/etc/ssl/vault.pem");
    bench.settings = VaultSettings::default();
    key(bench.place(script.clone(), "secret/a").as_ref())
        .await
        .unwrap();
    let seen = script.seen();
    assert!(
        seen.iter()
            .all(|seen| seen.namespace.as_deref() == Some("team/a") && seen.has_trust)
    );
    // The settings win.
    let mut bench = bench.set("VAULT_ADDR", "https://elsewhere");
    bench.settings.address = Some(ADDRESS.to_owned());
    bench.settings.namespace = Some("b".to_owned());
    key(bench.place(script.clone(), "secret/a").as_ref())
        .await
        .unwrap();
    assert_eq!(
        script.seen().last().unwrap().namespace.as_deref(),
        Some("b")
    );
}

#[test]
fn an_exchange_that_is_not_there_is_a_place_that_cannot_be_read() {
    let bench = Bench::new();
    let resolver = crate::resolver::Resolver::new(
        std::sync::Arc::new(bench.variables.clone()),
        std::path::PathBuf::new(),
    );
    let place = super::support::place(&resolver.with_vault(bench.settings), "secret/a");
    let error = crate::keeper::drive(place.fetch_needed(&["api_key".to_owned()]));
    assert!(error.err().unwrap().to_string().contains("HASHICORP_VAULT"));
    assert_eq!(crate::keeper::drive(place.version()).unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_canary_is_in_no_text_of_what_holds_it() {
    let script = Script::new(|_| Ok(refused()));
    let bench = Bench::approle();
    let exchange: std::sync::Arc<dyn Exchange> = script;
    let resolver = bench.resolver(exchange);
    let place = super::support::place(&resolver, "secret/a");
    let error = version(place.as_ref()).await.unwrap_err();
    let text = format!(
        "{resolver:?} {:?} {} {error:?}",
        bench.settings,
        place.describe()
    );
    assert!(!text.contains("canary-") && !text.contains(TOKEN), "{text}");
}
