//! Where a credential goes in a request, with names that were checked once.

use http::HeaderName;
use wharf_document::model::{Placement, Template};

/// One place in a request that is filled in from the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompiledPlacement {
    /// A header.
    Header {
        /// Its name.
        name: HeaderName,
        /// What stands behind the colon.
        value: Template,
    },
    /// A parameter of the query.
    Query {
        /// Its name, not percent-encoded.
        name: String,
        /// What stands behind the equals sign, before it is percent-encoded.
        value: Template,
    },
    /// `Authorization: Basic`.
    Basic {
        /// May be empty.
        username: Template,
        /// May be empty.
        password: Template,
    },
}

impl CompiledPlacement {
    /// `None` where no request can carry the name, which is too long then.
    pub(crate) fn new(placement: &Placement) -> Option<Self> {
        Some(match placement {
            Placement::Header { name, value } => Self::Header {
                name: HeaderName::from_bytes(name.as_bytes()).ok()?,
                value: value.clone(),
            },
            Placement::Query { name, value } => Self::Query {
                name: name.clone(),
                value: value.clone(),
            },
            Placement::Basic { username, password } => Self::Basic {
                username: username.clone(),
                password: password.clone(),
            },
        })
    }
}

#[cfg(test)]
mod tests;
