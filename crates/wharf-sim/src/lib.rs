//! The vendor simulator, made from the documents.
//!
//! One listener on loopback stands for every vendor of a workspace. A call to
//! `/{integration}/{environment}/{path}` is checked for the credential the caller of this crate
//! made up, matched against the document's API Endpoints table, and answered with the document's
//! own example, else with what the vendor's API description shows, else with a plain account of
//! what arrived. It keeps no data: a write is read back in its own answer only. Errors of its own
//! have the members of the gateway's problem documents in which client libraries look for words.
//!
//! Bounds, and what happens at each:
//!
//! | bound | default | at the bound |
//! |---|---|---|
//! | connections | [`MAX_CONNECTIONS`] | the oldest without a request is closed; while all have one, further ones wait |
//! | request body | [`MAX_BODY_BYTES`] | 413, the rest is read for 2 s and thrown away, the connection closes |
//! | a request body behind content codings | the same, decoded; 3 codings, 16 frames of `zstd`, each with a window of 8 MiB | 413, 415 or 400 |
//! | time for a request's headers, an idle connection included | [`HEADER_READ_TIMEOUT`] | 408 after a part of them, and the connection closes |
//! | time for a request's body | [`BODY_READ_TIMEOUT`] | 408, the connection closes |
//! | time for answers under way at shutdown | [`DRAIN_TIMEOUT`] | they are cut off |
//! | answers kept for idempotency keys | [`MAX_REPLAYS`], [`MAX_REPLAY_BYTES`] together | the oldest is forgotten |
//! | counts of `first=N` faults | [`MAX_FAULT_COUNTS`] | the oldest is forgotten |
//! | a GraphQL query that is looked into | 256 KiB, 4,096 selections, 16 levels | the example is sent as it is |
//! | a watch that has nothing to tell | 5 s | it ends |
//! | API description | [`MAX_DESCRIPTION_BYTES`] | it is not read, with a warning |

mod adapt;
mod answer;
mod compiled;
mod credential;
mod description;
mod echo;
mod event;
mod fault;
mod form;
mod graphql;
mod handle;
mod idempotency;
mod outcome;
mod received;
mod request;
mod route;
mod rows;
mod server;
mod wire;

#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use wharf_diag::Severity;
use wharf_document::Integration;
use wharf_document::model::Placement;

pub use description::MAX_DESCRIPTION_BYTES;
pub use fault::{FAULT_HEADER, GRAMMAR as FAULT_GRAMMAR, MAX_FAULT_COUNTS};
pub use handle::{Counters, Handle, OperationCount, UNDOCUMENTED};
pub use idempotency::{MAX_REPLAY_BYTES, MAX_REPLAYS};
pub use request::{BODY_READ_TIMEOUT, MAX_BODY_BYTES};
pub use server::{DRAIN_TIMEOUT, HEADER_READ_TIMEOUT, MAX_CONNECTIONS, Simulator};

/// What to simulate and where.
#[derive(Debug)]
pub struct Options {
    /// A loopback address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The vendors; each integration at most once.
    pub vendors: Vec<Vendor>,
}

/// One integration and what it takes to stand in for its vendor.
#[derive(Clone, Debug)]
pub struct Vendor {
    /// The document.
    pub integration: Arc<Integration>,
    /// Where the credential has to arrive: the document's places, or the usual ones of its
    /// authentication type. Empty: every call is let in.
    pub placements: Vec<Placement>,
    /// The environments that can be called.
    pub environments: Vec<VendorEnvironment>,
    /// An `OpenAPI` 3.0, `OpenAPI` 3.1 or Swagger 2.0 file on disk, JSON or YAML.
    pub api_description: Option<PathBuf>,
}

/// One environment of a [`Vendor`].
#[derive(Clone)]
pub struct VendorEnvironment {
    /// The name as the document writes it; compared without regard to case.
    pub name: String,
    /// Credential field to made-up value. Every field that a placement names must be here.
    pub fields: BTreeMap<String, String>,
}

impl fmt::Debug for VendorEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorEnvironment")
            .field("name", &self.name)
            .field("fields", &self.fields.keys())
            .finish()
    }
}

/// Something worth telling when a vendor is set up; the vendor is simulated all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The integration it is about.
    pub integration: String,
    /// `Info` for facts such as the time a description took to read, else `Warning`.
    pub severity: Severity,
    /// One sentence without a full stop.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.integration, self.message)
    }
}

/// Why a simulator could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is reachable from other machines.
    #[error("the simulator listens on loopback only, not on {address}; use 127.0.0.1 or [::1]")]
    NotLoopback {
        /// The refused address.
        address: SocketAddr,
    },
    /// The system refused the address.
    #[error("the simulator cannot listen on {address}; choose another port, or port 0 for any")]
    Listen {
        /// The refused address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Two vendors have one id.
    #[error("integration `{integration}` is given to the simulator twice")]
    DuplicateIntegration {
        /// The id.
        integration: String,
    },
    /// Two environments of one vendor have the same path.
    #[error(
        "environment `{environment}` of `{integration}` has the same path as another one; \
         rename one of them"
    )]
    DuplicateEnvironment {
        /// The id.
        integration: String,
        /// The second of the two.
        environment: String,
    },
    /// A placement names a field that the environment has no value for.
    #[error(
        "environment `{environment}` of `{integration}` has no made-up value for the credential \
         field `{field}`"
    )]
    MissingField {
        /// The id.
        integration: String,
        /// The environment.
        environment: String,
        /// The field without a value.
        field: String,
    },
}
