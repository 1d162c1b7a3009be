//! Bodies behind content codings.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

use super::{Undecoded, decoded as decoded_at_most};

const MOST_BYTES: usize = 256 * 1024;

fn decoded(headers: &HeaderMap, body: &[u8]) -> Option<Vec<u8>> {
    let body = decoded_at_most(headers, body, MOST_BYTES).ok()?;
    Some(body.into_owned())
}

const BODY: &str = r#"{"error":{"code":"insufficient_quota","type":"quota"}}"#;

/// The same body as other programs write it: Node's zlib, and the zstd command.
const CODED: [(&str, &str); 6] = [
    (
        "gzip",
        "1f8b0800000000000003ab564a2d2aca2f52b2aa564ace4f4955b252cacc2b2e4d4bcb4cce4ccd2b892f2ccd2f4954d2512aa92c00c941b8b5b500bfd1ce8436000000",
    ),
    (
        "deflate",
        "789cab564a2d2aca2f52b2aa564ace4f4955b252cacc2b2e4d4bcb4cce4ccd2b892f2ccd2f4954d2512aa92c00c941b8b5b50011f71360",
    ),
    (
        "deflate",
        "ab564a2d2aca2f52b2aa564ace4f4955b252cacc2b2e4d4bcb4cce4ccd2b892f2ccd2f4954d2512aa92c00c941b8b5b500",
    ),
    (
        "br",
        "1b3500809c07b6f3943d69b190dc3a3f42a5b7c81edddb8aab4b1d96be14f90a830d38012f9d169cecc28052a00999a6040edf37f72527c003",
    ),
    (
        "zstd",
        "28b52ffd0458b101007b226572726f72223a7b22636f6465223a22696e73756666696369656e745f71756f7461222c2274797065223a2271756f7461227d7d159a8354",
    ),
    ("identity", ""),
];

/// A mebibyte of zeros in a few bytes.
const BOMBS: [(&str, &str); 2] = [
    ("br", "5bffff8f7f02201e0b0472ef1f00"),
    (
        "zstd",
        "28b52ffd04585400001000000100fbff39c00202001000020010000200100002001000020010000200100003001000f13e16e1",
    ),
];

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().collect();
    let pairs = digits.chunks(2).map(|pair| pair.iter().collect::<String>());
    pairs
        .map(|pair| u8::from_str_radix(&pair, 16).unwrap())
        .collect()
}

fn headers(codings: &[&'static str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for coding in codings {
        headers.append(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    headers
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_coding_is_read() {
    for (coding, hex) in CODED {
        let body = if hex.is_empty() {
            BODY.into()
        } else {
            bytes(hex)
        };
        let read = decoded(&headers(&[coding]), &body);
        assert_eq!(read.as_deref(), Some(BODY.as_bytes()), "{coding}");
    }
    assert_eq!(decoded(&HeaderMap::new(), b"x").as_deref(), Some(&b"x"[..]));
}

#[test]
fn codings_on_top_of_each_other_and_byte_order_marks_are_taken_off() {
    let twice = gzip(&gzip(BODY.as_bytes()));
    for codings in [&["gzip, X-GZIP"][..], &["gzip", "gzip"]] {
        let read = decoded(&headers(codings), &twice);
        assert_eq!(read.as_deref(), Some(BODY.as_bytes()));
    }
    let marked = format!("\u{feff}{BODY}");
    let read = decoded(&HeaderMap::new(), marked.as_bytes());
    assert_eq!(read.as_deref(), Some(BODY.as_bytes()));
}

#[test]
fn what_cannot_be_read_is_not_guessed() {
    let body = gzip(BODY.as_bytes());
    for (codings, body) in [
        (&["compress"][..], &body[..]),
        (&["gzip"], BODY.as_bytes()),
        (&["gzip"], &body[..body.len() / 2]),
        (&["gzip, gzip, gzip, gzip"], &body[..]),
        (&["br"], b"\xff\xff\xff"),
        (&["zstd"], b""),
    ] {
        assert_eq!(decoded(&headers(codings), body), None, "{codings:?}");
    }
    let odd = HeaderValue::from_bytes(b"gzip\xff").unwrap();
    let odd = [(CONTENT_ENCODING, odd)].into_iter().collect();
    assert_eq!(decoded(&odd, &body), None);
}

/// A frame of `zstd` with this window (RFC 8878, 3.1.1.1.2), and blocks of 128 KiB of one byte.
fn zstd_frame(window: u8, blocks: usize) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, window];
    for block in 1..=blocks {
        let header: u32 = (128 << 10) << 3 | 2 | u32::from(block == blocks);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(b' ');
    }
    frame
}

/// What this thread takes at most, in bytes, is seen in the address space that the process has.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.unwrap().trim().trim_end_matches(" kB");
    kibibytes.parse::<u64>().unwrap() << 10
}

// dotnet/aspnetcore#67688, maximhq/bifrost#5782
#[test]
fn a_window_is_not_filled_for_what_is_too_much() {
    let before = peak_bytes();
    for (exponent, body_bytes) in [(13, 8 << 20), (16, 64 << 20), (17, 128 << 20)] {
        let frame = zstd_frame(exponent << 3, body_bytes / (128 << 10) + 16);
        assert_eq!(decoded(&headers(&["zstd"]), &frame), None, "{exponent}");
    }
    let growth = peak_bytes().saturating_sub(before);
    assert!(growth < 4 << 20, "{} KiB more", growth >> 10);
}

#[test]
fn every_frame_of_a_body_is_read() {
    let one = bytes(CODED[4].1);
    let body = [&one[..], &one].concat();
    let read = decoded(&headers(&["zstd"]), &body).unwrap();
    assert_eq!(read, BODY.repeat(2).as_bytes());
    assert_eq!(decoded(&headers(&["zstd"]), &one.repeat(17)), None);
    // The window of a frame that fits is the sender's affair, up to RFC 9659's.
    let (fits, wide) = (zstd_frame(13 << 3, 1), zstd_frame((13 << 3) + 1, 1));
    assert_eq!(
        decoded(&headers(&["zstd"]), &fits).unwrap().len(),
        128 << 10
    );
    assert_eq!(decoded(&headers(&["zstd"]), &wide), None);
}

/// An empty body behind a window of 1 GiB.
#[test]
fn a_window_that_brotli_does_not_have_is_not_taken() {
    assert_eq!(decoded(&headers(&["br"]), &[0x11, 0x1e, 0x03]), None);
}

#[test]
fn what_unfolds_is_bounded() {
    let fits = gzip(&vec![0; MOST_BYTES]);
    assert_eq!(
        decoded(&headers(&["gzip"]), &fits).unwrap().len(),
        MOST_BYTES
    );
    let too_much = gzip(&vec![0; MOST_BYTES + 1]);
    assert_eq!(decoded(&headers(&["gzip"]), &too_much), None);
    for (coding, hex) in BOMBS {
        assert_eq!(decoded(&headers(&[coding]), &bytes(hex)), None, "{coding}");
    }
}

#[test]
fn each_reason_has_a_name() {
    let body = gzip(BODY.as_bytes());
    let why = |coding, body: &[u8]| decoded_at_most(&headers(&[coding]), body, 16).unwrap_err();
    assert_eq!(
        why("compress", &body),
        Undecoded::Unknown("compress".to_owned())
    );
    assert_eq!(why("gzip", b"plain"), Undecoded::Damaged("gzip"));
    assert_eq!(why("gzip,gzip,gzip,gzip", &body), Undecoded::TooMany);
    let zlib = bytes(CODED[1].1);
    let (brotli, zstd) = (bytes(CODED[3].1), bytes(CODED[4].1));
    for (coding, body) in [
        ("gzip", &body),
        ("deflate", &zlib),
        ("br", &brotli),
        ("zstd", &zstd),
    ] {
        assert_eq!(why(coding, body), Undecoded::TooLarge, "{coding}");
    }
}
