//! Keeping first answers within the bounds.

use bytes::Bytes;
use http::StatusCode;

use super::{First, MAX_REPLAY_BYTES, MAX_REPLAYS, Replays};
use crate::answer::{Answer, AnswerBody};

fn answer(size_bytes: usize) -> Answer {
    Answer {
        status: StatusCode::OK,
        content_type: None,
        content_range: None,
        body: AnswerBody::Whole(Bytes::from(vec![b'x'; size_bytes])),
    }
}

fn is_kept(replays: &mut Replays, key: &str, size_bytes: usize) -> bool {
    matches!(
        replays.first(key.to_owned(), || answer(size_bytes)),
        First::Kept(_)
    )
}

#[test]
fn the_first_answer_is_given_again() {
    let mut replays = Replays::default();
    assert!(!is_kept(&mut replays, "a", 3));
    let First::Kept(kept) = replays.first("a".to_owned(), || answer(5)) else {
        panic!("the second answer was made anew");
    };
    assert_eq!(kept.body.len_bytes(), 3);
    assert!(!is_kept(&mut replays, "b", 3));
}

#[test]
fn the_oldest_goes_when_there_are_too_many() {
    let mut replays = Replays::default();
    for number in 0..=MAX_REPLAYS {
        assert!(!is_kept(&mut replays, &format!("{number}"), 1));
    }
    assert_eq!(replays.answers.len(), MAX_REPLAYS);
    assert!(is_kept(&mut replays, "1", 1));
    assert!(!is_kept(&mut replays, "0", 1));
}

#[test]
fn the_oldest_go_when_they_are_too_large_together() {
    let mut replays = Replays::default();
    let third = MAX_REPLAY_BYTES / 3;
    for key in ["a", "b", "c"] {
        assert!(!is_kept(&mut replays, key, third));
    }
    assert!(replays.bytes <= MAX_REPLAY_BYTES);
    assert!(is_kept(&mut replays, "c", third));
    assert!(is_kept(&mut replays, "b", third));
    assert!(!is_kept(&mut replays, "a", third));
}

#[test]
fn an_answer_larger_than_everything_is_not_kept() {
    let mut replays = Replays::default();
    assert!(!is_kept(&mut replays, "small", 1));
    assert!(!is_kept(&mut replays, "large", MAX_REPLAY_BYTES + 1));
    assert!(!is_kept(&mut replays, "large", MAX_REPLAY_BYTES + 1));
    assert!(is_kept(&mut replays, "small", 1));
}
