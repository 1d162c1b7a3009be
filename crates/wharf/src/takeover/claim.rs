//! The side of the new process: it asks for the listeners of the one that serves.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::door::knock;
use super::{
    GREETING, Handed, Kind, LISTENERS, NO, READY, SERVING, VERSION, YOURS, named, number_of, wire,
};

/// Longest time for a line of the process that serves.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// Why nothing was taken over. The process that serves goes on as it did.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClaimError {
    /// It said so.
    #[error("{} does not hand over: {reason}", named(*.number))]
    Refused { number: Option<u32>, reason: String },
    #[error("{} does not answer; it may be stopped or hang", named(*.number))]
    Silent { number: Option<u32> },
    #[error("{} speaks of take-overs in words that this version does not know; stop it and start this one", named(*.number))]
    Unintelligible { number: Option<u32> },
    /// Another user put a socket into the state folder.
    #[error("the socket for take-overs in {} is another user's; start this as the user that serves", folder.display())]
    Foreign { folder: PathBuf },
    /// Most often the folder is another user's.
    #[error("cannot ask at {} who serves; start this as the user that does", socket.display())]
    Closed {
        socket: PathBuf,
        #[source]
        source: io::Error,
    },
    /// It ended while it was asked; its socket goes with it.
    #[error("{} ended, or began to stop, while it was asked", named(*.number))]
    Ended { number: Option<u32> },
    #[error("cannot ask {} to hand over", named(*.number))]
    System {
        number: Option<u32>,
        #[source]
        source: io::Error,
    },
}

/// Listeners of another process that still serves.
pub(crate) struct Claim {
    stream: UnixStream,
    /// The number of the other process, where the system tells it.
    number: Option<u32>,
    /// Tells that it has ended. `None`: it runs in another container, or the system is old.
    process: Option<OwnedFd>,
}

impl Claim {
    /// Asks the process that serves a state folder; `None`: there is none. Blocks for at most
    /// [`ANSWER_TIME`]. Called inside a runtime.
    pub(crate) fn ask(state: &Path, kind: Kind) -> Result<Option<(Self, Handed)>, ClaimError> {
        let cannot = |number| move |source| ClaimError::System { number, source };
        let knocked = knock(state, kind.socket()).map_err(|source| match source.kind() {
            io::ErrorKind::WouldBlock => ClaimError::Silent { number: None },
            _ => ClaimError::Closed {
                socket: state.join(kind.socket()),
                source,
            },
        })?;
        let Some(stream) = knocked else {
            return Ok(None);
        };
        let peer = stream
            .try_clone()
            .and_then(tokio::net::UnixStream::from_std)
            .and_then(|stream| stream.peer_cred())
            .map_err(cannot(None))?;
        // The clone shares this with it.
        stream.set_nonblocking(false).map_err(cannot(None))?;
        if peer.uid() != rustix::process::geteuid().as_raw() {
            let folder = state.to_owned();
            return Err(ClaimError::Foreign { folder });
        }
        let number = number_of(&peer);
        let process = peer.pid().and_then(Pid::from_raw);
        let claim = Self {
            stream,
            number,
            process: process.and_then(|process| pidfd_open(process, PidfdFlags::empty()).ok()),
        };
        let (line, descriptors) = claim.talk(&format!("{GREETING} {VERSION}"), LISTENERS)?;
        let handed = Handed::read(&line, descriptors);
        let handed = handed.ok_or(ClaimError::Unintelligible { number })?;
        Ok(Some((claim, handed)))
    }

    /// Says that all is prepared. From then on this process may serve, and has to. Blocks for at
    /// most twice [`ANSWER_TIME`].
    pub(crate) fn confirm(&self) -> Result<(), ClaimError> {
        match self.talk(READY, YOURS) {
            // A process that is no more takes nothing back, and callers wait at its sockets.
            Err(ClaimError::Ended { .. }) if self.is_other_gone() => {
                tracing::warn!(
                    "{} ended before it had handed over; this one serves",
                    named(self.number)
                );
                Ok(())
            }
            said => said.map(drop),
        }
    }

    /// Says that this process serves; the other one ends its part then. Called after
    /// [`Self::confirm`].
    pub(crate) fn serves(self) {
        // One that is gone needs no word.
        let _ = wire::send(&self.stream, SERVING, &[]);
        tracing::info!("took over from {}", named(self.number));
    }

    /// Says something, and gives the answer that begins with a word.
    fn talk(&self, line: &str, wanted: &str) -> Result<(String, Vec<OwnedFd>), ClaimError> {
        let number = self.number;
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::TimedOut => ClaimError::Silent { number },
            io::ErrorKind::UnexpectedEof => ClaimError::Ended { number },
            io::ErrorKind::InvalidData => ClaimError::Unintelligible { number },
            _ => ClaimError::System { number, source },
        };
        match wire::send(&self.stream, line, &[]) {
            // Whoever refuses may be gone by then, and its reason is there to be read.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            sent => sent.map_err(failed)?,
        }
        let deadline = Instant::now() + ANSWER_TIME;
        let (line, descriptors) = wire::receive(&self.stream, Some(deadline)).map_err(failed)?;
        if let Some(reason) = line.strip_prefix(NO) {
            let reason = reason.to_owned();
            return Err(ClaimError::Refused { number, reason });
        }
        if line.split(' ').next() != Some(wanted) {
            return Err(ClaimError::Unintelligible { number });
        }
        Ok((line, descriptors))
    }

    /// Waits until the other process has ended, for at most [`ANSWER_TIME`]. One that cannot be
    /// watched is taken as gone: it has closed its connection.
    fn is_other_gone(&self) -> bool {
        let Some(process) = &self.process else {
            return true;
        };
        let mut watched = [PollFd::new(process, PollFlags::IN)];
        let time = Timespec::try_from(ANSWER_TIME).ok();
        poll(&mut watched, time.as_ref()).is_ok_and(|ended| ended > 0)
    }
}
