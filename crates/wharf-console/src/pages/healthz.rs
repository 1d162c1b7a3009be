//! `/healthz`: whether the process is alive.

/// An answer is the whole message.
pub(super) async fn page() -> &'static str {
    "ok"
}
