//! What the pages of the control plane ask, answered by the services that know it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::registry::Registry;
use wharf_console::{EnvironmentProblem, Metrics, Readiness, Ready};
use wharf_gateway::Handle;

use crate::descriptors::Room;
use crate::reload::Status;

/// All counters of the program.
pub(super) struct Counters(
    /// Only readers of `/metrics` take this lock; calls count without it.
    Mutex<Registry>,
);

impl Counters {
    pub(super) const fn of(registry: Registry) -> Self {
        Self(Mutex::new(registry))
    }
}

impl Metrics for Counters {
    fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a string cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &registry);
        text
    }
}

/// Whether calls can be taken, from the gateway and from what the watch last saw.
pub(super) struct Standing {
    handle: Handle,
    status: Status,
    draining: Arc<AtomicBool>,
    room: Room,
}

impl Standing {
    pub(super) fn new(
        handle: &Handle,
        status: &Status,
        draining: &Arc<AtomicBool>,
        room: Room,
    ) -> Self {
        Self {
            handle: handle.clone(),
            status: status.clone(),
            draining: Arc::clone(draining),
            room,
        }
    }
}

impl Ready for Standing {
    fn readiness(&self) -> Readiness {
        let draining = self.draining.load(Ordering::Relaxed);
        let facts = self.status.facts();
        Readiness {
            ready: !draining,
            draining,
            integrations: self.handle.integration_count(),
            max_connections: self.room.connections,
            connections_problem: self.room.problem.clone(),
            broken: facts.broken,
            held: facts.held,
            waiting: facts.waiting,
            state_problem: facts.state_problem,
            kept_problem: facts.kept_problem,
            endpoints_missing: shown(self.handle.endpoint_problems()),
            credentials_missing: shown(self.handle.credential_problems()),
            credential_warnings: shown(self.handle.credential_warnings()),
        }
    }
}

fn shown(problems: Vec<wharf_gateway::EnvironmentProblem>) -> Vec<EnvironmentProblem> {
    let problems = problems.into_iter();
    let shown = problems.map(|problem| EnvironmentProblem {
        integration: problem.integration,
        environment: problem.environment,
        message: problem.message,
    });
    shown.collect()
}
