//! Answers kept for idempotency keys.

use std::collections::{HashMap, VecDeque};

use crate::answer::Answer;

/// Answers kept; the oldest is forgotten beyond that.
pub const MAX_REPLAYS: usize = 1_024;

/// Bytes of kept bodies and keys together; the oldest are forgotten beyond that. An answer
/// that is larger on its own is not kept.
pub const MAX_REPLAY_BYTES: usize = 16 * 1024 * 1024;

/// First answers by key, oldest first out.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    answers: HashMap<String, Answer>,
    order: VecDeque<String>,
    bytes: usize,
}

/// An answer to a key, and whether it was there before.
#[derive(Debug)]
pub(crate) enum First {
    /// Nothing was kept: this is the first answer, kept from now on.
    Made(Answer),
    /// The answer that was given first.
    Kept(Answer),
}

impl Replays {
    /// The first answer to a key; made now and kept when there is none.
    pub(crate) fn first(&mut self, key: String, make: impl FnOnce() -> Answer) -> First {
        if let Some(kept) = self.answers.get(&key) {
            return First::Kept(kept.clone());
        }
        let answer = make();
        self.keep(key, &answer);
        First::Made(answer)
    }

    fn keep(&mut self, key: String, answer: &Answer) {
        let size = size_bytes(&key, answer);
        if size > MAX_REPLAY_BYTES {
            return;
        }
        while self.order.len() >= MAX_REPLAYS || self.bytes + size > MAX_REPLAY_BYTES {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if let Some(answer) = self.answers.remove(&oldest) {
                self.bytes -= size_bytes(&oldest, &answer);
            }
        }
        self.bytes += size;
        self.order.push_back(key.clone());
        self.answers.insert(key, answer.clone());
    }
}

fn size_bytes(key: &str, answer: &Answer) -> usize {
    key.len() + answer.body.len_bytes()
}

#[cfg(test)]
mod tests;
