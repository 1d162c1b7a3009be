//! Binding listeners, with errors that say what to do.

use std::io;
use std::net::{SocketAddr, TcpListener};

/// A listener could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {}", remedy(.source))]
pub struct BindError {
    /// The address that was asked for.
    pub address: SocketAddr,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "the port is in use; stop the program that holds it, or choose another port"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; choose one of its own, or 127.0.0.1"
        }
        io::ErrorKind::PermissionDenied => "not permitted; choose a port above 1023",
        _ => "the system refused",
    }
}

/// Binds a listener, ready for use in an asynchronous runtime.
///
/// The port is held exclusively among live listeners: a second program on it fails here
/// instead of taking half the connections.
pub fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    let open = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    open().map_err(|source| BindError { address, source })
}

#[cfg(test)]
mod tests {
    use super::bind;

    #[test]
    fn a_port_in_use_is_named_with_a_remedy() {
        let first = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = first.local_addr().unwrap();
        let message = bind(address).unwrap_err().to_string();
        assert!(message.contains(&address.to_string()), "{message}");
        assert!(message.contains("in use"), "{message}");
    }
}
