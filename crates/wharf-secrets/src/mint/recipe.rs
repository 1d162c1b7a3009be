//! A recipe: what a document says about making a token, ready to be followed.

use http::Method;
use wharf_document::model::{
    Authentication, BaseUrl, Claim, ClientAuthentication, Grant, Integration, Making,
    Method as DocumentMethod, Template, TemplatePart, TokenUrl,
};
use wharf_document::{credential_fields, effective_placements};

use super::answer::Reading;
use super::assertion::Assertion;
use super::error::Endpoint;
use super::key::Algorithm;

/// How tokens for one environment of a document are made. Cheap to compare; holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    pub(super) how: How,
    /// The field of templates that the token fills.
    made_field: &'static str,
    /// All that is needed of the credential, sorted, each once.
    fields: Vec<String>,
    /// The fields that templates of calls name beside the token.
    pub(super) sent: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// A JWT of ours is the token.
    Signed(Assertion),
    /// It is asked for.
    Asked(Box<Request>),
}

/// A request for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Scheme and authority, and the path of the base URL.
    pub(super) base: BaseUrl,
    /// What follows it.
    pub(super) path: Template,
    /// For messages.
    pub(super) endpoint: Endpoint,
    pub(super) proof: Proof,
    pub(super) reading: Reading,
}

/// What goes with a request for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// A JWT as bearer, and no body.
    Bearer(Assertion),
    /// The form of a grant.
    Form(Form),
}

/// The form of a grant (RFC 6749, 4.4.2 and 6, and RFC 7523, 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) grant: Grant,
    /// Where client id and secret go. `None`: they do not.
    pub(super) client: Option<ClientAuthentication>,
    /// Of `JwtBearer`.
    pub(super) assertion: Option<Assertion>,
    /// Words with spaces between them.
    pub(super) scope: Option<String>,
    pub(super) audience: Option<String>,
}

impl Proof {
    /// Whether a refresh token goes with it.
    pub(super) fn refreshes(&self) -> bool {
        match self {
            Self::Bearer(_) => false,
            Self::Form(form) => form.grant.grant_type() == Grant::RefreshToken.grant_type(),
        }
    }
}

/// Why a document's words about a token cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipeProblem {
    /// A grant, and nowhere to ask.
    #[error("the document names no place to ask for a token; add `Token URL` to the Method list")]
    NoPlace,
    /// Two places to ask.
    #[error(
        "the document names two places to ask for a token, `Token URL` and `Token request`; take one of them out"
    )]
    TwoPlaces,
    /// A JWT that nothing signs.
    #[error("the document names no key that signs the JWT; add `Signing key` to the Method list")]
    NoSigningKey,
    /// A form, and a method that has no body.
    #[error("the form of the grant cannot go with the method of `Token request`; write `POST`")]
    NoBody,
}

impl Recipe {
    /// What the document says about tokens for calls to `endpoint`, the base URL of an environment.
    ///
    /// `None`: the credential is sent as it is.
    pub fn new(
        integration: &Integration,
        endpoint: &BaseUrl,
    ) -> Result<Option<Self>, RecipeProblem> {
        let Some(authentication) = &integration.authentication else {
            return Ok(None);
        };
        let placements = effective_placements(integration);
        let fields = credential_fields(&placements).into_iter();
        let fields: Vec<String> = fields.map(str::to_owned).collect();
        Self::of(authentication, &fields, endpoint)
    }

    /// The same from the Method list alone, where templates of calls name these fields.
    pub fn of(
        authentication: &Authentication,
        fields: &[String],
        endpoint: &BaseUrl,
    ) -> Result<Option<Self>, RecipeProblem> {
        let (Some(making), Some(made_field)) =
            (authentication.making(), authentication.made_field())
        else {
            return Ok(None);
        };
        let others = fields.iter().filter(|field| *field != made_field);
        let sent: Vec<String> = others.cloned().collect();
        let how = match making {
            Making::Signed => How::Signed(assertion(authentication, None)?),
            Making::Presented | Making::Asked(_) => {
                How::Asked(Box::new(request(authentication, making, endpoint)?))
            }
        };
        let needed = authentication.token_fields().into_iter();
        let mut fields: Vec<String> = needed.map(str::to_owned).chain(sent.clone()).collect();
        fields.sort_unstable();
        fields.dedup();
        Ok(Some(Self {
            how,
            made_field,
            fields,
            sent,
        }))
    }

    /// The fields that the credential has to have, sorted: those that a token is made from, and
    /// those that calls send beside it.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The field of the document's templates that the token fills: `access_token`, or `token` for a
    /// JWT that is sent itself.
    pub const fn made_field(&self) -> &'static str {
        self.made_field
    }

    /// Where the token is asked for; `None` where it is made here alone.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match &self.how {
            How::Signed(_) => None,
            How::Asked(request) => Some(&request.endpoint),
        }
    }

    /// Whether tokens come by a refresh token, which the vendor may replace with each of them: at
    /// most one may be asked for at a time, and [`super::Minted::refresh_token`] has to be stored
    /// before it is used.
    pub fn uses_refresh_token(&self) -> bool {
        match &self.how {
            How::Signed(_) => false,
            How::Asked(request) => request.proof.refreshes(),
        }
    }
}

fn request(
    authentication: &Authentication,
    making: Making,
    endpoint: &BaseUrl,
) -> Result<Request, RecipeProblem> {
    let minting = &authentication.minting;
    let token_url = authentication.token_url.as_ref().map(|url| &url.value);
    let (base, path, method) = match (token_url, &minting.token_request) {
        (None, None) => return Err(RecipeProblem::NoPlace),
        (Some(_), Some(_)) => return Err(RecipeProblem::TwoPlaces),
        (Some(TokenUrl::Address(address)), None) => {
            (address.clone(), Template::default(), DocumentMethod::Post)
        }
        (Some(TokenUrl::Path(path)), None) => {
            (endpoint.clone(), literal(path), DocumentMethod::Post)
        }
        (None, Some(request)) => {
            let request = &request.value;
            (endpoint.clone(), request.path.clone(), request.method)
        }
    };
    let proof = match making {
        Making::Asked(grant) => {
            let has_body = matches!(
                method,
                DocumentMethod::Post | DocumentMethod::Put | DocumentMethod::Patch
            );
            if !has_body {
                return Err(RecipeProblem::NoBody);
            }
            let mut place = literal(&base.to_string());
            place.parts.extend(path.parts.iter().cloned());
            Proof::Form(form(authentication, grant, place)?)
        }
        Making::Signed | Making::Presented => Proof::Bearer(assertion(authentication, None)?),
    };
    let shown = path.to_string();
    let shown = shown.split(['?', '#']).next().unwrap_or_default();
    Ok(Request {
        method: http_method(method),
        endpoint: Endpoint {
            authority: base.authority(),
            path: format!("{}{shown}", base.path),
        },
        base,
        path,
        proof,
        reading: Reading::new(authentication),
    })
}

/// `place`: where it is asked for.
fn form(
    authentication: &Authentication,
    grant: Grant,
    place: Template,
) -> Result<Form, RecipeProblem> {
    let written = authentication.minting.client_authentication;
    let written = written.map(|client| client.value);
    Ok(match grant {
        Grant::JwtBearer => Form {
            grant,
            client: written,
            assertion: Some(assertion(authentication, Some(place))?),
            scope: None,
            audience: None,
        },
        Grant::ClientCredentials => Form {
            grant,
            client: Some(written.unwrap_or(ClientAuthentication::Basic)),
            assertion: None,
            scope: scope(authentication),
            audience: audience(authentication),
        },
        // Without a scope a refreshed token has that of the one before (RFC 6749, 6).
        Grant::RefreshToken | Grant::AuthorizationCode | Grant::DeviceCode => Form {
            grant,
            client: Some(written.unwrap_or(ClientAuthentication::Basic)),
            assertion: None,
            scope: None,
            audience: None,
        },
    })
}

/// `exchanged_at`: where a JWT is exchanged, which is its audience unless the document names one.
fn assertion(
    authentication: &Authentication,
    exchanged_at: Option<Template>,
) -> Result<Assertion, RecipeProblem> {
    let minting = &authentication.minting;
    let Some(key) = &minting.signing_key else {
        return Err(RecipeProblem::NoSigningKey);
    };
    let mut claims: Vec<_> = authentication
        .claims
        .iter()
        .map(|(name, claim)| (name.value.clone(), claim.value.clone()))
        .collect();
    let audience = audience(authentication).map(|text| literal(&text));
    let scope = scope(authentication).map(|text| literal(&text));
    let mut add = |name: &str, value: Option<Claim>| {
        let is_there = claims.iter().any(|(known, _)| known == name);
        if let Some(value) = value.filter(|_| !is_there) {
            claims.push((name.to_owned(), value));
        }
    };
    add("aud", audience.or(exchanged_at).map(Claim::Text));
    add("scope", scope.map(Claim::Text));
    add("iat", Some(Claim::FromNow(0)));
    add(
        "exp",
        Some(Claim::FromNow(super::assertion::USUAL_LIFE_SECONDS)),
    );
    let algorithm = authentication.algorithm.as_ref();
    Ok(Assertion {
        algorithm: algorithm.and_then(|name| Algorithm::named(&name.value)),
        key_field: key.value.clone(),
        key_id: minting.key_id.as_ref().map(|id| id.value.clone()),
        claims,
    })
}

fn audience(authentication: &Authentication) -> Option<String> {
    let audience = authentication.audience.as_ref();
    audience.map(|audience| audience.value.clone())
}

fn scope(authentication: &Authentication) -> Option<String> {
    let scopes = authentication.scopes.iter();
    let scopes: Vec<_> = scopes.map(|scope| scope.value.as_str()).collect();
    (!scopes.is_empty()).then(|| scopes.join(" "))
}

fn literal(text: &str) -> Template {
    Template {
        parts: vec![TemplatePart::Literal(text.to_owned())],
    }
}

fn http_method(method: DocumentMethod) -> Method {
    match method {
        DocumentMethod::Get => Method::GET,
        DocumentMethod::Head => Method::HEAD,
        DocumentMethod::Post => Method::POST,
        DocumentMethod::Put => Method::PUT,
        DocumentMethod::Patch => Method::PATCH,
        DocumentMethod::Delete => Method::DELETE,
        DocumentMethod::Options => Method::OPTIONS,
    }
}
