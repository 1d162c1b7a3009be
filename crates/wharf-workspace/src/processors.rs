//! Work on many things at once. Threads belong to whoever runs the program.

/// Works on many things, on as many processors as it likes.
pub trait Processors {
    /// Applies `work` to every item. The results are in the order of the items.
    fn map<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R>;
}

/// One thing after the other, on the thread that asks.
#[derive(Clone, Copy, Debug)]
pub struct One;

impl Processors for One {
    fn map<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        items.iter().map(work).collect()
    }
}
