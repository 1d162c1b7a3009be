//! Why no token was made: where, what, and what to do. Never a secret.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

use super::key::KeyProblem;
use super::refusal::{Reason, Refusal};
use crate::exchange::Failure;
use crate::value::ValueProblem;

/// Where a token is asked for, as messages name it: host and path, with the fields of the path in
/// braces and without a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub(super) authority: String,
    pub(super) path: String,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.authority, self.path)
    }
}

/// Why no token was made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MintError {
    /// The credential lacks what the recipe needs.
    #[error(
        "a token needs the field `{field}` of the credential, which has no such field; \
         add it to the store"
    )]
    FieldMissing {
        /// Name of the field.
        field: String,
    },
    /// A field cannot stand where the document puts it.
    #[error(
        "the field `{field}` of the credential {problem}, so no token can be asked for with it; \
         change it in the store"
    )]
    FieldUnusable {
        /// Name of the field.
        field: String,
        /// What is wrong with its value.
        problem: FieldProblem,
    },
    /// The field of the signing key is no key, or not one for the algorithm.
    #[error("the signing key in the field `{field}` of the credential {problem}")]
    Key {
        /// Name of the field.
        field: String,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// The system gave no random bytes to sign with, or the times of `Claims` are out of range.
    #[error("the JWT cannot be signed: {0}")]
    NotSigned(&'static str),
    /// A character that no address and no header can hold.
    #[error(
        "no token can be asked for at {0}: the address or a header would hold a character that \
         cannot be sent; check `Token URL`, `Token request` and the credential in the store"
    )]
    NotSendable(Endpoint),
    /// There was no answer.
    #[error("no token from {endpoint}: {failure}; check `Token URL` and the network")]
    NoAnswer {
        /// Where it was asked for.
        endpoint: Endpoint,
        /// How far it came.
        failure: Failure,
    },
    /// The endpoint leads elsewhere. A redirect is never followed: it would take the secret along.
    #[error(
        "{endpoint} answers {status}, which leads {}; write the address that answers as `Token URL`",
        match to { Some(host) => format!("to {host}"), None => "elsewhere".to_owned() }
    )]
    Redirected {
        /// Where it was asked for.
        endpoint: Endpoint,
        /// The status.
        status: u16,
        /// The host it leads to, where that could be read.
        to: Option<String>,
    },
    /// The endpoint asks to wait.
    #[error(
        "{endpoint} answers {status}{refusal}; it is asked again {}",
        match wait { Some(wait) => format!("in {} s", wait.as_secs()), None => "later".to_owned() }
    )]
    Busy {
        /// Where it was asked for.
        endpoint: Endpoint,
        /// 429, or a 503 that says how long.
        status: u16,
        /// The `Retry-After` of the answer.
        wait: Option<Duration>,
        /// What it says.
        refusal: Refusal,
    },
    /// The endpoint fails, by its status.
    #[error("{endpoint} answers {status}{refusal}; it is asked again later")]
    Failing {
        /// Where it was asked for.
        endpoint: Endpoint,
        /// From 500.
        status: u16,
        /// What it says.
        refusal: Refusal,
    },
    /// The endpoint gives none to this credential (RFC 6749, 5.2).
    #[error("{endpoint} refuses a token with status {status}{refusal}; {}", refusal.remedy())]
    Refused {
        /// Where it was asked for.
        endpoint: Endpoint,
        /// Below 500; also below 300 where the body tells an error.
        status: u16,
        /// What it says.
        refusal: Refusal,
    },
    /// The answer is no token that could be used.
    #[error("{endpoint} answers {status}, and {problem}")]
    Unusable {
        /// Where it was asked for.
        endpoint: Endpoint,
        /// The status.
        status: u16,
        /// What is wrong with the answer.
        problem: AnswerProblem,
        /// A new refresh token that came with it. The one that was sent may have ended, so this
        /// one has to be stored all the same.
        refresh_token: Option<SecretString>,
    },
}

/// When it may help to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Later, with pauses that grow.
    Later,
    /// Not before so long.
    After(Duration),
    /// Only with another credential or another document, as far as the answer tells. Endpoints
    /// are wrong at times, so seldom is better than never.
    WhenChanged,
}

impl MintError {
    /// When it may help to ask again.
    pub fn again(&self) -> Again {
        match self {
            Self::FieldMissing { .. }
            | Self::FieldUnusable { .. }
            | Self::Key { .. }
            | Self::NotSendable(_)
            | Self::Redirected { .. }
            | Self::Refused { .. } => Again::WhenChanged,
            Self::Busy { wait, .. } => wait.map_or(Again::Later, Again::After),
            Self::NotSigned(_)
            | Self::NoAnswer { .. }
            | Self::Failing { .. }
            | Self::Unusable { .. } => Again::Later,
        }
    }

    /// Whether the refresh token, or what else was granted, has ended: a person has to connect
    /// again.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Refused { refusal, .. } if refusal.reason() == Reason::InvalidGrant)
    }
}

/// Why a field cannot stand where a document puts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldProblem {
    /// Nothing in it.
    Empty,
    /// `.` or `..` as a segment of a path, which would lead elsewhere.
    Dots,
    /// A claim that is a moment, and no whole number of seconds.
    NotAMoment,
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::Dots => "is `.` or `..`, which cannot stand in a path",
            Self::NotAMoment => "is no whole number of seconds since 1970",
        })
    }
}

/// Why an answer with a status of success is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerProblem {
    /// No body.
    Empty,
    /// A page for people.
    Html,
    /// Neither.
    NotJson,
    /// JSON, and no object.
    NotAnObject,
    /// Nothing where the token should stand.
    TokenMissing {
        /// The pointer.
        at: String,
    },
    /// Something else than a text there.
    TokenNotText {
        /// The pointer.
        at: String,
    },
    /// A text that cannot be sent in a header.
    Token(ValueProblem),
    /// A kind of token that is not sent as it is (RFC 6749, 7.1).
    TokenType {
        /// As it stands there, shortened.
        found: String,
    },
    /// An end that is neither a number of seconds nor a date.
    EndNotRead {
        /// The pointer.
        at: String,
    },
    /// An end that is not ahead.
    EndNotAhead {
        /// The pointer.
        at: String,
    },
}

impl fmt::Display for AnswerProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = "check `Token URL`";
        match self {
            Self::Empty => write!(f, "there is no body; {url}"),
            Self::Html => write!(f, "the body is HTML; {url}"),
            Self::NotJson => write!(f, "the body is no JSON; {url}"),
            Self::NotAnObject => write!(f, "the body is JSON and no object; {url}"),
            Self::TokenMissing { at } => write!(
                f,
                "nothing stands at `{at}`; name the place of the token as `Token field`"
            ),
            Self::TokenNotText { at } => write!(
                f,
                "what stands at `{at}` is no text; name the place of the token as `Token field`"
            ),
            Self::Token(problem) => write!(f, "the token {problem}; tell the vendor"),
            Self::TokenType { found } => write!(
                f,
                "the token is of the type `{found}`, which is not sent as it is; \
                 ask for a bearer token"
            ),
            Self::EndNotRead { at } => write!(
                f,
                "the end of the token at `{at}` is neither a number of seconds nor a date; \
                 name its place as `Expiry field`"
            ),
            Self::EndNotAhead { at } => write!(
                f,
                "the end of the token at `{at}` is not ahead; compare the clocks, \
                 or name another place as `Expiry field`"
            ),
        }
    }
}
