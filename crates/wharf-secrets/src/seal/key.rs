//! One key: read from text, or derived from bytes; seals and opens one secret.
//!
//! The cipher is AES-256-GCM-SIV with a random nonce of 96 bits. Should a nonce come twice under one
//! key, after a copied machine or by chance, it tells at most that two secrets of one name and
//! version are the same; with plain AES-GCM the secrets and the key of the tag would be lost. By
//! chance it stays below one in 2^32 for 2^32 secrets under one key (2^64 / 2^97), which at one put
//! a second are 136 years.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::SecretSlice;
use secrecy::zeroize::Zeroizing;
use wharf_policy::sealed::{
    KeyId, NONCE_BYTES, Sealed, SecretName, SecretVersion, TAG_BYTES, associated_data,
};

/// How many bytes a key has.
pub const KEY_BYTES: usize = 32;

/// A key that seals and opens. Its 32 bytes are not kept, only what is derived from them, which the
/// library for cryptography wipes at the end.
pub struct Key {
    id: KeyId,
    cipher: LessSafeKey,
}

/// Why a text is no key. It never says what the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// Nothing in it but spaces.
    Empty,
    /// Bytes that are not UTF-8.
    NotText,
    /// Neither hexadecimal digits nor Base64.
    Form,
    /// It decodes to another number of bytes.
    Length {
        /// How many.
        bytes: usize,
    },
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::NotText => f.write_str("is not UTF-8 text"),
            Self::Form => f.write_str("is neither Base64 nor hexadecimal digits"),
            Self::Length { bytes } => write!(f, "decodes to {bytes} bytes instead of {KEY_BYTES}"),
        }
    }
}

/// Lengths of what is derived from a key.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Key {
    /// The key of these bytes, which must be random. `None`: the library for cryptography refuses,
    /// which it has no reason for.
    pub fn from_bytes(bytes: &Zeroizing<[u8; KEY_BYTES]>) -> Option<Self> {
        let master = Prk::new_less_safe(HKDF_SHA256, bytes.as_ref());
        let mut id = [0; KeyId::BYTES];
        derive(&master, b"wharf key id 1", &mut id).ok()?;
        let mut cipher = Zeroizing::new([0; KEY_BYTES]);
        derive(&master, b"wharf sealed 1", cipher.as_mut()).ok()?;
        let cipher = UnboundKey::new(&AES_256_GCM_SIV, cipher.as_ref()).ok()?;
        Some(Self {
            id: KeyId::from_bytes(id),
            cipher: LessSafeKey::new(cipher),
        })
    }

    /// Reads a key: Base64, of either alphabet and padded or not, or 64 hexadecimal digits. Spaces
    /// and line ends around it are passed over.
    pub fn parse(text: &[u8]) -> Result<Self, KeyProblem> {
        let text = std::str::from_utf8(text).map_err(|_| KeyProblem::NotText)?;
        let bytes = key_bytes(text.trim())?;
        Self::from_bytes(&bytes).ok_or(KeyProblem::Form)
    }

    /// What tells it from other keys.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Seals a secret of at most [`SECRET_SIZE_LIMIT_BYTES`](wharf_policy::sealed::SECRET_SIZE_LIMIT_BYTES).
    /// `nonce` must be random.
    pub(super) fn seal(
        &self,
        name: &SecretName,
        version: SecretVersion,
        secret: &[u8],
        nonce: [u8; NONCE_BYTES],
    ) -> Option<Sealed> {
        // The whole room at once: a vector that grows leaves copies of the secret behind.
        let mut text = Zeroizing::new(Vec::with_capacity(secret.len() + TAG_BYTES));
        text.extend_from_slice(secret);
        let aad = Aad::from(associated_data(self.id, name, version));
        let once = Nonce::assume_unique_for_key(nonce);
        self.cipher
            .seal_in_place_append_tag(once, aad, &mut *text)
            .ok()?;
        Sealed::from_parts(self.id, &nonce, &text)
    }

    /// Opens what this key sealed as this version of this name. `None`: it did not.
    pub(super) fn open(
        &self,
        name: &SecretName,
        version: SecretVersion,
        sealed: &Sealed,
    ) -> Option<SecretSlice<u8>> {
        let mut text = Zeroizing::new(sealed.encrypted().to_vec());
        let aad = Aad::from(associated_data(sealed.key(), name, version));
        let nonce = Nonce::assume_unique_for_key(sealed.nonce());
        let clear = self.cipher.open_in_place(nonce, aad, &mut text).ok()?;
        // Of exactly its length, so that it is not copied once more.
        Some(SecretSlice::from(clear.to_vec()))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.id).finish()
    }
}

/// HKDF-Expand (RFC 5869, 2.3).
fn derive(master: &Prk, info: &[u8], out: &mut [u8]) -> Result<(), Unspecified> {
    master.expand(&[info], Length(out.len()))?.fill(out)
}

fn key_bytes(text: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyProblem> {
    if text.is_empty() {
        return Err(KeyProblem::Empty);
    }
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return hexadecimal(text);
    }
    let alphabet = if text.contains(['-', '_']) {
        URL_SAFE
    } else {
        STANDARD
    };
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(false);
    // The reader asks for room in whole groups of three.
    let mut decoded = Zeroizing::new(vec![0; text.len() + 3]);
    let length = GeneralPurpose::new(&alphabet, config)
        .decode_slice(text, &mut decoded)
        .map_err(|_| KeyProblem::Form)?;
    of_length(decoded.get(..length).unwrap_or_default())
}

fn hexadecimal(text: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyProblem> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        _ => (byte | 0x20) - b'a' + 10,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return Err(KeyProblem::Form);
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(pairs.len()));
    bytes.extend(
        pairs
            .iter()
            .map(|[high, low]| digit(*high) << 4 | digit(*low)),
    );
    of_length(&bytes)
}

fn of_length(decoded: &[u8]) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyProblem> {
    if decoded.len() != KEY_BYTES {
        return Err(KeyProblem::Length {
            bytes: decoded.len(),
        });
    }
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    bytes.copy_from_slice(decoded);
    Ok(bytes)
}

#[cfg(test)]
mod tests;
