//! Who depends on the service, and what the service depends on.

use std::time::Duration;

use wharf_diag::Spanned;

use super::IntegrationId;

/// The Dependencies section.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// Our Systems That Use This, in the document's order.
    pub systems: Vec<System>,
    /// This Depends On, in the document's order.
    pub needs: Vec<Spanned<Dependency>>,
}

/// One of our systems that calls the service.
#[derive(Clone, Debug)]
pub struct System {
    /// The name before the colon.
    pub name: Spanned<String>,
    /// How much it needs the service, as written.
    pub importance: Option<Spanned<String>>,
    /// Which class of waiting calls it belongs to.
    pub class: Option<SystemClass>,
    /// `deadline 10s`: the longest time it waits for a call.
    pub deadline: Option<Spanned<Duration>>,
}

/// A class of calls that wait for a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemClass {
    /// `Critical path`.
    Critical,
    /// `Nice to have`.
    NiceToHave,
    /// `Batch processing`.
    Batch,
}

impl SystemClass {
    /// Every class with the words that documents use for it.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Critical, "Critical path"),
        (Self::NiceToHave, "Nice to have"),
        (Self::Batch, "Batch processing"),
    ];
}

/// One line of This Depends On.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Dependency {
    /// Connections to the vendor.
    Network,
    /// Names of the vendor's hosts.
    Dns,
    /// The vendor's certificates.
    Certificates,
    /// Another integration.
    Integration(IntegrationId),
    /// Something that the program cannot look at.
    Other(String),
}
