//! Recipes of documents against a scripted endpoint: what is sent, and what becomes of each answer.

mod field_reports;
mod no_secret;
mod refused;

use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde_json::Value;
use wharf_diag::SourceText;
use wharf_document::IntegrationId;

use super::{MintError, Minted, Recipe, RecipeProblem};
use crate::credential::Credential;
use crate::exchange::{Ask, Asking, Exchange, Failure, Said};
use crate::keeper::drive as block_on;

pub(super) const RSA: &str = include_str!("../../tests/keys/rsa.pkcs8.pem");
const P256: &str = include_str!("../../tests/keys/p256.pkcs8.pem");

pub(super) fn now() -> Timestamp {
    "2026-11-30T10:00:00Z".parse().unwrap()
}

pub(super) fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

/// What is asked and what is answered.
#[derive(Debug, Default)]
pub(super) struct Scripted {
    answers: Mutex<VecDeque<Result<Said, Failure>>>,
    asked: Mutex<Vec<Asked>>,
}

#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Scripted {
    pub(super) fn answering(answers: impl IntoIterator<Item = Said>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().map(Ok).collect()),
            asked: Mutex::default(),
        }
    }

    fn failing(failure: Failure) -> Self {
        let exchange = Self::default();
        exchange.answers.lock().unwrap().push_back(Err(failure));
        exchange
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The only request.
    pub(super) fn one(&self) -> Asked {
        let asked = self.asked();
        assert_eq!(asked.len(), 1);
        asked[0].clone()
    }
}

impl Exchange for Scripted {
    fn ask(&self, ask: Ask) -> Asking<'_> {
        self.asked.lock().unwrap().push(Asked {
            method: ask.method.to_string(),
            url: ask.url.to_string(),
            headers: ask.headers,
            body: String::from_utf8(ask.body.expose_secret().to_vec()).unwrap(),
        });
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(ready(answer.expect("one request more than answers")))
    }
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The fields of the form, decoded by another reader.
    fn form(&self) -> Vec<(String, String)> {
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            percent_encoding::percent_decode_str(&text)
                .decode_utf8()
                .unwrap()
                .into_owned()
        };
        let pairs = self.body.split('&');
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                (decoded(name), decoded(value))
            })
            .collect()
    }
}

pub(super) fn said(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Said {
    let pairs = headers.iter().map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    });
    Said {
        status: StatusCode::from_u16(status).unwrap(),
        headers: pairs.collect(),
        body: SecretSlice::from(body.as_ref().to_vec()),
    }
}

pub(super) fn json(status: u16, body: &str) -> Said {
    said(status, &[("content-type", "application/json")], body)
}

/// The recipe of a Method list for calls to `https://api.vendor.test/base`.
pub(super) fn compile(method: &str) -> Result<Option<Recipe>, RecipeProblem> {
    let text = format!(
        "---\ntitle: \"[Integration] Vendor\"\ntype: tool\nsubtype: integration\n---\n\n\
         # [Integration] Vendor\n\n## Service Details\n\n### Environments\n\n\
         | Environment | Endpoint |\n|---|---|\n| Production | https://api.vendor.test/base |\n\n\
         ## Authentication\n\n### Method\n{method}\n"
    );
    let id = IntegrationId::new("vendor").unwrap();
    let loaded = wharf_document::load(&id, &Arc::new(SourceText::new("vendor.md", text)));
    let integration = loaded.integration.unwrap();
    let endpoint = integration.environments[0].endpoint.clone().unwrap().value;
    Recipe::new(&integration, &endpoint)
}

pub(super) fn recipe(method: &str) -> Recipe {
    compile(method).unwrap().unwrap()
}

pub(super) fn credential(fields: &[(&str, &str)]) -> Credential {
    let fields = fields.iter();
    fields.fold(Credential::default(), |credential, (field, value)| {
        credential.with(field, SecretString::from(*value))
    })
}

pub(super) fn client() -> Credential {
    credential(&[
        ("client_id", "id-77f1"),
        ("client_secret", "secret-canary-5f2c81"),
    ])
}

pub(super) fn mint(
    recipe: &Recipe,
    credential: &Credential,
    exchange: &Scripted,
) -> Result<Minted, MintError> {
    block_on(recipe.mint(credential, exchange, now()))
}

pub(super) fn shown(secret: &SecretString) -> &str {
    secret.expose_secret()
}

/// Header and claims of a JWT.
pub(super) fn parts(jwt: &str) -> (Value, Value) {
    let mut parts = jwt
        .split('.')
        .map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut part = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (part(), part())
}

pub(super) const PAYPAL: &str =
    "- Type: OAuth2\n- Grant: client_credentials\n- Token URL: /v1/oauth2/token";

#[test]
fn client_credentials_go_as_basic_to_the_host_of_the_environment() {
    let recipe = recipe(PAYPAL);
    assert_eq!(recipe.fields(), ["client_id", "client_secret"]);
    assert_eq!(recipe.made_field(), "access_token");
    assert!(!recipe.uses_refresh_token());
    let exchange = Scripted::answering([json(
        200,
        r#"{"access_token":"A21","token_type":"Bearer","expires_in":32400,"scope":"a b"}"#,
    )]);
    let minted = mint(&recipe, &client(), &exchange).unwrap();
    assert_eq!(shown(&minted.token), "A21");
    assert_eq!(minted.valid_until, Some(later(32_400)));
    assert_eq!(minted.scopes.as_deref(), Some("a b"));
    assert!(minted.refresh_token.is_none());
    assert_eq!(shown(minted.fields.get("access_token").unwrap()), "A21");
    assert_eq!(minted.fields.fields().collect::<Vec<_>>(), ["access_token"]);

    let asked = exchange.one();
    assert_eq!(asked.method, "POST");
    assert_eq!(asked.url, "https://api.vendor.test/base/v1/oauth2/token");
    assert_eq!(asked.body, "grant_type=client_credentials");
    let basic = STANDARD.encode("id-77f1:secret-canary-5f2c81");
    assert_eq!(
        asked.header("authorization"),
        Some(&*format!("Basic {basic}"))
    );
    assert!(asked.headers["authorization"].is_sensitive());
    assert_eq!(asked.header("accept"), Some("application/json"));
    assert_eq!(
        asked.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
}

#[test]
fn a_client_in_the_body_a_named_header_and_fields_beside_the_token() {
    let recipe = recipe(
        "- Type: OAuth2\n- Token URL: https://login.vendor.test:8443/token\n\
         - Client authentication: body\n- Scopes: read, write\n- Audience: https://api.vendor.test/\n\
         - Header: X-Shopify-Access-Token: {access_token}\n- Header: Client-Id: {client_id}\n\
         - Header: X-Tenant: {tenant}",
    );
    assert_eq!(recipe.fields(), ["client_id", "client_secret", "tenant"]);
    let exchange = Scripted::answering([json(
        200,
        r#"{"access_token":"shpat","scope":"read,write"}"#,
    )]);
    let credential = client().with("tenant", "t-9".into());
    let minted = mint(&recipe, &credential, &exchange).unwrap();
    assert_eq!(minted.valid_until, None);
    let fields: Vec<_> = minted.fields.fields().collect();
    assert_eq!(fields, ["access_token", "client_id", "tenant"]);

    let asked = exchange.one();
    assert_eq!(asked.url, "https://login.vendor.test:8443/token");
    assert_eq!(asked.header("authorization"), None);
    let expected = [
        ("grant_type", "client_credentials"),
        ("client_id", "id-77f1"),
        ("client_secret", "secret-canary-5f2c81"),
        ("scope", "read write"),
        ("audience", "https://api.vendor.test/"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(asked.form(), expected);
}

const REFRESH: &str =
    "- Type: OAuth2\n- Grant: refresh_token\n- Token URL: /token\n- Client authentication: body";

#[test]
fn a_refresh_token_that_was_replaced_is_handed_out_and_the_same_one_is_not() {
    let recipe = recipe(REFRESH);
    assert!(recipe.uses_refresh_token());
    let credential = client().with("refresh_token", "r/1 +".into());
    for (answer, new) in [
        (r#"{"access_token":"a","refresh_token":"r2"}"#, Some("r2")),
        (r#"{"access_token":"a","refresh_token":"r/1 +"}"#, None),
        (r#"{"access_token":"a","refresh_token":""}"#, None),
        (r#"{"access_token":"a","refresh_token":null}"#, None),
        (r#"{"access_token":"a"}"#, None),
    ] {
        let exchange = Scripted::answering([json(200, answer)]);
        let minted = mint(&recipe, &credential, &exchange).unwrap();
        assert_eq!(minted.refresh_token.as_ref().map(shown), new, "{answer}");
        let form = exchange.one().form();
        assert_eq!(
            form[0],
            ("grant_type".to_owned(), "refresh_token".to_owned())
        );
        assert_eq!(form[1], ("refresh_token".to_owned(), "r/1 +".to_owned()));
    }
}

#[test]
fn a_new_refresh_token_is_handed_out_even_where_the_token_is_of_no_use() {
    let credential = client().with("refresh_token", "r1".into());
    let answer = r#"{"access_token":"","refresh_token":"r2"}"#;
    let exchange = Scripted::answering([json(200, answer)]);
    let problem = mint(&recipe(REFRESH), &credential, &exchange).unwrap_err();
    let MintError::Unusable { refresh_token, .. } = problem else {
        panic!("{problem}");
    };
    assert_eq!(refresh_token.as_ref().map(shown), Some("r2"));
}

#[test]
fn what_a_person_allowed_once_is_refreshed_from_then_on() {
    for grant in ["authorization_code", "device_code"] {
        let recipe = recipe(&format!(
            "- Type: OAuth2\n- Grant: {grant}\n- Token URL: /token"
        ));
        assert!(recipe.uses_refresh_token());
        assert_eq!(
            recipe.fields(),
            ["client_id", "client_secret", "refresh_token"]
        );
    }
}

pub(super) const GOOGLE: &str = "- Type: OAuth2\n- Grant: jwt-bearer\n\
    - Token URL: https://oauth2.googleapis.com/token\n\
    - Scopes: https://www.googleapis.com/auth/analytics.readonly\n\
    - Audience: https://oauth2.googleapis.com/token\n- Algorithm: RS256\n\
    - Claims: iss={client_email}, iat=0s, exp=1h\n- Signing key: {private_key}\n\
    - Key id: {private_key_id}";

#[test]
fn an_assertion_is_signed_and_exchanged() {
    let recipe = recipe(GOOGLE);
    assert_eq!(
        recipe.fields(),
        ["client_email", "private_key", "private_key_id"]
    );
    let credential = credential(&[
        ("client_email", "robot@project.iam.gserviceaccount.com"),
        ("private_key", RSA),
        ("private_key_id", "k1"),
    ]);
    let exchange = Scripted::answering([json(200, r#"{"access_token":"ya29","expires_in":3599}"#)]);
    let minted = mint(&recipe, &credential, &exchange).unwrap();
    assert_eq!(minted.valid_until, Some(later(3_599)));

    let asked = exchange.one();
    assert_eq!(asked.url, "https://oauth2.googleapis.com/token");
    assert_eq!(asked.header("authorization"), None);
    let form = asked.form();
    assert_eq!(form.len(), 2);
    assert_eq!(form[0].1, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(form[1].0, "assertion");
    let (header, claims) = parts(&form[1].1);
    assert_eq!(
        header.to_string(),
        r#"{"alg":"RS256","typ":"JWT","kid":"k1"}"#
    );
    let at = now().as_second();
    assert_eq!(
        claims,
        serde_json::json!({
            "iss": "robot@project.iam.gserviceaccount.com",
            "iat": at,
            "exp": at + 3_600,
            "aud": "https://oauth2.googleapis.com/token",
            "scope": "https://www.googleapis.com/auth/analytics.readonly",
        })
    );
}

/// RFC 7523, 2.1 and 3: what an assertion has to hold where the document says nothing of it.
#[test]
fn an_assertion_has_an_audience_and_an_end_also_without_words_of_the_document() {
    let recipe = recipe(
        "- Type: JWT\n- Token URL: /token.oauth2\n- Signing key: {key}\n\
         - Claims: iss={client}, sub=mailto:mike@example.com\n- Client authentication: basic",
    );
    let credential = client()
        .with("key", P256.into())
        .with("client", "https://jwt-idp.example.com".into());
    let exchange = Scripted::answering([json(200, r#"{"access_token":"t"}"#)]);
    mint(&recipe, &credential, &exchange).unwrap();
    let asked = exchange.one();
    assert!(asked.header("authorization").unwrap().starts_with("Basic "));
    let (header, claims) = parts(&asked.form()[1].1);
    assert_eq!(header["alg"], "ES256");
    assert_eq!(claims["aud"], "https://api.vendor.test/base/token.oauth2");
    assert_eq!(claims["sub"], "mailto:mike@example.com");
    assert_eq!(claims["exp"], now().as_second() + 300);
    assert_eq!(claims["iat"], now().as_second());
}

pub(super) const GITHUB: &str = "- Type: JWT\n- Algorithm: RS256\n\
    - Claims: iss={client_id}, iat=-60s, exp=9m\n- Signing key: {private_key}\n\
    - Token request: POST /app/installations/{installation_id}/access_tokens\n\
    - Token field: /token\n- Expiry field: /expires_at\n\
    - Header: Authorization: Bearer {access_token}";

pub(super) fn github_app(key: &str) -> Credential {
    credential(&[
        ("client_id", "Iv23liCanary"),
        ("private_key", key),
        ("installation_id", "4711"),
    ])
}

#[test]
fn a_github_app_shows_its_jwt_and_gets_a_token_with_a_date() {
    let recipe = recipe(GITHUB);
    assert_eq!(
        recipe.fields(),
        ["client_id", "installation_id", "private_key"]
    );
    assert_eq!(
        recipe.endpoint().unwrap().to_string(),
        "api.vendor.test/base/app/installations/{installation_id}/access_tokens"
    );
    let answer =
        r#"{"token":"ghs_x","expires_at":"2026-11-30T11:00:00Z","permissions":{"issues":"write"}}"#;
    let exchange = Scripted::answering([json(201, answer)]);
    let minted = mint(&recipe, &github_app(RSA), &exchange).unwrap();
    assert_eq!(shown(&minted.token), "ghs_x");
    assert_eq!(minted.valid_until, Some(later(3_600)));
    assert_eq!(minted.scopes, None);

    let asked = exchange.one();
    assert_eq!(
        asked.url,
        "https://api.vendor.test/base/app/installations/4711/access_tokens"
    );
    assert_eq!(asked.body, "");
    assert!(asked.header("user-agent").unwrap().starts_with("wharf/"));
    let (_, claims) = parts(
        asked
            .header("authorization")
            .unwrap()
            .strip_prefix("Bearer ")
            .unwrap(),
    );
    let at = now().as_second();
    let expected = serde_json::json!({"iss": "Iv23liCanary", "iat": at - 60, "exp": at + 540});
    assert_eq!(claims, expected);
}

#[test]
fn a_value_in_a_path_stays_one_segment() {
    let answer = || json(201, r#"{"token":"t"}"#);
    let exchange = Scripted::answering([answer()]);
    let credential = github_app(RSA).with("installation_id", "../1?x=/#ü".into());
    mint(&recipe(GITHUB), &credential, &exchange).unwrap();
    assert!(
        exchange
            .one()
            .url
            .ends_with("/installations/..%2F1%3Fx%3D%2F%23%C3%BC/access_tokens")
    );
    for value in ["", ".", ".."] {
        let credential = github_app(RSA).with("installation_id", value.into());
        let problem = mint(&recipe(GITHUB), &credential, &Scripted::default()).unwrap_err();
        assert!(
            matches!(problem, MintError::FieldUnusable { field, .. } if field == "installation_id")
        );
    }
}

#[test]
fn a_jwt_is_the_token_where_no_place_to_ask_is_named() {
    let recipe = recipe(
        "- Type: JWT\n- Algorithm: HS256\n- Signing key: {secret}\n\
         - Claims: iss={key}, nbf=-30s, exp=10m\n- Key id: {key}\n\
         - Header: Authorization: Bearer {token}\n- Header: X-Key: {key}",
    );
    assert_eq!(recipe.made_field(), "token");
    assert_eq!(recipe.fields(), ["key", "secret"]);
    let credential = credential(&[("secret", "shared-canary-1a2b3c"), ("key", "k-7")]);
    let minted = mint(&recipe, &credential, &Scripted::default()).unwrap();
    assert_eq!(minted.valid_until, Some(later(600)));
    let (header, claims) = parts(shown(&minted.token));
    assert_eq!(header["kid"], "k-7");
    let at = now().as_second();
    let expected = serde_json::json!({"iss": "k-7", "nbf": at - 30, "exp": at + 600, "iat": at});
    assert_eq!(claims, expected);
    assert_eq!(minted.fields.fields().collect::<Vec<_>>(), ["key", "token"]);
}

#[test]
fn a_moment_from_the_credential_is_a_number() {
    let recipe = recipe(
        "- Type: JWT\n- Algorithm: HS256\n- Signing key: {secret}\n- Claims: exp={end}, iss=x",
    );
    let credential = credential(&[("secret", "s"), ("end", "1800000000")]);
    let minted = mint(&recipe, &credential, &Scripted::default()).unwrap();
    assert_eq!(parts(shown(&minted.token)).1["exp"], 1_800_000_000);
    assert_eq!(minted.valid_until.unwrap().as_second(), 1_800_000_000);
    let credential = credential.with("end", "tomorrow".into());
    let problem = mint(&recipe, &credential, &Scripted::default()).unwrap_err();
    assert!(matches!(problem, MintError::FieldUnusable { field, .. } if field == "end"));
}

#[test]
fn what_the_credential_lacks_is_named() {
    for (method, has, lacks) in [
        (PAYPAL, "client_id", "client_secret"),
        (REFRESH, "client_id", "refresh_token"),
        (GITHUB, "private_key", "installation_id"),
        (GOOGLE, "client_email", "private_key"),
    ] {
        let credential = credential(&[(has, "x")]);
        let problem = mint(&recipe(method), &credential, &Scripted::default()).unwrap_err();
        assert!(
            matches!(&problem, MintError::FieldMissing { field } if field == lacks),
            "{problem}"
        );
    }
}

#[test]
fn credentials_that_are_sent_as_they_are_have_no_recipe() {
    for method in [
        "- Type: API Key",
        "- Type: Basic",
        "- Type: None",
        "- Type: OAuth2",
        "- Type: OAuth2\n- Header: Authorization: Bearer {access_token}",
        "- Type: JWT\n- Header: Authorization: Bearer {token}",
    ] {
        assert_eq!(compile(method), Ok(None), "{method}");
    }
}

/// Everything of the catalog that makes a token, with the fields that it needs.
#[test]
fn the_catalogs_documents_have_recipes() {
    let catalog = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut found = Vec::new();
    for folder in std::fs::read_dir(catalog)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        let Ok(files) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in files.map(|entry| entry.unwrap().path()) {
            let is_document = path.extension().is_some_and(|end| end == "md");
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let Some(id) = IntegrationId::new(&stem).filter(|_| is_document) else {
                continue;
            };
            let text = std::fs::read_to_string(&path).unwrap();
            let loaded = wharf_document::load(&id, &Arc::new(SourceText::new(&*stem, text)));
            let Some(integration) = loaded.integration else {
                continue;
            };
            for environment in &integration.environments {
                let Some(endpoint) = &environment.endpoint else {
                    continue;
                };
                if let Some(recipe) = Recipe::new(&integration, &endpoint.value).unwrap() {
                    let endpoint = recipe.endpoint().unwrap().to_string();
                    found.push(format!("{stem} {endpoint} {}", recipe.fields().join(" ")));
                }
            }
        }
    }
    found.sort();
    assert_eq!(
        found,
        [
            "google-analytics oauth2.googleapis.com/token client_email private_key",
            "paypal api-m.paypal.com/v1/oauth2/token client_id client_secret",
            "paypal api-m.sandbox.paypal.com/v1/oauth2/token client_id client_secret",
            "shopify your-development-store.myshopify.com/admin/oauth/access_token \
             client_id client_secret",
            "shopify your-shop.myshopify.com/admin/oauth/access_token client_id client_secret",
        ]
    );
}

#[test]
fn what_a_document_leaves_open_is_told_apart() {
    for (method, problem) in [
        (
            "- Type: OAuth2\n- Grant: client_credentials",
            RecipeProblem::NoPlace,
        ),
        (
            "- Type: OAuth2\n- Token URL: /a\n- Token request: POST /b",
            RecipeProblem::TwoPlaces,
        ),
        (
            "- Type: JWT\n- Token URL: /a\n- Claims: iss=x",
            RecipeProblem::NoSigningKey,
        ),
        (
            "- Type: OAuth2\n- Token request: GET /a",
            RecipeProblem::NoBody,
        ),
    ] {
        assert_eq!(compile(method), Err(problem), "{method}");
    }
}

#[test]
fn making_a_token_may_go_from_thread_to_thread() {
    fn is_send<T: Send>(made: T) -> T {
        made
    }
    let (recipe, credential) = (recipe(PAYPAL), client());
    let exchange = Scripted::answering([json(200, r#"{"access_token":"a"}"#)]);
    let minted = block_on(is_send(recipe.mint(&credential, &exchange, now())));
    assert_eq!(shown(&minted.unwrap().token), "a");
}

#[test]
fn there_is_no_answer() {
    for failure in [
        Failure::NotSent("the certificate of the server has expired".into()),
        Failure::NoAnswer("the connection was closed".into()),
        Failure::Timeout(super::TIMEOUT),
        Failure::TooLong,
    ] {
        let exchange = Scripted::failing(failure.clone());
        let problem = mint(&recipe(PAYPAL), &client(), &exchange).unwrap_err();
        let text = problem.to_string();
        assert!(
            text.contains("api.vendor.test/base/v1/oauth2/token"),
            "{text}"
        );
        assert!(text.contains(&failure.to_string()), "{text}");
        assert_eq!(problem.again(), super::Again::Later);
    }
}
