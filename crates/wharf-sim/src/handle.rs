//! The view from outside on a running simulator: what was called, and new documents for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::compiled::World;
use crate::fault::FaultCounts;
use crate::idempotency::Replays;
use crate::{Error, Vendor, Warning};

/// The operation id that calls outside the API Endpoints table are counted under.
pub const UNDOCUMENTED: &str = "(undocumented)";

/// What happened to one operation since the simulator started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests that reached the operation with the right credential, faults included.
    pub calls: u64,
    /// Requests that were answered 401.
    pub refused: u64,
    /// Calls that were answered by the kept answer of an idempotency key.
    pub replayed: u64,
    /// Calls that a fault on demand struck.
    pub faults: u64,
}

/// The counters of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationCount {
    /// The integration's id.
    pub integration: String,
    /// The environment's path segment, for example `production`.
    pub environment: String,
    /// The operation's id, or [`UNDOCUMENTED`].
    pub operation: String,
    /// What happened to it.
    pub counters: Counters,
}

/// Reads counters and exchanges documents; cheap to clone, usable after the simulator ended.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

/// What requests, the handle and the server share.
#[derive(Default)]
pub(crate) struct Shared {
    world: RwLock<Arc<World>>,
    counters: Mutex<BTreeMap<CounterKey, Counters>>,
    pub(crate) replays: Mutex<Replays>,
    pub(crate) fault_counts: Mutex<FaultCounts>,
    pub(crate) requests: std::sync::atomic::AtomicU64,
}

/// Integration, environment's path segment, operation.
type CounterKey = (String, String, String);

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        Self {
            world: RwLock::new(Arc::new(world)),
            ..Self::default()
        }
    }

    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the counters of one operation.
    pub(crate) fn count(
        &self,
        integration: &str,
        environment: &str,
        operation: &str,
        change: impl FnOnce(&mut Counters),
    ) {
        let key = (
            integration.to_owned(),
            environment.to_owned(),
            operation.to_owned(),
        );
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        change(counters.entry(key).or_default());
    }
}

impl Handle {
    /// Every operation that was reached or refused, in order of integration and environment.
    pub fn counts(&self) -> Vec<OperationCount> {
        let counters = self
            .shared
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        counters
            .iter()
            .map(
                |((integration, environment, operation), counters)| OperationCount {
                    integration: integration.clone(),
                    environment: environment.clone(),
                    operation: operation.clone(),
                    counters: *counters,
                },
            )
            .collect()
    }

    /// The counters of one operation over all environments; all zero when nothing reached it.
    pub fn operation(&self, integration: &str, operation: &str) -> Counters {
        self.counts()
            .into_iter()
            .filter(|count| count.integration == integration && count.operation == operation)
            .fold(Counters::default(), |sum, count| Counters {
                calls: sum.calls + count.counters.calls,
                refused: sum.refused + count.counters.refused,
                replayed: sum.replayed + count.counters.replayed,
                faults: sum.faults + count.counters.faults,
            })
    }

    /// The path that stands for an environment's base URL, for example `/openai-api/production`.
    ///
    /// The environment's name compares without regard to case. `None` when it is not simulated.
    pub fn base_path(&self, integration: &str, environment: &str) -> Option<String> {
        let world = self.shared.world();
        let vendor = world.vendor(integration)?;
        let environment = vendor.environment(environment)?;
        Some(vendor.base_path(environment))
    }

    /// Replaces all vendors at once, for example after a document changed.
    ///
    /// Requests under way finish with the old ones. Counters and kept answers stay. On an error
    /// or when the future is dropped nothing changes.
    pub async fn replace(&self, vendors: Vec<Vendor>) -> Result<Vec<Warning>, Error> {
        let (world, warnings) = World::compile(vendors).await?;
        *self
            .shared
            .world
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(world);
        Ok(warnings)
    }
}
