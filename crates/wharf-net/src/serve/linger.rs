//! The end of a connection whose caller may still be sending.
//!
//! A socket that is closed with bytes unread resets the connection, and a reset can overtake the
//! answer: the caller then sees a broken pipe and never the refusal. So the answer is followed
//! by the end of our direction only, and what still comes is thrown away for a while (RFC 9112,
//! section 9.6).

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest time that is spent on it.
pub const LINGER_TIME: Duration = Duration::from_secs(2);

/// Most bytes that are read and thrown away. Then the caller is left waiting for the rest of
/// [`LINGER_TIME`], in which it can take its answer: reading costs a processor, waiting does not.
pub const LINGER_BYTES: u64 = 64 << 20;

/// Room for what is thrown away.
const BUFFER_BYTES: usize = 16 << 10;

/// Ends our direction, then reads until the caller ends its own, for [`LINGER_TIME`] at most.
///
/// Dropping the future ends the wait.
pub(crate) async fn linger(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let ending = async {
        if stream.shutdown().await.is_err() {
            return;
        }
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut left = LINGER_BYTES;
        while left > 0 {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(read) => left = left.saturating_sub(read as u64),
            }
        }
        std::future::pending::<()>().await;
    };
    // Passing the time is as good an end as the caller's own.
    let _ = tokio::time::timeout(LINGER_TIME, ending).await;
}
