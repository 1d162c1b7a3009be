//! What other documents see of one, so that an edit costs only what it can change.

use super::fallback;
use crate::model::{Integration, IntegrationId};

/// What [`Index::check`](super::Index::check) reads of a document when it looks at another one.
///
/// While it stays the same, no other document has other findings; only places in this document may
/// have moved. Every check that looks at other documents has to have here what it reads of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    id: IntegrationId,
    /// Paths of incoming webhooks.
    receives: Vec<String>,
    falls_back_to: Option<IntegrationId>,
    /// Ids, in the document's order.
    operations: Vec<String>,
    environments: Vec<String>,
}

impl Face {
    /// The face of a document.
    pub fn of(integration: &Integration) -> Self {
        let incoming = integration.webhooks.incoming.iter();
        let operations = integration.operations.iter();
        let environments = integration.environments.iter();
        Self {
            id: integration.id.clone(),
            receives: incoming
                .filter_map(|row| Some(row.endpoint.as_ref()?.value.clone()))
                .collect(),
            falls_back_to: fallback(integration).map(|id| id.value.clone()),
            operations: operations.map(|row| row.id.clone()).collect(),
            environments: environments.map(|row| row.name.value.clone()).collect(),
        }
    }

    /// The id that others name the document by.
    pub fn id(&self) -> &IntegrationId {
        &self.id
    }

    /// Whether what differs matters to documents that name this one, and to no others.
    pub fn differs_for_namers_only(&self, other: &Self) -> bool {
        self.id == other.id
            && self.receives == other.receives
            && self.falls_back_to == other.falls_back_to
    }
}
