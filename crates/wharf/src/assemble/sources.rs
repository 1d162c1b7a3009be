//! Where the control plane gets what it shows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use prometheus_client::registry::Registry;
use wharf_console::{EnvironmentProblem, Readiness};
use wharf_gateway::Handle;

use crate::reload::Status;

/// The text of `/metrics`.
pub(super) fn metrics(registry: Registry) -> Arc<dyn Fn() -> String + Send + Sync> {
    // Only readers of /metrics take this lock.
    let registry = Mutex::new(registry);
    Arc::new(move || {
        let mut text = String::new();
        let registry = registry
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // Writing to a string cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &registry);
        text
    })
}

/// What `/readyz` tells.
pub(super) fn readiness(
    handle: Handle,
    status: Status,
    draining: Arc<AtomicBool>,
) -> Arc<dyn Fn() -> Readiness + Send + Sync> {
    Arc::new(move || {
        let draining = draining.load(Ordering::Relaxed);
        let shown = |problems: Vec<wharf_gateway::EnvironmentProblem>| {
            let problems = problems.into_iter();
            let shown = problems.map(|problem| EnvironmentProblem {
                integration: problem.integration,
                environment: problem.environment,
                message: problem.message,
            });
            shown.collect()
        };
        let facts = status.facts();
        Readiness {
            ready: !draining,
            draining,
            integrations: handle.integration_count(),
            broken: facts.broken,
            held: facts.held,
            waiting: facts.waiting,
            state_problem: facts.state_problem,
            kept_problem: facts.kept_problem,
            endpoints_missing: shown(handle.endpoint_problems()),
            credentials_missing: shown(handle.credential_problems()),
            credential_warnings: shown(handle.credential_warnings()),
        }
    })
}
