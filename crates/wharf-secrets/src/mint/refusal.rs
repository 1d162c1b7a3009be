//! What an endpoint says when it gives no token, made fit to be shown.

use std::fmt;

use secrecy::SecretString;
use serde_json::Value;

use super::veil::Veil;

/// Longest code that is kept, in characters.
const LONGEST_CODE: usize = 64;

/// Longest description that is kept, in characters.
pub(super) const LONGEST_DESCRIPTION: usize = 200;

/// The error of an answer (RFC 6749, 5.2), each part bounded, without control characters and with
/// `{field}` for what was sent of the credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// `error`, or what stands for it; at most 64 characters.
    pub code: Option<String>,
    /// `error_description`, or what stands for it; at most 200 characters.
    pub description: Option<String>,
}

/// The codes of RFC 6749, 5.2, and what several vendors send for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The request lacks something, or has too much.
    InvalidRequest,
    /// The client is not known, or its secret is wrong.
    InvalidClient,
    /// The refresh token or the assertion is not valid, or has ended.
    InvalidGrant,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The endpoint does not know this grant.
    UnsupportedGrant,
    /// The scopes are not known, or too many.
    InvalidScope,
    /// None of these, or none at all.
    Other,
}

impl Refusal {
    /// Reads the body of an answer; empty where it says nothing that can be shown.
    ///
    /// Beside the form of the RFC: `message` (GitHub), `error` as an object with `code`, `status`
    /// or `type` and `message` (Google), `error_code` and `msg` (Supabase).
    pub(super) fn read(body: &Value, veil: &Veil) -> Self {
        let mut veil = veil.clone();
        for name in ["access_token", "refresh_token", "id_token", "token"] {
            if let Some(Value::String(text)) = body.get(name) {
                veil.add(name, &SecretString::from(text.as_str()));
            }
        }
        let inner = match body.get("error") {
            Some(inner @ Value::Object(_)) => inner,
            _ => body,
        };
        let code = ["error", "error_code", "status", "code", "type"];
        let description = [
            "error_description",
            "message",
            "msg",
            "detail",
            "description",
        ];
        let written = text_of(inner, &code);
        let code = written.and_then(|text| veil.code(text, LONGEST_CODE));
        // Some write a sentence where the code should stand.
        let instead = written.filter(|_| code.is_none());
        let description = text_of(inner, &description).or(instead);
        Self {
            code,
            description: description.and_then(|text| veil.sentence(text, LONGEST_DESCRIPTION)),
        }
    }

    /// What the code means.
    pub fn reason(&self) -> Reason {
        match self.code.as_deref() {
            Some("invalid_request") => Reason::InvalidRequest,
            Some("invalid_client" | "incorrect_client_credentials" | "bad_client_secret") => {
                Reason::InvalidClient
            }
            Some(
                "invalid_grant"
                // GitHub, Slack and Supabase, in this order.
                | "bad_refresh_token"
                | "invalid_refresh_token"
                | "token_expired"
                | "token_revoked"
                | "refresh_token_not_found",
            ) => Reason::InvalidGrant,
            Some("unauthorized_client") => Reason::UnauthorizedClient,
            Some("unsupported_grant_type") => Reason::UnsupportedGrant,
            Some("invalid_scope") => Reason::InvalidScope,
            _ => Reason::Other,
        }
    }

    pub(super) fn remedy(&self) -> &'static str {
        match self.reason() {
            Reason::InvalidRequest => {
                "compare `Client authentication`, `Grant` and `Scopes` with what the vendor asks for"
            }
            Reason::InvalidClient => {
                "check client id and secret in the store, and whether the vendor wants \
                 `Client authentication: body`"
            }
            Reason::InvalidGrant => {
                "the refresh token or the signing key is no longer valid: \
                 connect again, or put a new one into the store"
            }
            Reason::UnauthorizedClient | Reason::UnsupportedGrant => {
                "allow this grant for the client at the vendor, or change `Grant`"
            }
            Reason::InvalidScope => "change `Scopes`, or allow them for the client at the vendor",
            Reason::Other => "check the credential in the store, `Grant` and `Claims`",
        }
    }
}

/// The first of the members that is a text.
fn text_of<'a>(body: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| body.get(name)?.as_str())
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = &self.code {
            write!(f, ", {code}")?;
        }
        if let Some(description) = &self.description {
            write!(f, " ({description})")?;
        }
        Ok(())
    }
}

/// Whether an answer with a status of success tells an error all the same, as GitHub's and Slack's
/// do.
pub(super) fn is_error(body: &Value) -> bool {
    match body.get("error") {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(_)) => true,
        _ => body.get("ok") == Some(&Value::Bool(false)),
    }
}

#[cfg(test)]
mod tests;
