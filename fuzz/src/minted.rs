//! Any answer of a token endpoint: read or refused, what is read can be sent, and what was sent of
//! the credential is not shown.

use std::future::ready;
use std::pin::pin;
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

use http::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretSlice};
use wharf_diag::SourceText;
use wharf_document::IntegrationId;
use wharf_secrets::mint::{MintError, Minted, Recipe};
use wharf_secrets::{Ask, Asking, Credential, Exchange, Said};

/// Stands in the seeds too.
const SECRET: &str = "secret-canary-5f2c81";

/// Statuses that are told apart.
const STATUSES: [u16; 8] = [200, 201, 302, 400, 401, 429, 500, 503];

/// The fields of the Method list of each recipe.
const METHODS: [&str; 3] = [
    "- Type: OAuth2\n- Token URL: /token",
    "- Type: OAuth2\n- Grant: refresh_token\n- Token URL: /token\n- Client authentication: body",
    "- Type: OAuth2\n- Token URL: /token\n- Token field: /a/token\n- Expiry field: /a/expires_at\n\
     - Header: X-Token: {access_token}",
];

/// Reading a document takes longer than all else.
static RECIPES: LazyLock<[Recipe; 3]> = LazyLock::new(|| METHODS.map(recipe));

/// Gives every request the same answer.
#[derive(Debug)]
struct Answers(Mutex<(u16, HeaderMap, Vec<u8>)>);

impl Exchange for Answers {
    fn ask(&self, _: Ask) -> Asking<'_> {
        let (status, headers, body) = self.0.lock().unwrap().clone();
        let said = Said {
            status: status.try_into().unwrap(),
            headers,
            body: SecretSlice::from(body),
        };
        Box::pin(ready(Ok(said)))
    }
}

/// The target. The first byte picks status and recipe, the first line is `Retry-After` and `Date`, all
/// else is the body.
pub fn minted(bytes: &[u8]) {
    let Some((pick, rest)) = bytes.split_first() else {
        return;
    };
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(&rest[..end]) {
        headers.insert(RETRY_AFTER, value.clone());
        headers.insert(DATE, value);
    }
    let pick = usize::from(*pick);
    let status = STATUSES[pick % STATUSES.len()];
    let answers = Answers(Mutex::new((status, headers, rest[end..].to_vec())));
    let now = Timestamp::from_second(1_796_032_800).unwrap();
    let recipe = &RECIPES[pick / STATUSES.len() % METHODS.len()];
    let fields = ["client_id", "client_secret", "refresh_token"];
    let credential = fields
        .into_iter()
        .fold(Credential::default(), |credential, field| {
            credential.with(field, SECRET.into())
        });
    let Poll::Ready(outcome) =
        pin!(recipe.mint(&credential, &answers, now)).poll(&mut Context::from_waker(Waker::noop()))
    else {
        panic!("it waits for nothing");
    };
    match outcome {
        Ok(made) => usable(&made, now),
        Err(problem) => shows_no_secret(&problem),
    }
}

fn usable(made: &Minted, now: Timestamp) {
    let token = made.token.expose_secret();
    assert!(HeaderValue::from_str(token).is_ok_and(|value| !value.is_empty()));
    if let Some(end) = made.valid_until {
        assert!(
            end > now && end <= now + SignedDuration::from_hours(366 * 24),
            "{end}"
        );
    }
    let scopes = made.scopes.as_deref().unwrap_or_default();
    assert!(scopes.chars().count() <= 2_001 && !scopes.contains(SECRET));
    let new = made.refresh_token.as_ref().map(ExposeSecret::expose_secret);
    assert!(new.is_none_or(|new| !new.is_empty() && new != SECRET));
}

fn shows_no_secret(problem: &MintError) {
    for text in [problem.to_string(), format!("{problem:?}")] {
        assert!(!text.contains(SECRET), "{text}");
        assert!(text.len() < 4_096, "{text}");
    }
}

fn recipe(method: &str) -> Recipe {
    let text = format!(
        "---\ntitle: \"[Integration] Vendor\"\ntype: tool\nsubtype: integration\n---\n\n\
         ## Service Details\n\n### Environments\n\n| Environment | Endpoint |\n|---|---|\n\
         | Production | https://api.vendor.test |\n\n## Authentication\n\n### Method\n{method}\n"
    );
    let id = IntegrationId::new("vendor").unwrap();
    let loaded = wharf_document::load(&id, &Arc::new(SourceText::new("vendor.md", text)));
    let integration = loaded.integration.unwrap();
    let endpoint = integration.environments[0].endpoint.as_ref().unwrap();
    Recipe::new(&integration, &endpoint.value).unwrap().unwrap()
}
