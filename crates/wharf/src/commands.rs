//! One file per command.

pub(crate) mod call;
pub(crate) mod callers;
//CHECK pub(crate) mod check;
//CHECK pub(crate) mod explain;
pub(crate) mod up;
