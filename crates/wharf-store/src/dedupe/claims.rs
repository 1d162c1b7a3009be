//! Which segments of the log have all their keys in runs.
//!
//! Keys come in batches, which are numbered. The keys of a segment may lie in several batches, and
//! a batch may be lost to damage. So what is noted is never "this segment is here" but "this
//! segment's keys are in the batches from this to that one", and it holds while all of them are
//! there.

/// The keys of these segments are in these batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) first_segment: u64,
    pub(super) last_segment: u64,
    pub(super) first_batch: u64,
    pub(super) last_batch: u64,
}

impl Claim {
    pub(super) fn numbers(&self) -> [u64; 4] {
        [
            self.first_segment,
            self.last_segment,
            self.first_batch,
            self.last_batch,
        ]
    }

    pub(super) fn from_numbers(numbers: [u64; 4]) -> Self {
        let [first_segment, last_segment, first_batch, last_batch] = numbers;
        Self {
            first_segment,
            last_segment,
            first_batch,
            last_batch,
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        self.first_segment <= self.last_segment && self.first_batch <= self.last_batch
    }
}

/// Joins claims of segments that follow each other, where their batches are all in the file that
/// holds the claims: there each is worth as much as all of them.
pub(super) fn join(mut claims: Vec<Claim>, first_batch: u64, last_batch: u64) -> Vec<Claim> {
    claims.sort_by_key(Claim::numbers);
    let mut joined: Vec<Claim> = Vec::new();
    for claim in claims {
        let is_within =
            |claim: &Claim| first_batch <= claim.first_batch && claim.last_batch <= last_batch;
        match joined.last_mut() {
            Some(last)
                if claim.first_segment <= last.last_segment.saturating_add(1)
                    && is_within(last)
                    && is_within(&claim) =>
            {
                last.last_segment = last.last_segment.max(claim.last_segment);
                last.first_batch = last.first_batch.min(claim.first_batch);
                last.last_batch = last.last_batch.max(claim.last_batch);
            }
            _ => joined.push(claim),
        }
    }
    joined
}

/// A set of numbers, as what lies from one to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Segments(Vec<(u64, u64)>);

impl Segments {
    /// All that lies in one of these ranges, ends included.
    pub(super) fn of(mut ranges: Vec<(u64, u64)>) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::new();
        for (first, last) in ranges {
            match joined.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => joined.push((first, last)),
            }
        }
        Self(joined)
    }

    pub(crate) fn contains(&self, segment: u64) -> bool {
        self.contains_all(segment, segment)
    }

    /// Whether all from one to another is in it.
    pub(super) fn contains_all(&self, first: u64, last: u64) -> bool {
        let after = self.0.partition_point(|(start, _)| *start <= first);
        let range = after.checked_sub(1).and_then(|at| self.0.get(at));
        range.is_some_and(|(_, end)| last <= *end)
    }
}
