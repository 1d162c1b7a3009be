//! The call log in memory.

use bytes::Bytes;
use jiff::Timestamp;

use crate::calls::{CallCounts, CallPlace, CallRecord};
use crate::time;

/// Most records that are kept in memory; the oldest go.
const COUNT_LIMIT: usize = 100_000;

#[derive(Clone, Default)]
pub(crate) struct Calls {
    records: std::collections::VecDeque<CallRecord>,
    last: u64,
    dropped: u64,
}

impl Calls {
    pub(crate) fn record(&mut self, at: Timestamp, record: Bytes, is_small: bool) -> bool {
        if !is_small {
            self.dropped += 1;
            return false;
        }
        self.last += 1;
        let place = CallPlace {
            file: 1,
            behind: self.last,
        };
        let at = crate::time::kept(at);
        self.records.push_back(CallRecord { place, at, record });
        if self.records.len() > COUNT_LIMIT {
            self.records.pop_front();
        }
        true
    }

    pub(crate) fn read(&self, behind: CallPlace, limit: usize) -> Vec<CallRecord> {
        let read = self.records.iter().filter(|of| of.place > behind);
        read.take(limit).cloned().collect()
    }

    pub(crate) fn retain(&mut self, bytes: u64, before: Timestamp) -> u64 {
        let mut left: u64 = self.records.iter().map(|of| of.record.len() as u64).sum();
        let oldest = self.records.front().map_or(0, |of| of.at.as_microsecond());
        let before = time::in_one_step(before.as_microsecond(), oldest);
        let mut gone = 0;
        while self.records.len() > 1
            && let Some(first) = self.records.front()
            && (left > bytes || first.at.as_microsecond() < before)
        {
            left -= first.record.len() as u64;
            gone += first.record.len() as u64;
            self.records.pop_front();
        }
        gone
    }

    pub(crate) fn counts(&self) -> CallCounts {
        CallCounts {
            kept: self.last,
            dropped: self.dropped,
        }
    }
}
