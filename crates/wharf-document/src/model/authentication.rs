//! How a call is authorised and where the secret is. Never the secret itself.

use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use wharf_diag::{Span, Spanned};

use super::{BaseUrl, Claim, Grant, Making, Minting, RotateWith, TlsFields};

/// The Method list of the Authentication section.
#[derive(Clone, Debug)]
pub struct Authentication {
    /// The section's heading, for findings about what is missing in it.
    pub span: Span,
    /// `Type`. `None` when missing or a placeholder.
    pub kind: Option<Spanned<AuthenticationType>>,
    /// Where the credential goes, from `Header`, `Query`, `Username` and `Password`.
    /// Empty when the document leaves it open: the type's usual place is used then.
    pub placements: Vec<Spanned<Placement>>,
    /// `Version header`: the header that carries `api_version`.
    pub version_header: Option<Spanned<String>>,
    /// `Rotation`, as written.
    pub rotation: Option<Spanned<String>>,
    /// The first duration in `Rotation`: the longest age of a credential.
    pub rotation_period: Option<Spanned<Duration>>,
    /// `Permissions`, as written.
    pub permissions: Option<Spanned<String>>,
    /// `Token URL`: where a token is fetched.
    pub token_url: Option<Spanned<TokenUrl>>,
    /// Whether a line `Token URL` stands there that could not be read.
    pub token_url_open: bool,
    /// `Grant`, for example `client_credentials`.
    pub grant: Option<Spanned<Grant>>,
    /// `Scopes`, each a word.
    pub scopes: Vec<Spanned<String>>,
    /// `Audience`.
    pub audience: Option<Spanned<String>>,
    /// `Algorithm` of a JWT, for example `RS256`.
    pub algorithm: Option<Spanned<String>>,
    /// `Claims` of a JWT: name and value.
    pub claims: Vec<(Spanned<String>, Spanned<Claim>)>,
    /// How a token is made.
    pub minting: Minting,
    /// TLS in both directions.
    pub tls: TlsFields,
    /// `Rotate with`: how a new secret is made.
    pub rotate_with: Option<Spanned<RotateWith>>,
}

impl Authentication {
    /// The field of placements that is made from the credential and is no part of it: the token
    /// that is fetched, or signed by us.
    pub fn made_field(&self) -> Option<&'static str> {
        self.making().map(|making| match making {
            Making::Signed => "token",
            Making::Presented | Making::Asked(_) => "access_token",
        })
    }
}

/// Names of the signature algorithms that a JWT may have (RFC 7518, 3.1, and RFC 8037).
pub const JWT_ALGORITHMS: [&str; 13] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256",
    "HS384", "HS512", "EdDSA",
];

/// `Type` of the Method list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationType {
    /// A fixed secret in a header or query parameter.
    ApiKey,
    /// A token fetched from a token endpoint.
    OAuth2,
    /// A token signed by us.
    Jwt,
    /// User name and password.
    Basic,
    /// No credential at all.
    None,
}

/// Where a token is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenUrl {
    /// A whole address: the same one for every environment.
    Address(BaseUrl),
    /// A path below the base URL of each environment, so that none asks another's host.
    Path(String),
}

impl TokenUrl {
    /// The address for calls of an environment with this base URL.
    pub fn below(&self, endpoint: &BaseUrl) -> BaseUrl {
        match self {
            Self::Address(address) => address.clone(),
            Self::Path(path) => BaseUrl {
                path: format!("{}{path}", endpoint.path),
                ..endpoint.clone()
            },
        }
    }
}

impl fmt::Display for TokenUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Path(path) => f.write_str(path),
        }
    }
}

/// Where a credential goes in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// `Header: Authorization: Bearer {api_key}`.
    Header {
        /// Header name in lower case, a valid token.
        name: String,
        /// What stands behind the colon.
        value: Template,
    },
    /// `Query: key={api_key}`.
    Query {
        /// Parameter name.
        name: String,
        /// What stands behind the equals sign.
        value: Template,
    },
    /// `Username: {account}` and `Password: {token}`, sent as HTTP Basic.
    Basic {
        /// May be empty.
        username: Template,
        /// May be empty.
        password: Template,
    },
}

/// A text with `{field}` holes for parts of the credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// Literals and fields in order.
    pub parts: Vec<TemplatePart>,
}

/// A piece of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// Sent as it stands.
    Literal(String),
    /// Replaced by a field of the credential, for example `api_key`.
    Field(String),
}

impl Template {
    /// Names of the fields in order, repeated where they repeat.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            TemplatePart::Field(name) => Some(name.as_str()),
            TemplatePart::Literal(_) => None,
        })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            TemplatePart::Literal(text) => f.write_str(text),
            TemplatePart::Field(name) => write!(f, "{{{name}}}"),
        })
    }
}

/// One entry of Credential Storage.
#[derive(Clone, Debug)]
pub struct CredentialReference {
    /// The environment it belongs to, as written.
    pub environment: Spanned<String>,
    /// Where the secret is.
    pub store: Spanned<CredentialStore>,
    /// `rotation`, for example `90_days`.
    pub rotation: Option<Spanned<Duration>>,
    /// `rotated`: the day of the last rotation, where people keep it in the document.
    pub rotated: Option<Spanned<Date>>,
}

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialStore {
    /// `location: AWS_SECRETS_MANAGER` with `path` or `key`.
    AwsSecretsManager {
        /// Name of the secret.
        path: Spanned<String>,
    },
    /// `location: HASHICORP_VAULT` with `path` or `key`.
    HashicorpVault {
        /// Path of the secret.
        path: Spanned<String>,
    },
    /// `location: ENV_VARIABLES` with `variables`.
    EnvVariables {
        /// Names of environment variables, at least one.
        variables: Vec<Spanned<String>>,
    },
    /// `location: FILE` with `path` or `key`.
    File {
        /// Path of the file; relative ones start at the workspace.
        path: Spanned<String>,
    },
}

#[cfg(test)]
mod tests;
