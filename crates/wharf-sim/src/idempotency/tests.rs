//! Tests of `idempotency`.
