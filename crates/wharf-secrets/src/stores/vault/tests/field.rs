//! What users of other clients ran into, each built small. Others of them stand beside what they are
//! about, by the same names.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::time::advance;

use super::logins::Server;
use super::support::{
    Bench, CANARY, Script, about_token, key, mount, nothing, refused, said, version, versioned,
};
use crate::exchange::Failure;
use crate::stores::vault::VaultError;

/// ricoberger/vault-secrets-operator#105 and #131, hashicorp/vault#6659: the longest term of the
/// server ended renewals with 403, and nobody logged in anew.
#[tokio::test(start_paused = true)]
async fn renewals_that_come_to_their_end_lead_to_a_login() {
    let mut server = Server::new(300);
    // Fifteen minutes at most: the last renewal gives what is left.
    server.renewals = vec![300, 300, 100];
    let script = server.script();
    let place = Bench::approle().place(script.clone(), "secret/a");
    for _ in 0..40 {
        assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
        advance(Duration::from_secs(50)).await;
    }
    let (logins, renewals) = (script.count("/login"), script.count("renew-self"));
    assert!((3..=4).contains(&logins), "{logins}");
    assert!(renewals <= 3 * logins, "{renewals}");
}

/// hashicorp/vault#25712: renewals of what had ended, over and over, thousands a second.
#[tokio::test(start_paused = true)]
async fn a_renewal_that_is_refused_is_not_repeated() {
    let script = Server::new(300).script();
    let place = Bench::approle().place(script.clone(), "secret/a");
    key(place.as_ref()).await.unwrap();
    advance(Duration::from_secs(201)).await;
    for _ in 0..100 {
        key(place.as_ref()).await.unwrap();
    }
    assert_eq!((script.count("renew-self"), script.count("/login")), (1, 2));
}

/// hashicorp/vault#3033: a token that was taken back gave 403 until somebody started the program
/// anew.
#[tokio::test(start_paused = true)]
async fn a_token_that_was_taken_back_is_replaced_at_once() {
    let taken_back = Arc::new(AtomicBool::new(false));
    let (server, switch) = (Server::new(3_600), Arc::clone(&taken_back));
    let script = Script::new(move |seen| {
        if seen.line == "POST auth/approle/login" {
            switch.store(false, Ordering::Relaxed);
        } else if switch.load(Ordering::Relaxed) {
            return Ok(refused());
        }
        Ok(server.answer(seen))
    });
    let resolver = Bench::approle().resolver(script.clone());
    let places: Vec<_> = (0..50)
        .map(|_| super::support::place(&resolver, "secret/a"))
        .collect();
    for _ in 0..3 {
        taken_back.store(true, Ordering::Relaxed);
        let before = script.count("/login");
        let keys = futures_util::future::join_all(places.iter().map(|p| key(p.as_ref()))).await;
        assert!(keys.iter().all(Result::is_ok), "{keys:?}");
        assert_eq!(script.count("/login"), before + 1);
        advance(Duration::from_secs(2)).await;
    }
}

/// hashicorp/vault#20772: a time-out of the question about the mount was taken for KV version 1, and
/// then everything for a refusal.
#[tokio::test(start_paused = true)]
async fn no_answer_about_a_mount_says_nothing_of_it() {
    let script = Script::new(|seen| match seen.line.as_str() {
        line if line.starts_with("GET sys") => Err(Failure::Timeout(Duration::from_secs(5))),
        _ => Ok(about_token(0, false)),
    });
    let place = Bench::new().place(script.clone(), "kv/tenant");
    let error = key(place.as_ref()).await.unwrap_err();
    assert!(matches!(error, VaultError::NoAnswer { .. }), "{error}");
    assert_eq!(script.count("GET kv"), 0);
}

/// Comcast/fishymetrics#167, DataDog/datadog-secret-backend#81: the name of the mount told the version
/// of KV. sunshinekitty/vaultingkube#8: a mount with a slash was none.
#[tokio::test(start_paused = true)]
async fn names_of_mounts_tell_nothing() {
    for (path, found, read) in [
        ("kv2/a", mount("kv2/", "kv", Some("1")), "GET kv2/a"),
        ("kv/a", mount("kv/", "kv", Some("2")), "GET kv/data/a"),
        (
            "kube/clusters/a",
            mount("kube/clusters/", "kv", Some("2")),
            "GET kube/clusters/data/a",
        ),
    ] {
        let script = Script::new(move |seen| {
            Ok(match seen.line.as_str() {
                line if line.starts_with("GET sys") => found.clone(),
                line if line.starts_with("GET auth") => about_token(0, false),
                line if line.contains("/data/") => versioned(&json!({"api_key": CANARY})),
                _ => (200, json!({"data": {"api_key": CANARY}})),
            })
        });
        let place = Bench::new().place(script.clone(), path);
        assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
        assert_eq!(script.lines().last().unwrap(), read);
    }
}

/// hvac/hvac#473, hvac/hvac#806: the API's own `data/` was in the path already.
#[tokio::test(start_paused = true)]
async fn a_path_with_the_apis_own_prefix_is_told() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            line if line.starts_with("GET sys") => mount("secret/", "kv", Some("2")),
            line if line.starts_with("GET auth") => about_token(0, false),
            _ => nothing(),
        })
    });
    let error = key(Bench::new().place(script, "secret/data/a").as_ref())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("leave out `data/`"), "{error}");
}

/// drone/drone-vault#8: a mount without options was a panic or KV.
#[tokio::test(start_paused = true)]
async fn a_mount_of_another_engine_is_read_as_it_is() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            line if line.starts_with("GET sys") => mount("consul/", "consul", None),
            "GET consul/creds/a" => (
                200,
                json!({"lease_id": "l", "lease_duration": 60, "data": {"api_key": CANARY}}),
            ),
            _ => about_token(0, false),
        })
    });
    let place = Bench::new().place(script, "consul/creds/a");
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
}

/// namecheap/node-vault-client#106, rajanadar/VaultSharp#91: logins, look-ups and renewals went to the
/// root.
#[tokio::test(start_paused = true)]
async fn every_request_is_for_the_namespace() {
    let mut server = Server::new(300);
    server.renewals = vec![300];
    let script = server.script();
    let mut bench = Bench::approle();
    bench.settings.namespace = Some("team/billing/".to_owned());
    let place = bench.place(script.clone(), "secret/a");
    key(place.as_ref()).await.unwrap();
    advance(Duration::from_secs(201)).await;
    key(place.as_ref()).await.unwrap();
    version(place.as_ref()).await.unwrap();
    for words in [
        "/login",
        "renew-self",
        "lookup-self",
        "sys/internal",
        "/data/",
        "/metadata/",
    ] {
        assert!(script.count(words) > 0, "{words}");
    }
    for seen in script.seen() {
        assert_eq!(seen.namespace.as_deref(), Some("team/billing"), "{seen:?}");
    }
}

/// hashicorp/vault#11612: an empty namespace did not win over the variable.
#[tokio::test(start_paused = true)]
async fn an_empty_namespace_is_the_root() {
    let script = Server::new(300).script();
    let mut bench = Bench::approle().set("VAULT_NAMESPACE", "team");
    bench.settings.namespace = Some(String::new());
    key(bench.place(script.clone(), "secret/a").as_ref())
        .await
        .unwrap();
    assert!(script.seen().iter().all(|seen| seen.namespace.is_none()));
}

/// argoproj-labs/argocd-vault-plugin#411, hashicorp/vault#24499, hashicorp/vault-mcp-server#76: `data`
/// of a deleted version is null, and programs fell over it.
#[tokio::test(start_paused = true)]
async fn a_deleted_version_is_told_so() {
    for (status, deleted, is_destroyed, words) in [
        (404, "2026-11-30T09:35:01.7Z", false, "was deleted"),
        (404, "", true, "was destroyed"),
        (200, "2026-11-30T09:35:01.7Z", true, "was destroyed"),
    ] {
        let metadata = json!({"version": 2, "deletion_time": deleted, "destroyed": is_destroyed});
        let body = json!({"data": {"data": null, "metadata": metadata}});
        // Also where the mount may not be asked for.
        for mounts in [mount("secret/", "kv", Some("2")), refused()] {
            let body = body.clone();
            let script = Script::new(move |seen| {
                Ok(match seen.line.as_str() {
                    "GET secret/data/a" => (status, body.clone()),
                    line if line.starts_with("GET sys") => mounts.clone(),
                    _ => about_token(0, false),
                })
            });
            let error = key(Bench::new().place(script, "secret/a").as_ref())
                .await
                .unwrap_err();
            assert!(matches!(error, VaultError::Deleted { .. }), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

/// Caiyeon/goldfish#134, nemosupremo/vault-gatekeeper#2: a standby that redirects was a failure without
/// a reason. hashicorp/vault#10898: a proxy's redirect led to itself.
#[tokio::test(start_paused = true)]
async fn a_standby_that_redirects_is_told_where_it_leads() {
    let script = Script::raw(|_| {
        let to = [("location", "https://10.0.0.7:8200/v1/auth/approle/login")];
        Ok(said(307, &to, b""))
    });
    let error = key(Bench::approle().place(script.clone(), "secret/a").as_ref())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("https://10.0.0.7:8200"),
        "{error}"
    );
    assert!(
        script
            .seen()
            .iter()
            .all(|seen| !seen.line.contains("10.0.0.7"))
    );
}

/// Comcast/Buildenv-Tool#35: that one mount may not be asked for was the end.
#[tokio::test(start_paused = true)]
async fn a_forbidden_question_is_no_refusal_of_the_secret() {
    let script = Script::new(|seen| {
        Ok(match seen.line.as_str() {
            "GET secret/team/a" => (200, json!({"data": {"api_key": CANARY}})),
            _ => refused(),
        })
    });
    let place = Bench::new().place(script, "team/a");
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
}
