//! Keys that sign: from the text of a credential to a signature.
//!
//! Written over aws-lc-rs, which the program has anyway. `jsonwebtoken` reads no SEC1 key and no key
//! whose line breaks were lost, has no ES512, and brings a reader of ASN.1 along; the compact form
//! of a JWS is three lines.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaSignatureEncoding,
};

use super::pem::{self, Label};

/// How a JWS is signed (RFC 7518, 3.1, and RFC 8037, 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// The same with SHA-384.
    Rs384,
    /// The same with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// The same with SHA-384.
    Ps384,
    /// The same with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// Ed25519.
    EdDsa,
}

/// What a family of algorithms signs with.
enum Family {
    Rsa(&'static RsaSignatureEncoding),
    Ecdsa(&'static EcdsaSigningAlgorithm, &'static str),
    Hmac(hmac::Algorithm),
    Ed25519,
}

impl Algorithm {
    /// Each with its name in the header of a JWS, which is also the one in documents.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::Rs256, "RS256"),
        (Self::Rs384, "RS384"),
        (Self::Rs512, "RS512"),
        (Self::Ps256, "PS256"),
        (Self::Ps384, "PS384"),
        (Self::Ps512, "PS512"),
        (Self::Es256, "ES256"),
        (Self::Es384, "ES384"),
        (Self::Es512, "ES512"),
        (Self::Hs256, "HS256"),
        (Self::Hs384, "HS384"),
        (Self::Hs512, "HS512"),
        (Self::EdDsa, "EdDSA"),
    ];

    /// The algorithm of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, known)| *known == name)
            .map(|(algorithm, _)| algorithm)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(algorithm, _)| *algorithm == self)
            .map_or("", |(_, name)| name)
    }

    fn family(self) -> Family {
        match self {
            Self::Rs256 => Family::Rsa(&RSA_PKCS1_SHA256),
            Self::Rs384 => Family::Rsa(&RSA_PKCS1_SHA384),
            Self::Rs512 => Family::Rsa(&RSA_PKCS1_SHA512),
            Self::Ps256 => Family::Rsa(&RSA_PSS_SHA256),
            Self::Ps384 => Family::Rsa(&RSA_PSS_SHA384),
            Self::Ps512 => Family::Rsa(&RSA_PSS_SHA512),
            Self::Es256 => Family::Ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "an EC key on P-256"),
            Self::Es384 => Family::Ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, "an EC key on P-384"),
            Self::Es512 => Family::Ecdsa(&ECDSA_P521_SHA512_FIXED_SIGNING, "an EC key on P-521"),
            Self::Hs256 => Family::Hmac(hmac::HMAC_SHA256),
            Self::Hs384 => Family::Hmac(hmac::HMAC_SHA384),
            Self::Hs512 => Family::Hmac(hmac::HMAC_SHA512),
            Self::EdDsa => Family::Ed25519,
        }
    }

    /// The key that it needs, in words.
    fn needs(self) -> &'static str {
        match self.family() {
            Family::Rsa(_) => "an RSA key",
            Family::Ecdsa(_, words) => words,
            Family::Hmac(_) => "a shared secret",
            Family::Ed25519 => "an Ed25519 key",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is no key that can sign. It never says what the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// Nothing in it.
    Empty,
    /// No `-----BEGIN …-----`.
    NotPem,
    /// A block without its end, or one that holds something else than base64.
    Damaged,
    /// A public key or a certificate.
    Public,
    /// A private key behind a passphrase.
    Encrypted,
    /// The form of OpenSSH.
    OpenSsh,
    /// Blocks, and none of a private key.
    Other,
    /// A private key of a form, kind or size that cannot be used.
    Unreadable,
    /// A key of another kind than the algorithm needs.
    Mismatch {
        /// The algorithm.
        algorithm: Algorithm,
        /// What the key is, in words.
        found: &'static str,
    },
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::NotPem => f.write_str(
                "is no private key in PEM, which starts with `-----BEGIN`; \
                 put the whole key there, not a client secret and not a fingerprint",
            ),
            Self::Damaged => f.write_str(
                "is a damaged PEM block; put the whole key there, \
                 from `-----BEGIN` to the end of the line `-----END`",
            ),
            Self::Public => f.write_str(
                "is a public key or a certificate; put the private key that belongs to it there",
            ),
            Self::Encrypted => f.write_str(
                "is behind a passphrase; take it off, for example with `openssl pkey -in OLD -out NEW`",
            ),
            Self::OpenSsh => f.write_str(
                "is in OpenSSH's own form; change it with `ssh-keygen -p -m PKCS8 -f FILE`",
            ),
            Self::Other => f.write_str(
                "holds no private key; put a block `PRIVATE KEY`, `RSA PRIVATE KEY` or \
                 `EC PRIVATE KEY` there",
            ),
            Self::Unreadable => f.write_str(
                "is a private key that cannot be used; use RSA of 2048 to 8192 bits, \
                 EC on P-256, P-384 or P-521, or Ed25519",
            ),
            Self::Mismatch { algorithm, found } => write!(
                f,
                "is {found}, and {algorithm} needs {}; change the key, or `Algorithm`",
                algorithm.needs()
            ),
        }
    }
}

/// A key with the algorithm that it signs with. `Debug` shows the algorithm only.
pub struct SigningKey {
    algorithm: Algorithm,
    key: Key,
}

enum Key {
    Rsa(RsaKeyPair, &'static RsaSignatureEncoding),
    Ecdsa(EcdsaKeyPair),
    /// Boxed, since it is many times as large as the others.
    Hmac(Box<hmac::Key>),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads a key: PEM (PKCS#1, PKCS#8, SEC1), or for HMAC the secret itself.
    ///
    /// Line breaks of PEM may be `\n` as two characters, spaces, or missing; quotes around the whole
    /// and base64 around it are taken off. Without an algorithm the key's own is taken: RS256, ES256,
    /// ES384, ES512 or `EdDSA`, never HMAC.
    pub fn read(text: &str, algorithm: Option<Algorithm>) -> Result<Self, KeyProblem> {
        if text.trim().is_empty() {
            return Err(KeyProblem::Empty);
        }
        if let Some(algorithm) = algorithm
            && let Family::Hmac(digest) = algorithm.family()
        {
            if text.trim_start().starts_with(pem::BEGIN) {
                let found = "a key in PEM";
                return Err(KeyProblem::Mismatch { algorithm, found });
            }
            return Ok(Self::hmac(text.as_bytes(), digest, algorithm));
        }
        let block = pem::private_key(text)?;
        let found = of_some_kind(&block.der, block.label).ok_or(KeyProblem::Unreadable)?;
        let Some(algorithm) = algorithm else {
            return Ok(found);
        };
        found.with(algorithm)
    }

    fn hmac(secret: &[u8], digest: hmac::Algorithm, algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            key: Key::Hmac(Box::new(hmac::Key::new(digest, secret))),
        }
    }

    /// The algorithm that it signs with.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The signature of a JWS over these bytes (RFC 7515, 5.1, step 5). `None`: the system gave no
    /// random bytes.
    pub(super) fn sign(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        match &self.key {
            Key::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), bytes, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Key::Ecdsa(pair) => {
                let signature = pair.sign(&SystemRandom::new(), bytes).ok()?;
                Some(signature.as_ref().to_vec())
            }
            Key::Hmac(key) => Some(hmac::sign(key, bytes).as_ref().to_vec()),
            Key::Ed25519(pair) => Some(pair.sign(bytes).as_ref().to_vec()),
        }
    }

    /// The same key with an algorithm that documents name.
    fn with(self, algorithm: Algorithm) -> Result<Self, KeyProblem> {
        let found = self.algorithm.needs();
        let key = match (self.key, algorithm.family()) {
            (Key::Rsa(pair, _), Family::Rsa(encoding)) => Key::Rsa(pair, encoding),
            // Of EC keys each curve has one algorithm.
            (key @ (Key::Ecdsa(_) | Key::Ed25519(_)), _) if self.algorithm == algorithm => key,
            _ => return Err(KeyProblem::Mismatch { algorithm, found }),
        };
        Ok(Self { algorithm, key })
    }
}

/// The key of a block, whatever its kind, with the algorithm that is usual for it.
fn of_some_kind(der: &[u8], label: Label) -> Option<SigningKey> {
    let rsa = match label {
        Label::Pkcs1 => RsaKeyPair::from_der(der).ok(),
        Label::Pkcs8 => RsaKeyPair::from_pkcs8(der).ok(),
        Label::Sec1 => None,
    };
    if let Some(pair) = rsa {
        return Some(SigningKey {
            algorithm: Algorithm::Rs256,
            key: Key::Rsa(pair, &RSA_PKCS1_SHA256),
        });
    }
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512] {
        let Family::Ecdsa(curve, _) = algorithm.family() else {
            continue;
        };
        let pair = match label {
            Label::Pkcs1 => return None,
            Label::Pkcs8 => EcdsaKeyPair::from_pkcs8(curve, der),
            Label::Sec1 => EcdsaKeyPair::from_private_key_der(curve, der),
        };
        if let Ok(pair) = pair {
            let key = Key::Ecdsa(pair);
            return Some(SigningKey { algorithm, key });
        }
    }
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok();
    pair.filter(|_| label == Label::Pkcs8)
        .map(|pair| SigningKey {
            algorithm: Algorithm::EdDsa,
            key: Key::Ed25519(pair),
        })
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
