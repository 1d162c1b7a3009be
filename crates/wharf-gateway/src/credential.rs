//! A credential in the form in which it is sent.
//!
//! It is rendered into headers once for each version of it, and only cloned per call.
//! Its life is the keeper's.

mod forms;

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use wharf_document::model::{Template, TemplatePart};
use wharf_plan::{CompiledEnvironment, CompiledIntegration, CompiledPlacement};
use wharf_secrets::mint::Recipe;
use wharf_secrets::{Age, Credential, Held, Keeper, Kept};

use crate::problem::{Code, Problem};
use crate::relocate::Forms;

/// What is known about the credential of one environment.
pub(crate) enum CredentialState {
    /// The document says that calls need none.
    NotNeeded,
    /// Ready to be put into requests.
    Ready(Box<Rendered>),
    /// Not available, and why.
    Missing(String),
}

/// A credential in the form it is sent in.
pub(crate) struct Rendered {
    credential: Arc<Credential>,
    headers: Vec<(HeaderName, HeaderValue)>,
    query: SecretString,
    forms: Forms,
}

/// The credential of one environment, as this environment sends it.
pub(crate) struct Authorisation {
    integration: Arc<CompiledIntegration>,
    /// `None`: none is needed, or the document names none.
    kept: Option<Kept>,
    rendered: ArcSwap<Version>,
}

/// What one version of a credential was rendered to.
struct Version {
    number: u64,
    state: Arc<CredentialState>,
}

/// What an environment needs to be called.
pub(crate) enum Needed {
    /// No credential.
    Nothing,
    /// This one, held for it.
    Kept(Kept),
    /// One that there is no way to, and why.
    Missing(String),
}

impl Needed {
    /// Reads nothing.
    pub(crate) fn of(
        keeper: &Keeper,
        integration: &CompiledIntegration,
        environment: &CompiledEnvironment,
    ) -> Self {
        let fields = &integration.credential_fields;
        if fields.is_empty() {
            return Self::Nothing;
        }
        let Some(store) = &environment.credential else {
            return Self::Missing(format!(
                "the document has no entry `{}` under Credential Storage; add one",
                environment.name
            ));
        };
        let (Some(tokens), Some(base_url)) = (&integration.tokens, &environment.base_url) else {
            return Self::Kept(keeper.keep(store, fields));
        };
        match Recipe::of(tokens, fields, base_url) {
            Ok(Some(recipe)) => Self::Kept(keeper.keep_made(store, recipe)),
            Ok(None) => Self::Kept(keeper.keep(store, fields)),
            Err(problem) => Self::Missing(problem.to_string()),
        }
    }

    pub(crate) fn kept(self) -> Option<Kept> {
        match self {
            Self::Kept(kept) => Some(kept),
            Self::Nothing | Self::Missing(_) => None,
        }
    }
}

impl Authorisation {
    /// Renders what is known of it now.
    pub(crate) fn new(integration: &Arc<CompiledIntegration>, needed: Needed) -> Self {
        let version = match &needed {
            Needed::Kept(kept) => Version::of(&kept.get(), integration),
            Needed::Nothing => Version::always(CredentialState::NotNeeded),
            Needed::Missing(why) => Version::always(CredentialState::Missing(why.clone())),
        };
        Self {
            integration: Arc::clone(integration),
            kept: needed.kept(),
            rendered: ArcSwap::from_pointee(version),
        }
    }

    /// The newest form of it; a new version is rendered by the first call that meets it.
    pub(crate) fn load_full(&self) -> Arc<CredentialState> {
        let rendered = self.rendered.load();
        let Some(kept) = &self.kept else {
            return Arc::clone(&rendered.state);
        };
        if kept.version() == rendered.number {
            return Arc::clone(&rendered.state);
        }
        let newer = Version::of(&kept.get(), &self.integration);
        let state = Arc::clone(&newer.state);
        // Two calls may store in the wrong order; the next call then renders once more.
        self.rendered.store(Arc::new(newer));
        state
    }

    /// The same for a call: one that is due is renewed beside it, one that has ended is waited for.
    pub(crate) async fn usable(&self) -> Arc<CredentialState> {
        if let Some(kept) = &self.kept {
            match kept.age_now() {
                Age::Fresh => {}
                Age::Due => kept.renew(),
                // Not in the call's own future, which would be larger for all calls.
                Age::Over => return Box::pin(self.renewed(kept)).await,
            }
        }
        self.load_full()
    }

    async fn renewed(&self, kept: &Kept) -> Arc<CredentialState> {
        let held = kept.renewed().await;
        if kept.age_now() != Age::Over {
            return self.load_full();
        }
        let problem = held.problem.as_deref().unwrap_or("it is not known why");
        Arc::new(CredentialState::Missing(format!(
            "the credential has ended and could not be renewed: {problem}"
        )))
    }

    /// Fetches the credential anew, one flight for all who ask.
    pub(crate) async fn refresh(&self) {
        if let Some(kept) = &self.kept {
            kept.refresh().await;
        }
    }

    /// What a person should change although calls go on; never a value.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let Some(held) = self.kept.as_ref().map(Kept::get) else {
            return Vec::new();
        };
        let Some(credential) = &held.credential else {
            return Vec::new();
        };
        let away = held.problem.iter().map(|problem| {
            format!("the credential cannot be fetched now, so its last value is used: {problem}")
        });
        let open = credential.warnings().iter().map(ToString::to_string);
        away.chain(open).collect()
    }
}

impl Version {
    fn always(state: CredentialState) -> Self {
        Self {
            number: 0,
            state: Arc::new(state),
        }
    }

    fn of(held: &Held, integration: &CompiledIntegration) -> Self {
        Self {
            number: held.version,
            state: Arc::new(CredentialState::of(held, integration)),
        }
    }
}

impl fmt::Debug for CredentialState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotNeeded => "NotNeeded",
            Self::Ready(_) => "Ready",
            Self::Missing(_) => "Missing",
        })
    }
}

impl CredentialState {
    fn of(held: &Held, integration: &CompiledIntegration) -> Self {
        let Some(credential) = &held.credential else {
            let problem = held.problem.as_deref();
            return Self::Missing(problem.unwrap_or("it was not fetched yet").to_owned());
        };
        let placements = Some(&integration.placements).filter(|_| !integration.unsendable);
        match placements.and_then(|placements| render(placements, credential)) {
            Some((headers, query)) => Self::Ready(Box::new(Rendered {
                forms: forms::forms(&integration.placements, credential, &headers),
                credential: Arc::clone(credential),
                headers,
                query,
            })),
            None => Self::Missing(
                "the credential cannot be sent in a header; check it for odd characters".into(),
            ),
        }
    }

    /// Why there is no credential.
    pub(crate) fn problem(&self) -> Option<&str> {
        match self {
            Self::Missing(message) => Some(message),
            Self::NotNeeded | Self::Ready(_) => None,
        }
    }

    /// Whether both are ready and hold different values.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ready(a), Self::Ready(b)) => a.credential != b.credential,
            _ => false,
        }
    }

    /// Puts the credential into the headers of a request.
    pub(crate) fn put_into(&self, headers: &mut HeaderMap) -> Result<(), Problem> {
        match self {
            Self::NotNeeded => Ok(()),
            Self::Ready(rendered) => {
                for (name, value) in &rendered.headers {
                    headers.insert(name.clone(), value.clone());
                }
                Ok(())
            }
            Self::Missing(message) => Err(Problem::refused(
                Code::CredentialUnavailable,
                message.clone(),
            )),
        }
    }

    /// What the credential adds to the query, without a separator; secret.
    pub(crate) fn query(&self) -> Option<&str> {
        match self {
            Self::Ready(rendered) => {
                let query = rendered.query.expose_secret();
                (!query.is_empty()).then_some(query)
            }
            Self::NotNeeded | Self::Missing(_) => None,
        }
    }

    /// What must not come back in an answer's headers; `None` where nothing was sent.
    pub(crate) fn forms(&self) -> Option<&Forms> {
        match self {
            Self::Ready(rendered) => Some(&rendered.forms),
            Self::NotNeeded | Self::Missing(_) => None,
        }
    }

    /// For traces: where it came from, never what it is.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::NotNeeded => "none needed".into(),
            Self::Ready(rendered) => format!("fingerprint {}", rendered.credential.fingerprint()),
            Self::Missing(_) => "missing".into(),
        }
    }
}

type Parts = (Vec<(HeaderName, HeaderValue)>, SecretString);

fn render(placements: &[CompiledPlacement], credential: &Credential) -> Option<Parts> {
    let mut headers = Vec::new();
    let mut query = String::new();
    for placement in placements {
        match placement {
            CompiledPlacement::Header { name, value } => {
                headers.push((name.clone(), secret_header(&fill(value, credential)?)?));
            }
            CompiledPlacement::Query { name, value } => {
                if !query.is_empty() {
                    query.push('&');
                }
                query.extend(utf8_percent_encode(name, NON_ALPHANUMERIC));
                query.push('=');
                query.extend(utf8_percent_encode(
                    &fill(value, credential)?,
                    NON_ALPHANUMERIC,
                ));
            }
            CompiledPlacement::Basic { username, password } => {
                let pair = format!(
                    "{}:{}",
                    fill(username, credential)?,
                    fill(password, credential)?
                );
                headers.push((
                    AUTHORIZATION,
                    secret_header(&format!("Basic {}", STANDARD.encode(pair)))?,
                ));
            }
        }
    }
    Some((headers, query.into()))
}

fn fill(template: &Template, credential: &Credential) -> Option<String> {
    let mut text = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Literal(literal) => text.push_str(literal),
            TemplatePart::Field(field) => text.push_str(credential.get(field)?.expose_secret()),
        }
    }
    Some(text)
}

fn secret_header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    // Keeps it out of `Debug` and of HTTP/2's header compression tables.
    value.set_sensitive(true);
    Some(value)
}
