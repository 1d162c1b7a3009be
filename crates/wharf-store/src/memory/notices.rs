//! Notices in memory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::{DedupeKey, Notice};

use crate::notice::{
    NOTICE_COUNT_LIMIT, NOTICE_COUNT_LIMIT_OF_ONE, NOTICE_ROUTE_LIMIT, NoticeFilter, NoticePage,
    NoticeRecord, Told, counts_up,
};
use crate::time::in_one_step;

#[derive(Clone, Default)]
pub(crate) struct Notices {
    by_number: BTreeMap<u64, NoticeRecord>,
    numbers_by_key: BTreeSet<(DedupeKey, u64)>,
    /// How many there are about each integration.
    counts: BTreeMap<Text<128>, u32>,
    last_number: u64,
    cursors: BTreeMap<Name, u64>,
}

impl Notices {
    pub(crate) fn tell(&mut self, notices: &[Notice]) -> Vec<Told> {
        notices.iter().map(|notice| self.tell_one(notice)).collect()
    }

    fn tell_one(&mut self, notice: &Notice) -> Told {
        let of_key = self
            .numbers_by_key
            .range((notice.key, 0)..=(notice.key, u64::MAX));
        let newest = of_key.last().map(|(_, number)| *number);
        if let Some(record) = newest.and_then(|number| self.by_number.get_mut(&number)) {
            let first = &record.notice;
            if counts_up((first.severity, first.at, first.same_within), notice) {
                record.count += 1;
                record.last = record.last.max(notice.at);
                return Told {
                    number: record.number,
                    is_new: false,
                };
            }
        }
        self.last_number += 1;
        let number = self.last_number;
        let record = NoticeRecord {
            number,
            notice: notice.clone(),
            count: 1,
            last: notice.at,
            acknowledged: None,
        };
        self.by_number.insert(number, record);
        self.numbers_by_key.insert((notice.key, number));
        let integration = &notice.subject.integration;
        *self.counts.entry(integration.clone()).or_default() += 1;
        self.make_room(integration, number);
        Told {
            number,
            is_new: true,
        }
    }

    fn make_room(&mut self, integration: &Text<128>, new: u64) {
        if self.counts.get(integration).copied().unwrap_or(0) > NOTICE_COUNT_LIMIT_OF_ONE {
            self.drop_one(integration, new);
        } else if self.by_number.len() > NOTICE_COUNT_LIMIT as usize {
            let most = self.counts.values().max().copied();
            let mut counts = self.counts.iter();
            let found = counts.find(|(_, count)| Some(**count) == most);
            if let Some(integration) = found.map(|(integration, _)| integration.clone()) {
                self.drop_one(&integration, new);
            }
        }
    }

    fn drop_one(&mut self, integration: &Text<128>, new: u64) {
        let of_it = self.by_number.values().filter(|record| {
            record.notice.subject.integration == *integration && record.number != new
        });
        let least = of_it.min_by_key(|record| (record.notice.severity, record.number));
        if let Some(number) = least.map(|record| record.number) {
            self.remove(number);
        }
    }

    fn remove(&mut self, number: u64) {
        if let Some(record) = self.by_number.remove(&number) {
            self.numbers_by_key.remove(&(record.notice.key, number));
            let integration = record.notice.subject.integration;
            if let Some(count) = self.counts.get_mut(&integration) {
                *count -= 1;
            }
        }
    }

    pub(crate) fn page(&self, filter: &NoticeFilter, page: NoticePage) -> Vec<NoticeRecord> {
        let before = page.before.unwrap_or(u64::MAX);
        let found = self.by_number.range(..before).rev();
        let wanted = found
            .map(|(_, record)| record)
            .filter(|of| filter.wants(of));
        wanted.take(page.limit as usize).cloned().collect()
    }

    pub(crate) fn after(&self, number: u64, limit: u32) -> Vec<NoticeRecord> {
        let found = self.by_number.range(number.saturating_add(1)..);
        found
            .take(limit as usize)
            .map(|(_, record)| record.clone())
            .collect()
    }

    /// Whether there is a notice of this number that nobody has acknowledged.
    pub(crate) fn is_open(&self, number: u64) -> bool {
        let record = self.by_number.get(&number);
        record.is_some_and(|record| record.acknowledged.is_none())
    }

    pub(crate) fn acknowledge(
        &mut self,
        number: u64,
        by: (Text<200>, Timestamp),
    ) -> Option<NoticeRecord> {
        let record = self.by_number.get_mut(&number)?;
        record.acknowledged.get_or_insert(by);
        Some(record.clone())
    }

    pub(crate) fn cursor(&self, route: &Name) -> u64 {
        self.cursors.get(route).copied().unwrap_or(0)
    }

    /// Whether there was room for the route.
    pub(crate) fn advance(&mut self, route: &Name, to: u64) -> bool {
        let is_new = !self.cursors.contains_key(route);
        if is_new && self.cursors.len() >= NOTICE_ROUTE_LIMIT as usize {
            return false;
        }
        let cursor = self.cursors.entry(route.clone()).or_default();
        *cursor = to.max(*cursor);
        true
    }

    pub(crate) fn retain(&mut self, before: Timestamp) -> u64 {
        let oldest = self.by_number.values().map(|record| record.last).min();
        let oldest = oldest.map_or(i64::MAX, Timestamp::as_microsecond);
        let before = in_one_step(before.as_microsecond(), oldest);
        let records = self.by_number.values();
        let old = records.filter(|record| record.last.as_microsecond() < before);
        let old: Vec<_> = old.map(|record| record.number).collect();
        for number in &old {
            self.remove(*number);
        }
        old.len() as u64
    }
}
