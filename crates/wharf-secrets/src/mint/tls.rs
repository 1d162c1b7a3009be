//! What a credential holds for TLS in both directions (RFC 8446, 4.4.2): read, not yet used.

use std::fmt;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use wharf_document::model::TlsFields;

use super::key::KeyProblem;
use super::pem;
use crate::credential::Credential;

/// The label of a certificate (RFC 7468, 5).
const CERTIFICATE: &str = "CERTIFICATE";

/// Most certificates of one field.
pub(super) const MOST_CERTIFICATES: usize = 100;

/// Certificates and a key in DER. `Debug` shows how many there are.
#[derive(Clone, Default)]
pub struct TlsIdentity {
    /// Who signs the vendor's certificate. Empty: those that the system trusts.
    pub authorities: Vec<Vec<u8>>,
    /// Ours first, then those that signed it. Empty: none is shown.
    pub chain: Vec<Vec<u8>>,
    /// The key of the first, in PKCS#1, PKCS#8 or SEC1.
    pub key: Option<Zeroizing<Vec<u8>>>,
}

/// Why a credential gives none. It never says what the values are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsProblem {
    /// The credential lacks a field that the document names.
    #[error(
        "TLS needs the field `{field}` of the credential, which has no such field; add it to the store"
    )]
    FieldMissing {
        /// Name of the field.
        field: String,
    },
    /// No certificate in it, or too many.
    #[error(
        "the field `{field}` of the credential holds no certificates in PEM; \
         put 1 to {MOST_CERTIFICATES} blocks `-----BEGIN CERTIFICATE-----` there"
    )]
    Certificate {
        /// Name of the field.
        field: String,
    },
    /// No key in it.
    #[error("the TLS key in the field `{field}` of the credential {problem}")]
    Key {
        /// Name of the field.
        field: String,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// A certificate without a key, or a key without a certificate.
    #[error(
        "TLS needs both `Client certificate` and `Client key`; add the other one to the Method list"
    )]
    OneOfTwo,
}

impl TlsIdentity {
    /// Reads the fields that the document names; `None` where it names none.
    ///
    /// Blocks are taken apart and not looked into: whether they are certificates, and whether the
    /// key belongs to the first, is found where a connection is made.
    pub fn new(fields: &TlsFields, credential: &Credential) -> Result<Option<Self>, TlsProblem> {
        if *fields == TlsFields::default() {
            return Ok(None);
        }
        let name = |field: &Option<wharf_diag::Spanned<String>>| {
            field.as_ref().map(|field| field.value.clone())
        };
        let read = |field: Option<String>| match field {
            Some(field) => certificates(field, credential),
            None => Ok(Vec::new()),
        };
        let key = match name(&fields.key) {
            Some(field) => {
                let text = value(&field, credential)?.expose_secret();
                let key = pem::private_key(text);
                Some(
                    key.map_err(|problem| TlsProblem::Key { field, problem })?
                        .der,
                )
            }
            None => None,
        };
        let identity = Self {
            authorities: read(name(&fields.authority))?,
            chain: read(name(&fields.certificate))?,
            key,
        };
        if identity.chain.is_empty() == identity.key.is_none() {
            Ok(Some(identity))
        } else {
            Err(TlsProblem::OneOfTwo)
        }
    }
}

fn certificates(field: String, credential: &Credential) -> Result<Vec<Vec<u8>>, TlsProblem> {
    let text = value(&field, credential)?.expose_secret();
    let found = pem::all(text, CERTIFICATE).unwrap_or_default();
    if found.is_empty() || found.len() > MOST_CERTIFICATES {
        return Err(TlsProblem::Certificate { field });
    }
    Ok(found.iter().map(|der| der.to_vec()).collect())
}

fn value<'a>(field: &str, credential: &'a Credential) -> Result<&'a SecretString, TlsProblem> {
    credential
        .get(field)
        .ok_or_else(|| TlsProblem::FieldMissing {
            field: field.to_owned(),
        })
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsIdentity")
            .field("authorities", &self.authorities.len())
            .field("chain", &self.chain.len())
            .field("has_key", &self.key.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests;
