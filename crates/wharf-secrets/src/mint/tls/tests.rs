//! Certificates and keys out of a credential.

use secrecy::SecretString;
use wharf_diag::{Span, Spanned};
use wharf_document::model::TlsFields;

use super::{MOST_CERTIFICATES, TlsIdentity, TlsProblem};
use crate::credential::Credential;
use crate::mint::KeyProblem;

const CERTIFICATE: &str = include_str!("../../../tests/keys/certificate.pem");
const KEY: &str = include_str!("../../../tests/keys/p256.pkcs8.pem");

fn fields(authority: bool, certificate: bool, key: bool) -> TlsFields {
    let field = |is_there: bool, name: &str| {
        is_there.then(|| Spanned::new(name.to_owned(), Span::default()))
    };
    TlsFields {
        authority: field(authority, "ca"),
        certificate: field(certificate, "cert"),
        key: field(key, "key"),
    }
}

fn credential(ca: &str, cert: &str, key: &str) -> Credential {
    let values = [("ca", ca), ("cert", cert), ("key", key)];
    values
        .into_iter()
        .fold(Credential::default(), |credential, (name, value)| {
            credential.with(name, SecretString::from(value))
        })
}

#[test]
fn blocks_are_taken_apart() {
    let two = format!("{CERTIFICATE}{CERTIFICATE}");
    let escaped = CERTIFICATE.replace('\n', "\\n");
    let credential = credential(&two, &escaped, KEY);
    let identity = TlsIdentity::new(&fields(true, true, true), &credential)
        .unwrap()
        .unwrap();
    assert_eq!(identity.authorities.len(), 2);
    assert_eq!(identity.chain.len(), 1);
    assert_eq!(identity.authorities[0], identity.chain[0]);
    assert!(identity.key.is_some());
    assert_eq!(
        format!("{identity:?}"),
        "TlsIdentity { authorities: 2, chain: 1, has_key: true }"
    );
    assert!(
        TlsIdentity::new(&fields(false, false, false), &credential)
            .unwrap()
            .is_none()
    );
    let only = TlsIdentity::new(&fields(true, false, false), &credential)
        .unwrap()
        .unwrap();
    assert!(only.chain.is_empty() && only.key.is_none());
}

#[test]
fn what_is_none_is_told_apart() {
    let many = CERTIFICATE.repeat(MOST_CERTIFICATES + 1);
    let all = fields(true, true, true);
    let no_certificate = |field: &str| TlsProblem::Certificate {
        field: field.to_owned(),
    };
    for (fields, credential, problem) in [
        (
            all.clone(),
            credential("x", CERTIFICATE, KEY),
            no_certificate("ca"),
        ),
        (
            all.clone(),
            credential(&many, CERTIFICATE, KEY),
            no_certificate("ca"),
        ),
        (
            all.clone(),
            credential(CERTIFICATE, KEY, KEY),
            no_certificate("cert"),
        ),
        (
            all.clone(),
            credential(CERTIFICATE, CERTIFICATE, CERTIFICATE),
            TlsProblem::Key {
                field: "key".into(),
                problem: KeyProblem::Public,
            },
        ),
        (
            all,
            Credential::default(),
            TlsProblem::FieldMissing {
                field: "key".into(),
            },
        ),
        (
            super::tests::fields(false, true, false),
            credential("", CERTIFICATE, KEY),
            TlsProblem::OneOfTwo,
        ),
        (
            super::tests::fields(false, false, true),
            credential("", CERTIFICATE, KEY),
            TlsProblem::OneOfTwo,
        ),
    ] {
        assert_eq!(TlsIdentity::new(&fields, &credential).unwrap_err(), problem);
    }
}
