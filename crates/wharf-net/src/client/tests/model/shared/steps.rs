//! What may happen, and what stays as it is meanwhile.

use proptest::prelude::*;

/// Requests, answers and connections are numbered up to this, and from the start where there are fewer.
const MOST_INDEX: usize = 24;

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// So many requests at once.
    Ask { requests: usize, is_patient: bool },
    /// The vendor sends the head of an answer.
    Answer(usize),
    /// The vendor sends the rest of one, and it is read to its end.
    Finish(usize),
    /// An answer is not wanted any more.
    Drop(usize),
    /// A request is not, before it has an answer.
    GiveUp(usize),
    /// The vendor says that it did not process a request.
    Refuse(usize),
    /// The vendor gives one up, answered or not.
    Reset(usize),
    /// The vendor says good-bye, and answers only so many of those without an answer.
    GoAway { connection: usize, answers: usize },
    /// The vendor allows another number of streams.
    Allow { connection: usize, streams: u32 },
    /// The vendor closes a connection.
    Close(usize),
    /// A connection brings nothing any more, pongs included.
    Deafen(usize),
    /// Connections to come speak the other protocol.
    Change,
    /// Nothing happens for longer than a connection may rest; then the pool is swept.
    Rest,
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let index = || 0..MOST_INDEX;
    prop_oneof![
        5 => (1..5_usize, prop::bool::weighted(0.7))
            .prop_map(|(requests, is_patient)| Step::Ask { requests, is_patient }),
        5 => index().prop_map(Step::Answer),
        4 => index().prop_map(Step::Finish),
        2 => index().prop_map(Step::Drop),
        2 => index().prop_map(Step::GiveUp),
        2 => index().prop_map(Step::Refuse),
        2 => index().prop_map(Step::Reset),
        2 => (index(), 0..3_usize)
            .prop_map(|(connection, answers)| Step::GoAway { connection, answers }),
        1 => (index(), 0..4_u32)
            .prop_map(|(connection, streams)| Step::Allow { connection, streams }),
        1 => index().prop_map(Step::Close),
        1 => index().prop_map(Step::Deafen),
        1 => Just(Step::Change),
        1 => Just(Step::Rest),
    ]
}

/// What stays as it is during a sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) connections: usize,
    pub(super) streams: u32,
    /// A connection is too old as soon as it is there.
    pub(super) ages: bool,
    /// [`Step::Change`] happens.
    pub(super) changes: bool,
    /// [`Step::Deafen`] happens. It takes its time.
    pub(super) deafens: bool,
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let rarely = || prop::bool::weighted(0.2);
    (1..4_usize, 1..4_u32, rarely(), rarely(), rarely()).prop_map(
        |(connections, streams, ages, changes, deafens)| Case {
            connections,
            streams,
            ages,
            changes,
            deafens,
        },
    )
}
