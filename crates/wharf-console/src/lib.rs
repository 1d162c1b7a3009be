//! The control plane: metrics, health and readiness.
