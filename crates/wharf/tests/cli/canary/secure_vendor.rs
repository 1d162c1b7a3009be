//! A vendor that speaks HTTP/2 over TLS, with a certificate of its own for `localhost`, and one
//! that does not speak TLS at all.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::support::tls::TlsServer;

/// A running vendor; it stops when it is dropped.
pub(super) struct SecureVendor {
    server: TlsServer,
    headers: Arc<Mutex<Vec<String>>>,
}

impl SecureVendor {
    pub(super) fn start() -> Self {
        let headers = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&headers);
        let server = TlsServer::start(b"h2", move |stream, acceptor| {
            serve(stream, acceptor, Arc::clone(&seen))
        });
        Self { server, headers }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The certificate to trust, as PEM.
    pub(super) fn certificate(&self) -> &str {
        self.server.certificate()
    }

    /// The `Authorization` of every request so far.
    pub(super) fn headers(&self) -> Vec<String> {
        self.headers.lock().unwrap().clone()
    }
}

/// Something that answers in clear text where TLS is spoken; it stops when it is dropped.
pub(super) struct ClearText {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
}

impl Drop for ClearText {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = std::net::TcpStream::connect(self.address);
    }
}

impl ClearText {
    pub(super) fn start() -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&stopped);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                // The peer may be gone already, which is its own affair.
                let _ = stream
                    .unwrap()
                    .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            }
        });
        Self { address, stopped }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Answers every request of one connection with 200. A caller that does not trust the
/// certificate ends it before the first.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, seen: Arc<Mutex<Vec<String>>>) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let Ok(mut connection) = h2::server::handshake(stream).await else {
        return;
    };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let value = request.headers().get("authorization").cloned();
        seen.lock()
            .unwrap()
            .push(value.unwrap().to_str().unwrap().to_owned());
        let response = http::Response::builder().status(200).body(()).unwrap();
        let mut body = respond.send_response(response, false).unwrap();
        body.send_data("{\"ok\":true}".into(), true).unwrap();
    }
}
