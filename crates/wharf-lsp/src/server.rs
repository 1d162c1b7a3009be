//! The session: takes messages one by one, answers, and tells the client what was found.
//!
//! Texts are read when an answer needs them or when no message waits, so that a burst of
//! keystrokes costs one reading.

mod files;
mod requests;

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash as _, Hasher as _};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use gen_lsp_types::{Diagnostic, PublishDiagnosticsParams};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::client::Client;
use crate::diagnostics;
use crate::loading::{Loading, Progress, token};
use crate::refusal::Refusal;
use crate::transport::{Incoming, Output};
use crate::workspace::Workspace;
use crate::{End, Files, Options};

/// Findings wait for a pause in the client's messages, but no longer than this.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

/// Files that are read between two looks for messages.
const FILES_AT_ONCE: usize = 16;

/// Documents that are checked, and told of, between two looks for messages.
const DOCUMENTS_AT_ONCE: usize = 16;

/// Files between two reports of progress.
const FILES_BETWEEN_REPORTS: usize = 256;

/// How far the session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

pub(crate) struct Server<W> {
    output: Output<W>,
    files: Box<dyn Files>,
    version: String,
    client: Client,
    workspace: Workspace,
    loading: Loading,
    phase: Phase,
    /// A fingerprint of what the client shows of each document that has findings.
    published: HashMap<PathBuf, u64>,
    inbox: VecDeque<Incoming>,
    next_request: u64,
    /// Since when findings wait for a pause.
    waiting_since: Option<Instant>,
    /// A rename of a file that the client was told to make, until it is seen on disk.
    renaming: Option<files::Renaming>,
}

impl<W: Write> Server<W> {
    pub(crate) fn new(options: Options, output: W) -> Self {
        Self {
            output: Output::new(output),
            files: options.files,
            version: options.version,
            client: Client::default(),
            workspace: Workspace::default(),
            loading: Loading::default(),
            phase: Phase::New,
            published: HashMap::new(),
            inbox: VecDeque::new(),
            next_request: 0,
            waiting_since: None,
            renaming: None,
        }
    }

    /// Serves until the client leaves.
    pub(crate) fn run(mut self, receiver: &Receiver<Incoming>) -> io::Result<End> {
        loop {
            let is_open = self.collect(receiver);
            let incoming = match self.inbox.pop_front() {
                Some(incoming) => incoming,
                None if !is_open => return Ok(self.end()),
                None if self.work_unasked()? => continue,
                None => match receiver.recv() {
                    Ok(incoming) => incoming,
                    Err(_) => return Ok(self.end()),
                },
            };
            if let Some(end) = self.take(incoming)? {
                return Ok(end);
            }
            if self
                .waiting_since
                .is_some_and(|since| since.elapsed() > LONGEST_WAIT)
            {
                self.publish(None)?;
            }
        }
    }

    fn end(&self) -> End {
        if self.phase == Phase::ShutDown {
            End::Clean
        } else {
            End::Abandoned
        }
    }

    /// Takes what has come; a request that was taken back is answered so at once. `false` when the
    /// client is gone.
    fn collect(&mut self, receiver: &Receiver<Incoming>) -> bool {
        while self.inbox.len() < crate::MOST_WAITING {
            match receiver.try_recv() {
                Ok(incoming) => self.inbox.push_back(incoming),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    /// What is done while no message waits. `false` when there is nothing to do.
    fn work_unasked(&mut self) -> io::Result<bool> {
        if self.phase != Phase::Running {
            return Ok(false);
        }
        if self.workspace.is_stale(self.loading.is_done()) {
            self.publish(None)?;
            return Ok(true);
        }
        if self.loading.is_done() {
            return Ok(false);
        }
        self.load(FILES_AT_ONCE)?;
        Ok(true)
    }

    fn take(&mut self, incoming: Incoming) -> io::Result<Option<End>> {
        let message = match incoming {
            Incoming::Message(message) => message,
            Incoming::Malformed(why) => {
                self.output
                    .refuse(&Value::Null, Refusal::PARSE_ERROR, &why)?;
                return Ok(None);
            }
        };
        let method = message.get("method").and_then(Value::as_str);
        let id = message.get("id");
        match (method, id) {
            (Some("exit"), None) => return Ok(Some(self.end())),
            (Some(method), None) => self.notification(method, &message["params"])?,
            (Some(method), Some(id)) if id.is_number() || id.is_string() => {
                self.request(method, id, message["params"].clone())?;
            }
            (None, Some(id))
                if message.get("result").is_some() || message.get("error").is_some() =>
            {
                self.response(id, message.get("error").is_none())?;
            }
            _ => {
                let why = "neither a request nor a notification nor a response";
                self.output
                    .refuse(&Value::Null, Refusal::INVALID_REQUEST, why)?;
            }
        }
        Ok(None)
    }

    fn request(&mut self, method: &str, id: &Value, params: Value) -> io::Result<()> {
        if self.take_back(id) {
            return self
                .output
                .refuse(id, Refusal::CANCELLED, "the client took the request back");
        }
        let result = match (self.phase, method) {
            (Phase::New, "initialize") => self.initialize(&params),
            (Phase::New, _) => Err(Refusal::new(
                Refusal::NOT_INITIALIZED,
                "`initialize` comes first",
            )),
            (Phase::ShutDown, _) => Err(Refusal::new(
                Refusal::INVALID_REQUEST,
                "the server was shut down; only `exit` may follow",
            )),
            (Phase::Running, "initialize") => Err(Refusal::new(
                Refusal::INVALID_REQUEST,
                "the session has begun already",
            )),
            (Phase::Running, "shutdown") => {
                self.phase = Phase::ShutDown;
                self.loading.stop();
                Ok(Value::Null)
            }
            (Phase::Running, method) => self.answer(method, params)?,
        };
        match result {
            Ok(result) => self.output.answer(id, &result),
            Err(refusal) => self.output.refuse(id, refusal.code, &refusal.message),
        }
    }

    /// Whether a message that waits takes a request back.
    fn take_back(&mut self, id: &Value) -> bool {
        self.inbox.iter().any(|incoming| match incoming {
            Incoming::Message(message) => {
                message["method"] == "$/cancelRequest" && message["params"]["id"] == *id
            }
            Incoming::Malformed(_) => false,
        })
    }

    /// The client's answer to a request of ours.
    fn response(&mut self, id: &Value, granted: bool) -> io::Result<()> {
        let Progress::Asked(number) = self.loading.progress else {
            return Ok(());
        };
        if id.as_u64() != Some(number) {
            return Ok(());
        }
        if !granted || self.loading.is_done() {
            self.loading.progress = Progress::Silent;
            return Ok(());
        }
        self.loading.progress = Progress::Shown(number);
        let value = json!({
            "kind": "begin", "title": "Reading documents", "cancellable": true,
        });
        self.report(&value)
    }

    /// Sends a request whose answer may be waited for; returns its number.
    fn ask(&mut self, method: &str, params: &Value) -> io::Result<u64> {
        self.next_request += 1;
        self.output.request(self.next_request, method, params)?;
        Ok(self.next_request)
    }

    fn report(&mut self, value: &Value) -> io::Result<()> {
        let Progress::Shown(number) = self.loading.progress else {
            return Ok(());
        };
        let params = json!({ "token": token(number), "value": value });
        self.output.notify("$/progress", &params)
    }

    /// Reads some of what changed, `first` among it, and tells the client what it does not show yet.
    fn publish(&mut self, first: Option<&Path>) -> io::Result<()> {
        let compare = self.loading.is_done();
        let files = self.files.as_ref();
        for path in self
            .workspace
            .refresh(files, compare, DOCUMENTS_AT_ONCE, first)
        {
            let Some(document) = self.workspace.document(&path) else {
                continue;
            };
            let found = diagnostics::of(&self.workspace, document, self.client);
            let now = (!found.is_empty()).then(|| fingerprint(&found));
            if self.published.get(&path).copied() == now {
                continue;
            }
            let params = PublishDiagnosticsParams {
                uri: document.uri.clone(),
                version: document.version,
                diagnostics: found,
            };
            self.output
                .notify("textDocument/publishDiagnostics", &params)?;
            match now {
                Some(now) => self.published.insert(path, now),
                None => self.published.remove(&path),
            };
        }
        self.waiting_since = self.workspace.is_stale(compare).then(Instant::now);
        Ok(())
    }

    /// Takes the findings of a document that is gone out of the client's list.
    fn unpublish(&mut self, path: &Path, uri: gen_lsp_types::Uri) -> io::Result<()> {
        if self.published.remove(path).is_none() {
            return Ok(());
        }
        let params = PublishDiagnosticsParams {
            uri,
            version: None,
            diagnostics: Vec::new(),
        };
        self.output
            .notify("textDocument/publishDiagnostics", &params)
    }
}

/// Tells lists of findings apart without keeping them.
fn fingerprint(found: &[Diagnostic]) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_vec(found)
        .unwrap_or_default()
        .hash(&mut hasher);
    hasher.finish()
}

/// Reads parameters; what cannot be read is the client's mistake.
fn parameters<P: DeserializeOwned>(params: Value) -> Result<P, Refusal> {
    serde_json::from_value(params)
        .map_err(|error| Refusal::new(Refusal::INVALID_PARAMS, error.to_string()))
}

/// The protocol's types are plain data, which always can be written.
fn value_of(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
