//! Public keys and certificates in base64: public by their own bytes, whatever they are called.
//!
//! A `SubjectPublicKeyInfo` is a sequence whose first element is the sequence of an algorithm; a
//! certificate is one whose first element is the sequence of what is signed. A private key (PKCS#1,
//! PKCS#8, SEC1) opens with the number of its version instead.
//!
//! Sources: RFC 5280, sections 4.1 and 4.1.2.7; RFC 5958, section 2.

use super::decode;

/// Signs of base64 that hold the first elements.
const SIGNS: usize = 24;
const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
/// The tagged version of a certificate, or the serial number of one without.
const SIGNED: [u8; 2] = [0xA0, 0x02];

/// Whether a value is a public key or a certificate.
pub(super) fn is_public(value: &str) -> bool {
    // Nothing else is decoded: a sequence of this size starts with `M`.
    if !value.starts_with('M') || value.len() <= SIGNS {
        return false;
    }
    let start = value.get(..SIGNS).and_then(decode::base64);
    let inner = start.as_deref().and_then(sequence).and_then(sequence);
    inner
        .and_then(|inner| inner.first())
        .is_some_and(|tag| *tag == OBJECT_ID || SIGNED.contains(tag))
}

/// What a sequence holds, as far as it is there.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let (tag, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first()?;
    // A length of more than 127 is written in as many bytes as the low bits say.
    let more = if *length < 0x80 {
        0
    } else {
        usize::from(length & 0x7F)
    };
    (*tag == SEQUENCE).then(|| rest.get(more..))?
}

#[cfg(test)]
mod tests;
