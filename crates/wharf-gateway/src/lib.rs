//! The life of a call: from an application on this machine to a vendor and back.
//!
//! Start reading at `pipeline.rs`. It holds the life of a call from top to bottom, one phase
//! after the other; every phase has a file of its own with the same name.

mod authorise;
mod body;
mod call;
mod classify;
mod dispatch;
mod ended;
mod explain;
mod headers;
mod hop;
mod identify;
mod inbound;
mod lookup;
mod matching;
mod media_type;
mod meter;
mod metrics;
mod phase;
mod pipeline;
mod problem;
mod recover;
mod relocate;
mod reply;
mod server;
mod snapshot;
mod trace;
#[doc(hidden)]
pub mod wire;

pub use body::CallerBody;
pub use identify::CallerDirectory;
pub use meter::Source;
pub use phase::Phase;
pub use pipeline::Engine;
pub use reply::{ReplyBody, StreamError};
pub use server::{Options, Server};
pub use snapshot::{EnvironmentProblem, Handle};
pub use trace::{Trace, TraceEntry};
