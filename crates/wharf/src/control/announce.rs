//! The side of the process that serves: it says where it is found, as long as it is.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use secrecy::zeroize::Zeroizing;
use wharf_console::ControlToken;

use super::file::{self, Control, FileError, Mark};
use crate::addresses;
use crate::takeover::Kind;

/// Says in a state folder where a process is found. Dropping it takes the file away where it is
/// still the one that this process wrote.
pub(crate) struct Announcement {
    state: PathBuf,
    kind: Kind,
    pub(super) control: Control,
    placed: Mutex<Option<Placed>>,
}

/// The file that was last found to be right.
#[derive(Clone, Copy)]
struct Placed {
    mark: Mark,
    /// This process wrote it.
    is_own: bool,
}

impl Announcement {
    /// For a process whose control plane listens at `listened`. Nothing is written before
    /// [`Self::begin`].
    ///
    /// `is_takeover`: the token of the process that serves there is gone on with, where it can be
    /// read. It fails where the system gives no random numbers.
    pub(crate) fn new(
        state: &Path,
        kind: Kind,
        listened: SocketAddr,
        is_takeover: bool,
    ) -> anyhow::Result<Self> {
        let address = addresses::usable(listened);
        let before = is_takeover
            .then(|| file::read(state, kind).ok().flatten())
            .flatten()
            .filter(|(before, _)| before.address == address);
        let token = match before {
            Some((before, _)) => before.token,
            None => random_token().context("no random numbers for a token")?,
        };
        Ok(Self {
            state: state.to_owned(),
            kind,
            control: Control {
                address,
                process: std::process::id(),
                token,
            },
            placed: Mutex::default(),
        })
    }

    /// What commands send.
    pub(crate) fn token(&self) -> ControlToken {
        self.control.token.clone()
    }

    /// Writes the file. Called before anybody may know that this process serves. Blocks.
    ///
    /// That it cannot be written does no other harm, and is told by who calls [`Self::keep`].
    pub(crate) fn begin(&self) {
        if self.state.is_dir() {
            file::tidy(&self.state);
            // It is tried again within a second.
            let _ = self.write();
        }
    }

    /// Writes the file anew where it is gone or says something else. Costs a look at it.
    ///
    /// `is_ours`: the folder is this process's own. In another one's it writes nothing.
    pub(crate) fn keep(&self, is_ours: bool) -> io::Result<()> {
        if !is_ours || !self.state.is_dir() {
            return Ok(());
        }
        let found = Mark::of(&file::path(&self.state, self.kind));
        if found.is_some() && found == self.placed().map(|placed| placed.mark) {
            return Ok(());
        }
        match file::read(&self.state, self.kind) {
            // The next process wrote it, which is about to serve. One of this process, which came back
            // with a folder, is written anew, to be known as its own.
            Ok(Some((other, mark)))
                if self.is_as_good(&other) && other.process != self.control.process =>
            {
                let is_own = false;
                *self.placed() = Some(Placed { mark, is_own });
                Ok(())
            }
            // Of two simulations, which no lock keeps apart, the one that started last is found.
            Ok(Some((other, _))) if self.kind == Kind::Simulation && !self.is_as_good(&other) => {
                Ok(())
            }
            Err(FileError::System { source, .. }) => Err(source),
            _ => self.write(),
        }
    }

    /// Whether a command that reads `other` is heard by this process.
    fn is_as_good(&self, other: &Control) -> bool {
        let token = other.token.expose_secret().as_bytes();
        other.address == self.control.address && self.control.token.is(token)
    }

    fn write(&self) -> io::Result<()> {
        let mark = file::write(&self.state, self.kind, &self.control)?;
        let is_own = true;
        *self.placed() = Some(Placed { mark, is_own });
        Ok(())
    }

    fn placed(&self) -> MutexGuard<'_, Option<Placed>> {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        let path = file::path(&self.state, self.kind);
        let placed = *self.placed();
        if placed.is_some_and(|placed| placed.is_own && Mark::of(&path) == Some(placed.mark)) {
            // What is left is found to be nobody's.
            let _ = fs::remove_file(path);
        }
    }
}

fn random_token() -> Result<ControlToken, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; ControlToken::RANDOM_BYTES]);
    getrandom::fill(bytes.as_mut())?;
    Ok(ControlToken::from_random(&bytes))
}
