//! Notices in memory.

use std::collections::BTreeMap;

use jiff::Timestamp;
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::Notice;

use crate::notice::{
    NOTICE_COUNT_LIMIT, NOTICE_COUNT_LIMIT_OF_ONE, NOTICE_ROUTE_LIMIT, NoticeFilter, NoticePage,
    NoticeRecord, Told, counts_up,
};

#[derive(Default)]
pub(crate) struct Notices {
    by_number: BTreeMap<u64, NoticeRecord>,
    last_number: u64,
    cursors: BTreeMap<Name, u64>,
}

impl Notices {
    pub(crate) fn tell(&mut self, notices: &[Notice]) -> Vec<Told> {
        notices.iter().map(|notice| self.tell_one(notice)).collect()
    }

    fn tell_one(&mut self, notice: &Notice) -> Told {
        let mut newest_first = self.by_number.values_mut().rev();
        if let Some(record) = newest_first.find(|of| of.notice.key == notice.key) {
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
        self.make_room(&notice.subject.integration, number);
        Told {
            number,
            is_new: true,
        }
    }

    fn make_room(&mut self, integration: &Text<128>, new: u64) {
        let mut counts: BTreeMap<Text<128>, u32> = BTreeMap::new();
        for record in self.by_number.values() {
            *counts
                .entry(record.notice.subject.integration.clone())
                .or_default() += 1;
        }
        if counts.get(integration).copied().unwrap_or(0) > NOTICE_COUNT_LIMIT_OF_ONE {
            self.drop_one(integration, new);
        } else if counts.values().sum::<u32>() > NOTICE_COUNT_LIMIT {
            let most = counts.values().max().copied();
            let found = counts.iter().find(|(_, count)| Some(**count) == most);
            if let Some((integration, _)) = found {
                self.drop_one(&integration.clone(), new);
            }
        }
    }

    fn drop_one(&mut self, integration: &Text<128>, new: u64) {
        let of_it = self.by_number.values().filter(|record| {
            record.notice.subject.integration == *integration && record.number != new
        });
        let least = of_it.min_by_key(|record| (record.notice.severity, record.number));
        if let Some(number) = least.map(|record| record.number) {
            self.by_number.remove(&number);
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
        let count = self.by_number.len();
        self.by_number.retain(|_, record| record.last >= before);
        (count - self.by_number.len()) as u64
    }
}
