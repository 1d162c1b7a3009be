//! Tokens that are made from credentials: OAuth 2.0 (RFC 6749) by client credentials, refresh token
//! and JWT assertion (RFC 7523), a JWT that is exchanged at another path (GitHub App), and one that
//! is sent itself.
//!
//! A [`Recipe`] is what a document says about it. Making a token is one or two requests and keeps
//! nothing: when it is done, and how often, is the keeper's. Time is an argument.

mod answer;
mod assertion;
mod error;
mod form;
mod key;
mod life;
mod pem;
mod recipe;
mod refusal;
mod request;
mod sent;
mod tls;
mod veil;

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;

pub use error::{Again, AnswerProblem, Endpoint, FieldProblem, MintError};
pub use key::{Algorithm, KeyProblem, SigningKey};
pub use life::{refresh_at, usable_until};
pub use recipe::{Recipe, RecipeProblem};
pub use refusal::{Reason, Refusal};
pub use request::{SKEW_SECONDS, TIMEOUT};
pub use tls::{TlsIdentity, TlsProblem};

use crate::credential::Credential;
use crate::exchange::Exchange;
use recipe::How;

/// A token that was made. `Debug` shows no secret.
#[derive(Clone)]
pub struct Minted {
    /// Fit to be sent in a header.
    pub token: SecretString,
    /// When it ends, by our clock; at most 366 days after it was asked for. `None`: the vendor
    /// does not say, and it is good until a call is refused.
    pub valid_until: Option<Timestamp>,
    /// What it may do, where the answer tells; at most 2,000 characters, fit to be shown.
    pub scopes: Option<String>,
    /// A refresh token other than the one that was sent, which may have ended by now. It has to be
    /// stored before [`Minted::token`] is used.
    pub refresh_token: Option<SecretString>,
    /// What the document's templates are filled with: the token under [`Recipe::made_field`], and
    /// the fields of the credential that calls send beside it.
    pub fields: Credential,
}

impl fmt::Debug for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minted")
            .field("valid_until", &self.valid_until)
            .field("scopes", &self.scopes)
            .field("has_refresh_token", &self.refresh_token.is_some())
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

impl Recipe {
    /// Makes a token from the credential as of `now`.
    ///
    /// It is one request of at most [`TIMEOUT`], or none. Where a JWT is refused and the answer's
    /// `Date` is more than [`SKEW_SECONDS`] from `now`, it is signed by that clock and sent once
    /// more. Signing takes about a millisecond of the thread. Dropping the future gives the request
    /// up; a refresh token that was sent may have been replaced then.
    pub async fn mint(
        &self,
        credential: &Credential,
        exchange: &dyn Exchange,
        now: Timestamp,
    ) -> Result<Minted, MintError> {
        let (answer, refresh_token) = match &self.how {
            How::Signed(assertion) => {
                let jwt = assertion.sign(credential, now)?;
                let answer = answer::Answer {
                    token: jwt.text,
                    valid_until: jwt.ends,
                    scopes: None,
                };
                (answer, None)
            }
            How::Asked(request) => request.ask(credential, exchange, now).await?,
        };
        let sent = self.sent.iter();
        let sent = sent.filter_map(|field| Some((field.clone(), credential.get(field)?.clone())));
        let fields = sent.fold(Credential::default(), |fields, (field, value)| {
            fields.with(&field, value)
        });
        Ok(Minted {
            fields: fields.with(self.made_field(), answer.token.clone()),
            token: answer.token,
            valid_until: answer.valid_until,
            scopes: answer.scopes,
            refresh_token,
        })
    }
}

#[cfg(test)]
mod tests;
