//! The outbound HTTP client, its connection pool, and helpers for servers.
//!
//! The client reports one thing that general clients do not: whether a failed request can have
//! reached the other side. Everything that decides about retries rests on it.

mod connect;
mod counted;
mod error;
pub mod listen;
mod pool;
pub mod serve;

pub use connect::{Connector, Origin, OriginError, TrustError};
pub use error::{ReplyError, SendError, SendErrorKind};
pub use pool::{Client, Limits, Reply, ReplyBody};
