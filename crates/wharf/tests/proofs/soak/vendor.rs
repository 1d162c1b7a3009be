//! A vendor for a soak: it answers by path, keeps nothing, and closes everything when told.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::super::request::Head;

/// Bytes of the answer to `large`.
pub(super) const LARGE_BYTES: usize = 1_024 * 1_024;

/// Connections by number.
type Open = Arc<Mutex<BTreeMap<u64, TcpStream>>>;

pub(super) struct Vendor {
    address: SocketAddr,
    open: Open,
}

impl Vendor {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let open = Open::default();
        let shared = Arc::clone(&open);
        thread::spawn(move || {
            for (number, stream) in (0..).zip(listener.incoming()) {
                let stream = stream.unwrap();
                let open = Arc::clone(&shared);
                let kept = stream.try_clone().unwrap();
                open.lock().unwrap().insert(number, kept);
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    while serve(&mut reader).is_some() {}
                    let _ = reader.get_ref().shutdown(Shutdown::Both);
                    open.lock().unwrap().remove(&number);
                });
            }
        });
        Self { address, open }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection.
    pub(super) fn close_all(&self) {
        for stream in self.open.lock().unwrap().values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Answers one request; `None` when the connection is to end.
fn serve(reader: &mut BufReader<TcpStream>) -> Option<()> {
    let Head { path, length } = Head::read(reader)?;
    let read = std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink());
    if read.ok()? < length {
        return None;
    }
    let stream = reader.get_mut();
    match path.as_str() {
        "/large" => send(stream, &whole("200 OK", &vec![b'x'; LARGE_BYTES])),
        "/stream" => {
            let pieces = (0..20).map(|number| if number == 19 { "end" } else { "piece" });
            chunks(stream, pieces)?;
            send(stream, b"0\r\n\r\n")
        }
        "/endless" => chunks(stream, std::iter::repeat("piece")),
        "/error" => send(stream, &whole("500 Error", b"{\"error\":\"broken\"}")),
        "/busy" => send(stream, &whole("503 Busy", b"busy")),
        "/cut" => {
            // Larger than what is read ahead, so that the caller gets the head.
            let part = vec![b'x'; 100_000];
            send(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n")?;
            send(stream, &part)?;
            None
        }
        "/closed" => None,
        _ => send(stream, &whole("200 OK", b"{\"ok\":true}")),
    }
}

fn whole(status: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Pieces with a pause between two.
fn chunks<'a>(stream: &mut TcpStream, pieces: impl Iterator<Item = &'a str>) -> Option<()> {
    send(
        stream,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    )?;
    for piece in pieces {
        send(
            stream,
            format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes(),
        )?;
        thread::sleep(Duration::from_millis(5));
    }
    Some(())
}

fn send(stream: &mut TcpStream, bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).ok()
}
