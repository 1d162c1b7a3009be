//! The second step of connecting: TCP, to the address that answers first.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The next address gets its chance this long after the one before (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// A connection without a byte on its way is asked after this whether it still is one.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// Every address was tried, and none took the connection.
#[derive(Debug)]
pub(crate) struct TcpError {
    failures: Vec<(SocketAddr, io::Error)>,
}

impl fmt::Display for TcpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (address, error)) in self.failures.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{address}: {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for TcpError {}

/// Connects to one of `addresses`, which are tried in their order: the next one as soon as one
/// fails, and beside those that are slow. Dropping the future ends all of them.
pub(crate) async fn connect(addresses: Vec<SocketAddr>) -> Result<TcpStream, TcpError> {
    let mut waiting = addresses.into_iter();
    let mut failures = Vec::new();
    // Most names have one address, which needs no race.
    if waiting.len() == 1
        && let Some(address) = waiting.next()
    {
        return connect_to(address).await.map_err(|failure| TcpError {
            failures: vec![failure],
        });
    }
    let mut racing = JoinSet::new();
    loop {
        if let Some(address) = waiting.next() {
            racing.spawn(connect_to(address));
        }
        let others = waiting.len() > 0;
        tokio::select! {
            ended = racing.join_next() => match ended {
                Some(Ok(Ok(stream))) => return Ok(stream),
                Some(Ok(Err(failure))) => failures.push(failure),
                Some(Err(_)) => {}
                None if others => {}
                None => return Err(TcpError { failures }),
            },
            () = tokio::time::sleep(HEAD_START), if others => {}
        }
    }
}

async fn connect_to(address: SocketAddr) -> Result<TcpStream, (SocketAddr, io::Error)> {
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| (address, error))?;
    // Failing to set either costs latency or patience, and nothing else.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE));
    Ok(stream)
}
