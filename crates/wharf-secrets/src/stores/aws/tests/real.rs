//! A server of others that speaks as AWS does (moto), started by each test. In one of them every
//! signature is judged by AWS's own library.

mod server;

use serde_json::json;

use self::server::Server;
use super::support::{Bench, CANARY, PATH, aws, fetch, key, key_of, shown, version};
use crate::stores::aws::{AwsError, Stage};

fn bench(server: &Server, keys: &(String, String)) -> Bench {
    Bench::bare()
        .set("AWS_ENDPOINT_URL", &server.address)
        .set("AWS_ACCESS_KEY_ID", &keys.0)
        .set("AWS_SECRET_ACCESS_KEY", &keys.1)
}

fn any_keys() -> (String, String) {
    ("AKIDANY".to_owned(), "canary-any".to_owned())
}

#[tokio::test]
async fn versions_and_stages_are_those_of_the_server() {
    let Some(server) = server::start().await else {
        return;
    };
    let put = |text: &str, stage: &str| json!({"SecretId": PATH, "SecretString": text, "VersionStages": [stage]});
    let object = json!({"SHOP_API_KEY": CANARY, "user": "billing", "port": 5432}).to_string();
    let made = json!({"Name": PATH, "SecretString": object});
    let arn = server.manage("CreateSecret", &made).await["ARN"].clone();
    let bench = bench(&server, &any_keys());
    let place = bench.place(server.network.clone(), PATH);
    let fetched = fetch(place.as_ref(), &["api_key", "user"]).await.unwrap();
    assert_eq!(shown(&fetched, "api_key"), CANARY);
    let first = version(place.as_ref()).await.unwrap();
    assert_eq!(first, fetched.version);
    let age = jiff::Timestamp::now().duration_since(first.clone().unwrap().made_at.unwrap());
    assert!(age.as_secs() < 60, "{age:?}");
    let by_arn = bench.place(server.network.clone(), arn.as_str().unwrap());
    let found = key(by_arn.as_ref()).await;
    assert_eq!(found.unwrap(), CANARY);

    let secret = bench.secret(server.network.clone(), PATH);
    let none = key_of(&secret, Stage::Pending).await.unwrap_err();
    assert!(
        matches!(none, AwsError::NoVersion { .. } | AwsError::NotFound { .. }),
        "{none}"
    );
    server
        .manage("PutSecretValue", &put("canary-next", "AWSPENDING"))
        .await;
    assert_eq!(
        key_of(&secret, Stage::Pending).await.unwrap(),
        "canary-next"
    );
    assert_eq!(key_of(&secret, Stage::Current).await.unwrap(), CANARY);
    assert_eq!(version(place.as_ref()).await.unwrap(), first);
    server
        .manage("PutSecretValue", &put("canary-third", "AWSCURRENT"))
        .await;
    let second = version(place.as_ref()).await.unwrap();
    assert_ne!(second.map(|v| v.id), first.map(|v| v.id));
    assert_eq!(key(place.as_ref()).await.unwrap(), "canary-third");
    assert_eq!(key_of(&secret, Stage::Previous).await.unwrap(), CANARY);

    let bytes = json!({"Name": "bytes", "SecretBinary": "Y2FuYXJ5LTE="});
    server.manage("CreateSecret", &bytes).await;
    let told = key(bench.place(server.network.clone(), "bytes").as_ref())
        .await
        .unwrap_err();
    assert!(matches!(told, AwsError::Binary { .. }), "{told}");
    let told = key(bench.place(server.network.clone(), "none").as_ref())
        .await
        .unwrap_err();
    assert!(matches!(told, AwsError::NotFound { .. }), "{told}");
    server
        .manage("DeleteSecret", &json!({"SecretId": PATH}))
        .await;
    let told = key(place.as_ref()).await.unwrap_err();
    assert!(matches!(told, AwsError::Deleted { .. }), "{told}");
    let told = version(place.as_ref()).await.unwrap_err();
    assert!(matches!(told, AwsError::Deleted { .. }), "{told}");
}

#[tokio::test]
async fn keys_of_a_web_identity_a_role_and_an_instance_are_the_servers() {
    let Some(server) = server::start().await else {
        return;
    };
    let made = json!({"Name": PATH, "SecretString": CANARY});
    server.manage("CreateSecret", &made).await;
    let bare = || Bench::bare().set("AWS_ENDPOINT_URL", &server.address);
    let role = "arn:aws:iam::123456789012:role/wharf";
    let web = bare();
    let file = web.write("token", "header.payload.signature\n");
    let web = web
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap())
        .set("AWS_ROLE_ARN", role);
    let profile = format!(
        "[profile deploy]\nrole_arn = {role}\nsource_profile = base\nduration_seconds = 900\n\
         [profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = canary-base\n"
    );
    let by_profile = bare()
        .file(".aws/config", &profile)
        .set("AWS_PROFILE", "deploy");
    let by_settings = bench(&server, &any_keys()).settings(|s| s.role_arn = Some(role.into()));
    let instance = bare().set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.address);
    for (what, bench) in [
        ("web identity", web),
        ("profile", by_profile),
        ("settings", by_settings),
        ("instance", instance),
    ] {
        let found = key(bench.place(server.network.clone(), PATH).as_ref()).await;
        assert_eq!(found.as_deref(), Ok(CANARY), "{what}");
    }
}

#[tokio::test]
async fn every_signature_is_judged() {
    let Some(server) = server::start().await else {
        return;
    };
    let made = json!({"Name": PATH, "SecretString": CANARY});
    server.manage("CreateSecret", &made).await;
    let allow = |actions: &[&str]| {
        let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    let reader = server
        .user("reader", &allow(&["secretsmanager:*", "sts:AssumeRole"]))
        .await;
    let other = server.user("other", &allow(&["sts:*"])).await;
    let role = server
        .role("wharf", &allow(&["secretsmanager:GetSecretValue"]))
        .await;
    server.judge_from_now_on().await;

    let fetched = key(bench(&server, &reader)
        .place(server.network.clone(), PATH)
        .as_ref())
    .await;
    assert_eq!(fetched.as_deref(), Ok(CANARY));
    let by_role = bench(&server, &reader).settings(|s| s.role_arn = Some(role.clone()));
    let by_role = by_role.place(server.network.clone(), PATH);
    assert_eq!(key(by_role.as_ref()).await.as_deref(), Ok(CANARY));
    // The role allows the value alone, so the version is not told.
    assert_eq!(version(by_role.as_ref()).await, Ok(None));

    let told = key(bench(&server, &other)
        .place(server.network.clone(), PATH)
        .as_ref())
    .await;
    assert!(matches!(told, Err(AwsError::Denied { .. })), "{told:?}");
    let wrong = (reader.0.clone(), "canary-wrong".to_owned());
    let told = key(bench(&server, &wrong)
        .place(server.network.clone(), PATH)
        .as_ref())
    .await;
    assert!(
        matches!(told, Err(AwsError::KeysRefused { .. })),
        "{told:?}"
    );
    let unknown = bench(&server, &any_keys()).place(server.network.clone(), PATH);
    let told = fetch(unknown.as_ref(), &["api_key"])
        .await
        .map_err(aws)
        .unwrap_err();
    assert!(matches!(told, AwsError::KeysRefused { .. }), "{told}");
}
