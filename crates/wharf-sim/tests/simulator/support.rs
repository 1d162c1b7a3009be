//! Documents, a running simulator, and clients for it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Builder;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wharf_diag::SourceText;
use wharf_document::model::Placement;
use wharf_document::{Integration, IntegrationId};
use wharf_sim::{Handle, Options, Simulator, Vendor, VendorEnvironment, Warning};

/// Reads a document's body below a frontmatter that makes it one.
pub(crate) fn document(id: &str, body: &str) -> Arc<Integration> {
    let text = format!(
        "---\ntitle: \"[Integration] {id}\"\ntype: tool\nsubtype: integration\n---\n\n{body}\n"
    );
    let source = Arc::new(SourceText::new(format!("{id}.md"), text));
    let loaded = wharf_document::load(&IntegrationId::new(id).unwrap(), &source);
    Arc::new(loaded.integration.unwrap())
}

/// A document with environments Production and Staging at `endpoint`, and these rows.
pub(crate) fn small_document(id: &str, endpoint: &str, rows: &[&str]) -> Arc<Integration> {
    let rows = rows.join(" | |\n| ");
    document(
        id,
        &format!(
            "## Service Details\n\n### Environments\n\n\
             | Environment | Endpoint | Status | Notes |\n|---|---|---|---|\n\
             | Production | {endpoint} | Active | |\n| Staging | {endpoint} | Active | |\n\n\
             ## Authentication\n\n### Method\n- Type: API Key\n\
             - Header: Authorization: Bearer {{api_key}}\n\n\
             ## Configuration\n\n### Required Settings\n```json\n\
             {{\"idempotency_header\": \"Idempotency-Key\"}}\n```\n\n\
             ## API Endpoints\n\n\
             | Operation | Method | Endpoint | Rate Limit |\n|---|---|---|---|\n| {rows} | |\n"
        ),
    )
}

/// The made-up key of an environment.
pub(crate) fn key(id: &str, environment: &str) -> String {
    format!("sim-{id}-{environment}-key")
}

/// A vendor with the document's own placements and a made-up `api_key` per environment.
pub(crate) fn vendor(integration: &Arc<Integration>) -> Vendor {
    let placements: Vec<Placement> = integration
        .authentication
        .iter()
        .flat_map(|authentication| &authentication.placements)
        .map(|placement| placement.value.clone())
        .collect();
    let environments = integration
        .environments
        .iter()
        .map(|environment| {
            let name = &environment.name.value;
            let value = key(integration.id.as_str(), &name.to_lowercase());
            VendorEnvironment {
                name: name.clone(),
                fields: BTreeMap::from([("api_key".to_owned(), value)]),
            }
        })
        .collect();
    Vendor {
        integration: Arc::clone(integration),
        placements,
        environments,
        api_description: None,
    }
}

/// A simulator that serves until it is stopped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) handle: Handle,
    pub(crate) warnings: Vec<Warning>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

/// Longer than every timeout of the simulator, so that a hang is a failure.
pub(crate) async fn within_deadline<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(90), work)
        .await
        .expect("done within the deadline")
}

/// Any free port on loopback.
pub(crate) fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// Binds and serves.
pub(crate) async fn start(vendors: Vec<Vendor>) -> Running {
    let options = Options {
        listen: loopback(),
        vendors,
    };
    let (simulator, warnings) = Simulator::bind(options).await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let address = simulator.address();
    let handle = simulator.handle();
    let served = tokio::spawn(simulator.run(async {
        // A dropped sender stops it too.
        let _ = stopped.await;
    }));
    Running {
        address,
        handle,
        warnings,
        stop,
        served,
    }
}

impl Running {
    /// Begins the shutdown; the task ends when everything has drained.
    pub(crate) fn begin_stop(self) -> JoinHandle<std::io::Result<()>> {
        drop(self.stop);
        self.served
    }

    /// Sends a request with the key of Production of the integration in its path.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(authorised(method, path), body).await
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn send(&self, request: Builder, body: &str) -> Answer {
        self.try_send(request, body.as_bytes()).await.unwrap()
    }

    /// Like [`Self::send`]; an error when no whole answer came.
    pub(crate) async fn try_send(
        &self,
        request: Builder,
        body: &[u8],
    ) -> Result<Answer, hyper::Error> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let body = Full::new(Bytes::copy_from_slice(body));
        let request: Request<Full<Bytes>> = request.header("host", "simulator").body(body).unwrap();
        let answer = within_deadline(async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body: body.collect().await?.to_bytes(),
            })
        })
        .await;
        drop(sender);
        connection.abort();
        // Ends with the abort or with the error that the answer has as well.
        let _ = connection.await;
        answer
    }

    /// Writes bytes as they are and reads to the end of the connection.
    pub(crate) async fn raw(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        within_deadline(stream.read_to_end(&mut answer))
            .await
            .unwrap();
        String::from_utf8(answer).unwrap()
    }
}

/// A request with the key of Production of the integration in its path, saying JSON.
pub(crate) fn authorised(method: &str, path: &str) -> Builder {
    let id = path.split('/').nth(1).unwrap();
    let environment = path.split('/').nth(2).unwrap();
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", key(id, environment)))
        .header("content-type", "application/json")
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}
