//! The side of a command: it has the process that owns the state do something.

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wharf_console::wire;
use wharf_net::{Client, Connector, Limits, Origin};

use super::file::{self, Control, FileError};
use super::user::this_user;
use crate::reload::accept::Counter;
use crate::takeover::{Kind, is_served};

/// Longest wait for an answer, and for a process to say where it is.
const DEADLINE: Duration = Duration::from_secs(5);

/// Time between two looks at where it is.
const PAUSE: Duration = Duration::from_millis(50);

/// Longest answer that is taken, in bytes: twice that of the most callers.
const ANSWER_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// What is asked for.
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// Below the API's own path.
    pub(crate) path: String,
    pub(crate) body: Option<serde_json::Value>,
}

impl Ask {
    /// Something that changes nothing.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            body: None,
        }
    }

    /// Something that is done.
    pub(crate) fn post(path: impl Into<String>, body: serde_json::Value) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            body: Some(body),
        }
    }

    /// Something that is taken away.
    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self {
            method: Method::DELETE,
            path: path.into(),
            body: None,
        }
    }
}

/// Why a process that serves did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// It said so, with a code of docs/problems.md.
    #[error("{detail}")]
    Refused { code: String, detail: String },
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "the control API of process {process} is at {address}, which is not an address of this \
         machine: the token would travel in clear text. Run this command on the machine that runs \
         `wharf up`, or let its control plane listen on 127.0.0.1"
    )]
    Far { address: SocketAddr, process: u32 },
    #[error(
        "process {process} did not answer within {} seconds: it is stopped or hangs, its disk does, or \
         too many ask it at once. Let it go on or end it, then see with `wharf callers list` whether \
         anything was changed, and try again",
        DEADLINE.as_secs()
    )]
    Silent { process: u32 },
    #[error(
        "process {process} gave no whole answer; see with `wharf callers list` whether anything was \
         changed, and try again"
    )]
    BrokenOff {
        process: u32,
        #[source]
        source: anyhow::Error,
    },
    #[error(
        "{} uses the state folder {} and has not said within {} seconds where its control API is: \
         it is starting, is stopped, or is of a version that has none. Try again, or exchange it \
         with `wharf up --takeover`",
        crate::takeover::named(*.number), folder.display(), DEADLINE.as_secs()
    )]
    Untold {
        number: Option<u32>,
        folder: PathBuf,
    },
}

/// Finds the process that owns a state folder, and asks it.
pub(crate) struct Asker {
    state: PathBuf,
}

/// What came of a process that a file names.
enum Heard {
    Answer(StatusCode, Bytes),
    /// Nobody is there, or somebody who does not know the token. Nothing was done.
    Nobody,
}

impl Asker {
    pub(crate) fn of(state: &Path) -> Self {
        Self {
            state: state.to_owned(),
        }
    }

    /// Asks the process that serves; `None`: none does, and the files may be worked on.
    ///
    /// A process that has just taken over, or starts, or has lost its file, is waited for. A request
    /// is sent anew only where the one before was not done. Dropped, what was asked for is done or
    /// not.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, ask: &Ask) -> Result<Option<T>, AskError> {
        if let Some(answer) = self.ask_the_real_one(ask).await? {
            return Ok(Some(answer));
        }
        // No lock says whether it lives, and the state is not its own. Where it was killed, another
        // user's program may have its port, and would say that a token was taken away.
        if !is_served(&self.state, Kind::Simulation) {
            return Ok(None);
        }
        match file::read(&self.state, Kind::Simulation) {
            Ok(Some((control, _))) if is_here(control.address) => {
                match converse(&control, ask).await? {
                    Heard::Answer(status, body) => read(status, &body, control.process).map(Some),
                    Heard::Nobody => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    async fn ask_the_real_one<T: DeserializeOwned>(
        &self,
        ask: &Ask,
    ) -> Result<Option<T>, AskError> {
        let counter = Counter::of(&self.state);
        let deadline = Instant::now() + DEADLINE;
        let mut tried = None;
        // A folder that cannot be looked at is told of by who opens it.
        while counter.is_attended().unwrap_or(false) {
            let found = file::read(&self.state, Kind::Real);
            let is_late = Instant::now() >= deadline;
            match found {
                Ok(Some((control, mark))) if tried != Some(mark) => {
                    if !is_here(control.address) {
                        let Control {
                            address, process, ..
                        } = control;
                        return Err(AskError::Far { address, process });
                    }
                    if let Heard::Answer(status, body) = converse(&control, ask).await? {
                        return read(status, &body, control.process).map(Some);
                    }
                    // Left by a process that was killed; the one that serves writes another.
                    tried = Some(mark);
                    continue;
                }
                Ok(_) if is_late => {
                    let number = counter.number();
                    let folder = self.state.clone();
                    return Err(AskError::Untold { number, folder });
                }
                // It is mended by the process that serves.
                Err(FileError::Damaged { .. }) if !is_late => {}
                Err(error) => return Err(error.into()),
                Ok(_) => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(None)
    }
}

/// Whether what is sent to an address stays on this machine: the system then sends from the same
/// address. Nothing is sent to find out.
fn is_here(address: SocketAddr) -> bool {
    let any: SocketAddr = if address.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0_u16; 8], 0).into()
    };
    let way = UdpSocket::bind(any).and_then(|socket| {
        socket.connect(address)?;
        socket.local_addr()
    });
    address.ip().is_loopback() || way.is_ok_and(|way| way.ip() == address.ip())
}

async fn converse(control: &Control, ask: &Ask) -> Result<Heard, AskError> {
    let process = control.process;
    let was_sent = AtomicBool::new(false);
    match tokio::time::timeout(DEADLINE, exchange(control, ask, &was_sent)).await {
        Ok(heard) => heard,
        // Where nothing was sent, nobody took the connection.
        Err(_) => Err(AskError::Silent { process }),
    }
}

async fn exchange(control: &Control, ask: &Ask, was_sent: &AtomicBool) -> Result<Heard, AskError> {
    let process = control.process;
    let broken = |source: anyhow::Error| AskError::BrokenOff { process, source };
    let host = match control.address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    let origin = Origin::new(false, &host, control.address.port()).map_err(|e| broken(e.into()))?;
    let request = request(control, ask).map_err(broken)?;
    let client = Client::new(Connector::new(), Limits::default());
    let reply = match client.send(&origin, request, DEADLINE, was_sent).await {
        Ok(reply) => reply,
        Err(error) if !error.wrote || !was_sent.load(Ordering::Relaxed) => {
            return Ok(Heard::Nobody);
        }
        Err(error) => return Err(broken(error.into())),
    };
    let is_ours = reply
        .headers()
        .get(wire::HEADER)
        .is_some_and(|version| version == wire::VERSION);
    let status = reply.status();
    if !is_ours || status == StatusCode::UNAUTHORIZED {
        return Ok(Heard::Nobody);
    }
    let body = Limited::new(reply.into_body(), ANSWER_LIMIT_BYTES);
    match body.collect().await {
        Ok(body) => Ok(Heard::Answer(status, body.to_bytes())),
        Err(error) => Err(broken(anyhow::anyhow!(error))),
    }
}

fn request(control: &Control, ask: &Ask) -> anyhow::Result<Request<Full<Bytes>>> {
    let mut token = HeaderValue::try_from(format!("Bearer {}", control.token.expose_secret()))?;
    token.set_sensitive(true);
    let until = Timestamp::now() + DEADLINE;
    let body = match &ask.body {
        Some(body) => serde_json::to_vec(body)?,
        None => Vec::new(),
    };
    Ok(Request::builder()
        .method(ask.method.clone())
        .uri(format!("{}{}", wire::PATH, ask.path))
        .header(AUTHORIZATION, token)
        .header(CONTENT_TYPE, "application/json")
        .header(wire::USER, this_user())
        .header(wire::UNTIL, until.to_string())
        .body(Full::new(Bytes::from(body)))?)
}

/// What a problem document says.
#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
}

fn read<T: DeserializeOwned>(status: StatusCode, body: &[u8], process: u32) -> Result<T, AskError> {
    let broken = |error: serde_json::Error| AskError::BrokenOff {
        process,
        source: error.into(),
    };
    if status.is_success() {
        return serde_json::from_slice(body).map_err(broken);
    }
    let Problem { code, detail } = serde_json::from_slice(body).map_err(broken)?;
    Err(AskError::Refused { code, detail })
}
