//! Requests, as the vendors of proofs read them.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;

/// What a vendor needs of a head. In lower case.
pub(crate) struct Head {
    pub(crate) path: String,
    /// Bytes of the body behind it.
    pub(crate) length: u64,
}

impl Head {
    /// Reads one; `None` when the connection has ended, or what comes is no head.
    pub(crate) fn read(reader: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut head = String::new();
        loop {
            let start = head.len();
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
            if head[start..].trim_end().is_empty() {
                break;
            }
        }
        let head = head.to_ascii_lowercase();
        let mut lines = head.lines();
        let length = lines.find_map(|line| line.strip_prefix("content-length:"));
        Some(Self {
            path: head.split(' ').nth(1)?.to_owned(),
            length: length.map_or(Some(0), |length| length.trim().parse().ok())?,
        })
    }
}
