//! What the vendor sends to us, how it is verified, and what we send out.

use std::fmt;
use std::time::Duration;

use wharf_diag::{Span, Spanned};

use super::{Condition, IntegrationId};

/// The Webhooks section.
#[derive(Clone, Debug, Default)]
pub struct Webhooks {
    /// Rows of Incoming, in the document's order.
    pub incoming: Vec<IncomingWebhook>,
    /// The Verification list. `None` where the document has none.
    pub verification: Option<Verification>,
    /// Rows of Outgoing, in the document's order.
    pub outgoing: Vec<OutgoingWebhook>,
    /// Fenced `jq` blocks of Mappings.
    pub mappings: Vec<Mapping>,
}

/// One row of Incoming.
#[derive(Clone, Debug)]
pub struct IncomingWebhook {
    /// The vendor's name of the event.
    pub event: Spanned<String>,
    /// The path on our side; starts with a slash.
    pub endpoint: Option<Spanned<String>>,
    /// Who takes it, without parentheses, for example `handleRefund`.
    pub handler: Option<Spanned<String>>,
    /// Column `Order by`, a JSON pointer: events with one value are delivered in order.
    pub order_by: Option<Spanned<String>>,
    /// Column `Mapping`: the name of a `jq` block.
    pub mapping: Option<Spanned<String>>,
}

/// The name of a handler: `handleRefund()` and `handleRefund` are one.
pub fn handler_name(written: &str) -> &str {
    written.trim().trim_end_matches("()").trim_end()
}

/// How an incoming webhook proves that the vendor sent it.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// The heading of the part.
    pub span: Span,
    /// The keys that stand in the list, as written.
    pub keys: Vec<String>,
    /// `Scheme`.
    pub scheme: Option<Spanned<SignatureScheme>>,
    /// `Header`: the header that carries the signature.
    pub header: Option<Spanned<String>>,
    /// `Algorithm`.
    pub algorithm: Option<Spanned<SignatureAlgorithm>>,
    /// `Signed content`: a template of `{body}`, `{timestamp}`, `{id}` and `{url}`, as written.
    pub signed_content: Option<Spanned<String>>,
    /// `Encoding`.
    pub encoding: Option<Spanned<SignatureEncoding>>,
    /// `Tolerance`: largest age of a signature.
    pub tolerance: Option<Spanned<Duration>>,
    /// `Timestamp header`, in lower case: where the signed time stands.
    pub timestamp_header: Option<Spanned<String>>,
    /// `Secret`: all of them are active, each in its environment.
    pub secrets: Vec<WebhookSecret>,
    /// `Public URL`: our address as the vendor calls it.
    pub public_url: Option<Spanned<String>>,
    /// `Items`: where the events stand in a request that holds many; empty for the whole body.
    pub items: Option<Spanned<String>>,
    /// `Event type`: where the event's type stands.
    pub event_type: Option<Spanned<EventField>>,
    /// `Event id`: where the event's id stands.
    pub event_id: Option<Spanned<EventField>>,
    /// `Respond`: the status of the acknowledgement.
    pub respond_status: Option<Spanned<u16>>,
    /// The words behind the status, for example `challenge`.
    pub handshake: Option<Spanned<String>>,
    /// `Handshake`: how test requests of the vendor are answered.
    pub handshakes: Vec<Spanned<Handshake>>,
}

/// Where a signing secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSecret {
    /// The environment that it is for. `None`: for all.
    pub environment: Option<Spanned<String>>,
    /// The name of a variable, or a path in a store.
    pub name: Spanned<String>,
}

impl fmt::Display for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(environment) = &self.environment {
            write!(f, "{}: ", environment.value)?;
        }
        f.write_str(&self.name.value)
    }
}

/// How a test request of the vendor is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// `/challenge`: with the value of that field.
    Echo(String),
    /// `204 when /type = 0`, or `{"type":1} when /type = 1`.
    Answer {
        /// 200 where only a body is given.
        status: u16,
        /// JSON, as written.
        body: Option<String>,
        /// What the request must have.
        when: Condition,
    },
}

impl fmt::Display for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Echo(pointer) => f.write_str(pointer),
            Self::Answer {
                status,
                body: None,
                when,
            } => write!(f, "{status} when {when}"),
            Self::Answer {
                status,
                body: Some(body),
                when,
            } => write!(f, "{status} {body} when {when}"),
        }
    }
}

/// A scheme of signatures, by the name of the vendor that made it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SignatureScheme {
    /// One that the program knows; the name is one of [`SignatureScheme::NAMES`].
    Named(&'static str),
    /// Spelled out with `Header`, `Algorithm`, `Signed content` and `Encoding`.
    Generic,
    /// The vendor does not sign; the words name the other proof, if there is one.
    Unsigned(Option<String>),
}

impl SignatureScheme {
    /// The schemes that the program knows by name.
    pub const NAMES: [&'static str; 15] = [
        "Datadog",
        "Discord",
        "Docker Hub",
        "GitHub",
        "PayPal",
        "SendGrid",
        "Sentry",
        "Shopify",
        "Slack",
        "Standard Webhooks",
        "Stripe",
        "Supabase",
        "Svix",
        "Twilio",
        "Vercel",
    ];
}

/// How a signature is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the algorithms")]
pub enum SignatureAlgorithm {
    HmacSha1,
    HmacSha256,
    HmacSha512,
    Ed25519,
    EcdsaP256,
    RsaSha256,
}

impl SignatureAlgorithm {
    /// Every algorithm with the words that documents use for it.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::HmacSha256, "HMAC-SHA256"),
        (Self::HmacSha1, "HMAC-SHA1"),
        (Self::HmacSha512, "HMAC-SHA512"),
        (Self::Ed25519, "Ed25519"),
        (Self::EcdsaP256, "ECDSA-P256"),
        (Self::RsaSha256, "RSA-SHA256"),
    ];
}

/// How a signature is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureEncoding {
    /// The alphabet.
    pub alphabet: SignatureAlphabet,
    /// What stands in front of it in the header, for example `sha256=`.
    pub prefix: Option<String>,
}

/// Signs that a signature is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlphabet {
    /// Hexadecimal digits.
    Hex,
    /// Base64 (RFC 4648, 4).
    Base64,
    /// Base64 for URLs (RFC 4648, 5).
    Base64Url,
}

impl SignatureAlphabet {
    /// Every alphabet with the word that documents use for it.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Hex, "hex"),
        (Self::Base64, "base64"),
        (Self::Base64Url, "base64url"),
    ];
}

/// Where a field of an event stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventField {
    /// A JSON pointer into the body (RFC 6901).
    Pointer(String),
    /// A header, in lower case.
    Header(String),
}

/// One row of Outgoing.
#[derive(Clone, Debug)]
pub struct OutgoingWebhook {
    /// The name of what happened on our side.
    pub trigger: Spanned<String>,
    /// Where it is sent. `None` when it is a placeholder.
    pub target: Option<Spanned<WebhookTarget>>,
    /// What is sent: words, or the name of a mapping.
    pub payload: Option<Spanned<String>>,
    /// Column `Secret`: names of the signing secrets.
    pub secrets: Vec<Spanned<String>>,
}

/// Where an outgoing webhook goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WebhookTarget {
    /// An address, `https` where none of the schemes stands there.
    Url(String),
    /// An operation of an integration.
    Operation {
        /// Whose operation; this document's own where the cell names none.
        integration: IntegrationId,
        /// The id of the operation.
        operation: String,
    },
}

/// A fenced `jq` block.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The word behind `jq`.
    pub name: Spanned<String>,
    /// The block.
    pub span: Span,
    /// The program as written.
    pub program: String,
}
