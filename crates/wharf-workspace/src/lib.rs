//! Many documents in memory: the passes over them, documents side by side, the comments that leave
//! findings out, and `wharf.toml`.
//!
//! This crate is pure: files come through a trait, and time and processors are arguments.
//!
//! ```text
//!  found.rs        bytes of a file → a text that is a document, or why it is none
//!  workspace.rs    texts → documents with their findings, alone and side by side
//!  together.rs     the same side by side, one edit after the other
//!  runnable.rs     which documents can run
//!  reload.rs       the rules of a start and of a reload
//!  settings.rs     wharf.toml
//! ```

mod around;
mod found;
mod processors;
pub mod reload;
mod runnable;
pub mod settings;
mod together;
mod workspace;

pub use around::{Around, AtHand, Beside};
pub use found::{
    Found, LARGEST_FILE_BYTES, Unreadable, cannot_be_read, read_remedy, text_of, text_of_named,
};
pub use processors::{One, Processors};
pub use runnable::{Runnable, by_importance, errors};
pub use together::{Member, SideBySide, shown};
pub use workspace::{Document, Opened, Workspace, read};
