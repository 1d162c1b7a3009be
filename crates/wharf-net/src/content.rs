//! Content codings (RFC 9110, 8.4) of bodies that have to be understood, never of those that
//! pass: those pass byte for byte.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::header::{CONTENT_ENCODING, HeaderMap};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The codings that are taken off, as `Accept-Encoding` lists them.
pub const CODINGS: &str = "gzip, deflate, br, zstd";

/// Most codings one on top of the other. More than one is rare, more than two unheard of.
const MAX_CODINGS: usize = 3;

/// The largest window of `zstd` that is taken, in bytes: what senders may ask for (RFC 9659, 3).
const ZSTD_WINDOW_BYTES: u64 = 8 << 20;

/// Most frames of `zstd` in one body. Each costs more than its bytes.
const ZSTD_FRAMES: usize = 16;

/// The byte order mark of UTF-8, which JSON must not have and some senders write.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a body stays behind its codings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecoded {
    /// A coding that is not among [`CODINGS`].
    #[error("the content coding `{0}` is not known; known are {CODINGS}")]
    Unknown(String),
    /// More than three codings one on top of the other.
    #[error("more than {MAX_CODINGS} content codings on top of each other")]
    TooMany,
    /// More bytes come out than may.
    #[error("the body unfolds to more than is taken")]
    TooLarge,
    /// The bytes do not fit the coding, or ask for more of the decoder than they may: a window of
    /// over 8 MiB, or more than 16 frames, of `zstd`; the large window that is none of `br`.
    #[error("the body is not whole and valid `{0}`")]
    Damaged(&'static str),
}

/// A body without its codings and its byte order mark; borrowed where it has no codings.
///
/// At most `most_bytes` come out: a body of 64 KiB can unfold to a thousand times its size. A body
/// without codings may have any length. Codings that are known: `gzip`, `deflate` (with and
/// without zlib's frame, as both are sent), `br`, `zstd`, `identity`.
pub fn decoded<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    most_bytes: usize,
) -> Result<Cow<'a, [u8]>, Undecoded> {
    let codings = codings(headers)?;
    let mut decoded = Cow::Borrowed(body);
    // The last one was applied last.
    for coding in codings.iter().rev() {
        decoded = Cow::Owned(coding.take_off(&decoded, most_bytes)?);
    }
    if decoded.starts_with(BYTE_ORDER_MARK) {
        decoded = match decoded {
            Cow::Borrowed(body) => Cow::Borrowed(&body[BYTE_ORDER_MARK.len()..]),
            Cow::Owned(mut body) => {
                body.drain(..BYTE_ORDER_MARK.len());
                Cow::Owned(body)
            }
        };
    }
    Ok(decoded)
}

/// The codings in the order in which they were applied.
fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, Undecoded> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes());
        for name in value.split(',') {
            match name.trim().to_ascii_lowercase().as_str() {
                "" | "identity" => {}
                "gzip" | "x-gzip" => codings.push(Coding::Gzip),
                "deflate" => codings.push(Coding::Deflate),
                "br" => codings.push(Coding::Brotli),
                "zstd" => codings.push(Coding::Zstd),
                other => return Err(Undecoded::Unknown(other.to_owned())),
            }
        }
    }
    if codings.len() > MAX_CODINGS {
        return Err(Undecoded::TooMany);
    }
    Ok(codings)
}

#[derive(Clone, Copy)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    fn take_off(self, body: &[u8], most_bytes: usize) -> Result<Vec<u8>, Undecoded> {
        let decoded = match self {
            Self::Gzip => read(MultiGzDecoder::new(body), most_bytes),
            Self::Deflate => match read(ZlibDecoder::new(body), most_bytes) {
                Decoded::Damaged => read(DeflateDecoder::new(body), most_bytes),
                decoded => decoded,
            },
            Self::Brotli if has_large_window(body) => Decoded::Damaged,
            Self::Brotli => read(
                brotli_decompressor::Decompressor::new(body, 4096),
                most_bytes,
            ),
            Self::Zstd => zstd(body, most_bytes),
        };
        match decoded {
            Decoded::Whole(body) => Ok(body),
            Decoded::TooLarge => Err(Undecoded::TooLarge),
            Decoded::Damaged => Err(Undecoded::Damaged(self.name())),
        }
    }
}

/// What a decoder gives.
enum Decoded {
    Whole(Vec<u8>),
    TooLarge,
    Damaged,
}

fn read(decoder: impl Read, most_bytes: usize) -> Decoded {
    let mut body = Vec::new();
    let bound = (most_bytes as u64).saturating_add(1);
    match decoder.take(bound).read_to_end(&mut body) {
        Ok(length) if length > most_bytes => Decoded::TooLarge,
        Ok(_) => Decoded::Whole(body),
        Err(_) => Decoded::Damaged,
    }
}

/// Whether a body announces a window of up to 1 GiB, which is none of `br` (RFC 7932, 9.1).
fn has_large_window(body: &[u8]) -> bool {
    body.first().is_some_and(|first| first & 0x7f == 0x11)
}

/// The frames of a body one after the other (RFC 8878, 3). The decoder gives nothing out before a
/// whole window is there, so it is asked for no more than is wanted, and not read as a stream.
fn zstd(mut body: &[u8], most_bytes: usize) -> Decoded {
    let mut decoded = Vec::new();
    for _ in 0..ZSTD_FRAMES {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(ZSTD_WINDOW_BYTES);
        if frame.init(&mut body).is_err() {
            return Decoded::Damaged;
        }
        let left = BlockDecodingStrategy::UptoBytes(most_bytes - decoded.len() + 1);
        match frame.decode_blocks(&mut body, left) {
            Ok(true) => {}
            Ok(false) => return Decoded::TooLarge,
            Err(_) => return Decoded::Damaged,
        }
        let Some(mut piece) = frame.collect() else {
            return Decoded::Damaged;
        };
        decoded.append(&mut piece);
        if decoded.len() > most_bytes {
            return Decoded::TooLarge;
        }
        if body.is_empty() {
            return Decoded::Whole(decoded);
        }
    }
    Decoded::Damaged
}

#[cfg(test)]
mod tests;
