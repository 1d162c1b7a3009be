//! Each step on loopback: how it went, where it led, and how long it took.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::client::connect::ConnectError;
use crate::client::tls::{Trust, client_config};
use crate::{Connector, Origin, Resolve, Resolving};

/// What the vendor waits before it answers a handshake.
const SLOW: Duration = Duration::from_millis(60);

/// Gives these addresses to every name, after a while.
struct Names(Vec<SocketAddr>, Duration);

impl Resolve for Names {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolving<'a> {
        Box::pin(async move {
            tokio::time::sleep(self.1).await;
            Ok(self.0.clone())
        })
    }
}

struct Unknown;

impl Resolve for Unknown {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolving<'a> {
        Box::pin(async { Err(io::Error::other("no such name")) })
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// An address that nobody listens at.
async fn closed() -> SocketAddr {
    listener().await.1
}

/// A vendor behind TLS, and a client's trust in it.
async fn vendor() -> (SocketAddr, Trust) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["vendor.test".to_owned()]).unwrap();
    params.not_after = date_time_ymd(2044, 5, 6);
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let trust = Trust {
        config: client_config(roots).map(Arc::new).map_err(Arc::new),
        unreadable: Vec::new(),
    };
    let config = server(certificate, key.serialize_der());
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::time::sleep(SLOW).await;
            let acceptor = TlsAcceptor::from(Arc::clone(&config));
            let _session = acceptor.accept(stream).await;
        }
    });
    (address, trust)
}

fn server(certificate: CertificateDer<'static>, key: Vec<u8>) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivatePkcs8KeyDer::from(key).into())
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}

#[tokio::test]
async fn every_step_has_its_result_and_its_time() {
    let (address, trust) = vendor().await;
    let refused = closed().await;
    let connector = Connector::trusting(trust).with_resolver(Names(vec![refused, address], SLOW));
    let origin = Origin::new(true, "vendor.test", 443).unwrap();
    let started = Instant::now();
    let examined = connector.examine(&origin, soon()).await;
    let took = started.elapsed();

    assert!(examined.is_connected(&origin), "{examined:?}");
    assert_eq!(examined.addresses_tried(), [refused, address]);
    let tcp = examined.tcp.unwrap();
    let facts = tcp.result.unwrap();
    assert_eq!((facts.address, facts.failed_count), (address, 1));
    let tls = examined.tls.unwrap();
    let secured = tls.result.unwrap();
    assert!(secured.is_http2());
    let end = Duration::from_secs(date_time_ymd(2044, 5, 6).unix_timestamp().unsigned_abs());
    assert_eq!(
        secured.certificates_end(),
        Some(SystemTime::UNIX_EPOCH + end)
    );
    assert!(examined.resolve.took >= SLOW && tls.took >= SLOW);
    assert!(examined.resolve.took + tcp.took + tls.took <= took);
}

#[tokio::test]
async fn an_origin_without_tls_has_two_steps() {
    let (_listener, address) = listener().await;
    let origin = Origin::new(false, "127.0.0.1", address.port()).unwrap();
    let examined = Connector::new().examine(&origin, soon()).await;
    assert!(examined.is_connected(&origin), "{examined:?}");
    assert!(examined.tls.is_none());
    assert_eq!(examined.addresses_tried(), [address]);
}

#[tokio::test]
async fn the_step_that_failed_is_the_last_one() {
    let origin = Origin::new(true, "vendor.test", 443).unwrap();

    let unknown = Connector::new().with_resolver(Unknown);
    let examined = unknown.examine(&origin, soon()).await;
    assert!(matches!(
        examined.resolve.result,
        Err(ConnectError::Resolve(_))
    ));
    assert!(examined.tcp.is_none() && examined.tls.is_none());
    assert_eq!(examined.addresses_tried(), []);

    let refused = closed().await;
    let names = Names(vec![refused], Duration::ZERO);
    let examined = Connector::new()
        .with_resolver(names)
        .examine(&origin, soon())
        .await;
    assert_eq!(examined.addresses_tried(), [refused]);
    let Some(Err(ConnectError::Tcp(error))) = examined.tcp.map(|step| step.result) else {
        panic!("it was refused");
    };
    assert_eq!(error.failures()[0].0, refused);
    assert!(examined.tls.is_none());

    // Another certificate than the vendor's is trusted.
    let (address, _) = vendor().await;
    let (_, trust) = vendor().await;
    let names = Names(vec![address], Duration::ZERO);
    let connector = Connector::trusting(trust).with_resolver(names);
    let examined = connector.examine(&origin, soon()).await;
    assert!(!examined.is_connected(&origin));
    assert!(matches!(
        examined.tls.unwrap().result,
        Err(ConnectError::Tls(_))
    ));
}

#[tokio::test]
async fn one_deadline_covers_all_steps() {
    // It takes the connection, and never says a word.
    let (_silent, address) = listener().await;
    let (_, trust) = vendor().await;
    let names = Names(vec![address], Duration::ZERO);
    let connector = Connector::trusting(trust).with_resolver(names);
    let origin = Origin::new(true, "vendor.test", 443).unwrap();
    let examined = connector.examine(&origin, Instant::now() + SLOW).await;
    assert!(examined.tcp.is_some_and(|step| step.result.is_ok()));
    let tls = examined.tls.unwrap();
    assert!(
        matches!(tls.result, Err(ConnectError::Timeout(_))),
        "{tls:?}"
    );

    let slow = Names(vec![address], Duration::from_secs(60));
    let examined = Connector::new()
        .with_resolver(slow)
        .examine(&origin, Instant::now() + SLOW)
        .await;
    assert!(matches!(
        examined.resolve.result,
        Err(ConnectError::Timeout(_))
    ));
    assert!(examined.resolve.took >= SLOW);
}
