//! The outbound HTTP client, its connection pool, and helpers for servers.
//!
//! The client reports one thing that general clients do not: whether a failed request can have
//! reached the other side. Everything that decides about retries rests on it.

mod client;
mod coding;
pub mod content;
pub mod listen;
pub mod machine;
mod proxy;
pub mod serve;
pub mod wire;

pub use client::connect::Connector;
pub use client::error::{ReplyError, SendError, SendErrorKind};
pub use client::origin::{Origin, OriginError};
pub use client::reply::{Reply, ReplyBody};
pub use client::resolve::{Resolve, Resolving};
pub use client::tls::TrustError;
pub use client::{Client, Limits};
pub use coding::is_chunked_at_most;
pub use proxy::proxy_variables_set;
