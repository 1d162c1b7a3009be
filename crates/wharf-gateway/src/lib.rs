//! The life of a call: from an application on this machine to a vendor and back.
//!
//! Start reading at `pipeline.rs`. It holds the life of a call from top to bottom, one phase
//! after the other; every phase has a file of its own with the same name (`match`: `matching.rs`).

mod address;
mod authorise;
mod body;
mod call;
mod caller;
mod causes;
mod classify;
mod counts;
mod credential;
mod deadline;
mod dispatch;
mod ended;
mod exchange;
mod explain;
mod finding;
mod headers;
mod hop;
mod identify;
mod inbound;
mod lookup;
mod matching;
mod media_type;
mod meter;
mod metrics;
mod path;
mod per_worker;
mod phase;
mod pipeline;
mod problem;
mod recover;
mod relocate;
mod reply;
mod server;
mod snapshot;
mod target;
mod token;
mod trace;
#[doc(hidden)]
pub mod wire;

pub use body::CallerBody;
pub use caller::CallerDirectory;
pub use counts::Source;
pub use exchange::Requests;

pub use phase::Phase;
pub use pipeline::Engine;
pub use reply::{ReplyBody, StreamError};
pub use server::{Options, Server};
pub use snapshot::{EnvironmentProblem, Handle};
pub use trace::{Trace, TraceEntry};
