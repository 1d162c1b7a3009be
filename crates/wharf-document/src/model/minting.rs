//! How a token is made from a credential, how a connection proves who we are, and how a secret is
//! renewed.

use std::fmt;

use wharf_diag::Spanned;

use super::{Authentication, AuthenticationType, Method, Template};

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
    /// `Key id`: the `kid` of a JWT (RFC 7515, 4.1.4).
    pub key_id: Option<Spanned<Template>>,
}

/// How a token is asked for (RFC 6749, 1.3, RFC 7523, 2.1, and RFC 8628).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    /// By client id and secret alone.
    ClientCredentials,
    /// By a refresh token of the credential.
    RefreshToken,
    /// By a JWT of ours as assertion.
    JwtBearer,
    /// A person allows it once in a browser; from then on as `RefreshToken`.
    AuthorizationCode,
    /// A person allows it once on another device; from then on as `RefreshToken`.
    DeviceCode,
}

impl Grant {
    /// Each with the word that documents use.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::ClientCredentials, "client_credentials"),
        (Self::RefreshToken, "refresh_token"),
        (Self::JwtBearer, "jwt-bearer"),
        (Self::AuthorizationCode, "authorization_code"),
        (Self::DeviceCode, "device_code"),
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(grant, _)| *grant == self)
            .map_or("", |(_, word)| word)
    }

    /// The `grant_type` of the request that makes a token without a person.
    pub const fn grant_type(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken | Self::AuthorizationCode | Self::DeviceCode => "refresh_token",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a token is made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Making {
    /// A JWT of ours is the token.
    Signed,
    /// A JWT of ours goes with the `Token request` as bearer.
    Presented,
    /// The standard form request.
    Asked(Grant),
}

impl Making {
    /// Whether a JWT is signed for it.
    pub const fn signs(self) -> bool {
        matches!(
            self,
            Self::Signed | Self::Presented | Self::Asked(Grant::JwtBearer)
        )
    }
}

impl Authentication {
    /// How a token is made, or `None` where the credential is sent as it is: also with the types
    /// `OAuth2` and JWT where the document says nothing about making one.
    pub fn making(&self) -> Option<Making> {
        let minting = &self.minting;
        let grant = self.grant.map(|grant| grant.value);
        let signs =
            minting.signing_key.is_some() || self.algorithm.is_some() || !self.claims.is_empty();
        let has_place = self.token_url.is_some() || minting.token_request.is_some();
        match self.kind?.value {
            AuthenticationType::OAuth2 | AuthenticationType::Jwt => {}
            AuthenticationType::ApiKey | AuthenticationType::Basic | AuthenticationType::None => {
                return None;
            }
        }
        let is_jwt = self.kind?.value == AuthenticationType::Jwt;
        if let Some(grant) = grant {
            return Some(Making::Asked(grant));
        }
        match (has_place, signs || is_jwt) {
            (true, true) if minting.token_request.is_some() => Some(Making::Presented),
            (true, true) => Some(Making::Asked(Grant::JwtBearer)),
            (true, false) => Some(Making::Asked(Grant::ClientCredentials)),
            (false, _) => (is_jwt && signs).then_some(Making::Signed),
        }
    }

    /// The fields of the credential that a token is made from, each once, in the order of their
    /// first use.
    ///
    /// The client is `{client_id}` and `{client_secret}`; a JWT as assertion goes with it only where
    /// `Client authentication` stands.
    pub fn token_fields(&self) -> Vec<&str> {
        let Some(making) = self.making() else {
            return Vec::new();
        };
        let minting = &self.minting;
        let mut fields = Vec::new();
        let has_client = match making {
            Making::Asked(Grant::JwtBearer) => minting.client_authentication.is_some(),
            Making::Asked(_) => true,
            Making::Signed | Making::Presented => false,
        };
        if has_client {
            fields.extend(["client_id", "client_secret"]);
        }
        if let Making::Asked(grant) = making
            && grant.grant_type() == "refresh_token"
        {
            fields.push("refresh_token");
        }
        if making.signs() {
            fields.extend(minting.signing_key.iter().map(|field| field.value.as_str()));
            fields.extend(minting.key_id.iter().flat_map(|id| id.value.fields()));
            fields.extend(
                self.claims
                    .iter()
                    .flat_map(|(_, claim)| claim.value.fields()),
            );
        }
        if let Some(request) = &minting.token_request {
            fields.extend(request.value.path.fields());
        }
        let mut seen = std::collections::HashSet::new();
        fields.retain(|field| seen.insert(*field));
        fields
    }
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

impl Claim {
    /// The fields of the credential that it needs.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let template = match self {
            Self::Text(template) => Some(template),
            Self::FromNow(_) => None,
        };
        template.into_iter().flat_map(Template::fields)
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(template) => template.fmt(f),
            Self::FromNow(seconds) => write!(f, "{seconds}s"),
        }
    }
}
