//! A vendor that does what a test tells it and keeps what it received.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::{PATIENCE, eventually};

/// One request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// For example `GET`.
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// All header lines.
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The value of a header that stands once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim());
        let value = values.next();
        assert!(values.next().is_none(), "{name} stands twice: {self:?}");
        value
    }
}

/// Holds answers back until it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(crate) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    pub(crate) fn wait(&self) {
        let open = self.0.0.lock().unwrap();
        let waited = self
            .0
            .1
            .wait_timeout_while(open, PATIENCE * 2, |open| !*open);
        drop(waited.unwrap());
    }
}

#[derive(Default)]
struct State {
    received: Mutex<Vec<Received>>,
    connections: Mutex<Vec<TcpStream>>,
    stopped: AtomicBool,
}

/// A running vendor; it stops when it is dropped.
pub(crate) struct Vendor {
    address: SocketAddr,
    state: Arc<State>,
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts, which then drops the listener.
        let _ = TcpStream::connect(self.address);
        for connection in self.state.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Vendor {
    /// A vendor that reads each request to its end and writes the bytes that `answer` gives. It
    /// closes the connection after `Connection: close`, and when there are none.
    pub(crate) fn answering(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let (shared, answer) = (Arc::clone(&state), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let mut connections = shared.connections.lock().unwrap();
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                connections.push(stream.try_clone().unwrap());
                let (shared, answer) = (Arc::clone(&shared), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &shared, &*answer));
            }
        });
        Self { address, state }
    }

    /// A vendor that answers everything with 200 and a small body.
    pub(crate) fn fine() -> Self {
        Self::answering(|_| json(200, "{\"ok\":true}"))
    }

    /// A vendor that answers nothing before the gate is open.
    pub(crate) fn held(gate: &Gate) -> Self {
        let gate = gate.clone();
        Self::answering(move |_| {
            gate.wait();
            json(200, "{\"ok\":true}")
        })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// The last request.
    pub(crate) fn last(&self) -> Received {
        self.requests()
            .pop()
            .expect("nothing arrived at the vendor")
    }

    /// Waits until so many requests have come.
    pub(crate) fn until_count(&self, requests: usize) {
        eventually(&format!("{requests} requests at the vendor"), || {
            (self.state.received.lock().unwrap().len() >= requests).then_some(())
        });
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn serve(stream: TcpStream, state: &State, answer: &dyn Fn(&Received) -> Vec<u8>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    // A peer that goes away ends the connection; what it did is judged elsewhere.
    while let Some(received) = read(&mut reader) {
        state.received.lock().unwrap().push(received.clone());
        let bytes = answer(&received);
        let closes = bytes.windows(17).any(|part| part == b"Connection: close");
        let written = reader.get_mut().write_all(&bytes).is_ok();
        if bytes.is_empty() || closes || !written {
            let _ = reader.get_ref().shutdown(Shutdown::Both);
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = String::new();
    loop {
        let start = headers.len();
        if reader.read_line(&mut headers).ok()? == 0 {
            return None;
        }
        if headers[start..].trim_end().is_empty() {
            break;
        }
    }
    let mut received = Received {
        method,
        target,
        headers,
        body: Vec::new(),
    };
    if let Some(length) = received.header("content-length") {
        received.body = vec![0; length.parse().ok()?];
        reader.read_exact(&mut received.body).ok()?;
    }
    Some(received)
}
