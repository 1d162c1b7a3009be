//! Decisions without input or output: retry, backoff, fault classification.
