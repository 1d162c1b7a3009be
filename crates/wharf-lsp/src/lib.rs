//! The language server: documents as an editor shows them.
//!
//! One thread reads messages, one does everything else. Nothing here touches the file system: the
//! caller gives [`Files`] and two streams. Texts in an editor go before those on disk.

mod address;
mod client;
mod diagnostics;
mod document;
mod features;
mod layout;
mod loading;
mod place;
mod position;
mod refusal;
mod server;
mod settings;
mod transport;
mod view;
mod workspace;

use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

use wharf_workspace::Beside;

use crate::server::Server;
use crate::transport::Incoming;

/// Messages that wait while one is worked on; past it, reading waits.
const MOST_WAITING: usize = 256;

/// What the server needs of the file system. Linked files may be remembered until
/// [`forget_linked`](Self::forget_linked); committed texts are not asked for.
pub trait Files: Beside {
    /// Files below a folder that may be documents or settings, found one by one. Bounded.
    fn list(&self, folder: &Path) -> Box<dyn Iterator<Item = PathBuf>>;

    /// Whether [`list`](Self::list) would find this path below the folder.
    fn belongs(&self, folder: &Path, path: &Path) -> bool;

    /// The text of a file. `None` when it is absent, too large or no text.
    fn read(&self, path: &Path) -> Option<String>;

    /// Other files may have changed.
    fn forget_linked(&self);

    /// The text of a `wharf.toml`; `None` where there is none. The error says in words for people
    /// why there is no text, and what to do.
    fn settings(&self, path: &Path) -> Result<Option<String>, String>;

    /// The path of a file in a folder without links. `None`: there is no such folder.
    fn real(&self, path: &Path) -> Option<PathBuf>;
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client asked for `shutdown` and then for `exit`.
    Clean,
    /// The client left without `shutdown`.
    Abandoned,
}

/// One language server.
pub struct Options {
    /// What the client is told about the program.
    pub version: String,
    /// Where documents on disk are found.
    pub files: Box<dyn Files>,
}

impl Options {
    /// Serves one client until it leaves. `input` is read on a thread of its own, which ends with the
    /// stream. Fails when the client cannot be written to.
    pub fn run(self, input: impl BufRead + Send + 'static, output: impl Write) -> io::Result<End> {
        let (sender, receiver) = sync_channel(MOST_WAITING);
        // Not joined: it may wait for a client that never writes again.
        thread::spawn(move || {
            let mut input = input;
            loop {
                match transport::read(&mut input) {
                    Ok(Some(incoming)) => {
                        let is_exit = matches!(
                            &incoming,
                            Incoming::Message(message) if message["method"] == "exit"
                        );
                        if sender.send(incoming).is_err() || is_exit {
                            return;
                        }
                    }
                    Ok(None) => return,
                    Err(error) => {
                        tracing::error!(%error, "the client's messages cannot be read any more");
                        return;
                    }
                }
            }
        });
        Server::new(self, output).run(&receiver)
    }
}
