//! A fetched credential: one secret value for each field of the document's templates.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::LazyLock;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context, Digest, SHA256};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use aws_lc_rs::rand::SystemRandom;
use secrecy::{ExposeSecret, SecretString};

/// Without a key, whoever sees a trace could try short passwords against it. It is made anew by
/// each process and never leaves it. `None`: the system gave no random bytes.
static KEY: LazyLock<Option<Key>> =
    LazyLock::new(|| Key::generate(HMAC_SHA256, &SystemRandom::new()).ok());

/// One secret value for each field that the document's templates name.
///
/// Two credentials are equal when their fields and values are; the comparison takes the same
/// time wherever they differ. `Debug` shows the names of the fields only.
#[derive(Clone, Default)]
pub struct Credential {
    values: BTreeMap<String, SecretString>,
    warnings: Vec<Warning>,
}

impl Credential {
    pub(crate) fn new(values: BTreeMap<String, SecretString>, warnings: Vec<Warning>) -> Self {
        Self { values, warnings }
    }

    /// The same with another value for a field, or with one field more.
    pub fn with(mut self, field: &str, value: SecretString) -> Self {
        self.values.insert(field.to_owned(), value);
        self
    }

    /// The value of a template field. The name compares exactly.
    pub fn get(&self, field: &str) -> Option<&SecretString> {
        self.values.get(field)
    }

    /// Names of the fields, sorted.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Tells two credentials apart without showing either, within this process. Another process
    /// gives another one. All zeros where the system has no random bytes.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut start = [0; 8];
        if let Some(key) = KEY.as_ref() {
            start.copy_from_slice(&sign(key, self.digest().as_ref()).as_ref()[..8]);
        }
        Fingerprint(start)
    }

    /// What was noticed while reading and does not stop a call.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// SHA-256 over names and values in the order of the names, each behind its length so that
    /// moving a byte from one to the next gives another digest.
    fn digest(&self) -> Digest {
        let mut context = Context::new(&SHA256);
        for (name, value) in &self.values {
            for bytes in [name.as_bytes(), value.expose_secret().as_bytes()] {
                context.update(&(bytes.len() as u64).to_be_bytes());
                context.update(bytes);
            }
        }
        context.finish()
    }
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.digest().as_ref(), other.digest().as_ref()).is_ok()
    }
}

impl Eq for Credential {}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("fields", &self.values.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The first 8 bytes of an HMAC-SHA-256 (RFC 2104) over a credential; shown as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// The bytes, to build keys with.
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// Something about a credential that a person should change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Every user of the machine can read or change the file.
    #[error(
        "credential file {} is open to every user of this machine (mode {mode:04o}); run `chmod 600` on it",
        path.display()
    )]
    OpenToEveryone {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

#[cfg(test)]
mod tests;
