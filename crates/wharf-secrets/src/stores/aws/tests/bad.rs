//! What a server, a network or a configuration does wrong: each an error of its own, and none with a
//! value in it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::Instant;

use super::support::{Bench, CANARY, PATH, Reply, Script, Seen, error, instance, key, said, value};
use crate::exchange::Failure;
use crate::stores::aws::AwsError;

/// The error where the secret is answered like this, and how often it was asked for.
async fn error_of(answer: impl Fn() -> Reply + Send + Sync + 'static) -> (AwsError, usize) {
    let script = Script::new(move |_| answer());
    let told = key(Bench::new().place(script.clone(), PATH).as_ref())
        .await
        .unwrap_err();
    let text = told.to_string();
    for words in [PATH, "eu-west-1"] {
        assert!(text.contains(words), "{text}");
    }
    assert!(!text.contains("AKID"), "{text}");
    (told, script.seen().len())
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_none_of_aws_is_told_so() {
    for (status, body, words) in [
        (
            200,
            "<html><title>Sign in</title> canary-1</html>",
            "is a page of HTML",
        ),
        (200, "", "is empty"),
        (200, " \r\n", "is empty"),
        (204, "", "is empty"),
        (200, "canary-2", "is not JSON"),
        (200, "{\"SecretString\": \"canary-3", "is not JSON"),
        (200, "[]", "has no VersionId"),
        (200, "{}", "has no VersionId"),
        (200, "null", "has no VersionId"),
        (200, "{\"SecretString\": \"canary-4\"}", "has no VersionId"),
        (
            200,
            "{\"SecretString\": [\"canary-5\"], \"VersionId\": \"v\"}",
            "has no VersionId",
        ),
        (200, "{\"VersionId\": \"v\"}", "has no VersionId"),
        (400, "<html>canary-6</html>", "names no error"),
        (403, "canary-7", "names no error"),
        (
            400,
            "{\"__type\": \"canary 8 is no word\"}",
            "names no error",
        ),
        (404, "", "names no error"),
    ] {
        let (told, asked) = error_of(move || Ok(said(status, &[], body))).await;
        assert!(
            matches!(told, AwsError::NotAws { status: s, what, .. } if s == status && what.contains(words)),
            "{body}: {told}"
        );
        assert_eq!(asked, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed() {
    let to = [("location", "https://evil.example/?canary-1")];
    for status in [301, 302, 307, 308] {
        let (told, asked) = error_of(move || Ok(said(status, &to, ""))).await;
        assert!(matches!(told, AwsError::Redirected { .. }), "{told}");
        assert_eq!(asked, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_are_told_apart() {
    let refusal =
        |kind: &'static str, message: &'static str| error_of(move || Ok(error(400, kind, message)));
    let (told, _) = refusal(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
    )
    .await;
    assert!(matches!(told, AwsError::NotFound { .. }), "{told}");
    let (told, _) = refusal("com.amazonaws.secretsmanager#DecryptionFailure", "").await;
    assert!(matches!(told, AwsError::DecryptionFailed { .. }), "{told}");
    let (told, _) = refusal(
        "AccessDeniedException:http://internal.amazon.com/coral/",
        "canary-1",
    )
    .await;
    assert!(
        told.to_string().contains("secretsmanager:GetSecretValue"),
        "{told}"
    );
    let (told, _) = refusal("InvalidParameterException", "canary-2").await;
    assert!(matches!(told, AwsError::Refused { .. }), "{told}");
    let (told, asked) = refusal(
        "UnrecognizedClientException",
        "The security token is invalid.",
    )
    .await;
    assert!(
        told.to_string()
            .contains("the keys from the environment have ended"),
        "{told}"
    );
    assert_eq!(asked, 1);
    let header = [("x-amzn-errortype", "ResourceNotFoundException")];
    let (told, _) = error_of(move || Ok(said(400, &header, "{}"))).await;
    assert!(matches!(told, AwsError::NotFound { .. }), "{told}");
    let binary = json!({"VersionId": "v", "SecretBinary": "Y2FuYXJ5LTE="}).to_string();
    let (told, _) = error_of(move || Ok(said(200, &[], &binary))).await;
    assert!(matches!(told, AwsError::Binary { .. }), "{told}");
}

/// external-secrets/kubernetes-external-secrets#114: a secret that was marked for deletion was told
/// without its name. external-secrets/external-secrets#4560: it was no known error at all.
#[tokio::test(start_paused = true)]
async fn a_secret_that_is_marked_for_deletion_is_told_so() {
    for message in [
        "You can't perform this operation on the secret because it was marked for deletion.",
        "You tried to perform the operation on a secret that's currently marked deleted.",
    ] {
        let (told, _) = error_of(move || Ok(error(400, "InvalidRequestException", message))).await;
        assert!(matches!(told, AwsError::Deleted { .. }), "{told}");
        assert!(told.to_string().contains("restore it"));
    }
    let (told, _) = error_of(|| Ok(error(400, "InvalidRequestException", "other"))).await;
    assert!(matches!(told, AwsError::Refused { .. }), "{told}");
    let described = json!({"DeletedDate": 1.0, "VersionIdsToStages": {"v": ["AWSCURRENT"]}});
    let described = described.to_string();
    let script = Script::new(move |_| Ok(said(200, &[], &described)));
    let place = Bench::new().place(script, PATH);
    let told = super::support::version(place.as_ref()).await.unwrap_err();
    assert!(matches!(told, AwsError::Deleted { .. }), "{told}");
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_asked_again_within_the_time() {
    let asked_at = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    for (status, kind) in [
        (400, "ThrottlingException"),
        (429, ""),
        (500, "InternalServiceError"),
        (503, ""),
    ] {
        let times = asked_at.clone();
        times.lock().unwrap().clear();
        let started = Instant::now();
        let script = Script::new(move |_| {
            let mut times = times.lock().unwrap();
            times.push(Instant::now());
            Ok(if times.len() < 3 {
                error(status, kind, "canary-1")
            } else {
                value()
            })
        });
        assert_eq!(
            key(Bench::new().place(script, PATH).as_ref())
                .await
                .unwrap(),
            CANARY
        );
        let waited = asked_at
            .lock()
            .unwrap()
            .last()
            .unwrap()
            .duration_since(started);
        assert!(waited >= Duration::from_millis(300), "{waited:?}");
    }
    let (told, asked) = error_of(|| Ok(error(400, "ThrottlingException", ""))).await;
    assert!(matches!(told, AwsError::Throttled { .. }), "{told}");
    assert_eq!(asked, 4);
    let (told, asked) = error_of(|| Ok(said(503, &[("retry-after", "20")], ""))).await;
    assert!(matches!(told, AwsError::Unavailable { .. }), "{told}");
    assert_eq!(asked, 1, "twenty seconds are more than there are");
    let bench = Bench::new().settings(|s| s.timeout = Some(Duration::from_millis(200)));
    let script = Script::new(|_| Err(Failure::NoAnswer("reset".into())));
    let started = Instant::now();
    let told = key(bench.place(script.clone(), PATH).as_ref())
        .await
        .unwrap_err();
    assert!(matches!(told, AwsError::NoAnswer { .. }), "{told}");
    assert_eq!(script.seen().len(), 2);
    assert!(started.elapsed() <= Duration::from_millis(200));
    assert!(script.seen()[0].timeout <= Duration::from_millis(200));
    let (told, asked) = error_of(|| Err(Failure::TooLong)).await;
    assert!(matches!(told, AwsError::TooLong { .. }), "{told}");
    assert_eq!(asked, 1);
    let certificate = "TLS failed: certificate expired";
    let (told, _) = error_of(move || Err(Failure::NotSent(certificate.into()))).await;
    assert!(told.to_string().contains(certificate), "{told}");
}

fn date(ahead_seconds: i64) -> String {
    let date = Timestamp::now() + SignedDuration::from_secs(ahead_seconds);
    date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn signed_at(seen: &Seen) -> Timestamp {
    let text = seen.header("x-amz-date");
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).unwrap();
    jiff::tz::TimeZone::UTC.to_timestamp(time).unwrap()
}

/// aws/aws-sdk-js-v3#2208: the clock was corrected by answers that succeed, and so never.
/// mhart/aws4fetch#73: it was not corrected at all. aws/aws-sdk-cpp#560: a long time between signing
/// and the answer was taken for a clock that is wrong.
#[tokio::test(start_paused = true)]
async fn the_servers_clock_corrects_the_signature_once() {
    for ahead in [600, -600] {
        let script = Script::new(move |seen| {
            let server = Timestamp::now() + SignedDuration::from_secs(ahead);
            let skew = server.duration_since(signed_at(seen)).abs();
            if skew < SignedDuration::from_secs(300) {
                return Ok(value());
            }
            let body =
                json!({"__type": "InvalidSignatureException", "message": "Signature expired"});
            Ok(said(400, &[("date", &date(ahead))], &body.to_string()))
        });
        let place = Bench::new().place(script.clone(), PATH);
        assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
        assert_eq!(key(place.as_ref()).await.unwrap(), CANARY);
        assert_eq!(script.seen().len(), 3, "the correction is kept");
    }
    // A server that is never content is asked twice, and the clocks are told.
    let (told, asked) = error_of(|| {
        let body = json!({"__type": "RequestTimeTooSkewed"}).to_string();
        Ok(said(403, &[("date", &date(600))], &body))
    })
    .await;
    assert!(
        told.to_string().contains("s ahead of this machine's"),
        "{told}"
    );
    assert_eq!(asked, 2);
    // A wrong secret is no matter of clocks.
    let (told, asked) = error_of(|| {
        let body = json!({"__type": "InvalidSignatureException"}).to_string();
        Ok(said(403, &[("date", &date(30))], &body))
    })
    .await;
    assert!(!told.to_string().contains("clock"), "{told}");
    assert_eq!(asked, 1);
}

async fn refused_keys(bench: Bench, script: std::sync::Arc<Script>) -> AwsError {
    key(bench.place(script, PATH).as_ref()).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn sources_that_are_set_up_wrong_are_told_and_none_else_is_tried() {
    let script = Script::new(|seen| Ok(instance(seen, "ASIAINST", 3_600)));
    for (bench, words) in [
        (
            Bench::bare().set("AWS_ACCESS_KEY_ID", "A"),
            "an access key id without a secret",
        ),
        (
            Bench::bare().set("AWS_SECRET_ACCESS_KEY", "canary-1"),
            "without an access key id",
        ),
        (
            Bench::new().set("AWS_SECRET_ACCESS_KEY", "canary 1"),
            "in the environment cannot be used",
        ),
        (
            Bench::bare().set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere"),
            "without AWS_ROLE_ARN",
        ),
        (
            Bench::bare()
                .set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere")
                .set("AWS_ROLE_ARN", "arn:r"),
            "/nowhere does not exist",
        ),
        (
            Bench::bare().set("AWS_PROFILE", "none"),
            "there is no profile `none`",
        ),
        (
            Bench::bare().settings(|s| s.profile = Some("none".into())),
            "there is no profile `none`",
        ),
        (
            Bench::bare().set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/"),
            "only this machine",
        ),
        (
            Bench::bare().set(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "http://169.254.169.254/",
            ),
            "only this machine",
        ),
        (
            Bench::bare().set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "file:///x"),
            "only this machine",
        ),
        (
            Bench::bare()
                .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/")
                .set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary-1\r\nx: y"),
            "a token that can be sent",
        ),
        (
            Bench::bare()
                .set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/")
                .set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nowhere"),
            "/nowhere does not exist",
        ),
    ] {
        let told = refused_keys(bench, script.clone()).await.to_string();
        assert!(told.contains(words), "{told}");
    }
    assert!(script.seen().is_empty(), "{:?}", script.lines());
}

#[tokio::test(start_paused = true)]
async fn sources_that_answer_nonsense_are_told() {
    let container =
        || Bench::bare().set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:1/x");
    for (answer, words) in [
        (said(200, &[], "<html>canary-1"), "page of HTML"),
        (said(200, &[], "{}"), "has no AccessKeyId"),
        (
            said(
                200,
                &[],
                &json!({"AccessKeyId": "A", "SecretAccessKey": "b", "Expiration": "canary-1"})
                    .to_string(),
            ),
            "has no AccessKeyId",
        ),
        (
            said(
                200,
                &[],
                &json!({"AccessKeyId": "A", "SecretAccessKey": "canary 1"}).to_string(),
            ),
            "cannot be used",
        ),
        (
            said(
                200,
                &[],
                &json!({"Code": "Failed", "AccessKeyId": "A"}).to_string(),
            ),
            "are not given",
        ),
        (said(404, &[], "canary-1"), "are not given (status 404)"),
        (said(302, &[], ""), "another place"),
    ] {
        let answer = std::sync::Mutex::new(Some(answer));
        let script = Script::new(move |_| Ok(answer.lock().unwrap().take().unwrap()));
        let told = refused_keys(container(), script).await.to_string();
        assert!(told.contains(words), "{words}: {told}");
    }
    // An instance without a role; a role with a name that is none; nobody there.
    for (list, words) in [
        ("", "give the instance a role"),
        ("../../x", "give the instance a role"),
    ] {
        let script = Script::new(move |seen| {
            let is_token = seen.line.ends_with("token");
            Ok(said(200, &[], if is_token { "canary-1" } else { list }))
        });
        let told = refused_keys(Bench::bare(), script).await.to_string();
        assert!(told.contains(words), "{told}");
    }
    let started = Instant::now();
    let script = Script::new(|seen| Err(Failure::Timeout(seen.timeout)));
    let told = refused_keys(Bench::bare(), script.clone()).await;
    assert!(matches!(told, AwsError::NoKeys { .. }), "{told}");
    assert!(
        started.elapsed() <= Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    assert!(
        script
            .seen()
            .iter()
            .all(|seen| seen.timeout <= Duration::from_secs(1))
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_not_given_is_told() {
    let role_of = || Bench::new().settings(|s| s.role_arn = Some("arn:aws:iam::1:role/x".into()));
    let xml = |code: &str| {
        format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>canary-1</Message></Error></ErrorResponse>"
        )
    };
    let denied = xml("AccessDenied");
    let script = Script::new(move |_| Ok(said(403, &[], &denied)));
    let told = refused_keys(role_of(), script).await;
    assert!(told.to_string().contains("sts:AssumeRole"), "{told}");
    assert!(told.to_string().contains("arn:aws:iam::1:role/x"), "{told}");
    for body in ["<html>", "", "<AccessKeyId>A&amp;</AccessKeyId>", "{}"] {
        let script = Script::new(move |_| Ok(said(200, &[], body)));
        let told = refused_keys(role_of(), script).await;
        assert!(matches!(told, AwsError::NotAws { .. }), "{told}");
    }
}
