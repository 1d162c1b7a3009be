//! Where a path leads, what is read there, and its version.

use serde_json::json;

use super::support::{
    Bench, CANARY, Script, TOKEN, about_token, fetch_fields, key, mount, nothing, refused, shown,
    vault, version, versioned,
};
use crate::error::Error;
use crate::stores::vault::{PathProblem, VaultError};

const PATH: &str = "/staging/service-name/credentials";

#[tokio::test(start_paused = true)]
async fn a_path_lies_below_the_mount_of_the_settings() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET auth/token/lookup-self" => about_token(0, false),
            "GET sys/internal/ui/mounts/secret/staging/service-name/credentials" => {
                mount("secret/", "kv", Some("2"))
            }
            "GET secret/data/staging/service-name/credentials" => {
                versioned(&json!({"api_key": CANARY}))
            }
            _ => refused(),
        })
    });
    let place = Bench::new().place(script.clone(), PATH);
    for _ in 0..3 {
        assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
    }
    // The questions about the mount are asked once.
    assert_eq!(
        script.lines(),
        [
            "GET auth/token/lookup-self",
            "GET sys/internal/ui/mounts/staging/service-name/credentials",
            "GET sys/internal/ui/mounts/secret/staging/service-name/credentials",
            "GET secret/data/staging/service-name/credentials",
            "GET secret/data/staging/service-name/credentials",
            "GET secret/data/staging/service-name/credentials",
        ]
    );
    for seen in script.seen() {
        assert_eq!(seen.token.as_deref(), Some(TOKEN));
        assert!(seen.is_marked && seen.namespace.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_that_begins_with_a_mount_lies_there() {
    for (path, found, read) in [
        ("kv/a", mount("kv/", "kv", Some("1")), "GET kv/a"),
        ("kv/a/", mount("kv/", "kv", None), "GET kv/a"),
        ("old/a", mount("old/", "generic", None), "GET old/a"),
        (
            "secret/a b/ü",
            mount("secret/", "kv", Some("2")),
            "GET secret/data/a%20b/%C3%BC",
        ),
        (
            "team/deep/kv/a",
            mount("team/deep/kv/", "kv", Some("2")),
            "GET team/deep/kv/data/a",
        ),
    ] {
        let script = Script::new(move |seen| {
            Ok(match seen.line.as_str() {
                line if line.starts_with("GET sys/internal") => found.clone(),
                line if line.contains("/data/") => versioned(&json!({"api_key": CANARY})),
                line if line.starts_with("GET auth") => about_token(0, false),
                _ => (
                    200,
                    json!({"lease_id": "", "lease_duration": 2_764_800, "data": {"api_key": CANARY}}),
                ),
            })
        });
        let place = Bench::new().place(script.clone(), path);
        let fetched = fetch_fields(place.as_ref(), &["api_key"]).await.unwrap();
        assert_eq!(shown(&fetched.credential, "api_key"), CANARY);
        assert_eq!(fetched.life, None, "{path}: KV lends nothing");
        assert_eq!(script.count("sys/internal"), 1);
        assert_eq!(script.lines().last().unwrap(), read);
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_of_vaults_own_is_no_mount_of_documents() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET sys/internal/ui/mounts/identity/key" => mount("identity/", "ns_identity", None),
            "GET sys/internal/ui/mounts/team/identity/key" => mount("team/", "kv", Some("2")),
            "GET team/data/identity/key" => versioned(&json!({"api_key": CANARY})),
            _ => refused(),
        })
    });
    let mut bench = Bench::new();
    bench.settings.mount = Some("/team/".to_owned());
    let place = bench.place(script, "identity/key");
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
}

/// Whether an error is the expected one; `None`: there is none.
type Check<'a> = Option<&'a dyn Fn(&VaultError) -> bool>;

#[tokio::test(start_paused = true)]
async fn where_mounts_may_not_be_asked_for_the_answers_tell_the_version() {
    let invalid = (
        404,
        json!({"data": null, "warnings": ["Invalid path for a versioned K/V secrets engine."]}),
    );
    let plain = (200, json!({"data": {"api_key": CANARY}}));
    let new = versioned(&json!({"api_key": CANARY}));
    let policy = |error: &VaultError| matches!(error, VaultError::Denied { .. });
    let gone = |error: &VaultError| matches!(error, VaultError::NotFound { .. });
    let cases: [(_, _, Check<'_>); 8] = [
        (new.clone(), refused(), None),
        (nothing(), plain.clone(), None),
        (refused(), plain.clone(), None),
        // Something without versions that happens to have a path `data/…`.
        (plain.clone(), plain, None),
        (refused(), refused(), Some(&policy)),
        (refused(), invalid.clone(), Some(&policy)),
        (nothing(), invalid, Some(&gone)),
        (nothing(), refused(), Some(&gone)),
    ];
    for (data, whole, expected) in cases {
        let script = Script::new(move |seen| {
            Ok(match seen.line.as_str() {
                "GET secret/data/a" => data.clone(),
                "GET secret/a" => whole.clone(),
                "GET auth/token/lookup-self" => about_token(60, false),
                _ => refused(),
            })
        });
        for path in ["a", "secret/a"] {
            let place = Bench::new().place(script.clone(), path);
            match (key(place.as_ref()).await, expected) {
                (Ok(found), None) => assert_eq!(found, CANARY),
                (Err(error), Some(is_expected)) => assert!(is_expected(&error), "{error}"),
                (outcome, _) => panic!("{outcome:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_mount_that_became_another_one_is_found_again() {
    let is_new = std::sync::atomic::AtomicBool::new(false);
    let is_new = std::sync::Arc::new(is_new);
    let upgraded = std::sync::Arc::clone(&is_new);
    let script = Script::new(move |seen| {
        let is_new = is_new.load(std::sync::atomic::Ordering::Relaxed);
        Ok(match seen.line.as_str() {
            "GET sys/internal/ui/mounts/secret/a" => {
                mount("secret/", "kv", Some(if is_new { "2" } else { "1" }))
            }
            "GET secret/data/a" if is_new => versioned(&json!({"api_key": "canary-2222aaaa2222"})),
            "GET secret/a" if !is_new => (200, json!({"data": {"api_key": CANARY}})),
            "GET auth/token/lookup-self" => about_token(0, false),
            _ => nothing(),
        })
    });
    let place = Bench::new().place(script, "secret/a");
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
    upgraded.store(true, std::sync::atomic::Ordering::Relaxed);
    key(place.as_ref()).await.unwrap_err();
    assert_eq!(key(place.as_ref()).await.unwrap(), "canary-2222aaaa2222");
}

#[tokio::test(start_paused = true)]
async fn a_path_that_leads_to_no_secret_is_told_before_anything_is_sent() {
    for (path, expected) in [
        ("", PathProblem::Empty),
        ("/", PathProblem::Empty),
        ("a//b", PathProblem::EmptySegment),
        ("//a", PathProblem::EmptySegment),
        ("../sys/raw", PathProblem::Dots),
        ("a/./b", PathProblem::Dots),
        ("a\nb", PathProblem::ControlCharacter),
        (&"a".repeat(1_025), PathProblem::TooLong),
    ] {
        let script = Script::new(|_| Ok(refused()));
        let place = Bench::new().place(script.clone(), path);
        let error = key(place.as_ref()).await.unwrap_err();
        assert!(
            matches!(&error, VaultError::PathUnusable { problem, .. } if *problem == expected),
            "{error}"
        );
        assert!(!error.to_string().contains('\n'), "{error}");
        assert!(script.seen().is_empty());
        version(place.as_ref()).await.unwrap_err();
    }
    let script = Script::new(|_| Ok(mount("secret/", "kv", Some("2"))));
    let error = key(Bench::new().place(script, "secret").as_ref()).await;
    assert!(error.unwrap_err().to_string().contains("names a mount"));
}

#[tokio::test(start_paused = true)]
async fn fields_are_found_as_in_files() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET secret/data/a" => versioned(
                &json!({"SHOP_CLIENT_ID": "canary-1d1d1d1d", "client_secret": "canary-5e5e5e5e", "port": 5432, "lines": "canary-a\nb"}),
            ),
            "GET secret/data/one" => versioned(&json!({"value": CANARY})),
            line if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            _ => about_token(0, false),
        })
    });
    let bench = Bench::new();
    let place = bench.place(script.clone(), "secret/a");
    let found = fetch_fields(place.as_ref(), &["client_id", "client_secret"]).await;
    let found = found.unwrap().credential;
    assert_eq!(shown(&found, "client_id"), "canary-1d1d1d1d");
    assert_eq!(shown(&found, "client_secret"), "canary-5e5e5e5e");
    let one = bench.place(script, "secret/one");
    assert_eq!(key(one.as_ref()).await.unwrap(), CANARY);

    for (fields, words) in [
        (
            ["client_id", "port"],
            "member `port` of the secret `data/a` in the mount `secret` of Vault at https://vault.internal:8200 is not a string",
        ),
        (
            ["client_id", "lines"],
            "member `lines` of the secret `data/a`",
        ),
    ] {
        let error = vault(fetch_fields(place.as_ref(), &fields).await.err().unwrap());
        assert!(error.to_string().starts_with(words), "{error}");
    }
    let error = fetch_fields(place.as_ref(), &["client_id", "password"]).await;
    let error = error.err().unwrap();
    assert!(matches!(&error, Error::FieldMissing { field, .. } if field == "password"));
    let error = error.to_string();
    assert!(
        error.contains("`client_secret`") && !error.contains("canary-"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_version_is_told_without_the_value() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET secret/metadata/a" => (
                200,
                json!({"data": {
                    "current_version": 12,
                    "created_time": "2025-01-01T00:00:00Z",
                    "versions": {
                        "11": {"created_time": "2026-01-01T00:00:00Z"},
                        "12": {"created_time": "2026-11-30T09:35:01.306294379Z", "deletion_time": ""},
                    },
                }}),
            ),
            "GET sys/internal/ui/mounts/secret/a" => mount("secret/", "kv", Some("2")),
            "GET sys/internal/ui/mounts/kv/a" => mount("kv/", "kv", Some("1")),
            _ => about_token(0, false),
        })
    });
    let bench = Bench::new();
    let place = bench.place(script.clone(), "secret/a");
    let found = version(place.as_ref()).await.unwrap().unwrap();
    assert!(found.id.starts_with("12 "), "{found:?}");
    let made_at = found.made_at.unwrap().to_string();
    assert_eq!(made_at, "2026-11-30T09:35:01.306294379Z");
    assert_eq!(version(place.as_ref()).await.unwrap().unwrap(), found);
    // Version 1 of KV has none.
    let old = bench.place(script.clone(), "kv/a");
    assert_eq!(version(old.as_ref()).await.unwrap(), None);
    assert_eq!(script.count("/data/"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_secret_made_anew_under_its_old_number_is_another_version() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            line if line.starts_with("GET secret/metadata/") => {
                let created = format!("2026-01-0{}T00:00:00Z", &line[line.len() - 1..]);
                let versions = json!({"1": {"created_time": created}});
                (
                    200,
                    json!({"data": {"current_version": 1, "versions": versions}}),
                )
            }
            line if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            _ => about_token(0, false),
        })
    });
    let bench = Bench::new();
    let first = version(bench.place(script.clone(), "secret/1").as_ref()).await;
    let second = version(bench.place(script, "secret/2").as_ref()).await;
    assert_ne!(first.unwrap().unwrap().id, second.unwrap().unwrap().id);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_tells_the_version_that_a_question_tells() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET secret/metadata/a" => (
                200,
                json!({"data": {"current_version": 3, "versions": {"3": {"created_time": "2026-01-02T03:04:05.678Z"}}}}),
            ),
            "GET secret/data/a" => versioned(&json!({"api_key": CANARY})),
            line if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            _ => about_token(0, false),
        })
    });
    let place = Bench::new().place(script, "secret/a");
    let fetched = fetch_fields(place.as_ref(), &["api_key"]).await.unwrap();
    assert_eq!(fetched.version, version(place.as_ref()).await.unwrap());
    assert!(
        fetched
            .version
            .is_some_and(|version| version.made_at.is_some())
    );
}

#[tokio::test(start_paused = true)]
async fn a_version_that_may_not_be_read_is_none() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET secret/data/a" => versioned(&json!({"api_key": CANARY})),
            line if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            "GET auth/token/lookup-self" => about_token(0, false),
            _ => refused(),
        })
    });
    let place = Bench::new().place(script.clone(), "secret/a");
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
    assert_eq!(version(place.as_ref()).await.unwrap(), None);
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
    assert_eq!(script.count("sys/internal"), 1);
}
