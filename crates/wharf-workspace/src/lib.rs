//! Many documents in memory: the passes over them, documents side by side, the comments that leave
//! findings out, and `wharf.toml`.
//!
//! This crate is pure: files come through a trait, and time and processors are arguments.

pub mod settings;
