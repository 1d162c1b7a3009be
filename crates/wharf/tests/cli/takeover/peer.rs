//! The two sides of a take-over as a test plays them, step by step.

use std::io::{BufRead as _, BufReader, ErrorKind, IoSlice, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use crate::support::program::{Gateway, Process};
use crate::support::workspace::Workspace;
use crate::support::{PATIENCE, eventually};

/// The greeting of a process that asks.
pub(super) const GREETING: &str = "wharf-takeover 1\n";

/// One end of a conversation. What lies beside the other one's words is thrown away.
pub(super) struct Peer {
    stream: BufReader<UnixStream>,
}

impl Peer {
    fn new(stream: UnixStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let stream = BufReader::new(stream);
        Self { stream }
    }

    /// A process that connects to the one that serves a workspace.
    pub(super) fn asking(workspace: &Workspace) -> Self {
        Self::new(UnixStream::connect(workspace.state().join("takeover.sock")).unwrap())
    }

    /// One that has been given the listeners. Another that is on its way out is waited for.
    pub(super) fn given(workspace: &Workspace) -> Self {
        eventually("the listeners", || {
            let mut peer = Self::asking(workspace);
            peer.say(GREETING);
            peer.hear().starts_with("listeners 1 ").then_some(peer)
        })
    }

    /// Says something; a peer that is gone is heard of later.
    pub(super) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.get_mut().write_all(bytes.as_ref());
    }

    /// Says something with descriptors beside it; gives whether that was taken.
    pub(super) fn say_beside(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> bool {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(64))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        assert!(beside.push(SendAncillaryMessage::ScmRights(descriptors)));
        let bytes = [IoSlice::new(bytes)];
        sendmsg(
            self.stream.get_ref(),
            &bytes,
            &mut beside,
            SendFlags::NOSIGNAL,
        )
        .is_ok()
    }

    /// The next line; empty when the other one is gone.
    pub(super) fn hear(&mut self) -> String {
        let mut line = String::new();
        // Closed with something unread, it ends in an error.
        let _ = self.stream.read_line(&mut line);
        line.trim_end().to_owned()
    }

    /// Whether nothing more is said before the other one hangs up.
    pub(super) fn is_hung_up(&mut self) -> bool {
        match self.stream.read(&mut [0]) {
            Ok(read) => read == 0,
            // With something unread.
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }
}

/// A process that serves a workspace and answers as a test tells it.
pub(super) struct Served {
    door: UnixListener,
    pub(super) data: TcpListener,
    control: TcpListener,
}

impl Served {
    pub(super) fn of(workspace: &Workspace) -> Self {
        let listener = || TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            door: UnixListener::bind(workspace.state().join("takeover.sock")).unwrap(),
            data: listener(),
            control: listener(),
        }
    }

    /// Takes the next process that asks, and its greeting.
    pub(super) fn greeted(&self) -> Peer {
        let mut peer = Peer::new(self.door.accept().unwrap().0);
        assert_eq!(peer.hear(), GREETING.trim_end());
        peer
    }

    /// Hands the listeners over.
    pub(super) fn give(&self, peer: &Peer) {
        let descriptors = [self.data.as_fd(), self.control.as_fd()];
        assert!(peer.say_beside(b"listeners 1 data control\n", &descriptors));
    }

    /// Lets connections wait in its socket until no more fit; gives them.
    pub(super) fn fill(&self, workspace: &Workspace) -> Vec<UnixStream> {
        rustix::net::listen(&self.door, 0).unwrap();
        let path = workspace.state().join("takeover.sock");
        let mut waiting = Vec::new();
        loop {
            let flags = rustix::net::SocketFlags::NONBLOCK;
            let socket = rustix::net::socket_with(
                rustix::net::AddressFamily::UNIX,
                rustix::net::SocketType::STREAM,
                flags,
                None,
            );
            let socket = socket.unwrap();
            let address = rustix::net::SocketAddrUnix::new(&path).unwrap();
            if rustix::net::connect(&socket, &address).is_err() {
                return waiting;
            }
            waiting.push(socket.into());
        }
    }

    /// Waits until another process looks whether somebody answers here.
    pub(super) fn until_looked_at(&self) {
        self.door.accept().unwrap();
    }
}

/// How many descriptors a process has open.
pub(super) fn descriptors(process: &Process) -> usize {
    let folder = format!("/proc/{}/fd", process.id());
    std::fs::read_dir(folder).unwrap().count()
}

/// Waits until a process has no more descriptors open than it had.
pub(super) fn until_given_back(process: &Process, before: usize) {
    eventually("the descriptors to be given back", || {
        (descriptors(process) <= before).then_some(())
    });
}

/// How often a process told that it serves on.
pub(super) fn until_serves_on(gateway: &Gateway, times: usize) {
    eventually("the end of one that asked to be heard", || {
        let log = gateway.process.stderr();
        (log.matches("this one serves on").count() >= times).then_some(())
    });
}

/// Longer than the pause between two looks at the socket.
pub(super) const A_LOOK: Duration = Duration::from_millis(1_500);
