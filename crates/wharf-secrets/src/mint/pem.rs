//! PEM blocks (RFC 7468), also as people paste them: on one line, with `\n` as two characters, in
//! quotes, or with base64 around the whole.
//!
//! A reader by lines, such as that of `rustls-pki-types`, refuses all of these.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use secrecy::zeroize::Zeroizing;

use super::key::KeyProblem;

/// What every block begins with.
pub(super) const BEGIN: &str = "-----BEGIN ";

/// `-----BEGIN` in base64, up to the last character that does not depend on what follows.
const BEGIN_IN_BASE64: &str = "LS0tLS1CRUdJTi";

/// Padding is often lost where the last line was copied by hand.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The form of a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// `RSA PRIVATE KEY` (RFC 8017, A.1.2).
    Pkcs1,
    /// `PRIVATE KEY` (RFC 5958).
    Pkcs8,
    /// `EC PRIVATE KEY` (RFC 5915).
    Sec1,
}

/// A private key in DER.
pub(super) struct PrivateKey {
    pub(super) label: Label,
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// A block of any kind.
struct Block<'a> {
    label: &'a str,
    /// Between the two lines.
    content: &'a str,
}

/// The first private key of a text. Blocks of parameters before it, which `openssl ecparam` writes,
/// and certificates are passed over.
pub(super) fn private_key(text: &str) -> Result<PrivateKey, KeyProblem> {
    let unwrapped = unwrapped(text);
    let text = unwrapped.as_deref().map_or(text, String::as_str);
    if !text.contains(BEGIN) {
        return Err(KeyProblem::NotPem);
    }
    let mut problem = KeyProblem::Damaged;
    for block in blocks(text) {
        let label = match block.label {
            "RSA PRIVATE KEY" => Label::Pkcs1,
            "PRIVATE KEY" => Label::Pkcs8,
            "EC PRIVATE KEY" => Label::Sec1,
            "ENCRYPTED PRIVATE KEY" => return Err(KeyProblem::Encrypted),
            "OPENSSH PRIVATE KEY" => return Err(KeyProblem::OpenSsh),
            label if label.ends_with("PUBLIC KEY") || label.ends_with("CERTIFICATE") => {
                problem = KeyProblem::Public;
                continue;
            }
            _ => {
                problem = KeyProblem::Other;
                continue;
            }
        };
        // RFC 1421, 4.6.1.1: how PKCS#1 and SEC1 say that they are encrypted.
        if block.content.contains("ENCRYPTED") {
            return Err(KeyProblem::Encrypted);
        }
        let der = decoded(block.content).ok_or(KeyProblem::Damaged)?;
        return Ok(PrivateKey { label, der });
    }
    Err(problem)
}

/// The blocks with one of these labels in DER, in their order. `None`: one of them is damaged.
pub(super) fn all(text: &str, wanted: &str) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    let unwrapped = unwrapped(text);
    let text = unwrapped.as_deref().map_or(text, String::as_str);
    blocks(text)
        .filter(|block| block.label == wanted)
        .map(|block| decoded(block.content))
        .collect()
}

/// The text without quotes and base64 around it and with breaks for `\n` and `\r`; `None` where
/// nothing was to be changed.
fn unwrapped(text: &str) -> Option<Zeroizing<String>> {
    let bare = text.trim().trim_matches(['"', '\'']).trim();
    let mut own = None;
    if bare.starts_with(BEGIN_IN_BASE64) {
        let bytes = decoded(bare)?;
        own = Some(Zeroizing::new(str::from_utf8(&bytes).ok()?.to_owned()));
    }
    let bare = own.as_deref().map_or(bare, String::as_str);
    if bare.contains('\\') {
        // Room for all at once: a text that grows leaves copies of the secret behind.
        let mut text = Zeroizing::new(String::with_capacity(bare.len()));
        let mut rest = bare;
        while let Some(at) = rest.find('\\') {
            text.push_str(&rest[..at]);
            rest = rest[at..].trim_start_matches('\\');
            if let Some(behind) = rest.strip_prefix(['n', 'r']) {
                text.push('\n');
                rest = behind;
            }
        }
        text.push_str(rest);
        own = Some(text);
    }
    own
}

/// All blocks that have an end with the label of their beginning.
fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let begin = rest.find(BEGIN)?;
        let behind = &rest[begin + BEGIN.len()..];
        let (label, behind) = behind.split_once("-----")?;
        let (content, behind) = behind.split_once("-----END ")?;
        let behind = behind.strip_prefix(label)?.strip_prefix("-----")?;
        rest = behind;
        Some(Block { label, content })
    })
}

/// Base64 with any space in it, in memory that is wiped.
fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut compact = Zeroizing::new(Vec::with_capacity(text.len()));
    compact.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(compact.len())]);
    let length = BASE64.decode_slice(compact.as_slice(), &mut bytes).ok()?;
    bytes.truncate(length);
    (!bytes.is_empty()).then_some(bytes)
}
