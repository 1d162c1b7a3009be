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
pub struct TcpError {
    failures: Vec<(SocketAddr, io::Error)>,
}

impl TcpError {
    /// The addresses in the order in which they failed, with the reason.
    pub fn failures(&self) -> &[(SocketAddr, io::Error)] {
        &self.failures
    }
}

/// A connection to one of the addresses of an origin. Dropping it closes it.
#[derive(Debug)]
pub struct Reached {
    pub(crate) stream: TcpStream,
    address: SocketAddr,
    failures: Vec<(SocketAddr, io::Error)>,
}

impl Reached {
    /// Where the connection leads.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The addresses that had failed by then, with the reason.
    pub fn failures(&self) -> &[(SocketAddr, io::Error)] {
        &self.failures
    }
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
/// fails, and beside those that are slow. Dropping the future ends all of them; `tried` says how many
/// there were.
pub(crate) async fn connect(
    addresses: &[SocketAddr],
    tried: &mut usize,
) -> Result<Reached, TcpError> {
    let mut failures = Vec::new();
    *tried = 0;
    // Most names have one address, which needs no race.
    if let [address] = *addresses {
        *tried = 1;
        return match connect_to(address).await {
            Ok(stream) => Ok(reached(stream, address, failures)),
            Err(failure) => Err(TcpError {
                failures: vec![failure],
            }),
        };
    }
    let mut racing = JoinSet::new();
    loop {
        if let Some(&address) = addresses.get(*tried) {
            *tried += 1;
            racing.spawn(async move { Ok((connect_to(address).await?, address)) });
        }
        let others = *tried < addresses.len();
        tokio::select! {
            ended = racing.join_next() => match ended {
                Some(Ok(Ok((stream, address)))) => return Ok(reached(stream, address, failures)),
                Some(Ok(Err(failure))) => failures.push(failure),
                Some(Err(_)) => {}
                None if others => {}
                None => return Err(TcpError { failures }),
            },
            () = tokio::time::sleep(HEAD_START), if others => {}
        }
    }
}

fn reached(
    stream: TcpStream,
    address: SocketAddr,
    failures: Vec<(SocketAddr, io::Error)>,
) -> Reached {
    Reached {
        stream,
        address,
        failures,
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
