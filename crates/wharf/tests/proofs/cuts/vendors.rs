//! One vendor for each environment of the catalog; they know what is due where.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::support::document::Document;

/// The header in which a call says for whom it is.
pub(super) const MARK: &str = "X-Proof-Target";

/// What has to arrive at a vendor.
#[derive(Clone)]
pub(super) struct Due {
    pub(super) integration: String,
    pub(super) environment: String,
    /// The variables whose values make the credential.
    pub(super) variables: Vec<String>,
}

impl Due {
    fn target(&self) -> String {
        format!("{}@{}", self.integration, self.environment)
    }
}

/// The value of a variable.
pub(super) fn canary(variable: &str) -> String {
    format!("canary.{}.end", variable.to_lowercase())
}

struct State {
    due: Vec<Due>,
    astray: Mutex<Vec<String>>,
    marker_target: Mutex<String>,
    stopped: AtomicBool,
}

/// Running vendors; they stop when they are dropped.
pub(super) struct Vendors {
    net: u8,
    port: u16,
    state: Arc<State>,
}

impl Drop for Vendors {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        for index in 0..=self.state.due.len() {
            // Wakes the thread that accepts.
            let _ = TcpStream::connect(address(self.net, index, self.port));
        }
    }
}

/// The address of a vendor. The last is the marker's.
fn address(net: u8, index: usize, port: u16) -> SocketAddr {
    let last = u8::try_from(index + 1).unwrap();
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, net, last)), port)
}

impl Vendors {
    /// Starts them in the part of the loopback addresses that has this number.
    pub(super) fn start(number: u8, due: Vec<Due>) -> Self {
        let net = number + 1;
        let count = due.len();
        let state = Arc::new(State {
            due,
            astray: Mutex::default(),
            marker_target: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        // Any port that is free at every address.
        let listeners = (0..100).find_map(|_| {
            let first = TcpListener::bind(address(net, 0, 0)).unwrap();
            let port = first.local_addr().unwrap().port();
            let rest = (1..=count).map(|index| TcpListener::bind(address(net, index, port)));
            let rest: Vec<TcpListener> = rest.collect::<Result<_, _>>().ok()?;
            Some((port, std::iter::once(first).chain(rest).collect::<Vec<_>>()))
        });
        let (port, listeners) = listeners.expect("a port that is free everywhere");
        for (index, listener) in listeners.into_iter().enumerate() {
            let state = Arc::clone(&state);
            thread::spawn(move || {
                for stream in listener.incoming() {
                    if state.stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    let (state, stream) = (Arc::clone(&state), stream.unwrap());
                    thread::spawn(move || serve(stream, index, &state));
                }
            });
        }
        Self { net, port, state }
    }

    /// The text with the vendors' addresses.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for index in 0..self.state.due.len() {
            let hole = format!("<vendor {index}>");
            text = text.replace(
                &hole,
                &format!("http://{}", address(self.net, index, self.port)),
            );
        }
        text
    }

    pub(super) fn targets(&self) -> impl Iterator<Item = String> {
        self.state.due.iter().map(Due::target)
    }

    pub(super) fn marker(&self, version: u64) -> Document {
        super::marker(address(self.net, self.state.due.len(), self.port), version)
    }

    /// The path that was last asked of the marker's vendor.
    pub(super) fn marker_target(&self) -> String {
        self.state.marker_target.lock().unwrap().clone()
    }

    /// What came to the wrong vendor or without its credential.
    pub(super) fn take_astray(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.astray.lock().unwrap())
    }
}

fn serve(stream: TcpStream, index: usize, state: &State) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        loop {
            let start = head.len();
            match reader.read_line(&mut head) {
                Ok(0) | Err(_) => return,
                Ok(_) if head[start..].trim_end().is_empty() => break,
                Ok(_) => {}
            }
        }
        let mut content = "{}".to_owned();
        if let Some(due) = state.due.get(index) {
            let wrong = if head.starts_with("POST ") {
                let mut form = vec![0; length(&head)];
                if reader.read_exact(&mut form).is_err() {
                    return;
                }
                content = token(due);
                credential_wrong(due, &state.due, &head, &String::from_utf8_lossy(&form))
            } else {
                wrong(due, &state.due, &head)
            };
            if let Some(wrong) = wrong {
                let mut astray = state.astray.lock().unwrap();
                astray.push(format!("at {}: {wrong}:\n{head}", due.target()));
            }
        } else {
            let target = head.split(' ').nth(1).unwrap_or_default();
            target.clone_into(&mut state.marker_target.lock().unwrap());
        }
        let length = content.len();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{content}");
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Callers read; what is posted asks for a token. It shows what it was made of.
fn token(due: &Due) -> String {
    let canaries: Vec<String> = due.variables.iter().map(|name| canary(name)).collect();
    let token = canaries.join("-");
    format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim())
}

fn length(head: &str) -> usize {
    header(head, "content-length").unwrap().parse().unwrap()
}

/// What is wrong with a request at a vendor.
fn wrong(due: &Due, all: &[Due], head: &str) -> Option<String> {
    if header(head, MARK) != Some(due.target().as_str()) {
        return Some("meant for another".to_owned());
    }
    credential_wrong(due, all, head, "")
}

fn credential_wrong(due: &Due, all: &[Due], head: &str, form: &str) -> Option<String> {
    let basic = header(head, "authorization")
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|value| STANDARD.decode(value).ok());
    let shown = format!(
        "{head}{form}{}",
        String::from_utf8_lossy(&basic.unwrap_or_default())
    );
    let missing = due
        .variables
        .iter()
        .find(|name| !shown.contains(&canary(name)));
    if let Some(name) = missing {
        return Some(format!("without {name}"));
    }
    let all = all.iter().flat_map(|due| &due.variables);
    let mut foreign = all.filter(|name| !due.variables.contains(name));
    let foreign = foreign.find(|name| shown.contains(&canary(name)));
    foreign.map(|name| format!("with {name}"))
}
