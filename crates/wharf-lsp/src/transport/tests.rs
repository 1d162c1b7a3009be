use std::io::BufReader;

use serde_json::{Value, json};

use super::{Incoming, LARGEST_MESSAGE_BYTES, Output, read};

fn all(stream: &[u8]) -> (Vec<Result<Value, String>>, bool) {
    let mut input = BufReader::new(stream);
    let mut found = Vec::new();
    loop {
        match read(&mut input) {
            Ok(Some(Incoming::Message(value))) => found.push(Ok(value)),
            Ok(Some(Incoming::Malformed(why))) => found.push(Err(why)),
            Ok(None) => return (found, true),
            Err(_) => return (found, false),
        }
    }
}

#[test]
fn what_is_written_is_read() {
    let mut stream = Vec::new();
    Output::new(&mut stream)
        .notify("x", &json!({"text": "ü😀"}))
        .unwrap();
    let (found, ended) = all(&stream);
    assert!(ended);
    assert_eq!(found[0].as_ref().unwrap()["params"]["text"], "ü😀");
}

#[test]
fn a_message_that_is_no_json_is_passed_over() {
    let (found, ended) = all(
        b"Content-Length: 3\r\n\r\n{x}content-length:2\r\nContent-Type: x\r\n\r\n{}Content-Length: 2\r\n\r\n\xff\xfe",
    );
    assert!(ended);
    assert!(found[0].is_err() && found[2].is_err());
    assert_eq!(found[1], Ok(json!({})));
}

#[test]
fn a_length_that_is_claimed_takes_no_memory() {
    let header = format!("Content-Length: {}\r\n\r\n{{}}", u64::MAX);
    assert_eq!(all(header.as_bytes()), (Vec::new(), true));
}

#[test]
fn a_message_above_the_bound_is_passed_over() {
    let length = usize::try_from(LARGEST_MESSAGE_BYTES).unwrap() + 1;
    let mut stream = format!("Content-Length: {length}\r\n\r\n").into_bytes();
    stream.resize(stream.len() + length, b'1');
    stream.extend_from_slice(b"Content-Length: 2\r\n\r\n{}");
    let (found, _) = all(&stream);
    assert!(found[0].as_ref().unwrap_err().contains("larger"));
    assert_eq!(found[1], Ok(json!({})));
}

#[test]
fn a_header_that_cannot_be_read_ends_the_stream() {
    for stream in [
        b"Content-Length: many\r\n\r\n{}".to_vec(),
        vec![b'x'; 10_000],
        b"A: b\r\n".repeat(100),
    ] {
        assert_eq!(all(&stream), (Vec::new(), false));
    }
    // Cut off in the middle of a message.
    assert_eq!(all(b"Content-Length: 10\r\n\r\n{}"), (Vec::new(), true));
}

#[test]
fn nesting_is_bounded() {
    let deep = "[".repeat(100_000);
    let stream = format!("Content-Length: {}\r\n\r\n{deep}", deep.len());
    let (found, ended) = all(stream.as_bytes());
    assert!(ended && found[0].is_err());
}
