//! AWS Signature Version 4, in the `Authorization` header.
//!
//! Written here and not taken from a library: `aws-sigv4` brings its SDK's types, its runtime and
//! other hash functions (69 crates), `reqsign-aws-v4` a credential chain of its own (53), and this is
//! three hashes over a text. AWS's published vectors hold it (`aws4/vectors.json`).
//!
//! The form is that of "Create a signed AWS API request" in the IAM user guide.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use aws_lc_rs::{digest, hmac};
use http::header::{
    AUTHORIZATION, CONNECTION, EXPECT, HOST, HeaderName, HeaderValue, TE, TRANSFER_ENCODING,
    UPGRADE, USER_AGENT,
};
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// All but what RFC 3986 calls unreserved.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const ENCODED_PATH: &AsciiSet = &ENCODED.remove(b'/');

/// What others on the way may add, change or take away, and so is never signed.
const UNSIGNED: [HeaderName; 9] = [
    AUTHORIZATION,
    CONNECTION,
    EXPECT,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
    USER_AGENT,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("x-amzn-trace-id"),
];

/// What AWS gave to sign with. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct AwsKeys {
    id: String,
    secret: SecretString,
    token: Option<HeaderValue>,
}

/// Which part of a pair of keys cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwsKeysProblem {
    /// It is empty, or has a character that cannot stand in the header of a signature.
    #[error("the access key id is none")]
    Id,
    /// It is empty, or has a space, a control character or something outside ASCII in it.
    #[error("the secret access key is none")]
    Secret,
    /// The same.
    #[error("the session token is none")]
    Token,
}

impl AwsKeys {
    /// Keys; with a session token where they are temporary.
    pub fn new(
        id: &str,
        secret: SecretString,
        token: Option<&SecretString>,
    ) -> Result<Self, AwsKeysProblem> {
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !is_word(id) || id.contains(['/', ',', '=', ';']) {
            return Err(AwsKeysProblem::Id);
        }
        if !is_word(secret.expose_secret()) {
            return Err(AwsKeysProblem::Secret);
        }
        let token = token.map(|token| {
            let text = token.expose_secret();
            let value = HeaderValue::from_str(text).ok().filter(|_| is_word(text));
            let mut value = value.ok_or(AwsKeysProblem::Token)?;
            value.set_sensitive(true);
            Ok(value)
        });
        Ok(Self {
            id: id.to_owned(),
            secret,
            token: token.transpose()?,
        })
    }

    /// Whether they are the same as others.
    pub(crate) fn are(&self, others: &Self) -> bool {
        (&self.id, &self.token) == (&others.id, &others.token)
            && self.secret.expose_secret() == others.secret.expose_secret()
    }
}

impl fmt::Debug for AwsKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwsKeys")
    }
}

/// Whom a request is signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aws4<'a> {
    /// `eu-west-1`.
    pub region: &'a str,
    /// The name that the service has in signatures: `secretsmanager`, `s3`.
    pub service: &'a str,
}

/// What is sent behind the head.
#[derive(Clone, Copy)]
pub enum Aws4Payload<'a> {
    /// These bytes, which may be none.
    Bytes(&'a [u8]),
    /// Bytes that the signature says nothing of. S3 takes that over TLS.
    Unsigned,
}

/// Why a request cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Aws4Problem {
    /// The address has no host.
    #[error("the address has no host")]
    NoHost,
    /// A value of a header is no text.
    #[error("a header has a value that is no text")]
    HeaderNotText,
    /// Region or service cannot stand in a header.
    #[error("the region or the service has a character that it cannot have")]
    Scope,
}

impl Aws4<'_> {
    /// Signs a request that is sent at `at`, and adds to `headers` what the signature is about.
    ///
    /// All headers are signed that nobody changes on the way, with `Host` as it is sent: that of the
    /// address, without a port that is the scheme's own. The path is that of the address as it is
    /// sent, encoded already; S3 signs it as it is, every other service what encoding it once more
    /// gives.
    pub fn sign(
        &self,
        keys: &AwsKeys,
        (method, url): (&Method, &Uri),
        headers: &mut HeaderMap,
        payload: Aws4Payload<'_>,
        at: Timestamp,
    ) -> Result<(), Aws4Problem> {
        let hash = match payload {
            Aws4Payload::Bytes(bytes) => hash(bytes),
            Aws4Payload::Unsigned => "UNSIGNED-PAYLOAD".to_owned(),
        };
        let time = at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let value = |text: &str| HeaderValue::from_str(text).map_err(|_| Aws4Problem::Scope);
        headers.insert(DATE, value(&time)?);
        if self.is_s3() || matches!(payload, Aws4Payload::Unsigned) {
            headers.insert(CONTENT_HASH, value(&hash)?);
        }
        match &keys.token {
            Some(token) => headers.insert(TOKEN, token.clone()),
            None => headers.remove(TOKEN),
        };
        let (canonical, signed) = self.canonical(method, url, headers, &hash)?;
        let scope = self.scope(&time);
        let signature = self.signature(keys, &time, &to_sign(&time, &scope, &canonical));
        let Self { region, service } = self;
        if ![region, service].into_iter().all(|name| is_name(name)) {
            return Err(Aws4Problem::Scope);
        }
        let id = &keys.id;
        let mut authorization = value(&format!(
            "{ALGORITHM} Credential={id}/{scope}, SignedHeaders={signed}, Signature={signature}"
        ))?;
        authorization.set_sensitive(true);
        headers.insert(AUTHORIZATION, authorization);
        Ok(())
    }

    fn is_s3(&self) -> bool {
        matches!(
            self.service,
            "s3" | "s3express" | "s3-object-lambda" | "s3-outposts"
        )
    }

    fn scope(&self, time: &str) -> String {
        let Self { region, service } = self;
        format!("{}/{region}/{service}/aws4_request", day(time))
    }

    /// The text that stands for a request, and the names of the headers in it.
    fn canonical(
        &self,
        method: &Method,
        url: &Uri,
        headers: &HeaderMap,
        hash: &str,
    ) -> Result<(String, String), Aws4Problem> {
        let mut lines = BTreeMap::from([(HOST.as_str(), host(url).ok_or(Aws4Problem::NoHost)?)]);
        for name in headers.keys() {
            if *name == HOST || UNSIGNED.contains(name) {
                continue;
            }
            let mut values = Vec::new();
            for value in headers.get_all(name) {
                let text = std::str::from_utf8(value.as_bytes());
                let text = text.map_err(|_| Aws4Problem::HeaderNotText)?;
                let words: Vec<_> = text.split([' ', '\t']).filter(|w| !w.is_empty()).collect();
                values.push(words.join(" "));
            }
            lines.insert(name.as_str(), values.join(","));
        }
        let signed: Vec<_> = lines.keys().copied().collect();
        let signed = signed.join(";");
        let mut text = format!("{method}\n{}\n{}\n", self.path(url.path()), query(url));
        for (name, value) in lines {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{name}:{value}");
        }
        let _ = write!(text, "\n{signed}\n{hash}");
        Ok((text, signed))
    }

    fn path<'p>(&self, path: &'p str) -> Cow<'p, str> {
        if path.is_empty() {
            return "/".into();
        }
        if self.is_s3() {
            return encoded_once(path).into();
        }
        let path = without_dots(path);
        percent_encode(path.as_bytes(), ENCODED_PATH)
            .to_string()
            .into()
    }

    /// The key is made anew for each: it is as good as the secret for a whole day.
    fn signature(&self, keys: &AwsKeys, time: &str, text: &str) -> String {
        let mut start = Zeroizing::new(Vec::with_capacity(4 + keys.secret.expose_secret().len()));
        start.extend_from_slice(b"AWS4");
        start.extend_from_slice(keys.secret.expose_secret().as_bytes());
        let mut tag = authenticated(&start, day(time));
        for part in [self.region, self.service, "aws4_request", text] {
            tag = authenticated(tag.as_ref(), part);
        }
        hex(tag.as_ref())
    }
}

fn to_sign(time: &str, scope: &str, canonical: &str) -> String {
    format!(
        "{ALGORITHM}\n{time}\n{scope}\n{}",
        hash(canonical.as_bytes())
    )
}

/// The day of a time.
fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or_default()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn host(url: &Uri) -> Option<String> {
    let host = url.host()?;
    Some(match (url.port_u16(), url.scheme_str()) {
        (None, _) | (Some(443), Some("https")) | (Some(80), Some("http")) => host.to_owned(),
        (Some(port), _) => format!("{host}:{port}"),
    })
}

/// Parameters in the order of their encoded names and values.
fn query(url: &Uri) -> String {
    let encode = |text: &str| {
        // Who sends a `+` in a query means a space.
        let text = text.replace('+', " ");
        let bytes: Vec<u8> = percent_decode(text.as_bytes()).collect();
        percent_encode(&bytes, ENCODED).to_string()
    };
    let pairs = url.query().unwrap_or_default().split('&');
    let mut pairs: Vec<_> = pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode(name), encode(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
    pairs.join("&")
}

/// Without empty segments, `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    let end = if path.ends_with('/') && !kept.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", kept.join("/"))
}

/// The one form of a path that is encoded already. A `%2F` stays: it is no `/`.
fn encoded_once(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let bytes: Vec<u8> = percent_decode(segment.as_bytes()).collect();
        percent_encode(&bytes, ENCODED).to_string()
    });
    segments.collect::<Vec<_>>().join("/")
}

fn hash(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn authenticated(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;
