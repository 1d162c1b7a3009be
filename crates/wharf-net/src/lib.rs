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
mod turn;
pub mod wire;

pub use client::connect::{ConnectError, Connector, Step};
pub use client::error::{ReplyError, SendError, SendErrorKind};
pub use client::examine::{Examined, TcpFacts};
pub use client::origin::{Origin, OriginError};
pub use client::reply::{Reply, ReplyBody};
pub use client::resolve::{Resolve, ResolveError, Resolving};
pub use client::tcp::{Reached, TcpError};
pub use client::tls::{Secured, TlsError, TrustError, TrustFileError};
pub use client::{Client, Limits};
pub use coding::is_chunked_at_most;
pub use proxy::proxy_variables_set;
