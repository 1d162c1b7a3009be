//! The certificate of vendors behind TLS, and the trust in it.

use std::sync::{Arc, LazyLock};

use rcgen::{CertifiedKey, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use super::super::tls::Trust;

/// A host that the certificate names.
pub(super) const HOST: &str = "localhost";

/// The other host that it names, for whoever takes two hosts with one certificate for one.
pub(super) const OTHER_HOST: &str = "vendor.test";

/// Made once: what is asked here is not how certificates are made.
static IDENTITY: LazyLock<CertifiedKey<KeyPair>> = LazyLock::new(|| {
    rcgen::generate_simple_self_signed([HOST, OTHER_HOST].map(str::to_owned)).unwrap()
});

/// Trusts these vendors and nobody else.
pub(super) fn trust() -> Trust {
    Trust::in_one(IDENTITY.cert.der().clone())
}

/// The server's side, which chooses the first of `protocols` that the client offers.
pub(super) fn acceptor(protocols: &[&str]) -> TlsAcceptor {
    let key = PrivatePkcs8KeyDer::from(IDENTITY.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![IDENTITY.cert.der().clone()], key.into())
        .unwrap();
    let protocols = protocols.iter().map(|name| name.as_bytes().to_vec());
    config.alpn_protocols = protocols.collect();
    TlsAcceptor::from(Arc::new(config))
}
