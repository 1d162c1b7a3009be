//! Content codings (RFC 9110, 8.4) of bodies that have to be understood, never of those that
//! pass: those pass byte for byte.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::header::{CONTENT_ENCODING, HeaderMap};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Most bytes that come out of a decoder; what is larger is not understood. A body of 64 KiB can
/// unfold to a thousand times its size.
const DECODED_BYTES: u64 = 256 * 1024;

/// Most codings one on top of the other. More than one is rare, more than two unheard of.
const MAX_CODINGS: usize = 3;

/// The largest window of `zstd` that is taken, in bytes: what senders may ask for (RFC 9659, 3).
const ZSTD_WINDOW_BYTES: u64 = 8 << 20;

/// Most frames of `zstd` in one body. Each costs more than its bytes.
const ZSTD_FRAMES: usize = 16;

/// The byte order mark of UTF-8, which JSON must not have and some vendors send.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A body without its codings and its byte order mark.
///
/// `None` where a coding is not known, the body does not fit it, or it unfolds to more than
/// 256 KiB. Codings that are known: `gzip`, `deflate` (with and without zlib's frame, as both
/// are sent), `br`, `zstd`, `identity`.
pub(crate) fn decoded(headers: &HeaderMap, body: &[u8]) -> Option<Vec<u8>> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        for coding in value.to_str().ok()?.split(',') {
            let coding = coding.trim().to_ascii_lowercase();
            if !coding.is_empty() && coding != "identity" {
                codings.push(coding);
            }
        }
    }
    if codings.len() > MAX_CODINGS {
        return None;
    }
    let mut decoded = body.to_vec();
    // The last one was applied last.
    for coding in codings.iter().rev() {
        decoded = without(coding, &decoded)?;
    }
    if decoded.starts_with(BYTE_ORDER_MARK) {
        decoded.drain(..BYTE_ORDER_MARK.len());
    }
    Some(decoded)
}

fn without(coding: &str, body: &[u8]) -> Option<Vec<u8>> {
    match coding {
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(body)),
        "deflate" => read(ZlibDecoder::new(body)).or_else(|| read(DeflateDecoder::new(body))),
        "br" if !has_large_window(body) => read(brotli_decompressor::Decompressor::new(body, 4096)),
        "zstd" => zstd(body),
        _ => None,
    }
}

fn read(decoder: impl Read) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let length = decoder
        .take(DECODED_BYTES + 1)
        .read_to_end(&mut body)
        .ok()?;
    (length as u64 <= DECODED_BYTES).then_some(body)
}

/// Whether a body announces a window of up to 1 GiB, which is none of `br` (RFC 7932, 9.1).
fn has_large_window(body: &[u8]) -> bool {
    body.first().is_some_and(|first| first & 0x7f == 0x11)
}

/// The frames of a body one after the other (RFC 8878, 3). The decoder gives nothing out before a
/// whole window is there, so it is asked for no more than is wanted, and not read as a stream.
fn zstd(mut body: &[u8]) -> Option<Vec<u8>> {
    let most = usize::try_from(DECODED_BYTES).ok()?;
    let mut decoded = Vec::new();
    for _ in 0..ZSTD_FRAMES {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(ZSTD_WINDOW_BYTES);
        frame.init(&mut body).ok()?;
        let left = BlockDecodingStrategy::UptoBytes(most - decoded.len() + 1);
        if !frame.decode_blocks(&mut body, left).ok()? {
            return None;
        }
        decoded.append(&mut frame.collect()?);
        if decoded.len() > most {
            return None;
        }
        if body.is_empty() {
            return Some(decoded);
        }
    }
    None
}

#[cfg(test)]
mod tests;
