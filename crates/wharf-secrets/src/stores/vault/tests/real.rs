//! The real server (`OpenBao`, which speaks as Vault does), started by each test. Nothing here is
//! scripted but those whom the server itself asks.

mod server;
mod stand_in;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde_json::{Value, json};

use self::server::{PATIENCE, ROOT, Server};
use super::support::{fetch, fetch_fields, key, place, shown, vault, version};
use crate::keeper::Keeper;
use crate::resolver::Resolver;
use crate::stores::vault::{ProofPlace, ServerState, VaultError, VaultLogin, VaultSettings};
use crate::variables::FixedVariables;

fn resolver(server: &Server, settings: VaultSettings, proof: &str) -> Resolver {
    let mut variables = FixedVariables::new();
    variables.set("PROOF", SecretString::from(proof));
    Resolver::new(Arc::new(variables), PathBuf::from("/"))
        .through(server.network.clone())
        .with_vault(settings)
}

fn with_token(server: &Server, token: &str) -> Resolver {
    let from = ProofPlace::Variable("PROOF".to_owned());
    resolver(
        server,
        server.settings(Some(VaultLogin::Token { from })),
        token,
    )
}

fn with_role(
    server: &Server,
    (role_id, secret_id): &(String, String),
    is_wrapped: bool,
) -> Resolver {
    let login = VaultLogin::AppRole {
        role_id: role_id.clone(),
        secret_id: ProofPlace::Variable("PROOF".to_owned()),
        is_wrapped,
        mount: None,
    };
    resolver(server, server.settings(Some(login)), secret_id)
}

/// A token of a policy.
async fn token(server: &Server, terms: Value) -> String {
    let answer = server.put("auth/token/create", terms).await;
    answer["auth"]["client_token"].as_str().unwrap().to_owned()
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn secrets_of_both_versions_are_read_where_they_are() {
    let Some(server) = server::start().await else {
        return;
    };
    for (mount, number) in [("old", "1"), ("team/deep/kv", "2")] {
        let options = json!({"type": "kv", "options": {"version": number}});
        server.put(&format!("sys/mounts/{mount}"), options).await;
    }
    let values = |value: &str| json!({"SHOP_API_KEY": value, "port": 5432, "user": "billing"});
    let path = "staging/service-name/credentials";
    // The mount is made over to its version in the background.
    for mount in ["secret", "team/deep/kv"] {
        let path = format!("{mount}/data/{path}");
        let body = json!({"data": values("canary-aa01")});
        until("version 2 is there", async || {
            server.ask("POST", &path, &body).await.0 == 200
        })
        .await;
    }
    server
        .put(&format!("old/{path}"), values("canary-aa02"))
        .await;
    server
        .policy(
            "all",
            &[
                "secret/data/staging/*",
                "secret/metadata/staging/*",
                "team/deep/kv/*",
                "old/staging/*",
            ],
        )
        .await;
    server
        .policy("values", &["secret/data/staging/*", "old/staging/*"])
        .await;

    let all = with_token(
        &server,
        &token(&server, json!({"policies": ["all"], "ttl": "5m"})).await,
    );
    for (path, value, has_version) in [
        ("/staging/service-name/credentials", "canary-aa01", true),
        (
            "secret/staging/service-name/credentials",
            "canary-aa01",
            true,
        ),
        (
            "team/deep/kv/staging/service-name/credentials",
            "canary-aa01",
            true,
        ),
        ("old/staging/service-name/credentials", "canary-aa02", false),
    ] {
        let place = place(&all, path);
        let fetched = fetch_fields(place.as_ref(), &["api_key", "user"])
            .await
            .unwrap();
        assert_eq!(shown(&fetched.credential, "api_key"), value, "{path}");
        assert_eq!(fetched.life, None, "{path}");
        assert_eq!(
            fetched.version,
            version(place.as_ref()).await.unwrap(),
            "{path}"
        );
        assert_eq!(fetched.version.is_some(), has_version, "{path}");
        let error = vault(
            fetch_fields(place.as_ref(), &["port", "user"])
                .await
                .unwrap_err(),
        );
        assert!(
            matches!(error, VaultError::MemberUnusable { .. }),
            "{error}"
        );
    }
    // A new version, without reading it; then deleted, destroyed, and gone.
    let place_of_all = place(&all, path);
    let first = version(place_of_all.as_ref()).await.unwrap().unwrap();
    server
        .put(
            &format!("secret/data/{path}"),
            json!({"data": values("canary-aa03")}),
        )
        .await;
    let second = version(place_of_all.as_ref()).await.unwrap().unwrap();
    assert_ne!(first.id, second.id);
    let age = jiff::Timestamp::now().duration_since(second.made_at.unwrap());
    assert!(age.as_secs() < 60, "{age:?}");
    assert_eq!(key(place_of_all.as_ref()).await.unwrap(), "canary-aa03");
    server
        .ask("DELETE", &format!("secret/data/{path}"), &Value::Null)
        .await;
    let error = key(place_of_all.as_ref()).await.unwrap_err();
    assert!(
        matches!(
            error,
            VaultError::Deleted {
                is_destroyed: false,
                ..
            }
        ),
        "{error}"
    );
    server
        .put(&format!("secret/destroy/{path}"), json!({"versions": [2]}))
        .await;
    let error = key(place_of_all.as_ref()).await.unwrap_err();
    assert!(
        matches!(
            error,
            VaultError::Deleted {
                is_destroyed: true,
                ..
            }
        ),
        "{error}"
    );
    server
        .ask("DELETE", &format!("secret/metadata/{path}"), &Value::Null)
        .await;
    let error = key(place_of_all.as_ref()).await.unwrap_err();
    assert!(matches!(error, VaultError::NotFound { .. }), "{error}");
    // Made anew under its first number.
    server
        .put(
            &format!("secret/data/{path}"),
            json!({"data": values("canary-aa04")}),
        )
        .await;
    assert_ne!(
        version(place_of_all.as_ref()).await.unwrap().unwrap().id,
        first.id
    );

    // Who may read values alone, and who may read nothing.
    let values = with_token(
        &server,
        &token(&server, json!({"policies": ["values"]})).await,
    );
    let place_of_values = place(&values, path);
    assert_eq!(key(place_of_values.as_ref()).await.unwrap(), "canary-aa04");
    assert_eq!(version(place_of_values.as_ref()).await.unwrap(), None);
    let error = key(place(&values, "team/deep/kv/a").as_ref())
        .await
        .unwrap_err();
    assert!(matches!(error, VaultError::Denied { .. }), "{error}");
    // A token without Vault's own default policy: neither mounts nor itself may be asked for.
    let bare = json!({"policies": ["values"], "no_default_policy": true});
    let bare = with_token(&server, &token(&server, bare).await);
    for path in [path, "old/staging/service-name/credentials"] {
        let found = key(place(&bare, path).as_ref()).await;
        assert!(found.is_ok(), "{path}: {found:?}");
    }
    let error = key(place(&with_token(&server, "canary-none"), path).as_ref())
        .await
        .unwrap_err();
    assert!(matches!(error, VaultError::TokenRefused { .. }), "{error}");
}

#[tokio::test]
async fn a_namespace_holds_logins_and_secrets_of_its_own() {
    let Some(server) = server::start().await else {
        return;
    };
    let empty = json!({});
    assert_eq!(
        server.ask("POST", "sys/namespaces/team", &empty).await.0,
        200
    );
    assert_eq!(
        server
            .ask_in("team", "POST", "sys/namespaces/billing", &empty)
            .await
            .0,
        200
    );
    let inner = "team/billing";
    let kv = json!({"type": "kv", "options": {"version": "1"}});
    for (path, body) in [
        ("sys/mounts/secret", kv),
        ("secret/a", json!({"api_key": "canary-bb01"})),
        (
            "sys/policies/acl/app",
            json!({"policy": "path \"secret/*\" { capabilities = [\"read\"] }"}),
        ),
        ("sys/auth/approle", json!({"type": "approle"})),
        (
            "auth/approle/role/app",
            json!({"token_policies": "app", "token_ttl": "3s"}),
        ),
    ] {
        let (status, answer) = server.ask_in(inner, "POST", path, &body).await;
        assert!(status < 300, "{path}: {status} {answer}");
    }
    let (_, role) = server
        .ask_in(inner, "GET", "auth/approle/role/app/role-id", &Value::Null)
        .await;
    let (_, secret) = server
        .ask_in(inner, "POST", "auth/approle/role/app/secret-id", &empty)
        .await;
    let login = VaultLogin::AppRole {
        role_id: role["data"]["role_id"].as_str().unwrap().to_owned(),
        secret_id: ProofPlace::Variable("PROOF".to_owned()),
        is_wrapped: false,
        mount: Some("/approle/".to_owned()),
    };
    let mut settings = server.settings(Some(login));
    settings.namespace = Some(inner.to_owned());
    let proof = secret["data"]["secret_id"].as_str().unwrap();
    let inside = place(&resolver(&server, settings.clone(), proof), "/a");
    let started = Instant::now();
    // Over a renewal, which is for the namespace too.
    until("3 s are over", async || {
        assert_eq!(key(inside.as_ref()).await.unwrap(), "canary-bb01");
        started.elapsed() > Duration::from_millis(3_500)
    })
    .await;
    settings.namespace = Some("nowhere".to_owned());
    let error = key(place(&resolver(&server, settings, proof), "a").as_ref())
        .await
        .unwrap_err();
    assert!(matches!(error, VaultError::NoNamespace { .. }), "{error}");
}

#[tokio::test]
async fn approle_logs_in_renews_and_logs_in_anew() {
    let Some(server) = server::start().await else {
        return;
    };
    server.policy("app", &["secret/data/a"]).await;
    let body = json!({"data": {"api_key": "canary-cc01"}});
    until("version 2 is there", async || {
        server.ask("POST", "secret/data/a", &body).await.0 == 200
    })
    .await;
    // Two seconds each, five at most: some renewals, then another login.
    let terms = json!({"token_policies": "app", "token_ttl": "2s", "token_max_ttl": "5s"});
    let role = server.role("app", &terms).await;
    let of_role = with_role(&server, &role, false);
    let places: Vec<_> = (0..20).map(|_| place(&of_role, "a")).collect();
    let accessors = async || {
        let (_, list) = server
            .ask("LIST", "auth/token/accessors", &Value::Null)
            .await;
        list["data"]["keys"].as_array().unwrap().len()
    };
    let before = accessors().await;
    let started = Instant::now();
    let mut most = 0;
    until("7 s are over", async || {
        let found = futures_util::future::join_all(places.iter().map(|place| key(place.as_ref())));
        for found in found.await {
            assert_eq!(found.unwrap(), "canary-cc01");
        }
        most = most.max(accessors().await - before);
        started.elapsed() > Duration::from_secs(7)
    })
    .await;
    // One login at a time, and the next one a little ahead.
    assert!((1..=2).contains(&most), "{most}");

    // All tokens are taken back: nobody sees it.
    server
        .put("sys/leases/revoke-prefix/auth/approle", json!({}))
        .await;
    let found = futures_util::future::join_all(places.iter().map(|place| key(place.as_ref())));
    assert!(found.await.iter().all(Result::is_ok));
    // A secret id that is no more, once the login ends.
    let destroy = json!({"secret_id": role.1});
    server
        .put("auth/approle/role/app/secret-id/destroy", destroy)
        .await;
    server
        .put("sys/leases/revoke-prefix/auth/approle", json!({}))
        .await;
    let error = key(places[0].as_ref()).await.unwrap_err();
    let is_expected = matches!(
        &error,
        VaultError::LoginRefused {
            said: Some("invalid role or secret ID"),
            ..
        }
    );
    assert!(is_expected, "{error:?}");
    // A mount that is not there.
    let mut settings = server.settings(None);
    settings.login = Some(VaultLogin::AppRole {
        role_id: role.0.clone(),
        secret_id: ProofPlace::Variable("PROOF".to_owned()),
        is_wrapped: false,
        mount: Some("elsewhere".to_owned()),
    });
    let error = key(place(&resolver(&server, settings, &role.1), "a").as_ref())
        .await
        .unwrap_err();
    assert!(matches!(error, VaultError::LoginRefused { .. }), "{error}");
}

#[tokio::test]
async fn a_wrapped_secret_id_is_unwrapped_once() {
    let Some(server) = server::start().await else {
        return;
    };
    server.policy("app", &["secret/data/a"]).await;
    let body = json!({"data": {"api_key": "canary-dd01"}});
    until("version 2 is there", async || {
        server.ask("POST", "secret/data/a", &body).await.0 == 200
    })
    .await;
    let terms = json!({"token_policies": "app", "token_ttl": "1s", "token_max_ttl": "1s"});
    let (role_id, _) = server.role("app", &terms).await;
    let wrapped = server
        .put("auth/approle/role/app/secret-id?wrap", json!({}))
        .await;
    let wrapping = wrapped["wrap_info"]["token"].as_str().unwrap().to_owned();
    let role = (role_id, wrapping);
    let of_role = with_role(&server, &role, true);
    let place_of_role = place(&of_role, "a");
    let started = Instant::now();
    // Several logins with one secret id.
    until("3 s are over", async || {
        assert_eq!(key(place_of_role.as_ref()).await.unwrap(), "canary-dd01");
        started.elapsed() > Duration::from_secs(3)
    })
    .await;
    // Another start finds it used.
    let error = key(place(&with_role(&server, &role, true), "a").as_ref())
        .await
        .unwrap_err();
    assert!(matches!(error, VaultError::WrappingSpent { .. }), "{error}");
}

/// The key of a cluster.
fn cluster() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

/// A service account's JSON Web Token, as Kubernetes makes it.
fn jwt(key: &EcdsaKeyPair, name: &str) -> String {
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({
        "sub": format!("system:serviceaccount:default:{name}"),
        "name": name,
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "kubernetes.io": {"namespace": "default", "serviceaccount": {"name": name, "uid": "u-1"}},
    });
    let signed = format!(
        "{}.{}",
        encode(json!({"alg": "ES256", "typ": "JWT"})),
        encode(claims)
    );
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// What Kubernetes says of a token: it checks the signature.
fn review(public_key: &[u8], body: &[u8]) -> Value {
    let asked: Value = serde_json::from_slice(body).unwrap();
    let token = asked["spec"]["token"].as_str().unwrap();
    let name = token.rsplit_once('.').and_then(|(signed, signature)| {
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let public_key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key);
        public_key.verify(signed.as_bytes(), &signature).ok()?;
        let claims = URL_SAFE_NO_PAD.decode(signed.split('.').nth(1)?).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        claims["name"].as_str().map(str::to_owned)
    });
    let status = match name {
        Some(name) => json!({
            "authenticated": true,
            "user": {"username": format!("system:serviceaccount:default:{name}"), "uid": "u-1", "groups": []},
        }),
        None => json!({"authenticated": false, "error": "the signature is wrong"}),
    };
    json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": status})
}

#[tokio::test]
async fn a_pod_proves_itself_by_its_service_account() {
    let Some(server) = server::start().await else {
        return;
    };
    let key_of_cluster = cluster();
    let reviews = Arc::new(AtomicUsize::new(0));
    let (counted, checked) = (
        Arc::clone(&reviews),
        key_of_cluster.public_key().as_ref().to_vec(),
    );
    let kubernetes = stand_in::serve(move |line, body| {
        assert_eq!(
            line,
            "POST /apis/authentication.k8s.io/v1/tokenreviews HTTP/1.1"
        );
        counted.fetch_add(1, Ordering::Relaxed);
        (201, review(&checked, body).to_string())
    })
    .await;
    server.policy("app", &["secret/data/a"]).await;
    let body = json!({"data": {"api_key": "canary-ee01"}});
    until("version 2 is there", async || {
        server.ask("POST", "secret/data/a", &body).await.0 == 200
    })
    .await;
    let authority = rcgen::generate_simple_self_signed(["kubernetes".to_owned()]).unwrap();
    server
        .put("sys/auth/pods", json!({"type": "kubernetes"}))
        .await;
    let config = json!({
        "kubernetes_host": kubernetes,
        "kubernetes_ca_cert": authority.cert.pem(),
        "token_reviewer_jwt": jwt(&key_of_cluster, "reviewer"),
        "disable_local_ca_jwt": true,
    });
    server.put("auth/pods/config", config).await;
    let role = json!({
        "bound_service_account_names": "billing",
        "bound_service_account_namespaces": "default",
        "token_policies": "app",
        "token_ttl": "1s",
        "token_max_ttl": "1s",
    });
    server.put("auth/pods/role/app", role).await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let settings = |role: &str| {
        server.settings(Some(VaultLogin::Kubernetes {
            role: role.to_owned(),
            token_file: Some(file.clone()),
            mount: Some("pods".to_owned()),
        }))
    };
    std::fs::write(&file, jwt(&key_of_cluster, "billing")).unwrap();
    let pod = place(&resolver(&server, settings("app"), "-"), "a");
    until("the pod logged in twice", async || {
        assert_eq!(key(pod.as_ref()).await.unwrap(), "canary-ee01");
        reviews.load(Ordering::Relaxed) >= 2
    })
    .await;
    // Another account, another key, no token at all, another role.
    let other = cluster();
    for (role, token, words) in [
        (
            "app",
            jwt(&key_of_cluster, "other"),
            "service account name not authorized",
        ),
        ("app", jwt(&other, "billing"), "auth/pods/login"),
        ("app", "canary-0".to_owned(), "auth/pods/login"),
        ("none", jwt(&key_of_cluster, "billing"), "invalid role name"),
    ] {
        std::fs::write(&file, token).unwrap();
        let error = key(place(&resolver(&server, settings(role), "-"), "a").as_ref())
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                VaultError::LoginRefused { .. } | VaultError::Unavailable { .. }
            ),
            "{error}"
        );
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
}

#[tokio::test]
async fn a_made_secret_has_the_end_of_its_lease() {
    let Some(server) = server::start().await else {
        return;
    };
    let users = Arc::new(AtomicUsize::new(0));
    let made = Arc::clone(&users);
    let broker = stand_in::serve(move |line, _| {
        if line.starts_with("PUT /api/users/") {
            made.fetch_add(1, Ordering::Relaxed);
        }
        (
            if line.starts_with("PUT") { 201 } else { 204 },
            String::new(),
        )
    })
    .await;
    server
        .put("sys/mounts/broker", json!({"type": "rabbitmq"}))
        .await;
    let connection = json!({"connection_uri": broker, "username": "admin", "password": "canary-ff00", "verify_connection": false});
    server.put("broker/config/connection", connection).await;
    server
        .put("broker/config/lease", json!({"ttl": 90, "max_ttl": 90}))
        .await;
    server
        .put("broker/roles/app", json!({"tags": "monitoring"}))
        .await;
    server.policy("app", &["broker/creds/app"]).await;
    let long = json!({"policies": ["app"], "ttl": "1h"});
    let short = json!({"policies": ["app"], "ttl": "30s"});
    for (terms, seconds) in [(long, 90), (short, 30)] {
        let place = place(
            &with_token(&server, &token(&server, terms).await),
            "broker/creds/app",
        );
        let before = users.load(Ordering::Relaxed);
        let fetched = fetch_fields(place.as_ref(), &["username", "password"])
            .await
            .unwrap();
        assert!(shown(&fetched.credential, "username").starts_with("token-"));
        let left = fetched.life.unwrap().end - Instant::now();
        assert!(
            (seconds - 5..=seconds).contains(&left.as_secs()),
            "{left:?}"
        );
        assert_eq!(fetched.version, version(place.as_ref()).await.unwrap());
        assert_eq!(users.load(Ordering::Relaxed), before + 1);
    }
}

#[tokio::test]
async fn a_keeper_lives_through_a_seal_and_sees_a_new_version() {
    let Some(server) = server::start().await else {
        return;
    };
    server
        .policy("app", &["secret/data/a", "secret/metadata/a"])
        .await;
    let body = json!({"data": {"api_key": "canary-ab01"}});
    until("version 2 is there", async || {
        server.ask("POST", "secret/data/a", &body).await.0 == 200
    })
    .await;
    let terms = json!({"token_policies": "app", "token_ttl": "1h"});
    let resolver = with_role(&server, &server.role("app", &terms).await, false);
    let keeper = Keeper::new(resolver.clone());
    let kept = keeper.keep(&super::support::store("/a"), &["api_key".to_owned()]);
    let mut now = Instant::now();
    keeper.fetch_due(now).await;
    let value = || shown(kept.get().credential.as_deref().unwrap(), "api_key");
    assert_eq!(value(), "canary-ab01");
    assert!(kept.get().made_at.is_some());

    // Sealed: the value stays, and the reason is told.
    server.put("sys/seal", json!({})).await;
    let direct = place(&resolver, "/a");
    let error = fetch(direct.as_ref()).await.unwrap_err();
    assert!(
        matches!(
            error,
            VaultError::Unavailable {
                state: ServerState::Sealed,
                ..
            }
        ),
        "{error}"
    );
    now += crate::QUESTION_INTERVAL;
    keeper.fetch_due(now).await;
    assert_eq!(value(), "canary-ab01");
    let problem = kept.get().problem.clone().unwrap();
    assert!(
        problem.contains("the server is sealed; unseal it"),
        "{problem}"
    );

    server
        .put("sys/unseal", json!({"key": server.unseal_key}))
        .await;
    let body = json!({"data": {"api_key": "canary-ab02"}});
    until("it is unsealed", async || {
        server.ask("POST", "secret/data/a", &body).await.0 == 200
    })
    .await;
    now += crate::QUESTION_INTERVAL;
    keeper.fetch_due(now).await;
    assert_eq!(value(), "canary-ab02");
    assert_eq!(kept.get().problem, None);
}

#[tokio::test]
async fn a_server_that_dies_and_comes_back_is_found_again() {
    let Some(server) = server::start().await else {
        return;
    };
    let calm = place(&with_token(&server, ROOT), "secret/a");
    let body = json!({"data": {"api_key": "canary-cd01"}});
    until("version 2 is there", async || {
        server.ask("POST", "secret/data/a", &body).await.0 == 200
    })
    .await;
    key(calm.as_ref()).await.unwrap();
    let process =
        rustix::process::Pid::from_raw(i32::try_from(server.process_id()).unwrap()).unwrap();
    // Stopped, it takes connections and answers none.
    rustix::process::kill_process(process, rustix::process::Signal::STOP).unwrap();
    let mut settings = server.settings(Some(VaultLogin::Token {
        from: ProofPlace::Variable("PROOF".to_owned()),
    }));
    settings.timeout = Some(Duration::from_millis(500));
    let hurried = place(&resolver(&server, settings, ROOT), "secret/a");
    let started = Instant::now();
    let error = key(hurried.as_ref()).await.unwrap_err();
    assert!(matches!(error, VaultError::NoAnswer { .. }), "{error}");
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    rustix::process::kill_process(process, rustix::process::Signal::CONT).unwrap();
    until("it answers again", async || {
        key(hurried.as_ref()).await.is_ok()
    })
    .await;
    key(calm.as_ref()).await.unwrap();
}
