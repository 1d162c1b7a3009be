//! Phase 5: with which credential?
//!
//! A credential is rendered into headers once, when it is fetched, and only cloned per call.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use wharf_document::model::{Placement, Template, TemplatePart};
use wharf_plan::{CompiledEnvironment, CompiledIntegration};
use wharf_secrets::{Credential, Resolver, Stamp};

use crate::problem::{Code, Problem};

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
    credential: Credential,
    headers: Vec<(HeaderName, HeaderValue)>,
    query: SecretString,
    stamp: Option<Stamp>,
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
    /// Fetches and renders. Blocks for at most one small file.
    pub(crate) fn fetch(
        resolver: &Resolver,
        integration: &CompiledIntegration,
        environment: &CompiledEnvironment,
    ) -> Self {
        if integration.credential_fields.is_empty() {
            return Self::NotNeeded;
        }
        let Some(store) = &environment.credential else {
            return Self::Missing(format!(
                "the document has no entry `{}` under Credential Storage; add one",
                environment.name
            ));
        };
        let stamp = resolver.stamp(store);
        match resolver.fetch(store, &integration.credential_fields) {
            Ok(credential) => match render(&integration.placements, &credential) {
                Some((headers, query)) => Self::Ready(Box::new(Rendered {
                    credential,
                    headers,
                    query,
                    stamp,
                })),
                None => Self::Missing(
                    "the credential cannot be sent in a header; check it for odd characters".into(),
                ),
            },
            Err(error) => Self::Missing(error.to_string()),
        }
    }

    /// Whether a new fetch can give something else.
    pub(crate) fn is_stale(&self, resolver: &Resolver, environment: &CompiledEnvironment) -> bool {
        match self {
            Self::NotNeeded => false,
            Self::Missing(_) => true,
            Self::Ready(rendered) => {
                environment
                    .credential
                    .as_ref()
                    .and_then(|store| resolver.stamp(store))
                    != rendered.stamp
            }
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

    /// Every form of the credential that must not come back in an answer's headers: what requests
    /// carry, and the fields it is made of.
    pub(crate) fn secrets<'a>(&'a self, placements: &'a [Placement]) -> Vec<&'a str> {
        let Self::Ready(rendered) = self else {
            return Vec::new();
        };
        let fields = placements.iter().flat_map(secret_fields);
        let mut secrets: Vec<&str> = fields
            .filter_map(|field| rendered.credential.get(field))
            .map(ExposeSecret::expose_secret)
            .collect();
        let basic = rendered.headers.iter().filter_map(|(_, value)| {
            let (scheme, pair) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("basic").then_some(pair)
        });
        secrets.extend(basic);
        secrets
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

/// The fields of a placement that are secret. A user name is none, unless it stands for the key,
/// with nothing of the credential in the password: vendors write account ids into their links.
fn secret_fields(placement: &Placement) -> impl Iterator<Item = &str> {
    match placement {
        Placement::Header { value, .. } | Placement::Query { value, .. } => value,
        Placement::Basic { username, password } => {
            if password.fields().next().is_some() {
                password
            } else {
                username
            }
        }
    }
    .fields()
}

type Parts = (Vec<(HeaderName, HeaderValue)>, SecretString);

fn render(placements: &[Placement], credential: &Credential) -> Option<Parts> {
    let mut headers = Vec::new();
    let mut query = String::new();
    for placement in placements {
        match placement {
            Placement::Header { name, value } => {
                headers.push((
                    HeaderName::from_bytes(name.as_bytes()).ok()?,
                    secret_header(&fill(value, credential)?)?,
                ));
            }
            Placement::Query { name, value } => {
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
            Placement::Basic { username, password } => {
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
