//! The third step of connecting: TLS, and with it the protocol that is spoken.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, CertificateError, ClientConfig, Error, RootCertStore};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificate;
use super::origin::Origin;
use super::resolve::bare;
use crate::turn::Corked;

/// Protocols by the names of ALPN (RFC 7301, 6).
const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// What is offered to the other side, which chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// HTTP/2 and HTTP/1.1.
    Both,
    /// HTTP/1.1 alone.
    Http1,
}

/// So many files that cannot be read are named; a broken folder of certificates has hundreds.
const NAMED_FILES: usize = 3;

/// The machine's trusted certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// No certificate was found at all.
    #[error(
        "no trusted certificates were found: install the package ca-certificates, or set SSL_CERT_FILE"
    )]
    Empty,
    /// The TLS library refused its own defaults.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

/// A file of certificate authorities cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustFileError {
    /// It could not be read.
    #[error("certificate authorities cannot be read from {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system, or the reader of PEM, said.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// There is none in it that can be used.
    #[error(
        "{} has no certificate of an authority that can be used; it must hold certificates in PEM",
        path.display()
    )]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// TLS cannot be set up at all.
    #[error("TLS cannot be set up")]
    Trust(#[source] Arc<TrustError>),
}

/// No TLS session came about.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// There is nothing to check certificates against.
    #[error("certificates cannot be checked")]
    Trust(#[source] Arc<TrustError>),
    /// The host cannot stand in a certificate.
    #[error("no certificate can name this host")]
    Name(#[source] rustls::pki_types::InvalidDnsNameError),
    /// The handshake failed.
    #[error("{}", explain(.0))]
    Handshake(#[source] io::Error),
}

/// A TLS session with an origin. Dropping it closes its connection.
#[derive(Debug)]
pub struct Secured {
    pub(crate) stream: TlsStream<Corked>,
}

impl Secured {
    /// Whether the other side chose HTTP/2.
    pub fn is_http2(&self) -> bool {
        self.stream.get_ref().1.alpn_protocol() == Some(HTTP2)
    }

    /// When the first of the certificates that the other side showed ends. It is read from them
    /// now. `None`: a session was resumed without any, or a time cannot be read.
    pub fn certificates_end(&self) -> Option<SystemTime> {
        let shown = self.stream.get_ref().1.peer_certificates()?;
        let ends: Option<Vec<_>> = shown.iter().map(|der| certificate::end(der)).collect();
        ends?.into_iter().min()
    }
}

/// Whom the client trusts, read once. Sessions are shared by all that use it.
pub(crate) struct Trust {
    pub(crate) config: Result<Arc<ClientConfig>, Arc<TrustError>>,
    /// What was wrong with single files.
    pub(crate) unreadable: Vec<String>,
}

impl Trust {
    /// Reads the machine's certificates, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
    /// It waits for the file system.
    pub(crate) fn read() -> Self {
        let found = rustls_native_certs::load_native_certs();
        let unreadable = found
            .errors
            .iter()
            .take(NAMED_FILES)
            .map(ToString::to_string)
            .collect();
        let mut roots = RootCertStore::empty();
        // A broken file among many must not make all vendors unreachable.
        let (added, _ignored) = roots.add_parsable_certificates(found.certs);
        let config = if added == 0 {
            Err(TrustError::Empty)
        } else {
            client_config(roots)
        };
        Self {
            config: config.map(Arc::new).map_err(Arc::new),
            unreadable,
        }
    }

    /// Trusts what the machine trusts, and the authorities in a file of PEM. It waits for the file
    /// system.
    pub(crate) fn with_file(path: &Path) -> Result<Self, TrustFileError> {
        let unreadable = |source| TrustFileError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let mut roots = RootCertStore::empty();
        // Where the machine has none, those of the file are all there are.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let read = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
        let read: Result<Vec<_>, _> = read.collect();
        let (added, _) = roots.add_parsable_certificates(read.map_err(unreadable)?);
        if added == 0 {
            return Err(TrustFileError::Empty {
                path: path.to_owned(),
            });
        }
        let config =
            client_config(roots).map_err(|error| TrustFileError::Trust(Arc::new(error)))?;
        Ok(Self {
            config: Ok(Arc::new(config)),
            unreadable: Vec::new(),
        })
    }

    /// Trusts one certificate, which names its own authority.
    #[cfg(test)]
    pub(crate) fn in_one(certificate: rustls::pki_types::CertificateDer<'static>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        Self {
            config: client_config(roots).map(Arc::new).map_err(Arc::new),
            unreadable: Vec::new(),
        }
    }

    /// Makes `tcp` a TLS session with `origin`.
    pub(crate) async fn handshake(
        &self,
        origin: &Origin,
        tcp: Corked,
        offer: Offer,
    ) -> Result<Secured, TlsError> {
        let mut config = self.config.clone().map_err(TlsError::Trust)?;
        if offer == Offer::Http1 {
            // Rare enough for a copy. Sessions are shared with the original.
            Arc::make_mut(&mut config).alpn_protocols = vec![HTTP1.to_vec()];
        }
        let name = ServerName::try_from(bare(origin.host()).to_owned()).map_err(TlsError::Name)?;
        let connecting = TlsConnector::from(config).connect(name, tcp);
        let stream = connecting.await.map_err(TlsError::Handshake)?;
        Ok(Secured { stream })
    }
}

pub(crate) fn client_config(roots: RootCertStore) -> Result<ClientConfig, TrustError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TrustError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
    Ok(config)
}

/// What a failed handshake means, and what to do about it where that is known.
fn explain(error: &io::Error) -> &'static str {
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match tls {
        Some(Error::InvalidCertificate(certificate)) => explain_certificate(certificate),
        Some(Error::InvalidMessage(_)) => "the other side does not speak TLS at this port",
        Some(Error::PeerIncompatible(_)) => {
            "the other side offers no version or cipher of TLS that is safe; it needs TLS 1.2 or 1.3"
        }
        Some(Error::AlertReceived(AlertDescription::HandshakeFailure)) => {
            "the other side refused the handshake; it may ask for a client certificate, or speak \
             old ciphers only"
        }
        Some(Error::AlertReceived(AlertDescription::UnrecognisedName)) => {
            "the other side does not serve this host name"
        }
        Some(Error::AlertReceived(_)) => "the other side refused the handshake",
        Some(_) => "the handshake failed",
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the other side closed the connection during the handshake"
        }
        None => "the connection broke during the handshake",
    }
}

fn explain_certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::UnknownIssuer => {
            "no authority that this machine trusts signed the certificate; add the authority to \
             the machine's certificates, or name its file in SSL_CERT_FILE"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the certificate has expired; its owner must renew it (is this machine's clock right?)"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the certificate is not valid yet; is this machine's clock right?"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the certificate is for another host; the endpoint must use a name that stands in it"
        }
        CertificateError::Revoked => "the certificate was revoked; its owner must replace it",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the certificate is not for servers; its extended key usage must allow serverAuth"
        }
        CertificateError::Other(other) => match other.0.downcast_ref::<webpki::Error>() {
            Some(webpki::Error::CaUsedAsEndEntity) => {
                "the server shows a certificate of an authority (CA:TRUE) as its own, as \
                 `openssl req -x509` makes it; let an authority sign the server's certificate, or \
                 make it with `-addext basicConstraints=critical,CA:FALSE`"
            }
            Some(webpki::Error::UnsupportedCertVersion) => {
                "the certificate is not of X.509 version 3; its owner must replace it"
            }
            _ => "the certificate cannot be used",
        },
        _ => "the certificate cannot be used",
    }
}
