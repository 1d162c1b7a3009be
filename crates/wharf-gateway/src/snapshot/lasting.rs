//! What survives a reload: counts and budgets, for as long as somebody needs them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use wharf_document::model::Scheme;
use wharf_net::Origin;
use wharf_plan::{CompiledEnvironment, CompiledIntegration, Plan};
use wharf_policy::budget::Budget;
use wharf_secrets::Keeper;

use super::{Environment, Integration};
use crate::caller::CallerDirectory;
use crate::counts::OperationMeter;
use crate::credential::{Authorisation, Needed};
use crate::lookup::Lookup;
use crate::metrics::{Metrics, OperationLabels};

/// The label of calls that fit no row of the API Endpoints table.
const UNDOCUMENTED: &str = "undocumented";

/// Most meters that are kept for operations that are gone. They are kept at all so that counts of
/// the last calls are still read, and go on where an operation comes back.
pub(super) const GONE_METERS_LIMIT: usize = 1_000;

/// Most removed callers whose counts are still told, for the same reasons.
pub(super) const GONE_CALLERS_LIMIT: usize = 1_000;

/// What survives a reload.
#[derive(Default)]
pub(super) struct Lasting {
    pub(super) meters: HashMap<OperationLabels, Arc<OperationMeter>>,
    pub(super) budgets: HashMap<String, Arc<Budget>>,
}

impl Lasting {
    /// Lets go of what neither a snapshot nor a call under way holds. Budgets are given back at
    /// once, meters and their series all together when they are many.
    pub(super) fn forget(&mut self, plan: &Plan, metrics: &Metrics) {
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
        let left = self.meters.keys().map(|labels| labels.integration.as_str());
        let left: HashSet<&str> = left.collect();
        metrics.forget_callers(|labels| !left.contains(labels.integration.as_str()));
    }

    /// Lets go of what was counted of callers that are removed, all together when they are many.
    /// A call of theirs that still ends begins a series anew, which goes with the next ones.
    pub(super) fn forget_callers(&self, callers: &CallerDirectory, metrics: &Metrics) {
        let names: HashSet<&str> = callers.names().collect();
        let gone = metrics.counted_callers(|name| !names.contains(name));
        if gone.len() <= GONE_CALLERS_LIMIT {
            return;
        }
        metrics.forget_callers(|labels| gone.contains(&labels.caller));
        for meter in self.meters.values() {
            meter.forget_callers(&gone);
        }
    }

    pub(super) fn integrations(
        &mut self,
        plan: &Plan,
        keeper: &Keeper,
        metrics: &Arc<Metrics>,
    ) -> Lookup<String, Arc<Integration>> {
        plan.integrations()
            .into_iter()
            .map(|compiled| {
                let environments = compiled.environments.iter();
                let environments = environments
                    .map(|of| Arc::new(self.environment(compiled, of, keeper, metrics)))
                    .collect();
                let integration = Integration {
                    compiled: Arc::clone(compiled),
                    environments,
                };
                (compiled.id.to_string(), Arc::new(integration))
            })
            .collect()
    }

    fn environment(
        &mut self,
        integration: &Arc<CompiledIntegration>,
        environment: &Arc<CompiledEnvironment>,
        keeper: &Keeper,
        metrics: &Arc<Metrics>,
    ) -> Environment {
        let budget = self.budgets.entry(integration.id.to_string()).or_default();
        let budget = Arc::clone(budget);
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
            integration: Arc::clone(integration),
            compiled: Arc::clone(environment),
            budget,
            origin,
            credential: Authorisation::new(
                integration,
                Needed::of(keeper, integration, environment),
            ),
            meters: integration
                .operations
                .iter()
                .map(|operation| meter(&operation.id))
                .collect(),
            undocumented: meter(UNDOCUMENTED),
        }
    }
}
