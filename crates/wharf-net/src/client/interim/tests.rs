//! What is counted, in whatever pieces it comes.

use super::{Interim, MOST, MOST_BYTES};

/// Whether all of it is taken, in pieces of this size.
fn passes(text: &str, piece_bytes: usize) -> bool {
    let mut interim = Interim::new();
    let mut pieces = text.as_bytes().chunks(piece_bytes);
    pieces.all(|piece| interim.pass(piece).is_ok())
}

#[test]
fn so_many_pass_and_no_more() {
    let most = usize::try_from(MOST).unwrap();
    for one in [
        "HTTP/1.1 103 \r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.0 102 x\n\n",
        "\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
    ] {
        let last = "HTTP/1.1 200 OK\r\n\r\n";
        for piece_bytes in [1, 7, 4096] {
            assert!(passes(&format!("{}{last}", one.repeat(most)), piece_bytes));
            assert!(!passes(&one.repeat(most + 1), piece_bytes), "{one:?}");
        }
    }
    let long = format!("HTTP/1.1 103 \r\na: {}\r\n\r\n", "x".repeat(MOST_BYTES));
    assert!(!passes(&long, 4096));
    assert!(!passes(&"\r\n".repeat(MOST_BYTES), 4096));
}

#[test]
fn nothing_of_the_answer_itself_is_counted() {
    let within = "HTTP/1.1 103 \r\n\r\n".repeat(30_000);
    assert!(passes(&format!("HTTP/1.1 200 OK\r\n\r\n{within}"), 4096));
}
