//! Taking old segments away, whole.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::Log;
use super::group::Change;
use super::keys::milliseconds;
use super::recover;
use super::segment::Segment;
use super::state::State;
use super::upkeep::Job;
use crate::error::Unavailable;
use crate::events::Step;
use crate::names::{LaneId, Name, Position};
use crate::numbered;
use crate::time;

/// How long and how much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// What is older is taken away, once it is delivered or dead everywhere; in one run the oldest
    /// segment, and those of the day behind it. So a clock that is wrong does not take everything
    /// away at once.
    pub age: Duration,
    /// Most bytes of events. Above it the oldest are taken away, delivered or not.
    pub bytes: u64,
}

/// What was taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// How many files of events.
    pub segment_count: usize,
    /// How many bytes they had.
    pub bytes: u64,
    /// Events that a handler never got, because the bytes were too many: it is passed over them.
    pub undelivered: Vec<Undelivered>,
}

/// Events that a handler never got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// In which lane.
    pub lane: LaneId,
    /// Who.
    pub handler: Name,
    /// How many.
    pub count: u64,
}

/// What is to be taken away, and what has to be written before.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) numbers: Vec<u64>,
    bytes: u64,
    pub(super) steps: Vec<(u16, Name, Step)>,
    undelivered: Vec<Undelivered>,
}

impl Log {
    pub(crate) async fn retain(
        &self,
        retention: Retention,
        now: Timestamp,
    ) -> Result<Retained, Unavailable> {
        let shared = Arc::clone(&self.shared);
        let plan = self
            .ask(move |view| plan(view.state, &shared.segments(), retention, now))
            .await?;
        if !plan.steps.is_empty() {
            let (answer, passed) = oneshot::channel();
            let steps = plan.steps;
            self.change(Change::Pass { steps, answer }, None)?;
            passed.await.map_err(|_| self.stopped())??;
        }
        let retained = Retained {
            segment_count: plan.numbers.len(),
            bytes: plan.bytes,
            undelivered: plan.undelivered,
        };
        let shared = Arc::clone(&self.shared);
        let numbers = plan.numbers;
        self.ask(move |view| {
            for number in &numbers {
                shared.remove_segment(*number);
            }
            // A clock that is ahead for a while has nothing forgotten, nor has one that is behind.
            let times = recover::begin_times(&shared.segments());
            let settled = recover::settled_time(&times, view.time).min(now.as_microsecond());
            // Without upkeep the process is at its end.
            if let Some(removal) = view.dedupe.expire(milliseconds(settled)) {
                let _ = view.upkeep.send(Job::Forget(removal));
            }
            let _ = view.upkeep.send(Job::Remove(numbers));
        })
        .await?;
        Ok(retained)
    }
}

/// Which segments go: never the one that is written, and always the oldest first.
pub(super) fn plan(
    state: &State,
    segments: &[Arc<Segment>],
    retention: Retention,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    let mut left: u64 = segments.iter().map(|segment| segment.end()).sum();
    let begun = segments.iter().skip(1).rev();
    let times = numbered::earliest_behind(begun.map(|next| Some(next.header.time)));
    let oldest = now
        .as_microsecond()
        .saturating_sub(i64::try_from(retention.age.as_micros()).unwrap_or(i64::MAX));
    let oldest = time::in_one_step(oldest, times.first().copied().unwrap_or(i64::MAX));
    let mut first_kept = None;
    for (pair, time) in segments.windows(2).zip(times) {
        let [segment, next] = pair else { continue };
        let is_too_much = left > retention.bytes;
        let is_old = time < oldest && is_delivered(state, next);
        if !(is_too_much || is_old) {
            break;
        }
        plan.numbers.push(segment.number());
        plan.bytes += segment.end();
        left -= segment.end();
        first_kept = Some(next);
    }
    if let Some(first) = first_kept {
        pass_over(state, first, &mut plan);
    }
    plan
}

/// Whether no handler has anything left to do before a segment.
fn is_delivered(state: &State, first_kept: &Segment) -> bool {
    state.lanes.iter().all(|(&lane, of)| {
        let first = Position::new(first_kept.head(lane));
        let mut handlers = of.handlers.values();
        handlers.all(|handler| handler.oldest_open() >= first)
    })
}

/// Lets every handler pass what stands before the first segment that is kept.
fn pass_over(state: &State, first_kept: &Segment, plan: &mut Plan) {
    for (&lane, of) in &state.lanes {
        let first = Position::new(first_kept.head(lane));
        for (name, handler) in &of.handlers {
            let gone = handler.exceptions.range(..first);
            let settled: Vec<Position> = gone.clone().map(|(&position, _)| position).collect();
            let open = gone.filter(|(_, exception)| exception.is_open()).count() as u64;
            let passed = first.number().saturating_sub(handler.cursor.number());
            // Exceptions above the cursor are counted by it.
            let above = handler.exceptions.range(handler.cursor.min(first)..first);
            let count = open + passed - above.count() as u64;
            if count > 0 {
                plan.undelivered.push(Undelivered {
                    lane: LaneId::from_number(lane),
                    handler: name.clone(),
                    count,
                });
            }
            if passed == 0 && settled.is_empty() {
                continue;
            }
            plan.steps.push((
                lane,
                name.clone(),
                Step {
                    cursor: (passed > 0).then_some(first),
                    settled,
                    ..Step::default()
                },
            ));
        }
    }
}
