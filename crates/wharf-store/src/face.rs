//! The handles of a store, one file for each area but records. What they take and give stands in the
//! area's own folder, which knows no engine.

pub(crate) mod allowances;
pub(crate) mod calls;
pub(crate) mod events;
pub(crate) mod leases;
mod lists;
