//! What holds where a document is silent.

use std::time::Duration;

/// Bound of connecting to a vendor, name lookup and TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Bound of one attempt, from its start, or from the last piece of its body that was sent, to the head
/// of the answer and what is read ahead of the rest.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Largest body that `wharf call` reads from standard input or a file, in bytes.
pub const CALL_BODY_LIMIT_BYTES: u64 = 64 * 1024 * 1024;
