//! What a caller and a vendor may send when they are broken, or worse: raw bytes with random
//! changes, to the running program.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::run::{Run, mutated};
use super::support::document::Document;
use super::support::http::Request;
use super::support::program::{Gateway, up};
use super::support::workspace::Workspace;

/// A connection that neither ends nor is answered by then hangs. One attempt takes 10 s at most,
/// and there are two.
const HANGS_AFTER: Duration = Duration::from_secs(30);

/// What takes longer than this to be answered is waiting for more.
const PAUSE: Duration = Duration::from_millis(60);

/// After so many messages a good call has to work.
const BETWEEN_GOOD_CALLS: u64 = 25;

/// Good requests; `{token}` is a caller's.
const REQUESTS: &[&str] = &[
    "GET /petshop/pets?limit=3 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nWharf-Timeout: 2.5\r\n\r\n",
    "POST /petshop/pets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"name\":\"Ada\"}",
    "POST /petshop/pets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n7\r\n{\"name\"\r\n7;x=y\r\n:\"Ada\"}\r\n0\r\nX-Sum: 1\r\n\r\n",
    "PUT /petshop@production/pets/p1 HTTP/1.1\r\nHost: localhost:7070\r\nauthorization: bearer {token}\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5, max=10\r\nX-Hop: 1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "GET http://localhost/petshop/pets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    "HEAD /petshop/pets HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\nGET /petshop/pets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nWharf-Environment: production\r\n\r\n",
];

/// Good answers of a vendor.
const ANSWERS: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\n{\"ok\"\r\n6;x=y\r\n:true}\r\n0\r\nX-Sum: 1\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: http://localhost/v1/pets?page=2#x\r\nLink: <http://localhost/v1/pets?page=2>; rel=\"next\", </pets?page=9>; rel=\"last\"\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/problem+json\r\nKeep-Alive: timeout=5\r\nContent-Length: 49\r\n\r\n{\"error\":{\"code\":\"invalid\",\"type\":\"credentials\"}}",
    "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nDeprecation: @1688169599\r\nSunset: Sun, 06 Nov 2044 08:49:37 GMT\r\nContent-Length: 4\r\n\r\nbusy",
    "HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\nSet-Cookie: a=b\r\n\r\nuntil the end",
];

pub(crate) fn run(run: &mut Run) {
    let vendor = Scripted::start();
    let workspace = Workspace::of([&Document::before("petshop", vendor.address)]);
    let token = workspace.caller("shop");
    let mut gateway = up(&[workspace.argument()])
        .variable("PET_KEY", "key")
        .ready();
    let good_call = Request::get("/petshop/pets").bearer(&token);
    let (mut answered, mut ended) = (0_u64, 0_u64);
    run.each(|run, number| {
        let is_of_caller = number % 2 == 0;
        let message = if is_of_caller {
            let request = REQUESTS[run.random.usize(0..REQUESTS.len())];
            mutated(
                &mut run.random,
                request.replace("{token}", &token).as_bytes(),
            )
        } else {
            let answer = ANSWERS[run.random.usize(0..ANSWERS.len())];
            let answer = mutated(&mut run.random, answer.as_bytes());
            vendor.answer_with(&answer);
            answer
        };
        let request = if is_of_caller {
            message.clone()
        } else {
            REQUESTS[0].replace("{token}", &token).into_bytes()
        };
        match exchange(gateway.data, &request) {
            Ok(said) if said.is_empty() => ended += 1,
            Ok(said) => {
                let shown = || said[..said.len().min(200)].escape_ascii().to_string();
                assert!(said.starts_with(b"HTTP/1."), "{}", shown());
                answered += 1;
            }
            Err(error) => panic!("{error} after: {}", message.escape_ascii()),
        }
        vendor.answer_with(ANSWERS[0].as_bytes());
        if number % BETWEEN_GOOD_CALLS == 0 || number + 1 == run.count {
            assert_well(&mut gateway, &good_call, &message);
        }
    });
    run.note(format!(
        "{answered} answered, {ended} ended without an answer"
    ));
}

/// The program runs, said nothing of a panic, and serves a good call.
fn assert_well(gateway: &mut Gateway, good_call: &Request, message: &[u8]) {
    let message = message.escape_ascii();
    assert!(!gateway.process.has_ended(), "it ended after: {message}");
    let log = gateway.process.stderr();
    assert!(!log.contains("panicked"), "{log}\nafter: {message}");
    let answer = gateway.call(good_call);
    assert_eq!(answer.status, 200, "{answer:?} after: {message}");
}

/// Sends bytes, waits for an answer, says that no more will come, and reads to the end. A reset
/// is an end too.
fn exchange(address: SocketAddr, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    // The other side may have had enough before the last byte.
    let _ = stream.write_all(bytes);
    let mut said = Vec::new();
    let mut piece = [0; 16 * 1_024];
    let mut closed = false;
    loop {
        // What is no whole request gets no answer before it ends, and a request that ends
        // before its answer is dropped: so the end is said after either.
        let patience = if closed { HANGS_AFTER } else { PAUSE };
        stream.set_read_timeout(Some(patience)).unwrap();
        match stream.read(&mut piece) {
            Ok(0) => return Ok(said),
            Ok(length) => said.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                if closed {
                    return Err("neither an answer nor an end".to_owned());
                }
                closed = stream.shutdown(Shutdown::Write).is_ok();
            }
            Err(_) => return Ok(said),
        }
        if !closed && is_whole(&said) {
            closed = stream.shutdown(Shutdown::Write).is_ok();
        }
    }
}

/// Whether an answer has come to its end, as far as its head tells.
fn is_whole(said: &[u8]) -> bool {
    let text = String::from_utf8_lossy(said);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: Option<usize> = lengths
        .next_back()
        .and_then(|(_, value)| value.parse().ok());
    match length {
        Some(length) => said.len() >= head.len() + 4 + length,
        None => said.ends_with(b"0\r\n\r\n"),
    }
}

/// A vendor that answers with what it is told, and closes the connection then.
struct Scripted {
    address: SocketAddr,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Scripted {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(Mutex::new(ANSWERS[0].as_bytes().to_vec()));
        let shared = Arc::clone(&answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, answer) = (stream.unwrap(), Arc::clone(&shared));
                thread::spawn(move || serve(stream, &answer));
            }
        });
        Self { address, answer }
    }

    fn answer_with(&self, bytes: &[u8]) {
        *self.answer.lock().unwrap() = bytes.to_vec();
    }
}

fn serve(stream: TcpStream, answer: &Mutex<Vec<u8>>) {
    stream.set_read_timeout(Some(HANGS_AFTER)).unwrap();
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        match reader.read_until(b'\n', &mut line) {
            Ok(length) if length > 2 => {}
            Ok(2) => break,
            _ => return,
        }
    }
    let bytes = answer.lock().unwrap().clone();
    let mut stream = reader.into_inner();
    let _ = stream.write_all(&bytes);
    let _ = stream.shutdown(Shutdown::Write);
    // What is still unread would turn the end into a reset, and lose the answer.
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}
