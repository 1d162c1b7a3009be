//! Where state is kept: the engines behind the face, one arm each.

use std::sync::Arc;

pub(crate) use crate::embedded::Embedded;
use crate::memory::Memory;

/// The engine of a store, shared by all of its handles.
pub(crate) type Shared = Arc<Engine>;

/// One engine. What a record does with it is told in the record's own file.
pub(crate) enum Engine {
    Embedded(Embedded),
    Memory(Memory),
}
