//! Any bytes of a vendor over HTTP/2: the same frames are left out in whatever pieces they come,
//! and nothing is left out that is not for nothing.

use wharf_net::wire::sift;

const HEAD_BYTES: usize = 9;

/// The target.
pub fn sieve(bytes: &[u8]) {
    let at_once = sift(bytes, usize::MAX, bytes.len() + 1).unwrap();
    for piece_bytes in [1, 8, 9, 100] {
        for room_bytes in [1, 10, 1_000] {
            let left = sift(bytes, piece_bytes, room_bytes).unwrap();
            assert!(left == at_once, "{piece_bytes} {room_bytes}");
        }
    }
    assert_eq!(
        sift(&at_once, usize::MAX, bytes.len() + 1).unwrap(),
        at_once
    );
    let mut left = at_once.as_slice();
    for frame in frames(bytes) {
        match left.strip_prefix(frame) {
            Some(rest) => left = rest,
            // Length 0, type DATA, and neither an end nor padding.
            None => assert!(
                matches!(frame, [0, 0, 0, 0, flags, ..] if flags & 9 == 0),
                "{}",
                frame.escape_ascii()
            ),
        }
    }
    assert!(left.is_empty(), "{}", left.escape_ascii());
}

/// The frames one by one, the last one as far as it came. What is less than a head is none.
fn frames(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let [a, b, c, ..] = *bytes.first_chunk::<HEAD_BYTES>()?;
        let payload_bytes = u32::from_be_bytes([0, a, b, c]) as usize;
        let end = bytes.len().min(HEAD_BYTES + payload_bytes);
        let (frame, rest) = bytes.split_at(end);
        bytes = rest;
        Some(frame)
    })
}
