//! Vendors behind TLS, with certificates of an authority that only this test trusts.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use http::{Request, Response};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{child, eventually};

/// Signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// `name` tells it from others.
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// An authority that the gateways of this process trust.
    ///
    /// What is trusted is read from the environment, so the test moves to a process of its own;
    /// `None` says that it has run there.
    pub(crate) fn trusted() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authorities.pem");
        if child::runs_elsewhere(&[("SSL_CERT_FILE", file.to_str().unwrap())]) {
            return None;
        }
        let authority = Self::new("trusted");
        // Read when a gateway starts, and not before.
        std::fs::write(std::env::var_os("SSL_CERT_FILE").unwrap(), &authority.pem).unwrap();
        Some(authority)
    }

    /// The server side for hosts with these names that speaks these protocols.
    pub(crate) fn server(&self, names: &[&str], protocols: &[&str]) -> Arc<ServerConfig> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        server_config(certificate.der().clone(), &key, protocols)
    }

    /// The server side that shows the authority's own certificate.
    pub(crate) fn as_server(&self) -> Arc<ServerConfig> {
        let own = CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap();
        server_config(own, self.issuer.key(), &["http/1.1"])
    }

    /// The server side for the loopback address.
    pub(crate) fn loopback(&self, protocols: &[&str]) -> Arc<ServerConfig> {
        self.server(&["127.0.0.1"], protocols)
    }
}

fn server_config(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
    protocols: &[&str],
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    Arc::new(config)
}

/// A connection after its handshake.
pub(crate) type Secured = TlsStream<TcpStream>;

/// A request over HTTP/2, as far as its head goes.
pub(crate) type Streamed = Request<h2::RecvStream>;

/// A vendor behind TLS; it stops when it is dropped.
pub(crate) struct TlsVendor {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    secured: AtomicUsize,
    open: AtomicUsize,
    /// Heads of requests, with the number of their connection.
    requests: Mutex<Vec<(usize, Request<()>)>>,
}

/// Counts a connection while it lives.
struct Counted(Arc<State>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What a script can tell about its connection, and note about what comes over it.
#[derive(Clone)]
pub(crate) struct Notes {
    /// Number of the connection, from 0.
    pub(crate) connection: usize,
    state: Arc<State>,
}

impl Notes {
    /// Notes a request.
    pub(crate) fn request<B>(&self, request: &Request<B>) {
        let mut head = Request::new(());
        *head.method_mut() = request.method().clone();
        *head.uri_mut() = request.uri().clone();
        *head.version_mut() = request.version();
        *head.headers_mut() = request.headers().clone();
        self.state
            .requests
            .lock()
            .unwrap()
            .push((self.connection, head));
    }
}

impl Drop for TlsVendor {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl TlsVendor {
    /// A vendor that runs `script` for each connection whose handshake went well.
    pub(crate) async fn start<Script, Running>(config: Arc<ServerConfig>, script: Script) -> Self
    where
        Script: Fn(Secured, Notes) -> Running + Clone + Send + Sync + 'static,
        Running: Future<Output = ()> + Send + 'static,
    {
        Self::slow(config, Duration::ZERO, script).await
    }

    /// The same, where each handshake begins so late; they do not wait for each other.
    pub(crate) async fn slow<Script, Running>(
        config: Arc<ServerConfig>,
        delay: Duration,
        script: Script,
    ) -> Self
    where
        Script: Fn(Secured, Notes) -> Running + Clone + Send + Sync + 'static,
        Running: Future<Output = ()> + Send + 'static,
    {
        Self::delayed(config, move |_| delay, script).await
    }

    /// The same, where `delay` tells how late the handshake of each connection begins, by the
    /// number of connections before it.
    pub(crate) async fn delayed<Script, Running>(
        config: Arc<ServerConfig>,
        delay: impl Fn(usize) -> Duration + Send + 'static,
        script: Script,
    ) -> Self
    where
        Script: Fn(Secured, Notes) -> Running + Clone + Send + Sync + 'static,
        Running: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let acceptor = TlsAcceptor::from(config);
        let accepting = tokio::spawn(async move {
            for number in 0.. {
                let delay = delay(number);
                let (stream, _) = listener.accept().await.unwrap();
                shared.open.fetch_add(1, Ordering::SeqCst);
                let counted = Counted(Arc::clone(&shared));
                let (acceptor, script) = (acceptor.clone(), script.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let notes = Notes {
                            connection: counted.0.secured.fetch_add(1, Ordering::SeqCst),
                            state: Arc::clone(&counted.0),
                        };
                        script(stream, notes).await;
                    }
                    drop(counted);
                });
            }
        });
        Self {
            address,
            state,
            accepting,
        }
    }

    /// A vendor that speaks HTTP/2 and answers each request with `handler`.
    pub(crate) async fn http2<Handler, Running>(config: Arc<ServerConfig>, handler: Handler) -> Self
    where
        Handler: Fn(Streamed, SendResponse<Bytes>) -> Running + Clone + Send + Sync + 'static,
        Running: Future<Output = ()> + Send + 'static,
    {
        Self::start(config, move |stream, notes| {
            serve_http2(stream, notes, handler.clone())
        })
        .await
    }

    /// The endpoint for a document.
    pub(crate) fn endpoint(&self) -> String {
        format!("https://{}", self.address)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Connections whose handshake went well.
    pub(crate) fn secured(&self) -> usize {
        self.state.secured.load(Ordering::SeqCst)
    }

    /// The number of the connection of each request, and its head.
    pub(crate) fn requests(&self) -> Vec<(usize, Request<()>)> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Waits until so many connections are open.
    pub(crate) async fn until_open(&self, connections: usize) {
        let what = format!("{connections} open connections at the vendor");
        eventually(&what, || {
            let open = self.state.open.load(Ordering::SeqCst);
            (open == connections).then_some(()).ok_or(open)
        })
        .await;
    }
}

/// Speaks HTTP/2 until the connection ends.
pub(crate) async fn serve_http2<Handler, Running>(stream: Secured, notes: Notes, handler: Handler)
where
    Handler: Fn(Streamed, SendResponse<Bytes>) -> Running,
    Running: Future<Output = ()> + Send + 'static,
{
    let Ok(mut connection) = h2::server::handshake(stream).await else {
        return;
    };
    while let Some(Ok((request, respond))) = connection.accept().await {
        notes.request(&request);
        tokio::spawn(handler(request, respond));
    }
}

/// Answers with a status and a body, after the request was read to its end.
pub(crate) async fn respond(
    request: Streamed,
    mut respond: SendResponse<Bytes>,
    status: u16,
    body: &str,
) {
    let mut incoming = request.into_body();
    while let Some(Ok(piece)) = incoming.data().await {
        let _ = incoming.flow_control().release_capacity(piece.len());
    }
    let mut head = Response::new(());
    *head.status_mut() = status.try_into().unwrap();
    // A caller that is gone does not want it any more.
    if let Ok(mut stream) = respond.send_response(head, body.is_empty())
        && !body.is_empty()
    {
        let _ = stream.send_data(Bytes::copy_from_slice(body.as_bytes()), true);
    }
}
