//! A vendor that says back what it is sent, and answers long questions slowly.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::super::request::Head;

/// Pieces of a long answer, each a number behind the one before.
pub(super) const STREAM_PIECES: usize = 60;

/// It runs as long as the proof's program: connections to it rest in processes that end anyhow.
pub(super) struct Vendor {
    address: SocketAddr,
}

impl Vendor {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                thread::spawn(move || while serve(&mut reader).is_some() {});
            }
        });
        Self { address }
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Answers one request; `None` when the connection has ended.
fn serve(reader: &mut BufReader<TcpStream>) -> Option<()> {
    let Head { path, length } = Head::read(reader)?;
    let mut body = vec![0; usize::try_from(length).ok()?];
    reader.read_exact(&mut body).ok()?;
    let stream = reader.get_mut();
    stream.set_nodelay(true).ok()?;
    let Some((_, pause)) = path.split_once("/stream?pause=") else {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        return stream.write_all(&[head.as_bytes(), &body].concat()).ok();
    };
    let pause = Duration::from_millis(pause.parse().ok()?);
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head).ok()?;
    for number in 0..STREAM_PIECES {
        let piece = format!("{number};");
        let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
        stream.write_all(chunk.as_bytes()).ok()?;
        thread::sleep(pause);
    }
    stream.write_all(b"0\r\n\r\n").ok()
}
