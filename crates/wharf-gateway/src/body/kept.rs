//! Bytes kept for another attempt, in one buffer, counted as they lie in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use wharf_policy::retry::BodyLost;

/// Largest body of one request that is kept for a retry, in bytes. A larger one is streamed on
/// and cannot be retried.
pub(crate) const KEPT_PER_CALL_BYTES: usize = 1 << 20;

/// All bodies kept by one process, in bytes. Beyond it, bodies are streamed on and not kept.
pub(crate) const KEPT_IN_ALL_BYTES: usize = 64 << 20;

/// First size of a buffer, in bytes; it doubles from there.
const FIRST_BYTES: usize = 4 * 1024;

/// Largest piece that another attempt is given at once, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// Bytes that are kept for retries, in all calls together.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptBytes(Arc<AtomicUsize>);

impl KeptBytes {
    fn reserve(&self, bytes: usize) -> bool {
        let reserve = |kept: usize| {
            kept.checked_add(bytes)
                .filter(|sum| *sum <= KEPT_IN_ALL_BYTES)
        };
        self.0
            // Relaxed here and below: the number is a bound on memory and orders nothing else.
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, reserve)
            .is_ok()
    }

    fn release(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one call keeps. A piece costs its bytes and nothing more, however small it is: callers
/// choose the size of their pieces.
pub(super) struct Kept {
    buffer: Vec<u8>,
    /// What was reserved of the budget: the buffer's capacity, and what is counted beside it.
    reserved: usize,
    budget: KeptBytes,
    lost: Option<BodyLost>,
}

impl Kept {
    pub(super) fn new(keep: bool, budget: &KeptBytes) -> Self {
        Self {
            buffer: Vec::new(),
            reserved: 0,
            budget: budget.clone(),
            lost: (!keep).then_some(BodyLost::LetGo),
        }
    }

    /// Why nothing is kept any more.
    pub(super) const fn lost(&self) -> Option<BodyLost> {
        self.lost
    }

    pub(super) const fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Keeps a piece, or gives up keeping anything.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.lost.is_some() {
            return;
        }
        match self.make_room(bytes.len()) {
            Ok(()) => self.buffer.extend_from_slice(bytes),
            Err(lost) => self.give_up(lost),
        }
    }

    /// Counts what is kept beside the buffer, or gives up.
    pub(super) fn count(&mut self, bytes: usize) {
        if self.lost.is_some() {
            return;
        }
        if self.buffer.len() + bytes > KEPT_PER_CALL_BYTES {
            self.give_up(BodyLost::TooLarge);
        } else if self.budget.reserve(bytes) {
            self.reserved += bytes;
        } else {
            self.give_up(BodyLost::NoRoom);
        }
    }

    /// Frees what is kept, since nobody will ask for it.
    pub(super) fn let_go(&mut self) {
        self.give_up(BodyLost::LetGo);
    }

    /// The first cause stands.
    fn give_up(&mut self, lost: BodyLost) {
        self.lost = self.lost.or(Some(lost));
        self.buffer = Vec::new();
        self.budget.release(std::mem::take(&mut self.reserved));
    }

    /// What stands from `offset` on; empty at the end.
    pub(super) fn piece(&self, offset: usize) -> Bytes {
        let rest = self.buffer.get(offset..).unwrap_or_default();
        Bytes::copy_from_slice(rest.get(..PIECE_BYTES).unwrap_or(rest))
    }

    fn make_room(&mut self, bytes: usize) -> Result<(), BodyLost> {
        let wanted = self.buffer.len() + bytes;
        if wanted <= self.buffer.capacity() {
            return Ok(());
        }
        if wanted > KEPT_PER_CALL_BYTES {
            return Err(BodyLost::TooLarge);
        }
        let capacity = wanted
            .max(self.buffer.capacity() * 2)
            .clamp(FIRST_BYTES, KEPT_PER_CALL_BYTES);
        let more = capacity - self.buffer.capacity();
        if !self.budget.reserve(more) {
            return Err(BodyLost::NoRoom);
        }
        self.reserved += more;
        // Exactly, so that what is counted is what lies in memory.
        self.buffer.reserve_exact(capacity - self.buffer.len());
        Ok(())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.budget.release(self.reserved);
    }
}

#[cfg(test)]
mod tests {
    use wharf_policy::retry::BodyLost;

    use super::{KEPT_IN_ALL_BYTES, KEPT_PER_CALL_BYTES, Kept, KeptBytes};

    #[test]
    fn small_pieces_cost_their_bytes() {
        let budget = KeptBytes::default();
        let mut kept = Kept::new(true, &budget);
        for _ in 0..KEPT_PER_CALL_BYTES {
            kept.push(b"x");
        }
        assert_eq!(kept.lost(), None);
        assert_eq!(kept.len(), KEPT_PER_CALL_BYTES);
        assert_eq!(budget.bytes(), KEPT_PER_CALL_BYTES);
        assert_eq!(kept.buffer.capacity(), KEPT_PER_CALL_BYTES);
        kept.push(b"x");
        assert_eq!(kept.lost(), Some(BodyLost::TooLarge));
        assert_eq!((kept.len(), budget.bytes()), (0, 0));
    }

    #[test]
    fn all_calls_together_are_bounded() {
        let budget = KeptBytes::default();
        let whole = vec![0; KEPT_PER_CALL_BYTES];
        let mut kept: Vec<Kept> = (0..=KEPT_IN_ALL_BYTES / KEPT_PER_CALL_BYTES)
            .map(|_| Kept::new(true, &budget))
            .collect();
        for call in &mut kept {
            call.push(&whole);
        }
        let lost: Vec<_> = kept.iter().filter_map(Kept::lost).collect();
        assert_eq!(lost, [BodyLost::NoRoom]);
        assert_eq!(budget.bytes(), KEPT_IN_ALL_BYTES);
        drop(kept);
        assert_eq!(budget.bytes(), 0);
    }

    #[test]
    fn nothing_is_kept_where_nothing_is_repeated() {
        let budget = KeptBytes::default();
        let mut kept = Kept::new(false, &budget);
        kept.push(b"body");
        kept.count(10);
        assert_eq!((kept.len(), budget.bytes()), (0, 0));
        assert_eq!(kept.lost(), Some(BodyLost::LetGo));
    }

    #[test]
    fn pieces_follow_one_another() {
        let budget = KeptBytes::default();
        let mut kept = Kept::new(true, &budget);
        let body: Vec<u8> = (0_u8..=255).cycle().take(200_000).collect();
        for piece in body.chunks(7) {
            kept.push(piece);
        }
        let mut read = Vec::new();
        loop {
            let piece = kept.piece(read.len());
            if piece.is_empty() {
                break;
            }
            read.extend_from_slice(&piece);
        }
        assert_eq!(read, body);
    }
}
