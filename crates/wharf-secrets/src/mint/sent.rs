//! What goes with a request for a token: headers and body, and what of it must not be shown.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use jiff::Timestamp;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use wharf_document::model::{ClientAuthentication, Grant};

use super::assertion::value;
use super::error::{Endpoint, MintError};
use super::form;
use super::recipe::{Form, Proof};
use super::veil::Veil;
use crate::credential::Credential;

/// GitHub answers nobody without one.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("wharf/", env!("CARGO_PKG_VERSION")));

pub(super) struct Sent {
    pub(super) headers: HeaderMap,
    pub(super) body: SecretSlice<u8>,
    pub(super) veil: Veil,
}

impl Sent {
    /// A JWT in it is signed as of `signed_at`.
    pub(super) fn new(
        proof: &Proof,
        endpoint: &Endpoint,
        credential: &Credential,
        signed_at: Timestamp,
    ) -> Result<Self, MintError> {
        let mut sent = Self {
            headers: HeaderMap::new(),
            body: SecretSlice::from(Vec::new()),
            veil: Veil::default(),
        };
        for field in credential.fields() {
            if let Some(value) = credential.get(field) {
                sent.veil.add(field, value);
            }
        }
        let json = HeaderValue::from_static("application/json");
        sent.headers.insert(ACCEPT, json);
        sent.headers.insert(USER_AGENT, AGENT);
        match proof {
            Proof::Bearer(assertion) => {
                let jwt = assertion.sign(credential, signed_at)?.text;
                sent.authorise("Bearer", &jwt, endpoint)?;
                sent.veil.add("JWT", &jwt);
            }
            Proof::Form(form) => sent.fill(form, endpoint, credential, signed_at)?,
        }
        Ok(sent)
    }

    fn fill(
        &mut self,
        form: &Form,
        endpoint: &Endpoint,
        credential: &Credential,
        signed_at: Timestamp,
    ) -> Result<(), MintError> {
        let media_type = HeaderValue::from_static(form::MEDIA_TYPE);
        self.headers.insert(CONTENT_TYPE, media_type);
        let mut pairs = vec![("grant_type", form.grant.grant_type())];
        if form.grant.grant_type() == Grant::RefreshToken.grant_type() {
            let token = value(credential, "refresh_token")?;
            pairs.push(("refresh_token", token.expose_secret()));
        }
        let jwt = form.assertion.as_ref();
        let jwt = jwt.map(|assertion| assertion.sign(credential, signed_at));
        let jwt = jwt.transpose()?;
        if let Some(jwt) = &jwt {
            self.veil.add("JWT", &jwt.text);
            pairs.push(("assertion", jwt.text.expose_secret()));
        }
        if let Some(client) = form.client {
            let id = value(credential, "client_id")?.expose_secret();
            let secret = value(credential, "client_secret")?.expose_secret();
            match client {
                ClientAuthentication::Basic => {
                    let basic = SecretString::from(form::basic(id, secret).as_str());
                    self.authorise("Basic", &basic, endpoint)?;
                    self.veil.add("client", &basic);
                }
                ClientAuthentication::Body => {
                    pairs.extend([("client_id", id), ("client_secret", secret)]);
                }
            }
        }
        pairs.extend(form.scope.iter().map(|scope| ("scope", scope.as_str())));
        let audience = form.audience.iter();
        pairs.extend(audience.map(|audience| ("audience", audience.as_str())));
        self.body = form::body(&pairs);
        Ok(())
    }

    fn authorise(
        &mut self,
        scheme: &str,
        secret: &SecretString,
        endpoint: &Endpoint,
    ) -> Result<(), MintError> {
        let text = Zeroizing::new(format!("{scheme} {}", secret.expose_secret()));
        let mut value =
            HeaderValue::from_str(&text).map_err(|_| MintError::NotSendable(endpoint.clone()))?;
        // Keeps it out of `Debug` and of HTTP/2's header compression tables.
        value.set_sensitive(true);
        self.headers.insert(AUTHORIZATION, value);
        Ok(())
    }
}
