//! What the pages of the control plane ask, answered by the services that know it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use wharf_console::{EnvironmentProblem, Metrics, Readiness, Ready, Reason, Refusals};
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

/// How often the control plane refused to listen.
pub(super) struct RefusalCounts(Family<[(&'static str, &'static str); 1], Counter>);

impl RefusalCounts {
    /// Counters that are in the registry, each at 0.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let family = Family::default();
        registry.register(
            "wharf_control_refusals",
            "Requests that the control plane refused for their host, origin or token",
            family.clone(),
        );
        let counts = Self(family);
        for reason in Reason::ALL {
            counts.of(reason, 0);
        }
        counts
    }

    fn of(&self, reason: Reason, more: u64) {
        let counter = self.0.get_or_create(&[("reason", reason.as_str())]);
        counter.inc_by(more);
    }
}

impl Refusals for RefusalCounts {
    fn count(&self, reason: Reason) {
        self.of(reason, 1);
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
