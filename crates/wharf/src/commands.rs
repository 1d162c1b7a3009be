//! One file per command.

pub(crate) mod call;
pub(crate) mod callers;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod lsp;
pub(crate) mod up;
