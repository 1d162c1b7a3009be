//! A JWT of ours (RFC 7519), in the compact form of a JWS (RFC 7515, 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use wharf_document::model::{Claim, Template, TemplatePart};

use super::error::{FieldProblem, MintError};
use super::key::{Algorithm, SigningKey};
use crate::credential::Credential;

/// How long a JWT lives whose document names no `exp`, in seconds.
pub(super) const USUAL_LIFE_SECONDS: i64 = 300;

/// Claims that are numbers (RFC 7519, 2: `NumericDate`).
const MOMENTS: [&str; 3] = ["exp", "nbf", "iat"];

/// What a JWT says, and what signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assertion {
    /// `None`: that of the key.
    pub(super) algorithm: Option<Algorithm>,
    pub(super) key_field: String,
    pub(super) key_id: Option<Template>,
    pub(super) claims: Vec<(String, Claim)>,
}

/// A JWT that was signed.
pub(super) struct Jwt {
    pub(super) text: SecretString,
    /// Its `exp`.
    pub(super) ends: Option<Timestamp>,
}

impl Assertion {
    /// Signs it as of `now`.
    pub(super) fn sign(&self, credential: &Credential, now: Timestamp) -> Result<Jwt, MintError> {
        let key = value(credential, &self.key_field)?;
        let key = SigningKey::read(key.expose_secret(), self.algorithm).map_err(|problem| {
            MintError::Key {
                field: self.key_field.clone(),
                problem,
            }
        })?;
        let mut header = Map::new();
        header.insert("alg".to_owned(), key.algorithm().as_str().into());
        header.insert("typ".to_owned(), "JWT".into());
        if let Some(id) = &self.key_id {
            header.insert("kid".to_owned(), fill(id, credential)?.into());
        }
        let mut claims = Map::new();
        for (name, claim) in &self.claims {
            claims.insert(name.clone(), said(name, claim, credential, now)?);
        }
        let ends = claims.get("exp").and_then(Value::as_i64);
        let mut text = String::new();
        for part in [header, claims] {
            if !text.is_empty() {
                text.push('.');
            }
            URL_SAFE_NO_PAD.encode_string(Value::Object(part).to_string(), &mut text);
        }
        let signature = key
            .sign(text.as_bytes())
            .ok_or(MintError::NotSigned("the system gave no random bytes"))?;
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        Ok(Jwt {
            text: text.into(),
            ends: ends.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        })
    }
}

fn said(
    name: &str,
    claim: &Claim,
    credential: &Credential,
    now: Timestamp,
) -> Result<Value, MintError> {
    match claim {
        // Whole seconds: GitHub takes no others.
        Claim::FromNow(seconds) => {
            let moment = now.as_second().checked_add(*seconds);
            moment
                .map(Value::from)
                .ok_or(MintError::NotSigned("a time in `Claims` is out of range"))
        }
        Claim::Text(template) => {
            let text = fill(template, credential)?;
            if !MOMENTS.contains(&name) {
                return Ok(text.into());
            }
            let seconds: Result<i64, _> = text.trim().parse();
            seconds
                .map(Value::from)
                .map_err(|_| MintError::FieldUnusable {
                    field: template.fields().next().unwrap_or(name).to_owned(),
                    problem: FieldProblem::NotAMoment,
                })
        }
    }
}

/// A template with the values of its fields.
pub(super) fn fill(template: &Template, credential: &Credential) -> Result<String, MintError> {
    let mut text = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Literal(literal) => text.push_str(literal),
            TemplatePart::Field(field) => text.push_str(value(credential, field)?.expose_secret()),
        }
    }
    Ok(text)
}

/// The value of a field that has to be there.
pub(super) fn value<'a>(
    credential: &'a Credential,
    field: &str,
) -> Result<&'a SecretString, MintError> {
    credential
        .get(field)
        .ok_or_else(|| MintError::FieldMissing {
            field: field.to_owned(),
        })
}
