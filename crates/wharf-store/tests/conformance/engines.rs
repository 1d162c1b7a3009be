//! The engines that every case runs on, and how each is ended and opened again.

use std::path::Path;

use tempfile::TempDir;
use tokio::time::{Duration, Instant, sleep};
use wharf_store::{LogLock, Model, Store};

use super::{DEADLINE, block_on};

/// One engine with its state. Its parts are those of the store that is open now.
pub(crate) struct Engine {
    /// None where state is in memory.
    folder: Option<TempDir>,
    store: Option<Store>,
    model: Option<Model>,
}

/// How a store ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Closed,
    Dropped,
}

/// All engines, each with fresh state.
async fn engines() -> Vec<Engine> {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let (in_memory, model) = Store::model();
    vec![
        Engine {
            folder: Some(folder),
            store: Some(store),
            model: None,
        },
        Engine {
            folder: None,
            store: Some(in_memory),
            model: Some(model),
        },
    ]
}

/// A store in a folder, with the log owned. Waits for an earlier one that is about to end.
pub(crate) async fn open(folder: &Path) -> Store {
    let store = Store::open(folder).await.unwrap();
    let started = Instant::now();
    let lock = loop {
        if let Some(lock) = LogLock::take(folder).unwrap() {
            break lock;
        }
        assert!(started.elapsed() < DEADLINE, "the log is still locked");
        sleep(Duration::from_millis(1)).await;
    };
    store.own_log(lock).await.unwrap();
    store
}

impl Engine {
    pub(crate) fn store(&self) -> Store {
        self.store.clone().unwrap()
    }

    pub(crate) fn model(&self) -> &Model {
        self.model.as_ref().unwrap()
    }

    /// Ends the store, and opens it again. What is in memory stays as it is.
    pub(crate) async fn reopen(&mut self, ending: Ending) {
        let Some(folder) = &self.folder else { return };
        let store = self.store.take().unwrap();
        match ending {
            Ending::Closed => store.close().await,
            Ending::Dropped => drop(store),
        }
        self.store = Some(open(folder.path()).await);
    }
}

/// Runs a case on a fresh store of each engine.
pub(crate) fn on_each(case: impl AsyncFn(Store)) {
    on_each_engine(async |engine| case(engine.store()).await);
}

/// The same for what ends a store, or has to know which engine it is.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a case is written in its place"
)]
pub(crate) fn on_each_engine(case: impl AsyncFn(&mut Engine)) {
    block_on(async {
        for mut engine in engines().await {
            case(&mut engine).await;
        }
    });
}

/// The same for what only a shared store does, which the model plays.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a case is written in its place"
)]
pub(crate) fn on_model(case: impl AsyncFn(&mut Engine)) {
    block_on(async {
        for mut engine in engines().await {
            if engine.model.is_some() {
                case(&mut engine).await;
            }
        }
    });
}
