//! Whatever comes back, nothing panics and no secret is shown.

use proptest::prelude::*;

use super::*;

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9+/=._~%&\\\\\"' -]{8,40}".prop_map(|text| format!("x{text}x"))
}

/// JSON with secrets anywhere.
fn answer(secrets: Vec<String>) -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "access_token",
        "token",
        "refresh_token",
        "expires_in",
        "expires_at",
        "scope",
        "token_type",
        "error",
        "error_description",
        "error_code",
        "message",
        "msg",
        "status",
        "code",
        "ok",
    ]);
    let secret = prop::sample::select(secrets);
    let leaf = prop_oneof![
        secret.clone().prop_map(Value::from),
        secret
            .clone()
            .prop_map(|secret| format!("no {secret} here").into()),
        secret.prop_map(|secret| form_of(&secret).into()),
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    let value = leaf.prop_recursive(2, 12, 6, move |inner| {
        prop::collection::hash_map(name.clone(), inner, 0..6).prop_map(|members| {
            let members = members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            Value::Object(members.collect())
        })
    });
    value.prop_map(|value| value.to_string())
}

fn form_of(text: &str) -> String {
    super::super::form::encoded(text).to_string()
}

const METHODS: [&str; 4] = [PAYPAL, REFRESH, GITHUB, GOOGLE];

fn all(id: &str, secret: &str, refresh: &str) -> Credential {
    credential(&[
        ("client_id", id),
        ("client_secret", secret),
        ("refresh_token", refresh),
        ("private_key", RSA),
        ("private_key_id", "kid"),
        ("client_email", id),
        ("installation_id", id),
    ])
}

fn shows_none(text: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!text.contains(secret.as_str()), "{secret:?} in {text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_answer_shows_a_secret(
        (secrets, body) in prop::collection::vec(text(), 3)
            .prop_flat_map(|secrets| (Just(secrets.clone()), answer(secrets))),
        method in prop::sample::select(METHODS.to_vec()),
        status in prop::sample::select(vec![200u16, 201, 302, 400, 401, 403, 429, 500, 503]),
        headers in prop::collection::vec(
            (prop::sample::select(vec!["location", "retry-after", "date"]), "[ -~]{0,40}"), 0..3),
    ) {
        let credential = all(&secrets[0], &secrets[1], &secrets[2]);
        let mut headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let leads = format!("https://{}/", secrets[0].replace(|c: char| !c.is_ascii_alphanumeric(), ""));
        headers.push(("location", &leads));
        let exchange = Scripted::answering([said(status, &headers, &body), said(status, &headers, &body)]);
        match mint(&recipe(method), &credential, &exchange) {
            Ok(minted) => {
                let own = shown(&minted.token).to_owned();
                let text = format!("{minted:?}");
                shows_none(&text, &secrets);
                // A token as short as this stands in every text.
                if own.len() >= 8 {
                    prop_assert!(!text.contains(&own), "{own:?} in {text}");
                }
            }
            Err(problem) => {
                shows_none(&problem.to_string(), &secrets);
                shows_none(&format!("{problem:?}"), &secrets);
            }
        }
    }

    #[test]
    fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..200), status in 200u16..600) {
        let credential = all("id-id-id", "secret-secret", "refresh-refresh");
        for method in METHODS {
            let exchange = Scripted::answering([said(status, &[], &body), said(status, &[], &body)]);
            let _ = mint(&recipe(method), &credential, &exchange);
        }
    }

    #[test]
    fn no_key_panics_or_is_shown(
        start in prop::sample::select(vec![
            "", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN EC PRIVATE KEY-----", "LS0tLS1CRUdJTi", "\"-----BEGIN PRIVATE KEY-----\\n",
        ]),
        middle in "[A-Za-z0-9+/=\\\\nr \n]{16,80}",
        end in prop::sample::select(vec![
            "", "-----END RSA PRIVATE KEY-----", "-----END PRIVATE KEY-----", "-----END EC PRIVATE KEY-----",
        ]),
    ) {
        let key = format!("{start}x{middle}x{end}");
        if let Err(problem) = mint(&recipe(GITHUB), &github_app(&key), &Scripted::default()) {
            shows_none(&problem.to_string(), std::slice::from_ref(&middle));
            shows_none(&format!("{problem:?}"), &[middle]);
        }
    }
}
