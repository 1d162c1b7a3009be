//! What the service is, and where its environments are.

use jiff::civil::Date;
use wharf_diag::Spanned;

use super::{BaseUrl, Connection};

/// The Overview list of Service Details.
#[derive(Clone, Debug, Default)]
pub struct ServiceDetails {
    /// What we use it for.
    pub purpose: Option<Spanned<String>>,
    /// Kind of service.
    pub category: Option<Spanned<String>>,
    /// Company behind it.
    pub vendor: Option<Spanned<String>>,
    /// End date and terms.
    pub contract: Option<Contract>,
}

/// The contract with the vendor.
#[derive(Clone, Debug)]
pub struct Contract {
    /// When it ends, where the text names a date.
    pub end: Option<Spanned<Date>>,
    /// The whole text, as written.
    pub terms: Spanned<String>,
}

/// One row of the Environments table.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Name as written; compared without regard to case.
    pub name: Spanned<String>,
    /// The base URL. `None` when the cell is empty, a placeholder or a connection: such an environment cannot be called.
    pub endpoint: Option<Spanned<BaseUrl>>,
    /// The address, where it has another scheme than `http` and `https`; `endpoint` is `None` then.
    pub connection: Option<Spanned<Connection>>,
    /// For example `Active`.
    pub status: Option<Spanned<String>>,
    /// Free text.
    pub notes: Option<Spanned<String>>,
}

impl Environment {
    /// Where the service is, over HTTP or otherwise, as one text.
    pub fn address(&self) -> Option<Spanned<String>> {
        let endpoint = self.endpoint.as_ref();
        let connection = self.connection.as_ref();
        endpoint
            .map(|endpoint| Spanned::new(endpoint.value.to_string(), endpoint.span))
            .or_else(|| connection.map(|c| Spanned::new(c.value.to_string(), c.span)))
    }

    /// Whether the document says where the service is, over HTTP or otherwise.
    pub const fn has_address(&self) -> bool {
        self.endpoint.is_some() || self.connection.is_some()
    }

    /// Whether the row counts as in use: its status is missing, or starts with `Active` or `Live`.
    pub fn is_active(&self) -> bool {
        self.status.as_ref().is_none_or(|status| {
            let word = status.value.split(|c: char| !c.is_alphanumeric()).next();
            word.is_some_and(|word| {
                word.eq_ignore_ascii_case("active") || word.eq_ignore_ascii_case("live")
            })
        })
    }
}
