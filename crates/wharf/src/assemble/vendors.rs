//! Who stands behind the documents: the vendors themselves, or the simulator in their place. The
//! same for a program that serves and for one call.

use std::sync::Arc;

use prometheus_client::registry::Registry;
use wharf_document::Integration;
use wharf_gateway::{CallerDirectory, Handle};
use wharf_plan::Plan;
use wharf_secrets::{ProcessVariables, Resolver};

use crate::installation::Installation;
use crate::simulation::Simulation;

/// Where calls go and credentials come from.
pub(crate) struct Vendors {
    /// `None`: calls go to the real vendors.
    simulation: Option<Simulation>,
    resolver: Resolver,
}

impl Vendors {
    /// For the documents of an installation. Nothing runs yet.
    pub(crate) fn of(installation: &Installation, simulate: bool) -> Self {
        let root = installation.root().to_owned();
        let simulation = simulate.then(|| Simulation::new(installation.root.clone()));
        let resolver = match &simulation {
            Some(simulation) => Resolver::new(Arc::new(simulation.variables()), root),
            None => Resolver::new(Arc::new(ProcessVariables::read()), root)
                .within(installation.settings.secret_folders()),
        };
        Self {
            simulation,
            resolver,
        }
    }

    /// Compiles documents. Starts the simulator, if there is one, and sends their calls to it.
    pub(crate) async fn plan(&mut self, documents: &[Arc<Integration>]) -> anyhow::Result<Plan> {
        match &mut self.simulation {
            Some(simulation) => simulation.follow(documents).await,
            None => Ok(Plan::new(documents.iter().map(Arc::clone))),
        }
    }

    /// Puts a plan in force. Gives what follows changes of documents, where there is a simulator.
    pub(crate) async fn serve(
        self,
        plan: &Plan,
        callers: CallerDirectory,
        registry: &mut Registry,
    ) -> (Handle, Option<Simulation>) {
        let handle = match &self.simulation {
            Some(_) => Handle::for_simulation(plan, callers, self.resolver, registry).await,
            None => Handle::new(plan, callers, self.resolver, registry).await,
        };
        (handle, self.simulation)
    }
}
