//! How a token is made from a credential, how a connection proves who we are, and how a secret is
//! renewed.

use std::fmt;

use wharf_diag::Spanned;

use super::{Method, Template};

/// Keys of the Method list about a token that is fetched or signed.
#[derive(Clone, Debug, Default)]
pub struct Minting {
    /// `Client authentication`.
    pub client_authentication: Option<Spanned<ClientAuthentication>>,
    /// `Token request`: where it is not the standard form request (RFC 6749, 4.4.2).
    pub token_request: Option<Spanned<TokenRequest>>,
    /// `Token field`: where the token stands in the answer, a JSON pointer (RFC 6901).
    pub token_field: Option<Spanned<String>>,
    /// `Expiry field`: where its end stands.
    pub expiry_field: Option<Spanned<String>>,
    /// `Signing key`: the field of the credential that holds the key of a JWT.
    pub signing_key: Option<Spanned<String>>,
}

/// How client id and secret go to the token endpoint (RFC 6749, 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// HTTP Basic, the default.
    Basic,
    /// `client_id` and `client_secret` in the form.
    Body,
}

impl ClientAuthentication {
    /// Both with the words that documents use.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Basic, "basic"), (Self::Body, "body")];
}

/// `POST /app/installations/{installation_id}/access_tokens`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// The method.
    pub method: Method,
    /// A path below the base URL, with holes for fields of the credential.
    pub path: Template,
}

impl fmt::Display for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Fields of the credential for TLS in both directions (RFC 8446, 4.4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFields {
    /// `Certificate authority`: who signs the vendor's certificate.
    pub authority: Option<Spanned<String>>,
    /// `Client certificate`.
    pub certificate: Option<Spanned<String>>,
    /// `Client key`.
    pub key: Option<Spanned<String>>,
}

/// `Rotate with: create-key, /secret; revoke: delete-key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotateWith {
    /// The id of the operation that makes a new secret.
    pub operation: Spanned<String>,
    /// Where the new secret stands in its answer, a JSON pointer.
    pub field: Spanned<String>,
    /// The id of the operation that ends the old one.
    pub revoke: Option<Spanned<String>>,
}

impl fmt::Display for RotateWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.operation.value, self.field.value)?;
        self.revoke
            .iter()
            .try_for_each(|revoke| write!(f, "; revoke: {}", revoke.value))
    }
}

/// What a claim of a JWT says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A text, with holes for fields of the credential.
    Text(Template),
    /// `iat`, `nbf` and `exp`: so many seconds from the moment of signing.
    FromNow(i64),
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(template) => template.fmt(f),
            Self::FromNow(seconds) => write!(f, "{seconds}s"),
        }
    }
}
