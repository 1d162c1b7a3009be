//! Listeners: bound here, or made by another process; with errors that say what to do.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, sockopt};

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

/// A descriptor that another process gave is of no use as a listener.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// It is something else.
    #[error("it is no TCP socket that listens")]
    NoListener,
    /// What the system said.
    #[error("the system refused")]
    System(#[from] io::Error),
}

/// Takes a listener that another process made, ready for use in an asynchronous runtime.
///
/// Who else holds it takes connections from it too, until all but one have let go of it.
pub fn adopt(descriptor: OwnedFd) -> Result<TcpListener, AdoptError> {
    let is_listener = || {
        let domain = sockopt::socket_domain(&descriptor)?;
        let is_internet = matches!(domain, AddressFamily::INET | AddressFamily::INET6);
        let is_stream = sockopt::socket_type(&descriptor)? == SocketType::STREAM;
        Ok(is_internet && is_stream && sockopt::socket_acceptconn(&descriptor)?)
    };
    match is_listener() {
        Ok(true) => {}
        Ok(false) | Err(rustix::io::Errno::NOTSOCK) => return Err(AdoptError::NoListener),
        Err(error) => return Err(AdoptError::System(error.into())),
    }
    let listener = TcpListener::from(descriptor);
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::OwnedFd;

    use super::{AdoptError, adopt, bind};

    #[test]
    fn only_a_tcp_socket_that_listens_is_adopted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let file: OwnedFd = std::fs::File::open("/dev/null").unwrap().into();
        let datagrams: OwnedFd = UdpSocket::bind("127.0.0.1:0").unwrap().into();
        let local: OwnedFd = std::os::unix::net::UnixStream::pair().unwrap().0.into();
        let stream: OwnedFd = TcpStream::connect(address).unwrap().into();
        for other in [file, datagrams, local, stream] {
            assert!(matches!(adopt(other), Err(AdoptError::NoListener)));
        }
        let adopted = adopt(listener.into()).unwrap();
        assert_eq!(adopted.local_addr().unwrap(), address);
        // One connection waits in it.
        assert!(adopted.accept().is_ok());
        let none = adopted.accept().unwrap_err();
        assert_eq!(none.kind(), std::io::ErrorKind::WouldBlock);
    }

    #[test]
    fn a_port_in_use_is_named_with_a_remedy() {
        let first = bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = first.local_addr().unwrap();
        let message = bind(address).unwrap_err().to_string();
        assert!(message.contains(&address.to_string()), "{message}");
        assert!(message.contains("in use"), "{message}");
    }
}
