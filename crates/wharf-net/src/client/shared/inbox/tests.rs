//! Pieces that wait, whatever the frames.

use bytes::Bytes;
use proptest::prelude::*;

use super::{PIECE_BYTES, Waiting};

#[derive(Clone, Debug)]
enum Step {
    Comes(usize),
    Taken,
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![
        4 => 1_usize..4,
        2 => 1..PIECE_BYTES,
        1 => PIECE_BYTES - 1..=PIECE_BYTES + 1,
        1 => Just(0),
    ];
    prop_oneof![4 => length.prop_map(Step::Comes), 1 => Just(Step::Taken)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_byte_comes_out_once_in_its_order(steps in prop::collection::vec(step(), 0..200)) {
        let mut waiting = Waiting::default();
        let (mut put, mut taken) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Comes(length) => {
                    let first = put.len();
                    put.extend((first..first + length).map(|at| u8::try_from(at % 251).unwrap()));
                    waiting.push(Bytes::copy_from_slice(&put[first..]));
                }
                Step::Taken => match waiting.pop() {
                    Some(piece) => taken.extend_from_slice(&piece),
                    None => prop_assert!(waiting.is_empty()),
                },
            }
            // Of two neighbours, one is large: entries cost next to nothing beside the bytes.
            let waits = put.len() - taken.len();
            prop_assert!(waiting.pieces.len() <= 3 + 2 * waits / PIECE_BYTES);
        }
        while let Some(piece) = waiting.pop() {
            taken.extend_from_slice(&piece);
        }
        prop_assert!(waiting.is_empty());
        prop_assert_eq!(put, taken);
    }
}

#[test]
fn a_reader_that_keeps_up_gets_frames_as_they_are() {
    let mut waiting = Waiting::default();
    for length in [1, 100, PIECE_BYTES] {
        let frame = Bytes::from(vec![0; length]);
        waiting.push(frame.clone());
        assert_eq!(waiting.pop().unwrap().as_ptr(), frame.as_ptr());
    }
}
