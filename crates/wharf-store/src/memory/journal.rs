//! Runs of procedures in memory.

use std::collections::BTreeMap;

use jiff::Timestamp;
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::{Notice, Subject};
use wharf_policy::procedure::{Entry, FORMAT, Procedure, RunId};

use super::Tables;
use crate::journal::{
    Begun, ENDED_RUN_COUNT_LIMIT, LIVE_RUN_COUNT_LIMIT, RunHistory, RunRecord, StepOutcome,
    Stepped, judged,
};
use crate::time::in_one_step;

#[derive(Clone, Default)]
pub(super) struct Journal(BTreeMap<RunId, Row>);

#[derive(Clone)]
struct Row {
    kind: Name,
    subject: Subject,
    version: u64,
    started: Timestamp,
    last: Stepped,
    entries: BTreeMap<u64, Entry>,
}

impl Row {
    fn record(&self) -> RunRecord {
        RunRecord {
            id: self.last.id,
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            version: self.version,
            epoch: self.last.epoch,
            started: self.started,
            changed: self.last.entry.at,
            procedure: Procedure::from_bytes(&self.last.state),
        }
    }

    fn is_live(&self) -> bool {
        !self.last.is_ended
    }
}

impl Tables {
    pub(crate) fn begin_run(
        &mut self,
        kind: &Name,
        subject: &Subject,
        stepped: Stepped,
        notices: &[Notice],
    ) -> Begun {
        let rows = &mut self.journal.0;
        if rows.contains_key(&stepped.id) {
            return Begun::IdInUse;
        }
        let mut live = rows.values().filter(|row| row.is_live());
        if let Some(row) = live.find(|row| row.kind == *kind && row.subject == *subject) {
            return Begun::Live(row.last.id);
        }
        let live = rows.values().filter(|row| row.is_live());
        if live.count() >= LIVE_RUN_COUNT_LIMIT as usize {
            return Begun::TooMany;
        }
        let row = Row {
            kind: kind.clone(),
            subject: subject.clone(),
            version: 1,
            started: stepped.entry.at,
            entries: BTreeMap::from([(1, stepped.entry.clone())]),
            last: stepped,
        };
        rows.insert(row.last.id, row);
        self.notices.tell(notices);
        Begun::Done
    }

    pub(crate) fn step_run(
        &mut self,
        stepped: Stepped,
        seen: u64,
        notices: &[Notice],
    ) -> StepOutcome {
        let Some(row) = self.journal.0.get_mut(&stepped.id) else {
            return StepOutcome::NoSuchRun;
        };
        let found = (row.version, row.last.epoch, row.last.is_ended);
        let outcome = judged(found, seen, stepped.epoch);
        if let StepOutcome::Done(version) = outcome {
            row.version = version;
            row.entries.insert(version, stepped.entry.clone());
            if let Some(outlived) = Stepped::outlived(version) {
                row.entries.remove(&outlived);
            }
            let is_ended = stepped.is_ended;
            row.last = stepped;
            if is_ended {
                self.make_room_for_ended();
            }
            self.notices.tell(notices);
        }
        outcome
    }

    fn make_room_for_ended(&mut self) {
        let rows = &mut self.journal.0;
        let mut counts: BTreeMap<&Text<128>, u32> = BTreeMap::new();
        for row in rows.values().filter(|row| row.last.is_ended) {
            *counts.entry(&row.subject.integration).or_default() += 1;
        }
        if counts.values().sum::<u32>() <= ENDED_RUN_COUNT_LIMIT {
            return;
        }
        let most = counts.values().max().copied();
        let found = counts.iter().find(|(_, count)| Some(**count) == most);
        let integration = found.map(|(integration, _)| (*integration).clone());
        let of_it = rows.values().filter(|row| {
            row.last.is_ended && Some(&row.subject.integration) == integration.as_ref()
        });
        let oldest = of_it.min_by_key(|row| (row.last.entry.at, row.last.id));
        if let Some(id) = oldest.map(|row| row.last.id) {
            rows.remove(&id);
        }
    }

    pub(crate) fn live_runs(&self, kind: Option<&Name>) -> Vec<RunRecord> {
        let rows = self.journal.0.values();
        let mut live: Vec<_> = rows
            .filter(|row| row.is_live() && kind.is_none_or(|kind| row.kind == *kind))
            .map(Row::record)
            .collect();
        live.sort_by_key(|record| (record.started, record.id));
        live
    }

    pub(crate) fn due_runs(&self, kind: &Name, now: Timestamp, limit: u32) -> Vec<RunRecord> {
        let mut due: Vec<_> = self
            .waiting(kind)
            .filter(|(next, _)| *next <= now)
            .map(|(next, row)| (next, row.record()))
            .collect();
        due.sort_by_key(|(next, record)| (*next, record.id));
        let due = due.into_iter().map(|(_, record)| record);
        due.take(limit as usize).collect()
    }

    pub(crate) fn next_due(&self, kind: &Name, now: Timestamp) -> Option<Timestamp> {
        let next = self.waiting(kind).map(|(next, _)| next);
        next.filter(|next| *next > now).min()
    }

    fn waiting(&self, kind: &Name) -> impl Iterator<Item = (Timestamp, &Row)> {
        let rows = self.journal.0.values();
        rows.filter(move |row| row.kind == *kind && row.last.format <= FORMAT)
            .filter_map(|row| Some((row.last.next?, row)))
    }

    pub(crate) fn run(&self, id: RunId) -> Option<RunHistory> {
        let row = self.journal.0.get(&id)?;
        Some(RunHistory {
            record: row.record(),
            entries: row.entries.clone().into_iter().collect(),
        })
    }

    pub(crate) fn ended_runs(&self, limit: u32) -> Vec<RunRecord> {
        let rows = self.journal.0.values();
        let mut ended: Vec<_> = rows
            .filter(|row| row.last.is_ended)
            .map(Row::record)
            .collect();
        ended.sort_by_key(|record| std::cmp::Reverse((record.changed, record.id)));
        ended.truncate(limit as usize);
        ended
    }

    pub(crate) fn retain_runs(&mut self, before: Timestamp) -> u64 {
        let rows = &mut self.journal.0;
        let count = rows.len();
        let ended = |row: &Row| row.last.entry.at.as_microsecond();
        let oldest = rows.values().filter(|row| !row.is_live()).map(ended).min();
        let before = in_one_step(before.as_microsecond(), oldest.unwrap_or(i64::MAX));
        rows.retain(|_, row| row.is_live() || ended(row) >= before);
        (count - rows.len()) as u64
    }
}
