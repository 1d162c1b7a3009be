//! Secrets that are stored sealed: whose one is, its version, and the form of its sealed bytes.
//!
//! Nothing here seals or opens: that needs keys and random numbers. What is stored is a [`Sealed`],
//! which cannot be made of bytes that are not in the form, so clear text has no way into a table.
//!
//! # The form, number 1
//!
//! Numbers are big-endian.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 3 | `WHS` |
//! | 3 | 1 | number of the form: 1 |
//! | 4 | 8 | id of the key |
//! | 12 | 12 | nonce, random |
//! | 24 | n | the secret, encrypted: as long as in clear, at most 65,536 |
//! | 24 + n | 16 | tag |
//!
//! Encryption and tag are AES-256-GCM-SIV (RFC 8452). What is authenticated with them is in
//! [`associated_data`]. From a key's 32 bytes, HKDF-Expand with SHA-256 (RFC 5869, 2.3) gives the
//! key of the cipher, 32 bytes with the info `wharf sealed 1`, and the key's id, 8 bytes with the
//! info `wharf key id 1`. So the id is public, and tells nothing of the key.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::sync::Arc;

/// Longest secret in clear, in bytes.
pub const SECRET_SIZE_LIMIT_BYTES: usize = 64 * 1024;

/// Bytes that a sealed secret has before the encrypted ones.
pub const HEADER_BYTES: usize = 24;

/// Bytes of the tag behind the encrypted ones.
pub const TAG_BYTES: usize = 16;

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 12;

/// What every form starts with.
const MARK: [u8; 3] = *b"WHS";

/// The form that this program writes and reads.
const FORM: u8 = 1;

/// What a stored secret belongs to, for example `paypal/production/refresh-token`.
///
/// 1 to 200 bytes: pieces with `/` between them, each of lower-case ASCII letters, digits, `-`, `_`
/// and `.`, and with a letter or digit first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretName(Arc<str>);

impl SecretName {
    /// Longest name in bytes.
    pub const LENGTH_LIMIT_BYTES: usize = 200;

    /// Checks the form of a name.
    pub fn new(name: &str) -> Result<Self, SecretNameError> {
        let letter_or_digit = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let allowed = |byte: &u8| letter_or_digit(byte) || matches!(byte, b'-' | b'_' | b'.');
        let is_piece = |piece: &str| {
            let bytes = piece.as_bytes();
            bytes.first().is_some_and(letter_or_digit) && bytes.iter().all(allowed)
        };
        if name.len() <= Self::LENGTH_LIMIT_BYTES && name.split('/').all(is_piece) {
            Ok(Self(name.into()))
        } else {
            Err(SecretNameError)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SecretName {
    type Err = SecretNameError;

    fn from_str(name: &str) -> Result<Self, SecretNameError> {
        Self::new(name)
    }
}

/// A text that cannot be a stored secret's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a stored secret's name has at most {} bytes: pieces with `/` between them, each of lower-case \
     letters, digits, `-`, `_` and `.`, with a letter or digit first",
    SecretName::LENGTH_LIMIT_BYTES
)]
pub struct SecretNameError;

/// How often a secret was put: 1 for the first, and one more with each that replaces it.
///
/// At most `i64::MAX`, which databases can count to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretVersion(NonZeroU64);

impl SecretVersion {
    /// The version of a secret that replaces none.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// A version by its number. `None`: it is 0, or more than `i64::MAX`.
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) if number.get() <= i64::MAX.cast_unsigned() => Some(Self(number)),
            _ => None,
        }
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0.get()
    }

    /// The version that replaces this one. `None`: this is the last that there can be.
    pub const fn next(self) -> Option<Self> {
        Self::new(self.number() + 1)
    }

    /// The version that this one replaces. `None`: it is the first.
    pub const fn before(self) -> Option<Self> {
        Self::new(self.number() - 1)
    }
}

impl fmt::Display for SecretVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What tells one key from another without showing either: 8 bytes, shown as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; Self::BYTES]);

impl KeyId {
    /// How many bytes it has.
    pub const BYTES: usize = 8;

    /// An id that was derived, or kept.
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, to keep them.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A sealed secret: bytes in the form above. Whether they open is another question.
///
/// `Debug` shows the key's id and the length.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Arc<[u8]>);

impl Sealed {
    /// Checks the form of bytes that were kept. Costs no look at the encrypted ones.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealedFormError> {
        let Some(behind_mark) = bytes.strip_prefix(&MARK) else {
            return Err(SealedFormError::Mark);
        };
        match behind_mark.first() {
            Some(&FORM) => {}
            Some(&form) => return Err(SealedFormError::Form { form }),
            None => return Err(SealedFormError::Length { bytes: bytes.len() }),
        }
        let least = HEADER_BYTES + TAG_BYTES;
        if (least..=least + SECRET_SIZE_LIMIT_BYTES).contains(&bytes.len()) {
            Ok(Self(bytes.into()))
        } else {
            Err(SealedFormError::Length { bytes: bytes.len() })
        }
    }

    /// Puts a sealed secret together. `encrypted` has the tag at its end. `None`: it is shorter than
    /// a tag, or longer than the longest secret's.
    pub fn from_parts(key: KeyId, nonce: &[u8; NONCE_BYTES], encrypted: &[u8]) -> Option<Self> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + encrypted.len());
        bytes.extend_from_slice(&header(key));
        bytes.extend_from_slice(nonce);
        bytes.extend_from_slice(encrypted);
        Self::from_bytes(&bytes).ok()
    }

    /// The bytes, to keep them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key that it says it was sealed with.
    pub fn key(&self) -> KeyId {
        KeyId(piece(&self.0, 4))
    }

    /// The nonce.
    pub fn nonce(&self) -> [u8; NONCE_BYTES] {
        piece(&self.0, 12)
    }

    /// The encrypted bytes with the tag at their end.
    pub fn encrypted(&self) -> &[u8] {
        self.0.get(HEADER_BYTES..).unwrap_or_default()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("key", &self.key())
            .field("bytes", &self.0.len())
            .finish_non_exhaustive()
    }
}

/// Bytes that are no sealed secret of a form that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedFormError {
    /// They start with something else.
    #[error("not a sealed secret: it does not start with `WHS`")]
    Mark,
    /// Another version of the program wrote them.
    #[error("a sealed secret in form {form}, and this version of wharf knows form {FORM} only")]
    Form {
        /// The number that they say.
        form: u8,
    },
    /// Fewer than header and tag, or more than the longest secret's.
    #[error(
        "a sealed secret of {bytes} bytes; the form allows {} to {}",
        HEADER_BYTES + TAG_BYTES,
        HEADER_BYTES + TAG_BYTES + SECRET_SIZE_LIMIT_BYTES
    )]
    Length {
        /// How many there are.
        bytes: usize,
    },
}

/// What is authenticated beside a secret, so that a row opens only as what it was put as: the first
/// 12 bytes of the form, the name's length in 2 bytes, the name, the version in 8 bytes.
pub fn associated_data(key: KeyId, name: &SecretName, version: SecretVersion) -> Vec<u8> {
    let name = name.as_str().as_bytes();
    let mut data = Vec::with_capacity(12 + 2 + name.len() + 8);
    data.extend_from_slice(&header(key));
    // A name has at most 200 bytes.
    data.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_be_bytes());
    data.extend_from_slice(name);
    data.extend_from_slice(&version.number().to_be_bytes());
    data
}

/// What stands before the nonce.
fn header(key: KeyId) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..3].copy_from_slice(&MARK);
    bytes[3] = FORM;
    bytes[4..].copy_from_slice(&key.0);
    bytes
}

/// Bytes of the header, whose length was checked.
fn piece<const LENGTH: usize>(bytes: &[u8], at: usize) -> [u8; LENGTH] {
    let mut piece = [0; LENGTH];
    if let Some(found) = bytes.get(at..at + LENGTH) {
        piece.copy_from_slice(found);
    }
    piece
}

#[cfg(test)]
mod tests;
