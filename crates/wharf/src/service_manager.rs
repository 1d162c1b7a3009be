//! Telling a service manager how the program stands: the protocol of systemd's `sd_notify`.
//!
//! The variable `NOTIFY_SOCKET` names a datagram socket: a path, or behind an `@` a name without
//! one. Where it is not set, nobody wants to know.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// What is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    /// Calls are served.
    Ready,
    /// No more calls are taken.
    Stopping,
    /// The process of this number is the service from now on.
    Successor(u32),
}

/// Tells it. A failure is logged and does no other harm.
pub(crate) fn tell(state: State) {
    let Some(name) = env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else {
        return;
    };
    if let Err(error) = send(&name, &words(state)) {
        tracing::warn!("the service manager cannot be told of the program's state: {error}");
    }
}

fn words(state: State) -> String {
    match state {
        State::Ready => "READY=1".to_owned(),
        State::Stopping => "STOPPING=1".to_owned(),
        State::Successor(number) => format!("MAINPID={number}"),
    }
}

fn send(name: &OsStr, words: &str) -> io::Result<()> {
    let address = match name.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    // A manager that does not read must not hold calls up.
    socket.set_nonblocking(true)?;
    socket.send_to_addr(words.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    use super::{State, send, words};

    #[test]
    fn both_kinds_of_addresses_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let by_path = UnixDatagram::bind(&path).unwrap();
        let name = format!("wharf-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let by_name = UnixDatagram::bind_addr(&address).unwrap();
        let abstract_name = format!("@{name}");
        for (socket, name) in [
            (by_path, path.as_os_str()),
            (by_name, abstract_name.as_ref()),
        ] {
            send(name, &words(State::Successor(7))).unwrap();
            let mut said = [0; 64];
            let length = socket.recv(&mut said).unwrap();
            assert_eq!(&said[..length], b"MAINPID=7");
        }
        assert!(send(folder.path().join("none").as_os_str(), "READY=1").is_err());
    }
}
