//! Allowances in memory.

use std::collections::BTreeMap;

use crate::allowances::{Allowance, AllowanceKey, Chunk};
use crate::names::Name;

#[derive(Clone, Default)]
pub(crate) struct Allowances {
    rows: BTreeMap<AllowanceKey, Allowance>,
    chunks: BTreeMap<i64, (AllowanceKey, u64)>,
    last_chunk: i64,
}

impl Allowances {
    pub(crate) fn take(&mut self, key: &AllowanceKey, cap: u64, want: u64) -> Option<Chunk> {
        let row = self.rows.entry(key.clone()).or_default();
        row.cap = cap;
        let units = want.min(cap.saturating_sub(row.taken));
        if units == 0 {
            return None;
        }
        row.taken += units;
        self.last_chunk += 1;
        let id = self.last_chunk;
        self.chunks.insert(id, (key.clone(), units));
        Some(Chunk { id, units })
    }

    pub(crate) fn settle(&mut self, id: i64, spent: u64) {
        if let Some((key, units)) = self.chunks.remove(&id)
            && let Some(row) = self.rows.get_mut(&key)
        {
            let spent = spent.min(units);
            row.taken -= units - spent;
            row.settled += spent;
        }
    }

    pub(crate) fn look(&self, key: &AllowanceKey) -> Option<Allowance> {
        self.rows.get(key).copied()
    }

    pub(crate) fn forget(&mut self, name: &Name, before: i64) -> usize {
        let is_over = |key: &AllowanceKey| key.name == *name && key.period < before;
        let count = self.rows.len();
        self.rows.retain(|key, _| !is_over(key));
        self.chunks.retain(|_, (key, _)| !is_over(key));
        count - self.rows.len()
    }
}
