//! What is asked where, with which keys, and what of an answer becomes a credential.

use serde_json::json;

use super::support::{
    ARN, Bench, CANARY, PATH, SECRET_KEY, Script, Seen, aws, error, fetch, given, instance, key,
    key_of, role, said, shown, value, value_of, version,
};
use crate::exchange::Said;
use crate::stores::Version;
use crate::stores::aws::{AwsError, AwsPathProblem, Stage};
use crate::value::ValueProblem;

#[tokio::test(start_paused = true)]
async fn a_secret_is_asked_for_in_its_region() {
    let script = Script::new(|_| Ok(value()));
    let place = Bench::new().place(script.clone(), PATH);
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
    let seen = &script.seen()[0];
    assert_eq!(
        seen.line,
        "POST secretsmanager.eu-west-1.amazonaws.com GetSecretValue"
    );
    assert_eq!(
        seen.body,
        json!({"SecretId": PATH, "VersionStage": "AWSCURRENT"}).to_string()
    );
    assert_eq!(seen.header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(seen.key_id(), "AKIDENV");
    assert!(
        seen.header("authorization")
            .contains("/eu-west-1/secretsmanager/aws4_request")
    );
    assert_eq!(
        place.describe(),
        format!("at {PATH} in AWS Secrets Manager")
    );
}

#[tokio::test(start_paused = true)]
async fn the_region_comes_from_where_it_is_nearest() {
    let none = || Bench::new().set("AWS_REGION", "");
    let config = "[default]\nregion = sa-east-1\n";
    for (bench, path, region) in [
        (
            Bench::new().settings(|s| s.region = Some("us-gov-west-1".into())),
            PATH,
            "us-gov-west-1",
        ),
        (
            Bench::new().settings(|s| s.region = Some("us-east-1".into())),
            ARN,
            "ap-south-1",
        ),
        (
            none().set("AWS_DEFAULT_REGION", "us-east-2"),
            PATH,
            "us-east-2",
        ),
        (
            Bench::new().set("AWS_DEFAULT_REGION", "us-east-2"),
            PATH,
            "eu-west-1",
        ),
        (none().file(".aws/config", config), PATH, "sa-east-1"),
        (
            none().set("AWS_DEFAULT_REGION", "cn-north-1"),
            PATH,
            "cn-north-1",
        ),
    ] {
        let script = Script::new(|_| Ok(value()));
        key(bench.place(script.clone(), path).as_ref())
            .await
            .unwrap();
        let host = format!("https://secretsmanager.{region}.amazonaws.com");
        assert!(
            script.seen()[0].url.starts_with(&host),
            "{:?}",
            script.seen()
        );
        assert_eq!(
            script.seen()[0].url.ends_with(".com.cn/"),
            region == "cn-north-1"
        );
    }
    let script = Script::new(|_| Ok(value()));
    let bench = none();
    let place = bench.place(script.clone(), PATH);
    let none = key(place.as_ref()).await.unwrap_err();
    assert_eq!(none, AwsError::NoRegion { path: PATH.into() });
    // It is there a moment later.
    bench.write(".aws/config", config);
    assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
    for region in [
        "eu-west-1.evil.example/",
        "EU",
        "eu west",
        "-eu",
        "eu@x",
        "eu-",
    ] {
        let bench = Bench::new().set("AWS_REGION", region);
        let wrong = key(bench.place(script.clone(), PATH).as_ref())
            .await
            .unwrap_err();
        assert!(matches!(wrong, AwsError::RegionUnusable { .. }), "{wrong}");
    }
    assert_eq!(script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_endpoint_comes_from_settings_and_variables() {
    let own = |name: &str| {
        Bench::new()
            .set("AWS_ENDPOINT_URL", "http://all:1")
            .set(name, "http://own:2/x/")
    };
    for (bench, url) in [
        (own("AWS_ENDPOINT_URL_SECRETS_MANAGER"), "http://own:2/x/"),
        (own("AWS_ENDPOINT_URL_STS"), "http://all:1/"),
        (
            own("AWS_ENDPOINT_URL_SECRETS_MANAGER")
                .settings(|s| s.endpoint = Some("https://settings".into())),
            "https://settings/",
        ),
    ] {
        let script = Script::new(|_| Ok(value()));
        let bench = bench.set("AWS_CA_BUNDLE", "/ca.pem");
        key(bench.place(script.clone(), PATH).as_ref())
            .await
            .unwrap();
        let seen = &script.seen()[0];
        assert_eq!(seen.url, url);
        assert_eq!(seen.has_trust, url.starts_with("https"));
    }
    for wrong in [
        "",
        "own:2",
        "ftp://own",
        "http://me:canary-1@own",
        "http://own?canary-2",
        "/x",
    ] {
        let bench = Bench::new().settings(|s| s.endpoint = Some(wrong.into()));
        let script = Script::new(|_| Ok(value()));
        let told = key(bench.place(script, PATH).as_ref()).await.unwrap_err();
        assert!(
            matches!(told, AwsError::EndpointUnusable { .. }),
            "{wrong}: {told}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_is_a_name_or_an_arn() {
    for (path, problem) in [
        ("", AwsPathProblem::Length),
        (&"a".repeat(2_049), AwsPathProblem::Length),
        ("a b", AwsPathProblem::Character),
        ("a\"}", AwsPathProblem::Character),
        ("é", AwsPathProblem::Character),
        (
            "arn:aws:ssm:eu-west-1:123456789012:parameter/a",
            AwsPathProblem::Arn,
        ),
        (&format!("{ARN}:api_key::"), AwsPathProblem::Arn),
        (
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:",
            AwsPathProblem::Arn,
        ),
    ] {
        let script = Script::new(|_| Ok(value()));
        let told = key(Bench::new().place(script.clone(), path).as_ref()).await;
        let path = path.escape_debug().to_string();
        assert_eq!(told, Err(AwsError::PathUnusable { path, problem }));
        assert!(script.seen().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn members_fill_fields_and_one_value_fills_one() {
    let of = |text: &str| {
        let text = text.to_owned();
        let script = Script::new(move |_| Ok(value_of(&text, "v-1")));
        Bench::new().place(script, PATH)
    };
    let object = json!({"SHOP_API_KEY": CANARY, "user": "billing", "port": 5432}).to_string();
    let fetched = fetch(of(&object).as_ref(), &["api_key", "user"])
        .await
        .unwrap();
    assert_eq!(shown(&fetched, "api_key"), CANARY);
    assert_eq!(shown(&fetched, "user"), "billing");
    let made = "2026-01-02T03:04:05.678Z".parse().unwrap();
    assert_eq!(
        fetched.version,
        Some(Version {
            id: "v-1".into(),
            made_at: Some(made)
        })
    );
    assert_eq!(fetched.life, None);
    let told = aws(fetch(of(&object).as_ref(), &["port"]).await.unwrap_err());
    let AwsError::ValueUnusable {
        member, problem, ..
    } = told
    else {
        panic!("{told}")
    };
    assert_eq!(
        (member.as_deref(), problem),
        (Some("port"), ValueProblem::NotString)
    );

    assert_eq!(
        key(of("canary-one\n").as_ref()).await.unwrap(),
        "canary-one"
    );
    let two = fetch(of("canary-one").as_ref(), &["a", "b"])
        .await
        .unwrap_err();
    assert!(
        two.to_string().contains("no value for the field `b`"),
        "{two}"
    );
    for (text, problem) in [
        ("", ValueProblem::Empty),
        ("canary-a\ncanary-b", ValueProblem::LineBreak),
        ("canary-é", ValueProblem::NotAscii),
    ] {
        let told = key(of(text).as_ref()).await.unwrap_err();
        assert!(
            matches!(told, AwsError::ValueUnusable { problem: p, .. } if p == problem),
            "{told}"
        );
    }
    let told = key(of("{\"api_key\": \"canary-a").as_ref())
        .await
        .unwrap_err();
    assert!(matches!(told, AwsError::NotJson { line: 1, .. }), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_version_is_told_without_the_value() {
    let stages = |current: &str| {
        let body = json!({"Name": PATH, "LastChangedDate": 1_767_400_000.0,
            "VersionIdsToStages": {current: ["AWSCURRENT"], "v-0": ["AWSPREVIOUS"]}});
        said(200, &[], &body.to_string())
    };
    let script = Script::new(move |seen| {
        Ok(match seen.line.rsplit(' ').next().unwrap() {
            "DescribeSecret" if seen.key_id() == "AKIDENV" => stages("v-1"),
            "DescribeSecret" => stages("v-2"),
            _ => value(),
        })
    });
    let bench = Bench::new();
    let place = bench.place(script.clone(), PATH);
    let before = version(place.as_ref()).await.unwrap().unwrap();
    assert_eq!(before.id, "v-1");
    // Once it was read, the question and the value tell the same of it.
    let read = fetch(place.as_ref(), &["api_key"]).await.unwrap().version;
    assert_eq!(version(place.as_ref()).await.unwrap(), read);
    let other = Bench::new().set("AWS_ACCESS_KEY_ID", "AKIDOTHER");
    let other = other.place(script.clone(), PATH);
    fetch(other.as_ref(), &["api_key"]).await.unwrap();
    assert_eq!(version(other.as_ref()).await.unwrap().unwrap().id, "v-2");
    assert_eq!(script.count("GetSecretValue"), 2);
}

#[tokio::test(start_paused = true)]
async fn who_may_not_describe_may_list_or_reads_again_later() {
    for may_list in [true, false] {
        let script = Script::new(move |seen| {
            Ok(if seen.line.ends_with("ListSecretVersionIds") && may_list {
                let versions = json!([
                    {"VersionId": "v-2", "VersionStages": ["AWSPENDING"], "CreatedDate": 3.0},
                    {"VersionId": "v-1", "VersionStages": ["AWSCURRENT"], "CreatedDate": 2.5},
                    {"VersionId": "v-0"},
                ]);
                said(200, &[], &json!({"Versions": versions}).to_string())
            } else {
                error(
                    400,
                    "AccessDeniedException",
                    "User: canary-1 is not authorized",
                )
            })
        });
        let told = version(Bench::new().place(script, PATH).as_ref())
            .await
            .unwrap();
        let made_at = Some("1970-01-01T00:00:02.5Z".parse().unwrap());
        let listed = Version {
            id: "v-1".into(),
            made_at,
        };
        assert_eq!(told, may_list.then_some(listed));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stage_can_be_asked_for() {
    let script = Script::new(|seen| {
        Ok(match () {
            () if seen.body.contains("AWSPENDING") => value_of("canary-next", "v-2"),
            () if seen.body.contains("AWSPREVIOUS") => error(
                400,
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS",
            ),
            () => value(),
        })
    });
    let secret = Bench::new().secret(script, PATH);
    assert_eq!(
        key_of(&secret, Stage::Pending).await.unwrap(),
        "canary-next"
    );
    assert_eq!(key_of(&secret, Stage::Current).await.unwrap(), CANARY);
    let told = key_of(&secret, Stage::Previous).await.unwrap_err();
    assert!(
        matches!(
            told,
            AwsError::NoVersion {
                stage: "AWSPREVIOUS",
                ..
            }
        ),
        "{told}"
    );
}

/// Answers for all sources; the id of the keys tells which one it was.
fn everywhere(seen: &Seen) -> Said {
    match seen.line.split(' ').collect::<Vec<_>>()[..] {
        [_, _, "GetSecretValue"] => value(),
        [_, _, "AssumeRoleWithWebIdentity"] => role("ASIAWEB", 3_600),
        [_, _, "AssumeRole"] => role("ASIAROLE", 3_600),
        [_, "169.254.170.2" | "169.254.170.23" | "127.0.0.1", _] => given("ASIACONT", 3_600),
        _ => instance(seen, "ASIAINST", 3_600),
    }
}

#[tokio::test(start_paused = true)]
async fn keys_come_from_the_first_source_that_has_some() {
    let profile = format!(
        "[default]\naws_access_key_id=AKIDPROF\naws_secret_access_key={SECRET_KEY}\n[other]\naws_access_key_id=AKIDOTHER\naws_secret_access_key={SECRET_KEY}\n"
    );
    let web = |bench: Bench| {
        let file = bench.write("token", "canary-jwt\n");
        bench
            .set("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap())
            .set("AWS_ROLE_ARN", "arn:aws:iam::1:role/web")
    };
    let container = |bench: Bench| bench.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/a");
    let with_file = |bench: Bench| bench.file(".aws/credentials", &profile);
    for (bench, id) in [
        (with_file(container(web(Bench::new()))), "AKIDENV"),
        (with_file(container(web(Bench::bare()))), "ASIAWEB"),
        (with_file(container(Bench::bare())), "AKIDPROF"),
        (
            with_file(Bench::bare()).set("AWS_PROFILE", "other"),
            "AKIDOTHER",
        ),
        (
            with_file(Bench::new()).set("AWS_PROFILE", "other"),
            "AKIDENV",
        ),
        (
            with_file(web(Bench::new())).settings(|s| s.profile = Some("other".into())),
            "AKIDOTHER",
        ),
        (container(Bench::bare()), "ASIACONT"),
        (Bench::bare(), "ASIAINST"),
        (
            Bench::bare().settings(|s| s.role_arn = Some("arn:aws:iam::1:role/x".into())),
            "ASIAROLE",
        ),
    ] {
        let script = Script::new(|seen| Ok(everywhere(seen)));
        assert_eq!(
            key(bench.place(script.clone(), PATH).as_ref())
                .await
                .unwrap(),
            CANARY
        );
        let seen = script.seen();
        assert_eq!(seen.last().unwrap().key_id(), id, "{:?}", script.lines());
    }
}

#[tokio::test(start_paused = true)]
async fn roles_are_asked_for_as_their_profiles_say() {
    let config = format!(
        "[profile deploy]\nrole_arn = arn:aws:iam::1:role/deploy\nsource_profile = base\n\
         external_id = ext ern\nrole_session_name = me\nduration_seconds = 900\n\
         [profile base]\nrole_arn = arn:aws:iam::1:role/base\nsource_profile = root\n\
         [profile root]\naws_access_key_id = AKIDROOT\naws_secret_access_key = {SECRET_KEY}\n"
    );
    let script = Script::new(|seen| {
        Ok(match seen.body.contains("role%2Fdeploy") {
            true => role("ASIADEPLOY", 900),
            false if seen.body.contains("role%2Fbase") => role("ASIABASE", 900),
            false => value(),
        })
    });
    let bench = Bench::bare()
        .file(".aws/config", &config)
        .set("AWS_PROFILE", "deploy");
    key(bench.place(script.clone(), PATH).as_ref())
        .await
        .unwrap();
    let seen = script.seen();
    let ids: Vec<_> = seen.iter().map(Seen::key_id).collect();
    assert_eq!(ids, ["AKIDROOT", "ASIABASE", "ASIADEPLOY"]);
    assert_eq!(
        seen[1].body,
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fdeploy\
         &RoleSessionName=me&ExternalId=ext%20ern&DurationSeconds=900"
    );
    assert_eq!(seen[1].header("x-amz-security-token"), "canary-70ce/+==");
    assert_eq!(seen[1].line, "POST sts.eu-west-1.amazonaws.com AssumeRole");
    assert!(
        seen[1]
            .header("authorization")
            .contains("/eu-west-1/sts/aws4_request")
    );
}

#[tokio::test(start_paused = true)]
async fn a_web_identity_is_not_signed_and_carries_its_token() {
    let bench = Bench::bare();
    let file = bench.write("token", "canary-jwt.with=+/\n");
    let bench = bench
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap())
        .set("AWS_ROLE_ARN", "arn:aws:iam::1:role/web")
        .set("AWS_ROLE_SESSION_NAME", "pod-1");
    let script = Script::new(|seen| Ok(everywhere(seen)));
    key(bench.place(script.clone(), PATH).as_ref())
        .await
        .unwrap();
    let seen = &script.seen()[0];
    assert_eq!(seen.header("authorization"), "");
    assert!(seen.body.contains("RoleSessionName=pod-1"), "{}", seen.body);
    assert!(
        seen.body
            .ends_with("WebIdentityToken=canary-jwt.with%3D%2B%2F")
    );
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_asked_by_its_second_protocol_alone() {
    let script = Script::new(|seen| Ok(everywhere(seen)));
    key(Bench::bare().place(script.clone(), PATH).as_ref())
        .await
        .unwrap();
    let seen = script.seen();
    assert_eq!(
        script.lines()[..3],
        [
            "PUT 169.254.169.254 /latest/api/token",
            "GET 169.254.169.254 /latest/meta-data/iam/security-credentials/",
            "GET 169.254.169.254 /latest/meta-data/iam/security-credentials/billing-role",
        ]
    );
    assert_eq!(seen[0].header("x-aws-ec2-metadata-token-ttl-seconds"), "60");
    assert_eq!(seen[2].header("x-aws-ec2-metadata-token"), "canary-1257");
    for bench in [
        Bench::bare().set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"),
        Bench::bare().set(
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "http://[fd00:ec2::254]/",
        ),
    ] {
        let script = Script::new(|seen| Ok(everywhere(seen)));
        key(bench.place(script.clone(), PATH).as_ref())
            .await
            .unwrap();
        assert_eq!(script.lines()[0], "PUT [fd00:ec2::254] /latest/api/token");
    }
    let script = Script::new(|seen| Ok(everywhere(seen)));
    let off = Bench::bare().set("AWS_EC2_METADATA_DISABLED", "True");
    let told = key(off.place(script.clone(), PATH).as_ref())
        .await
        .unwrap_err();
    assert!(matches!(told, AwsError::NoKeys { .. }), "{told}");
    assert!(script.seen().is_empty());
}
