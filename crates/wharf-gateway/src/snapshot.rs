//! What a call sees of the installation: one snapshot, taken when the call begins.
//!
//! A reload builds a new snapshot and swaps it in; calls under way keep the one they started
//! with. Meters and retry budgets live longer than snapshots.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use prometheus_client::registry::Registry;
use wharf_document::model::Scheme;
use wharf_net::Origin;
use wharf_plan::{CompiledEnvironment, CompiledIntegration, Plan};
use wharf_policy::budget::Budget;
use wharf_secrets::Resolver;

use crate::authorise::CredentialState;
use crate::body::KeptBytes;
use crate::identify::CallerDirectory;
use crate::meter::OperationMeter;
use crate::metrics::{Metrics, OperationLabels};

/// The label of calls that fit no row of the API Endpoints table.
const UNDOCUMENTED: &str = "undocumented";

/// Most meters that are kept for operations that are gone. They are kept at all so that counts of
/// the last calls are still read, and go on where an operation comes back.
const GONE_METERS_LIMIT: usize = 1_000;

/// Everything the workers share; clones are cheap and see the same state.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) resolver: Resolver,
    pub(crate) kept: KeptBytes,
    /// Calls end at the simulator.
    pub(crate) simulated: bool,
    lasting: Mutex<Lasting>,
}

/// What survives a reload.
#[derive(Default)]
struct Lasting {
    meters: HashMap<OperationLabels, Arc<OperationMeter>>,
    budgets: HashMap<String, Arc<Budget>>,
}

/// The installation as one call sees it.
pub(crate) struct Snapshot {
    pub(crate) integrations: HashMap<String, Arc<Integration>>,
    pub(crate) callers: Arc<CallerDirectory>,
}

/// One integration of the plan with what is needed to call it.
pub(crate) struct Integration {
    pub(crate) compiled: Arc<CompiledIntegration>,
    pub(crate) environments: Vec<Environment>,
    pub(crate) budget: Arc<Budget>,
}

pub(crate) struct Environment {
    pub(crate) origin: Option<Origin>,
    pub(crate) credential: ArcSwap<CredentialState>,
    /// One per operation, and one more for calls outside the table.
    meters: Vec<Arc<OperationMeter>>,
    undocumented: Arc<OperationMeter>,
}

impl Environment {
    pub(crate) fn meter(&self, operation: Option<usize>) -> &Arc<OperationMeter> {
        operation
            .and_then(|index| self.meters.get(index))
            .unwrap_or(&self.undocumented)
    }
}

/// An environment whose calls cannot be authorised now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialProblem {
    /// The integration's id.
    pub integration: String,
    /// The environment's name.
    pub environment: String,
    /// What is missing and what to do; never a value.
    pub message: String,
}

impl Handle {
    /// Sets up a gateway for a plan. Credentials are fetched now, by blocking reads.
    pub fn new(
        plan: &Plan,
        callers: CallerDirectory,
        resolver: Resolver,
        registry: &mut Registry,
    ) -> Self {
        Self::set_up(plan, callers, resolver, registry, false)
    }

    /// The same for a plan whose calls end at the simulator: callers may ask it for faults.
    pub fn for_simulation(
        plan: &Plan,
        callers: CallerDirectory,
        resolver: Resolver,
        registry: &mut Registry,
    ) -> Self {
        Self::set_up(plan, callers, resolver, registry, true)
    }

    fn set_up(
        plan: &Plan,
        callers: CallerDirectory,
        resolver: Resolver,
        registry: &mut Registry,
        simulated: bool,
    ) -> Self {
        let metrics = Arc::new(Metrics::register(registry));
        let mut lasting = Lasting::default();
        let snapshot = Snapshot {
            integrations: lasting.integrations(plan, &resolver, &metrics),
            callers: Arc::new(callers),
        };
        Self {
            shared: Arc::new(Shared {
                snapshot: ArcSwap::from_pointee(snapshot),
                metrics,
                resolver,
                kept: KeptBytes::default(),
                simulated,
                lasting: Mutex::new(lasting),
            }),
        }
    }

    /// Takes over a new plan at once for all calls that begin from now on.
    pub fn replace_plan(&self, plan: &Plan) {
        let shared = &self.shared;
        let integrations = shared
            .lasting()
            .integrations(plan, &shared.resolver, &shared.metrics);
        shared.snapshot.rcu(|old| Snapshot {
            integrations: integrations.clone(),
            callers: Arc::clone(&old.callers),
        });
        shared.lasting().forget(plan);
        shared.metrics.reloads.inc();
    }

    /// Takes over a new list of callers.
    pub fn replace_callers(&self, callers: CallerDirectory) {
        let callers = Arc::new(callers);
        self.shared.snapshot.rcu(|old| Snapshot {
            integrations: old.integrations.clone(),
            callers: Arc::clone(&callers),
        });
    }

    /// Fetches credentials again whose file changed, and those that could not be fetched.
    pub fn refresh_credentials(&self) {
        let snapshot = self.shared.snapshot.load_full();
        for integration in snapshot.integrations.values() {
            for (index, environment) in integration.environments.iter().enumerate() {
                let Some(compiled) = integration.compiled.environments.get(index) else {
                    continue;
                };
                if environment
                    .credential
                    .load()
                    .is_stale(&self.shared.resolver, compiled)
                {
                    let fresh = CredentialState::fetch(
                        &self.shared.resolver,
                        &integration.compiled,
                        compiled,
                    );
                    environment.credential.store(Arc::new(fresh));
                }
            }
        }
    }

    /// How many integrations are served.
    pub fn integration_count(&self) -> usize {
        self.shared.snapshot.load().integrations.len()
    }

    /// Environments that have an endpoint but whose credential is not available.
    pub fn credential_problems(&self) -> Vec<CredentialProblem> {
        let snapshot = self.shared.snapshot.load();
        let mut problems = Vec::new();
        for integration in snapshot
            .integrations
            .values()
            .filter(|integration| integration.compiled.active)
        {
            for (compiled, environment) in integration
                .compiled
                .environments
                .iter()
                .zip(&integration.environments)
            {
                if let (Some(_), Some(message)) =
                    (&environment.origin, environment.credential.load().problem())
                {
                    problems.push(CredentialProblem {
                        integration: integration.compiled.id.to_string(),
                        environment: compiled.name.clone(),
                        message: message.to_owned(),
                    });
                }
            }
        }
        problems.sort_by(|a, b| {
            (&a.integration, &a.environment).cmp(&(&b.integration, &b.environment))
        });
        problems
    }
}

impl Shared {
    fn lasting(&self) -> MutexGuard<'_, Lasting> {
        self.lasting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lasting {
    /// Lets go of what neither a snapshot nor a call under way holds. Budgets are given back at
    /// once, meters and their series all together when they are many.
    fn forget(&mut self, plan: &Plan) {
        self.budgets
            .retain(|id, budget| plan.integration(id).is_some() || Arc::strong_count(budget) > 1);
        let is_gone = |meter: &Arc<OperationMeter>| Arc::strong_count(meter) == 1;
        if self.meters.values().filter(|meter| is_gone(meter)).count() <= GONE_METERS_LIMIT {
            return;
        }
        self.meters.retain(|_, meter| {
            let is_gone = is_gone(meter);
            if is_gone {
                meter.remove_series();
            }
            !is_gone
        });
    }

    fn integrations(
        &mut self,
        plan: &Plan,
        resolver: &Resolver,
        metrics: &Arc<Metrics>,
    ) -> HashMap<String, Arc<Integration>> {
        plan.integrations()
            .into_iter()
            .map(|compiled| {
                let id = compiled.id.as_str();
                let environments = compiled
                    .environments
                    .iter()
                    .map(|environment| self.environment(compiled, environment, resolver, metrics))
                    .collect();
                let integration = Integration {
                    compiled: Arc::clone(compiled),
                    environments,
                    budget: Arc::clone(self.budgets.entry(id.to_owned()).or_default()),
                };
                (id.to_owned(), Arc::new(integration))
            })
            .collect()
    }

    fn environment(
        &mut self,
        integration: &CompiledIntegration,
        environment: &CompiledEnvironment,
        resolver: &Resolver,
        metrics: &Arc<Metrics>,
    ) -> Environment {
        let mut meter = |operation: &str| {
            let labels = OperationLabels {
                integration: integration.id.to_string(),
                environment: environment.name.clone(),
                operation: operation.to_owned(),
            };
            let fresh = || Arc::new(OperationMeter::new(metrics, labels.clone()));
            Arc::clone(self.meters.entry(labels.clone()).or_insert_with(fresh))
        };
        let origin = environment
            .base_url
            .as_ref()
            .and_then(|base| Origin::new(base.scheme == Scheme::Https, &base.host, base.port).ok());
        Environment {
            origin,
            credential: ArcSwap::from_pointee(CredentialState::fetch(
                resolver,
                integration,
                environment,
            )),
            meters: integration
                .operations
                .iter()
                .map(|operation| meter(&operation.id))
                .collect(),
            undocumented: meter(UNDOCUMENTED),
        }
    }
}

#[cfg(test)]
mod tests;
