//! What a call sees of the installation: one snapshot, taken when the call begins.
//!
//! A reload builds a new snapshot and swaps it in; calls under way keep what they took of theirs.
//! Meters and retry budgets live longer than snapshots.

mod lasting;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;
use http::Uri;
use prometheus_client::registry::Registry;
use wharf_net::Origin;
use wharf_plan::{CompiledEnvironment, CompiledIntegration, CompiledPlacement, Plan};
use wharf_policy::budget::Budget;
use wharf_secrets::{Keeper, Kept, Resolver};

use crate::address::Address;
use crate::body::KeptBytes;
use crate::caller::CallerDirectory;
use crate::counts::OperationMeter;
use crate::credential::{Authorisation, Needed};
use crate::lookup::Lookup;
use crate::metrics::Metrics;

use lasting::Lasting;

/// Everything the workers share; clones are cheap and see the same state.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) snapshot: ArcSwap<Snapshot>,
    pub(crate) metrics: Arc<Metrics>,
    keeper: Keeper,
    pub(crate) kept: KeptBytes,
    /// Calls end at the simulator.
    pub(crate) simulated: bool,
    lasting: Mutex<Lasting>,
    /// What was logged about credentials and holds still.
    told: Mutex<BTreeSet<EnvironmentProblem>>,
}

/// The installation as one call sees it.
pub(crate) struct Snapshot {
    pub(crate) integrations: Lookup<String, Arc<Integration>>,
    pub(crate) callers: Arc<CallerDirectory>,
}

impl Snapshot {
    /// The integration that a URL names.
    pub(crate) fn named(&self, uri: &Uri) -> Option<&Arc<Integration>> {
        self.integrations.get(Address::of(uri).integration)
    }

    /// Where the credential of an integration stands in a request; for none, where it does in any
    /// integration.
    pub(crate) fn placements<'a>(
        &'a self,
        named: Option<&'a Arc<Integration>>,
    ) -> impl Iterator<Item = &'a CompiledPlacement> {
        let is_unknown = named.is_none();
        let others = self.integrations.values().filter(move |_| is_unknown);
        named
            .into_iter()
            .chain(others)
            .flat_map(|integration| &integration.compiled.placements)
    }
}

/// One integration of the plan with what is needed to call it.
pub(crate) struct Integration {
    pub(crate) compiled: Arc<CompiledIntegration>,
    /// In the order of the compiled ones.
    pub(crate) environments: Vec<Arc<Environment>>,
}

/// One environment of an integration, with all that its calls need: a call holds this and nothing
/// else of the snapshot.
pub(crate) struct Environment {
    pub(crate) integration: Arc<CompiledIntegration>,
    pub(crate) compiled: Arc<CompiledEnvironment>,
    /// That of the integration, for all of its environments.
    pub(crate) budget: Arc<Budget>,
    pub(crate) origin: Option<Origin>,
    pub(crate) credential: Authorisation,
    /// One per operation.
    meters: Vec<Arc<OperationMeter>>,
    /// For calls outside the table.
    undocumented: Arc<OperationMeter>,
}

impl Environment {
    pub(crate) fn meter(&self, operation: Option<usize>) -> &Arc<OperationMeter> {
        operation
            .and_then(|index| self.meters.get(index))
            .unwrap_or(&self.undocumented)
    }
}

/// Something about an environment that a person should change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvironmentProblem {
    /// The integration's id.
    pub integration: String,
    /// The environment's name.
    pub environment: String,
    /// What is wrong and what to do; never a value.
    pub message: String,
}

impl Handle {
    /// Sets up a gateway for a plan, and waits until its credentials were asked for. Dropping the
    /// future gives all up.
    pub async fn new(
        plan: &Plan,
        callers: CallerDirectory,
        resolver: Resolver,
        registry: &mut Registry,
    ) -> Self {
        Self::set_up(plan, callers, resolver, registry, false).await
    }

    /// The same for a plan whose calls end at the simulator: callers may ask it for faults.
    pub async fn for_simulation(
        plan: &Plan,
        callers: CallerDirectory,
        resolver: Resolver,
        registry: &mut Registry,
    ) -> Self {
        Self::set_up(plan, callers, resolver, registry, true).await
    }

    async fn set_up(
        plan: &Plan,
        callers: CallerDirectory,
        resolver: Resolver,
        registry: &mut Registry,
        simulated: bool,
    ) -> Self {
        let metrics = Arc::new(Metrics::register(registry));
        let keeper = Keeper::new(resolver);
        let _kept = fetch(&keeper, plan).await;
        let mut lasting = Lasting::default();
        let snapshot = Snapshot {
            integrations: lasting.integrations(plan, &keeper, &metrics),
            callers: Arc::new(callers),
        };
        Self {
            shared: Arc::new(Shared {
                snapshot: ArcSwap::from_pointee(snapshot),
                metrics,
                keeper,
                kept: KeptBytes::default(),
                simulated,
                lasting: Mutex::new(lasting),
                told: Mutex::default(),
            }),
        }
    }

    /// Takes over a new plan at once for all calls that begin from now on.
    ///
    /// Credentials that no document named before are fetched first; all others go on as they are.
    /// One plan at a time: of two, the one whose credentials came last would stay. Dropping the
    /// future before it is done leaves the old plan in force.
    pub async fn replace_plan(&self, plan: &Plan) {
        let shared = &self.shared;
        // Before the lock, which no wait may hold; and kept until the snapshot does.
        let _kept = fetch(&shared.keeper, plan).await;
        let integrations = shared
            .lasting()
            .integrations(plan, &shared.keeper, &shared.metrics);
        shared.snapshot.rcu(|old| Snapshot {
            integrations: integrations.clone(),
            callers: Arc::clone(&old.callers),
        });
        // Only now: what the old snapshot holds is in use, and is not forgotten.
        shared.lasting().forget(plan, &shared.metrics);
        shared.metrics.reloads.inc();
        self.tell_about_credentials();
    }

    /// Takes over a new list of callers. What flows to one that is no more on it is cut.
    pub fn replace_callers(&self, callers: CallerDirectory) {
        // One at a time, so that each list is compared with the one before it.
        let lasting = self.shared.lasting();
        let old = Arc::clone(&self.shared.snapshot.load().callers);
        let callers = Arc::new(callers.after(&old));
        self.shared.snapshot.rcu(|old| Snapshot {
            integrations: old.integrations.clone(),
            callers: Arc::clone(&callers),
        });
        callers.retire(&old);
        lasting.forget_callers(&callers, &self.shared.metrics);
    }

    /// Fetches credentials again whose file changed, and those that could not be fetched some
    /// time ago; logs what is new about them. Dropping the future gives up what is not fetched yet.
    pub async fn refresh_credentials(&self) {
        self.shared.keeper.fetch_due(Instant::now()).await;
        self.tell_about_credentials();
    }

    /// Logs what is wrong with credentials now and was not when this was called last.
    pub fn tell_about_credentials(&self) {
        let problems = self.credential_problems();
        let warnings = self.credential_warnings();
        let mut told = self.shared.told();
        for problem in problems.iter().filter(|problem| !told.contains(problem)) {
            tracing::warn!(
                integration = problem.integration,
                environment = problem.environment,
                "calls cannot be authorised: {}",
                problem.message
            );
        }
        for warning in warnings.iter().filter(|warning| !told.contains(warning)) {
            tracing::warn!(
                integration = warning.integration,
                environment = warning.environment,
                "{}",
                warning.message
            );
        }
        *told = problems.into_iter().chain(warnings).collect();
    }

    /// How many integrations are served.
    pub fn integration_count(&self) -> usize {
        self.shared.snapshot.load().integrations.len()
    }

    /// Environments that have an endpoint but whose credential is not available.
    pub fn credential_problems(&self) -> Vec<EnvironmentProblem> {
        self.about_credentials(|credential| {
            let state = credential.load_full();
            state.problem().map(str::to_owned).into_iter().collect()
        })
    }

    /// What is wrong with credentials that calls go on with: a file that is away, so that its
    /// last value is used; a file that every user of the machine can read or change.
    pub fn credential_warnings(&self) -> Vec<EnvironmentProblem> {
        self.about_credentials(Authorisation::warnings)
    }

    /// Environments whose document gives no address for calls. One that speaks another protocol
    /// than HTTP needs none.
    pub fn endpoint_problems(&self) -> Vec<EnvironmentProblem> {
        self.about_environments(|environment| {
            let is_missing =
                environment.origin.is_none() && environment.compiled.connection.is_none();
            let message = "the Environments table gives no usable endpoint; fill it in";
            is_missing.then(|| message.to_owned()).into_iter().collect()
        })
    }

    fn about_credentials(
        &self,
        say: impl Fn(&Authorisation) -> Vec<String>,
    ) -> Vec<EnvironmentProblem> {
        self.about_environments(|environment| match &environment.origin {
            Some(_) => say(&environment.credential),
            None => Vec::new(),
        })
    }

    /// What there is to say of the environments of integrations that are active, in their order.
    fn about_environments(
        &self,
        say: impl Fn(&Environment) -> Vec<String>,
    ) -> Vec<EnvironmentProblem> {
        let snapshot = self.shared.snapshot.load();
        let mut said = Vec::new();
        for integration in snapshot.integrations.values() {
            let compiled = &integration.compiled;
            for environment in integration.environments.iter().filter(|_| compiled.active) {
                let messages = say(environment).into_iter();
                said.extend(messages.map(|message| EnvironmentProblem {
                    integration: compiled.id.to_string(),
                    environment: environment.compiled.name.clone(),
                    message,
                }));
            }
        }
        said.sort();
        said
    }
}

/// Fetches what a plan needs and is not kept yet. What is given back holds it.
async fn fetch(keeper: &Keeper, plan: &Plan) -> Vec<Kept> {
    let integrations = plan.integrations().into_iter();
    let kept = integrations
        .flat_map(|compiled| {
            let environments = compiled.environments.iter();
            environments.filter_map(|of| Needed::of(keeper, compiled, of).kept())
        })
        .collect();
    keeper.fetch_due(Instant::now()).await;
    kept
}

impl Shared {
    fn lasting(&self) -> MutexGuard<'_, Lasting> {
        self.lasting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> MutexGuard<'_, BTreeSet<EnvironmentProblem>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
