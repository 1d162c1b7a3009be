//! The program itself: started as a user starts it, watched, and always stopped.

use std::fmt;
use std::io::{self, Read, Seek as _, Write as _};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use super::eventually;
use super::exposition::Exposition;
use super::http::{Request, Response};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_wharf");

/// A command line that was not started yet.
pub(crate) struct CommandLine {
    command: Command,
}

/// What a command left behind.
pub(crate) struct Output {
    /// `None`: a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            stdout,
            stderr,
        } = self;
        write!(
            f,
            "exit {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )
    }
}

/// A command line with these arguments, without anything of the test's own environment.
pub(crate) fn wharf<Argument: AsRef<std::ffi::OsStr>>(arguments: &[Argument]) -> CommandLine {
    let mut command = Command::new(PROGRAM);
    command.args(arguments);
    CommandLine::new(command)
}

/// `wharf up` on free ports, announced as JSON.
pub(crate) fn up(arguments: &[&str]) -> CommandLine {
    wharf(&["up", "--format", "json"])
        .on_free_ports()
        .arguments(arguments)
}

impl CommandLine {
    /// Any command; nothing of the test's own environment reaches it.
    pub(crate) fn new(mut command: Command) -> Self {
        command.env_clear().current_dir("/").stdin(Stdio::null());
        Self { command }
    }

    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn on_free_ports(self) -> Self {
        self.arguments(&["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
    }

    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What it reads from standard input.
    pub(crate) fn input(mut self, text: &str) -> Self {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.rewind().unwrap();
        self.command.stdin(file);
        self
    }

    /// Gives it a socket as systemd does, under this name.
    pub(crate) fn socket(self, name: &str, socket: impl Into<OwnedFd>) -> Self {
        // The shell's number becomes the program's.
        let mut command = Command::new("sh");
        let script = "LISTEN_PID=$$ exec \"$0\" \"$@\" 3<&0 </dev/null";
        command.args(["-c", script]);
        command.arg(self.command.get_program());
        command.args(self.command.get_args());
        let mut line = Self::new(command)
            .variable("LISTEN_FDS", "1")
            .variable("LISTEN_FDNAMES", name);
        for (name, value) in self.command.get_envs() {
            line.command.env(name, value.unwrap());
        }
        line.standard_input(socket)
    }

    /// Gives it a socket or a file as its standard input.
    pub(crate) fn standard_input(mut self, file: impl Into<OwnedFd>) -> Self {
        self.command.stdin(Stdio::from(file.into()));
        self
    }

    /// Runs it to its end.
    pub(crate) fn finish(self) -> Output {
        self.start().finish()
    }

    /// Starts it.
    pub(crate) fn start(mut self) -> Process {
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{:?}: {error}", self.command));
        let stdout = Capture::of(child.stdout.take().unwrap());
        let stderr = Capture::of(child.stderr.take().unwrap());
        Process {
            child,
            stdout,
            stderr,
        }
    }

    /// Starts a `wharf up` and waits until it says where it listens.
    pub(crate) fn ready(self) -> Gateway {
        self.start().ready()
    }
}

/// A running command; it is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    stdout: Capture,
    stderr: Capture,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Waits until a `wharf up` says where it listens.
    pub(crate) fn ready(mut self) -> Gateway {
        let process = &mut self;
        let line = eventually("the ready line", || {
            let text = process.stdout();
            if !text.ends_with('\n')
                && let Some(status) = process.child.try_wait().unwrap()
            {
                panic!(
                    "ended with {status} before it was ready:\n{}",
                    process.stderr()
                );
            }
            text.ends_with('\n').then_some(text)
        });
        let ready: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(ready["event"], "ready", "{ready}");
        let address = |key: &str| -> SocketAddr {
            let text = ready[key]
                .as_str()
                .and_then(|url| url.strip_prefix("http://"));
            text.unwrap().parse().unwrap()
        };
        Gateway {
            data: address("data_plane"),
            control: address("control_plane"),
            ready,
            process: self,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything on standard output so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Everything on standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Waits for a line on standard error that has these words; gives the line.
    pub(crate) fn until_logged(&self, words: &str) -> String {
        eventually(&format!("`{words}` in the log"), || {
            let log = self.stderr();
            let line = log.lines().find(|line| line.contains(words));
            line.map(str::to_owned)
        })
    }

    /// Sends a signal, for example `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.id());
        let sent = Command::new("sh").args(["-c", &command]).status().unwrap();
        assert!(sent.success(), "{command}");
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end.
    pub(crate) fn finish(mut self) -> Output {
        let status = eventually("the program to end", || self.child.try_wait().unwrap());
        Output {
            code: status.code(),
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
        }
    }
}

/// A running `wharf up`.
pub(crate) struct Gateway {
    pub(crate) data: SocketAddr,
    pub(crate) control: SocketAddr,
    /// The ready line.
    pub(crate) ready: Value,
    pub(crate) process: Process,
}

impl Gateway {
    /// Makes a call; it must be answered.
    pub(crate) fn call(&self, request: &Request) -> Response {
        request.send(self.data).unwrap_or_else(|error| {
            panic!(
                "the call was not answered: {error}\n{}",
                self.process.stderr()
            )
        })
    }

    /// A GET with a caller's token.
    pub(crate) fn get(&self, target: &str, token: &str) -> Response {
        self.call(&Request::get(target).bearer(token))
    }

    /// A path of the control plane.
    pub(crate) fn control(&self, path: &str) -> Response {
        Request::get(path).send(self.control).unwrap()
    }

    /// The metrics of this moment, read strictly.
    pub(crate) fn metrics(&self) -> Exposition {
        Exposition::parse(self.control("/metrics").text())
    }

    /// The broken documents as `/readyz` lists them.
    pub(crate) fn broken(&self) -> Vec<(String, String)> {
        self.listed("broken", "file")
    }

    /// The changes that wait to be accepted, as `/readyz` lists them: integration and message.
    pub(crate) fn held(&self) -> Vec<(String, String)> {
        self.listed("held", "integration")
    }

    /// The entries of a list of `/readyz`: what `name` holds, and the message.
    pub(crate) fn listed(&self, list: &str, name: &str) -> Vec<(String, String)> {
        let answer = self.control("/readyz").json();
        let entries = answer[list].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        entries
            .iter()
            .map(|entry| (text(&entry[name]), text(&entry["message"])))
            .collect()
    }

    /// Why callers may be out of date, as `/readyz` says it.
    pub(crate) fn state_problem(&self) -> Option<String> {
        let answer = self.control("/readyz").json();
        answer["state_problem"].as_str().map(str::to_owned)
    }

    /// How many changes have been put in force.
    pub(crate) fn reloads(&self) -> f64 {
        self.metrics().value("wharf_reloads_total", &[])
    }

    /// Kills it, as a crash does.
    pub(crate) fn crash(self) {
        self.process.signal("KILL");
        self.process.finish();
    }

    /// The token that a simulation prints.
    pub(crate) fn token(&self) -> String {
        self.ready["caller_token"].as_str().unwrap().to_owned()
    }

    /// Asks it to stop and waits for the end.
    pub(crate) fn stop(self) -> Output {
        self.process.signal("TERM");
        self.process.finish()
    }
}

/// Reads a stream to its end beside the test.
struct Capture {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Capture {
    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 8 * 1024];
            loop {
                match stream.read(&mut buffer) {
                    Ok(0) => return,
                    Ok(read) => shared.lock().unwrap().extend_from_slice(&buffer[..read]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
        Self {
            bytes,
            reader: Some(reader),
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    /// What came until the other end was closed.
    fn whole(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.text()
    }
}
