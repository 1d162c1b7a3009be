//! One file per command.

pub(crate) mod audit;
pub(crate) mod call;
pub(crate) mod callers;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod index;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod lsp;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod notices;
mod place;
pub(crate) mod reload;
pub(crate) mod show;
pub(crate) mod store;
pub(crate) mod up;
