//! What users of other clients met, each built small. Named by the place where it was told.

use super::super::{AnswerProblem, KeyProblem, Reason, refresh_at, usable_until};
use super::*;

fn made(answer: &str) -> Minted {
    let exchange = Scripted::answering([json(200, answer)]);
    mint(&recipe(PAYPAL), &client(), &exchange).unwrap()
}

fn refusal(status: u16, answer: &str) -> (super::super::Refusal, MintError) {
    let exchange = Scripted::answering([json(status, answer)]);
    let credential = client().with("refresh_token", "r1-canary-77".into());
    let problem = mint(&recipe(REFRESH), &credential, &exchange).unwrap_err();
    let MintError::Refused { refusal, .. } = &problem else {
        panic!("{problem}");
    };
    (refusal.clone(), problem)
}

/// SecureAuthCorp/oauth2c#37, badgateway/oauth2-client#123: an end as text.
#[test]
fn an_end_as_text_is_a_number() {
    let azure = r#"{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599",
        "expires_on":"1671217329","access_token":"a"}"#;
    assert_eq!(made(azure).valid_until, Some(later(3_599)));
}

/// golang/oauth2#67: a number with a point was taken for none, and the token lived for ever.
#[test]
fn an_end_with_a_point_is_a_number() {
    for end in ["3600.0", "\"3600.5\"", "3.6e3"] {
        let answer = format!(r#"{{"access_token":"a","expires_in":{end}}}"#);
        assert_eq!(made(&answer).valid_until, Some(later(3_600)), "{end}");
    }
}

/// decocms/studio#6199 and ayunis-core/ayunis-core#1230 took 0 for "never ends";
/// spring-attic/spring-security-oauth#1862 asked for just that. It is neither here, but told.
#[test]
fn an_end_of_zero_is_no_token_and_no_life_without_end() {
    let exchange = Scripted::answering([json(200, r#"{"access_token":"a","expires_in":0}"#)]);
    let problem = mint(&recipe(PAYPAL), &client(), &exchange).unwrap_err();
    assert!(matches!(
        problem,
        MintError::Unusable {
            problem: AnswerProblem::EndNotAhead { .. },
            ..
        }
    ));
}

/// appsmithorg/appsmith#4644: without an end, a token was asked for before each call.
#[test]
fn a_token_without_an_end_is_kept() {
    assert_eq!(made(r#"{"access_token":"a"}"#).valid_until, None);
    assert_eq!(
        made(r#"{"access_token":"a","expires_in":null}"#).valid_until,
        None
    );
}

/// openid/AppAuth-Android#337 gives this pair; so do golang/oauth2#320, panva/openid-client#236,
/// hoppscotch/hoppscotch#4927 and requests/requests-oauthlib#568 ask for it.
#[test]
fn client_id_and_secret_are_encoded_before_basic() {
    let credential = credential(&[
        ("client_id", "1PpG/Q 1"),
        (
            "client_secret",
            "z/tZ9VwFZqApmIQ+ZH1I5pLk/uB4ud:X2/8bL+wfFTt1rFw=",
        ),
    ]);
    let exchange = Scripted::answering([json(200, r#"{"access_token":"a"}"#)]);
    mint(&recipe(PAYPAL), &credential, &exchange).unwrap();
    assert_eq!(
        exchange.one().header("authorization"),
        Some(
            "Basic MVBwRyUyRlErMTp6JTJGdFo5VndGWnFBcG1JUSUyQlpIMUk1cExrJTJGdUI0dWQlM0FYMiUyRjhi\
             TCUyQndmRlR0MXJGdyUzRA=="
        )
    );
}

/// octokit/app.js#40, gr2m/universal-github-app-jwt#96, actions/create-github-app-token#184,
/// hyperlocalise/hyperlocalise#734: keys as they come out of variables.
#[test]
fn a_key_out_of_a_variable_signs() {
    let lines = RSA.trim();
    let escaped = lines.replace('\n', "\\n");
    for key in [
        escaped.clone(),
        format!("\"{escaped}\\n\""),
        lines.replace('\n', "\\\\n"),
        lines.replace('\n', "\r\n"),
        lines.replace('\n', "\\r\\n"),
        lines.replace('\n', " "),
        lines.replace('\n', ""),
        format!("\n  {}  \n", lines.replace('\n', "\n  ")),
        STANDARD.encode(RSA),
    ] {
        let exchange = Scripted::answering([json(201, r#"{"token":"t"}"#)]);
        let minted = mint(&recipe(GITHUB), &github_app(&key), &exchange);
        assert!(minted.is_ok(), "{}", minted.unwrap_err());
    }
}

fn key_problem(key: &str) -> KeyProblem {
    let problem = mint(&recipe(GITHUB), &github_app(key), &Scripted::default()).unwrap_err();
    let MintError::Key { problem, field } = problem else {
        panic!("{problem}");
    };
    assert_eq!(field, "private_key");
    problem
}

/// actions/create-github-app-token#113: a client secret, or a fingerprint, instead of the key.
#[test]
fn a_client_secret_is_no_key() {
    for key in [
        "0123456789abcdef0123456789abcdef01234567",
        "SHA256:uNiReFfI7QTv3Zr4cqSxvH0hQJ8lOe1gR+o1ZqTqk3A=",
    ] {
        assert_eq!(key_problem(key), KeyProblem::NotPem);
    }
}

/// gr2m/universal-github-app-jwt#74: a key of OpenSSH gave an error that nobody understood.
#[test]
fn a_key_of_openssh_is_told_with_what_to_do() {
    let problem = key_problem(include_str!("../../../tests/keys/openssh.pem"));
    assert_eq!(problem, KeyProblem::OpenSsh);
    assert!(problem.to_string().contains("ssh-keygen -p -m PKCS8"));
}

/// cert-manager/cert-manager#9294, envoyproxy/gateway#9338, bcgit/bc-csharp#663: `openssl ecparam`
/// writes a block of parameters first.
#[test]
fn a_block_of_parameters_before_a_key_is_passed_over() {
    let key = include_str!("../../../tests/keys/p256.sec1.pem");
    assert!(key.starts_with("-----BEGIN EC PARAMETERS-----"));
    let recipe = recipe("- Type: JWT\n- Signing key: {private_key}\n- Claims: iss=x");
    let minted = mint(&recipe, &github_app(key), &Scripted::default()).unwrap();
    assert_eq!(parts(shown(&minted.token)).0["alg"], "ES256");
}

/// probot/probot#967, oxidecomputer/third-party-api-clients#50: GitHub takes whole seconds only.
#[test]
fn moments_of_a_jwt_are_whole_numbers() {
    let exchange = Scripted::answering([json(201, r#"{"token":"t"}"#)]);
    let half: Timestamp = "2026-11-30T10:00:00.5Z".parse().unwrap();
    block_on(recipe(GITHUB).mint(&github_app(RSA), &exchange, half)).unwrap();
    let claims = parts(&exchange.one().header("authorization").unwrap()[7..]).1;
    assert!(claims["iat"].is_i64() && claims["exp"].is_i64(), "{claims}");
}

/// lelylan/simple-oauth2#459: an error with status 200 was taken for a token.
#[test]
fn an_error_with_status_200_is_an_error() {
    let (refusal, problem) = refusal(
        200,
        r#"{"error":"bad_refresh_token","error_description":"The refresh token passed is incorrect or expired."}"#,
    );
    assert_eq!(refusal.reason(), Reason::InvalidGrant);
    assert!(problem.has_ended());
    let (slack, _) =
        super::field_reports::refusal(200, r#"{"ok":false,"error":"invalid_refresh_token"}"#);
    assert_eq!(slack.reason(), Reason::InvalidGrant);
}

/// supabase/auth#2829: an error in a form of its own.
#[test]
fn an_error_in_another_form_is_read() {
    let (refusal, _) = refusal(
        400,
        r#"{"code":400,"error_code":"refresh_token_not_found","msg":"Invalid Refresh Token: Refresh Token Not Found"}"#,
    );
    assert_eq!(refusal.reason(), Reason::InvalidGrant);
    assert!(
        refusal
            .description
            .unwrap()
            .starts_with("Invalid Refresh Token")
    );
    let google = r#"{"error":{"code":401,"message":"Request had invalid credentials.","status":"UNAUTHENTICATED"}}"#;
    let (refusal, _) = super::field_reports::refusal(401, google);
    assert_eq!(refusal.code.as_deref(), Some("UNAUTHENTICATED"));
}

/// wso2/api-manager#4061, simple-login/app#2754, apache/kafka#13119, librefang/librefang#5525: what
/// was sent came back in the error, and went into logs.
#[test]
fn what_was_sent_is_not_repeated() {
    let (refusal, problem) = refusal(
        401,
        r#"{"error":"invalid_client","error_description":"No client id-77f1 with secret-canary-5f2c81; refresh_token=r1-canary-77",
            "access_token":"leaked-canary-9"}"#,
    );
    assert_eq!(
        refusal.description.as_deref(),
        Some("No client {client_id} with {client_secret}; refresh_token={refresh_token}")
    );
    assert!(!problem.to_string().contains("canary"), "{problem}");
    assert!(!format!("{problem:?}").contains("canary"), "{problem:?}");
}

/// `guillp/requests_oauth2client#15`, MicrosoftDocs/azure-devops-docs#810, jupyterhub/oauthenticator#225.
#[test]
fn a_bearer_token_by_another_name_is_one() {
    for kind in [
        r#","token_type":"BearerToken""#,
        r#","token_type":"jwt-bearer""#,
        r#","token_type":"bearer""#,
        r#","token_type":"BEARER""#,
        r#","token_type":null"#,
        "",
    ] {
        made(&format!(r#"{{"access_token":"a"{kind}}}"#));
    }
}

/// github/docs#4156, XAMPPRocky/octocrab#207, microsoft/AL-Go#2289: a clock ahead of GitHub's.
#[test]
fn the_catalogs_recipe_for_github_leaves_room_for_the_clock() {
    let document = include_str!("../../../../../catalog/development-tools/github.md");
    assert!(document.contains("`Claims: iss={client_id}, iat=-60s, exp=9m`"));
}

/// sanitizers/octomachinery#75: a token was used up to its very end.
#[test]
fn a_token_is_not_used_to_its_very_end() {
    let end = later(3_600);
    assert_eq!(usable_until(now(), end), later(3_590));
    assert_eq!(refresh_at(now(), end, 0.0), later(3_240));
}

/// Menci/Floway#67, HQBase/hqbase#41: of two refreshes at once one ends the other. The loser has to
/// be told from a client that is refused, so that the stored token can be looked at again.
#[test]
fn a_refresh_token_that_was_used_already_is_told_from_a_wrong_client() {
    let (_, lost) = refusal(400, r#"{"error":"invalid_grant"}"#);
    let (_, wrong) = refusal(401, r#"{"error":"invalid_client"}"#);
    assert!(lost.has_ended() && !wrong.has_ended());
}
