//! What other documents see of one, so that an edit costs only what it can change.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::{LONGEST_CHAIN, fallback, named, sent};
use crate::model::{Integration, IntegrationId};

/// What [`Index::check`](super::Index::check) reads of a document when it looks at another one, and
/// whom the document names.
///
/// While it stays the same, no other document has other findings; only places in this document may
/// have moved. Every check that looks at other documents has to have here what it reads of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    id: IntegrationId,
    names: Vec<IntegrationId>,
    /// Paths of incoming webhooks.
    receives: Vec<String>,
    falls_back_to: Option<IntegrationId>,
    /// Ids, in the document's order.
    operations: Vec<String>,
    environments: Vec<String>,
    /// Credentials, and the host that each goes to.
    sends: Vec<(String, String)>,
}

impl Face {
    /// The face of a document.
    pub fn of(integration: &Integration) -> Self {
        let named = named(integration).into_iter();
        let incoming = integration.webhooks.incoming.iter();
        let operations = integration.operations.iter();
        let environments = integration.environments.iter();
        Self {
            id: integration.id.clone(),
            names: named.map(|(id, _, _)| id.clone()).collect(),
            receives: incoming
                .filter_map(|row| Some(row.endpoint.as_ref()?.value.clone()))
                .collect(),
            falls_back_to: fallback(integration).map(|id| id.value.clone()),
            operations: operations.map(|row| row.id.clone()).collect(),
            environments: environments.map(|row| row.name.value.clone()).collect(),
            sends: sent(integration)
                .map(|sent| (sent.credential.1.into_owned(), sent.host.to_owned()))
                .collect(),
        }
    }

    /// Which of the other documents may have other findings after this one's face became `now`.
    /// `None`: any of them.
    pub fn concerned<'a, K>(
        &self,
        now: &'a Self,
        others: impl Iterator<Item = (K, &'a Self)> + Clone,
    ) -> Option<HashSet<K>>
    where
        K: Copy + Eq + Hash,
    {
        if self.id != now.id {
            return None;
        }
        let mut concerned = HashSet::new();
        if self.operations != now.operations || self.environments != now.environments {
            let namers = others
                .clone()
                .filter(|(_, other)| other.names.contains(&now.id));
            concerned.extend(namers.map(|(key, _)| key));
        }
        if self.receives != now.receives {
            let lost = self
                .receives
                .iter()
                .filter(|path| !now.receives.contains(path));
            let new = now
                .receives
                .iter()
                .filter(|path| !self.receives.contains(path));
            let moved: HashSet<_> = lost.chain(new).collect();
            let sharing = others
                .clone()
                .filter(|(_, other)| other.receives.iter().any(|path| moved.contains(path)));
            concerned.extend(sharing.map(|(key, _)| key));
        }
        if self.sends != now.sends {
            let both = self.sends.iter().chain(&now.sends);
            let names: HashSet<_> = both.map(|(name, _)| name).collect();
            let sharing = others
                .clone()
                .filter(|(_, other)| other.sends.iter().any(|(name, _)| names.contains(name)));
            concerned.extend(sharing.map(|(key, _)| key));
        }
        if self.falls_back_to != now.falls_back_to {
            concerned.extend(leading_to(&now.id, others));
        }
        Some(concerned)
    }
}

/// Documents whose fallbacks lead to an id, as far as such chains are followed.
fn leading_to<'a, K: Copy + Eq + Hash>(
    id: &'a IntegrationId,
    others: impl Iterator<Item = (K, &'a Face)>,
) -> HashSet<K> {
    let mut before: HashMap<&IntegrationId, Vec<(K, &IntegrationId)>> = HashMap::new();
    for (key, other) in others {
        if let Some(target) = &other.falls_back_to {
            before.entry(target).or_default().push((key, &other.id));
        }
    }
    let mut leading = HashSet::new();
    let mut next = vec![id];
    for _ in 0..LONGEST_CHAIN {
        let ids = std::mem::take(&mut next);
        for (key, id) in ids.iter().filter_map(|id| before.get(id)).flatten() {
            if leading.insert(*key) {
                next.push(id);
            }
        }
    }
    leading
}
