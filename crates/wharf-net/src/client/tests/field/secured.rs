//! Connections behind TLS that end while nobody uses them.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::{body, eventually, send};
use super::wire::{Secured, Vendor, client};
use crate::client::Limits;

/// Answers one request, and says then that nothing more will come. The connection below stays.
async fn closes_tls_alone(mut stream: Secured) -> Option<()> {
    let mut said = Vec::new();
    while !said.ends_with(b"\r\n\r\n") {
        stream.read_buf(&mut said).await.ok()?;
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    stream.write_all(answer).await.ok()?;
    stream.flush().await.ok()?;
    stream.get_mut().1.send_close_notify();
    stream.flush().await.ok()?;
    tokio::time::sleep(Duration::from_secs(60)).await;
    None
}

/// hyperium/hyper#1382, jetty/jetty.project#3891, fluent/fluent-bit#12076,
/// haga-rak/fluxzy.core#650, curl/curl#3763: requests went over sessions that had been closed.
#[tokio::test]
async fn a_session_that_was_closed_gets_no_request() {
    let vendor = Vendor::start(&["http/1.1"], |_, stream| {
        Box::pin(closes_tls_alone(stream))
    })
    .await;
    let client = client(Limits::default());
    for connections in 1..=3 {
        assert_eq!(body(send(&client, &vendor.origin).await.0).await, "ok");
        assert_eq!(vendor.connections(), connections);
        eventually("the end of the session", || client.open_connections() == 0).await;
    }
}
