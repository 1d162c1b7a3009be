//! What comes out of the sieve, however the bytes come.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use tokio::io::{AsyncRead, ReadBuf};

use super::super::through::Through;
use super::{CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, MOST_IN_A_ROW, PADDED, Sieve};

/// PING, for a frame that is neither.
const PING: u8 = 6;

/// Gives its pieces one at a time, and is not ready between them.
struct Pieces {
    pieces: VecDeque<Vec<u8>>,
    rests: bool,
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.rests = !self.rests;
        if self.rests {
            return Poll::Pending;
        }
        if let Some(piece) = self.pieces.front_mut() {
            let taken = piece.len().min(buf.remaining());
            buf.put_slice(&piece[..taken]);
            piece.drain(..taken);
            if piece.is_empty() {
                self.pieces.pop_front();
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Everything that comes through, read `room_bytes` at a time.
fn through(pieces: impl IntoIterator<Item = Vec<u8>>, room_bytes: usize) -> Vec<u8> {
    let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
    let pieces = Pieces {
        pieces: pieces.collect(),
        rests: false,
    };
    let mut sieve = Through::new(pieces, Sieve::default());
    let mut all = Vec::new();
    loop {
        let mut room = vec![0; room_bytes];
        let mut buf = ReadBuf::new(&mut room);
        let read =
            Pin::new(&mut sieve).poll_read(&mut Context::from_waker(Waker::noop()), &mut buf);
        match read {
            Poll::Pending => assert!(buf.filled().is_empty()),
            Poll::Ready(read) => {
                read.unwrap();
                if buf.filled().is_empty() {
                    return all;
                }
                all.extend_from_slice(buf.filled());
            }
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags, 0, 0, 0, stream]);
    frame.extend(payload);
    frame
}

fn hollow() -> Vec<u8> {
    frame(DATA, 0, 1, &[])
}

/// A frame, and whether it is left out.
fn any_frame() -> impl Strategy<Value = (Vec<u8>, bool)> {
    let ends = vec![frame(DATA, END_STREAM, 1, &[]), frame(PING, 0, 0, &[])];
    prop_oneof![
        3 => Just((hollow(), true)),
        1 => prop::sample::select(ends).prop_map(|frame| (frame, false)),
        // Payloads that look like frames to leave out are none.
        1 => (1..4_usize).prop_map(|times| (frame(DATA, 0, 1, &hollow().repeat(times)), false)),
        1 => (0..40_usize).prop_map(|length| (frame(HEADERS, END_HEADERS, 1, &vec![0; length]), false)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn frames_for_nothing_are_left_out_and_every_other_byte_stays(
        frames in prop::collection::vec(any_frame(), 0..12),
        cuts in prop::collection::vec(1..30_usize, 1..40),
        room_bytes in 1..50_usize,
    ) {
        let all: Vec<u8> = frames.iter().flat_map(|(frame, _)| frame.clone()).collect();
        let kept = frames.iter().filter(|(_, out)| !out);
        let kept: Vec<u8> = kept.flat_map(|(frame, _)| frame.clone()).collect();
        let (mut pieces, mut rest) = (Vec::new(), all.as_slice());
        for cut in cuts.iter().cycle() {
            let (piece, behind) = rest.split_at(rest.len().min(*cut));
            pieces.push(piece.to_vec());
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(through(pieces, room_bytes), kept);
    }
}

#[test]
fn what_is_wrong_or_owes_something_is_left_to_h2() {
    let in_a_block = [
        frame(HEADERS, 0, 1, &[0; 3]),
        hollow(),
        frame(CONTINUATION, END_HEADERS, 1, &[0; 3]),
    ];
    let without_stream = vec![frame(DATA, 0, 0, &[])];
    let padded = vec![frame(DATA, PADDED, 1, &[0]), frame(DATA, PADDED, 1, &[])];
    for frames in [in_a_block.to_vec(), without_stream, padded] {
        let all = frames.concat();
        assert_eq!(through([all.clone()], 1_000), all);
    }
}

#[test]
fn a_flood_comes_through_and_content_begins_the_count_anew() {
    let flood = hollow().repeat(MOST_IN_A_ROW as usize);
    assert_eq!(through([flood.clone()], 10_000), b"");
    let above = [flood.clone(), hollow().repeat(101)].concat();
    assert_eq!(through([above], 10_000), hollow().repeat(101));
    let content = frame(DATA, 0, 3, b"x");
    let broken_up = [flood.clone(), content.clone(), flood].concat();
    assert_eq!(through([broken_up], 10_000), content);
}
