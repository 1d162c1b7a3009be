//! Any answer of a vendor: its interim answers are counted alike in whatever pieces it comes, and
//! few are always taken.

use wharf_net::wire::takes_interim;

/// So many are taken, and so many bytes of them.
const MOST: usize = 100;
const MOST_BYTES: usize = 256 * 1024;

/// The target.
pub fn interim(bytes: &[u8]) {
    let at_once = takes_interim(bytes, usize::MAX);
    for piece_bytes in [1, 2, 7, 100] {
        assert_eq!(takes_interim(bytes, piece_bytes), at_once, "{piece_bytes}");
    }
    // Each ends in an empty line.
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    assert!(at_once || lines >= MOST || bytes.len() > MOST_BYTES);
    // Behind the answer proper nothing is counted, and before it everything.
    let answer = [b"HTTP/1.1 200 OK\r\n\r\n", bytes].concat();
    assert!(takes_interim(&answer, usize::MAX));
    let many = b"HTTP/1.1 103 \r\n\r\n".repeat(MOST + 1);
    assert!(!takes_interim(&[&many, bytes].concat(), usize::MAX));
}
