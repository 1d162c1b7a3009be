//! A new process takes the listeners of the one that serves a state folder, so that no connection
//! is refused while a program or its settings are exchanged.
//!
//! ```text
//!  new                             old, at STATE/takeover.sock
//!  wharf-takeover 1 …        ───►  versions that it speaks
//!                            ◄───  listeners 1 data control …, and the descriptors beside it
//!  (prepares everything)
//!  ready                     ───►
//!                            ◄───  yours
//!  (begins to serve)
//!  serving                   ───►  takes no more connections, and lets its calls finish
//! ```
//!
//! Instead of its lines the old one may say `no REASON`. One talk is had at a time; who has not
//! greeted yet is in nobody's way. Until `yours` it is the one that serves,
//! and when the new one ends or is late, nothing has happened. After it only the end of the new one
//! undoes it, and the old one serves on until it hears `serving`: at no time does nobody serve.
//! The sockets are the same all along, so connections that wait in them are not lost; both may take
//! some for a moment.
//!
//! The locks on the state folder and on the log of events go over with them: they belong to the open
//! file, not to a process. Before it says `yours`, the old one has written its log to the end and
//! writes no more; it takes the log back where the new one ends before it serves.

mod claim;
mod door;
mod offer;
mod wire;

use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

use tokio::net::unix::UCred;
use wharf_policy::caller::CallerToken;

pub(crate) use claim::{Claim, ClaimError};
pub(crate) use offer::Offer;

/// The first word of all, and the version of what follows.
const GREETING: &str = "wharf-takeover";
const VERSION: &str = "1";

/// What the old one says.
const LISTENERS: &str = "listeners";
const YOURS: &str = "yours";
const NO: &str = "no ";

/// What the new one says.
const READY: &str = "ready";
const SERVING: &str = "serving";

/// Whose listeners are asked for. A simulation works beside the real thing in one folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Real,
    Simulation,
}

impl Kind {
    pub(crate) const fn of(is_simulated: bool) -> Self {
        if is_simulated {
            Self::Simulation
        } else {
            Self::Real
        }
    }

    const fn socket(self) -> &'static str {
        match self {
            Self::Real => "takeover.sock",
            Self::Simulation => "takeover-simulation.sock",
        }
    }
}

/// Whether a process of this kind is behind its socket in a state folder, where nobody but the owner
/// of the folder can make one. One that is stopped is there too.
pub(crate) fn is_served(state: &Path, kind: Kind) -> bool {
    match door::knock(state, kind.socket()) {
        Ok(found) => found.is_some(),
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

/// What passes from one process to the other.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(crate) data: TcpListener,
    pub(crate) control: TcpListener,
    /// On the state folder. `None`: there is none, or it could not be had.
    pub(crate) lock: Option<File>,
    /// On the log of events. `None`: none is kept.
    pub(crate) log: Option<File>,
    /// The caller's token of a simulation, which goes on to be good.
    pub(crate) token: Option<CallerToken>,
}

/// What one process at a time keeps, and cannot share as it does a listener. Both block.
pub(crate) trait Kept: Send + Sync {
    /// Lets go of it, with all written that was promised.
    fn release(&self);

    /// Keeps it again: the other process ended before it served.
    fn take_back(&self);
}

const DATA: &str = "data";
const CONTROL: &str = "control";
const LOCK: &str = "lock";
const LOG: &str = "log";
const TOKEN: &str = "token=";

impl Handed {
    /// The line that says what is handed over, and the descriptors in its order.
    fn line(&self) -> (String, Vec<BorrowedFd<'_>>) {
        let mut line = format!("{LISTENERS} {VERSION} {DATA} {CONTROL}");
        let mut descriptors = vec![self.data.as_fd(), self.control.as_fd()];
        if let Some(lock) = &self.lock {
            line = format!("{line} {LOCK}");
            descriptors.push(lock.as_fd());
        }
        if let Some(log) = &self.log {
            line = format!("{line} {LOG}");
            descriptors.push(log.as_fd());
        }
        if let Some(token) = &self.token {
            line = format!("{line} {TOKEN}{}", token.expose_secret());
        }
        (line, descriptors)
    }

    /// Reads it. `None`: it is not understood.
    fn read(line: &str, descriptors: Vec<OwnedFd>) -> Option<Self> {
        let mut words = line.split(' ');
        if words.next() != Some(LISTENERS) || words.next() != Some(VERSION) {
            return None;
        }
        let mut descriptors = descriptors.into_iter();
        let (mut data, mut control, mut token) = (None, None, None);
        let (mut lock, mut log) = (None, None);
        for word in words {
            match word {
                DATA => data = Some(wharf_net::listen::adopt(descriptors.next()?).ok()?),
                CONTROL => control = Some(wharf_net::listen::adopt(descriptors.next()?).ok()?),
                LOCK => lock = Some(descriptors.next()?.into()),
                LOG => log = Some(descriptors.next()?.into()),
                word => token = Some(CallerToken::from_text(word.strip_prefix(TOKEN)?)?),
            }
        }
        let (data, control) = (data?, control?);
        descriptors.next().is_none().then_some(Self {
            data,
            control,
            lock,
            log,
            token,
        })
    }
}

/// The number of a process at the other end. `None`: the system does not tell it, or it runs in
/// another container, whose processes have no number here.
fn number_of(peer: &UCred) -> Option<u32> {
    let number = peer.pid().filter(|number| *number > 0)?;
    u32::try_from(number).ok()
}

/// A process, as the log names it.
pub(crate) fn named(number: Option<u32>) -> String {
    number.map_or_else(
        || "a process".to_owned(),
        |number| format!("process {number}"),
    )
}

#[cfg(test)]
mod tests;
