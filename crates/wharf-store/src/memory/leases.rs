//! Leases in memory.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::names::{Epoch, Name};

#[derive(Clone, Default)]
pub(crate) struct Leases(BTreeMap<Name, Row>);

#[derive(Clone, Copy)]
struct Row {
    epoch: Epoch,
    /// `None`: another node holds it for good.
    ends: Option<Instant>,
}

impl Leases {
    pub(crate) fn acquire(&mut self, name: &Name, now: Instant, term: Duration) -> Option<Epoch> {
        let epoch = match self.0.get(name) {
            Some(row) if row.ends.is_none_or(|ends| now < ends) => return None,
            Some(row) => row.epoch.next(),
            None => Epoch::new(1),
        };
        let ends = Some(now + term);
        self.0.insert(name.clone(), Row { epoch, ends });
        Some(epoch)
    }

    pub(crate) fn renew(
        &mut self,
        name: &Name,
        epoch: Epoch,
        now: Instant,
        term: Duration,
    ) -> bool {
        match self.0.get_mut(name) {
            Some(row) if row.epoch == epoch && row.ends.is_some_and(|ends| now < ends) => {
                row.ends = Some(now + term);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn release(&mut self, name: &Name, epoch: Epoch) {
        if let Some(row) = self.0.get_mut(name)
            && row.epoch == epoch
            && let Some(ends) = &mut row.ends
        {
            *ends = (*ends).min(Instant::now());
        }
    }

    pub(super) fn take_away(&mut self, name: &Name) {
        let epoch = self
            .0
            .get(name)
            .map_or(Epoch::new(1), |row| row.epoch.next());
        self.0.insert(name.clone(), Row { epoch, ends: None });
    }

    pub(super) fn give_back(&mut self, name: &Name) {
        if let Some(row) = self.0.get_mut(name)
            && row.ends.is_none()
        {
            row.ends = Some(Instant::now());
        }
    }
}
