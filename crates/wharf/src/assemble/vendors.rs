//! Who stands behind the documents: the vendors themselves, or the simulator in their place. The
//! same for a program that serves and for one call.

use std::sync::Arc;

use prometheus_client::registry::Registry;
use wharf_document::Integration;
use wharf_gateway::{CallerDirectory, Handle, Requests};
use wharf_plan::Plan;
use wharf_secrets::{ProcessVariables, Resolver};
use wharf_sim::Simulator;

use super::stores::{aws, vault};
use crate::installation::Installation;
use crate::simulation::{Scene, Simulation};

/// Where calls go and credentials come from.
pub(crate) struct Vendors {
    plan: Plan,
    /// `None`: calls go to the real vendors.
    simulated: Option<(Simulation, Simulator)>,
    resolver: Resolver,
}

/// A plan in force.
pub(crate) struct Served {
    pub(crate) handle: Handle,
    /// What follows changes of documents, where there is a simulator.
    pub(crate) simulation: Option<Simulation>,
    /// To be run while calls are made: nothing is answered before.
    pub(crate) simulator: Option<Simulator>,
}

impl Vendors {
    /// Compiles documents of an installation; with `simulate`, so that their calls go to a simulator.
    pub(crate) async fn of(
        installation: &Installation,
        simulate: bool,
        documents: &[Arc<Integration>],
    ) -> anyhow::Result<Self> {
        let root = installation.root().to_owned();
        if !simulate {
            return Ok(Self {
                plan: Plan::new(documents.iter().map(Arc::clone)),
                simulated: None,
                resolver: Resolver::new(Arc::new(ProcessVariables::read()), root)
                    .within(installation.settings.secret_folders())
                    .with_vault(vault(installation.settings.vault()))
                    .with_aws(aws(installation.settings.aws()))
                    .through(Arc::new(Requests::default())),
            });
        }
        let scene = Scene::new(installation.root.clone());
        let resolver = Resolver::new(Arc::new(scene.variables()), root);
        // It has its address before the plan is made: the plan sends calls there.
        let (simulation, simulator) = Simulation::bind(scene, documents).await?;
        Ok(Self {
            plan: simulation.plan(documents),
            simulated: Some((simulation, simulator)),
            resolver,
        })
    }

    /// What calls will obey.
    pub(crate) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Puts the plan in force.
    pub(crate) async fn serve(self, callers: CallerDirectory, registry: &mut Registry) -> Served {
        let (plan, resolver) = (&self.plan, self.resolver);
        let handle = match &self.simulated {
            Some(_) => Handle::for_simulation(plan, callers, resolver, registry).await,
            None => Handle::new(plan, callers, resolver, registry).await,
        };
        let (simulation, simulator) = self.simulated.unzip();
        Served {
            handle,
            simulation,
            simulator,
        }
    }
}
