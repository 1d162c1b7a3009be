//! Sealing of secrets that must be stored: keys, where they come from, and what they seal and open.
//!
//! The form of what is sealed, byte by byte, is in [`wharf_policy::sealed`].

pub(crate) mod key;
pub(crate) mod keyring;
pub(crate) mod load;
pub(crate) mod new;
