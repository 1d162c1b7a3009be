//! `--simulate`: every vendor is replaced by the simulator, every credential by a made-up one.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use wharf_diag::{Severity, SourceText};
use wharf_document::model::{BaseUrl, Environment, Link, Scheme};
use wharf_document::{
    Integration, IntegrationId, LinkedText, credential_fields, effective_placements,
    linked_examples,
};
use wharf_plan::{CompiledEnvironment, CompiledIntegration, Plan, Redirection};
use wharf_secrets::Variables;
use wharf_sim::{Handle, Options, Simulator, Vendor, VendorEnvironment, Warning};

use crate::{catalog, description};

/// Gives every variable a made-up value that stays the same while the program runs.
#[derive(Clone, Default)]
pub(crate) struct MadeUp(Arc<RandomState>);

impl Variables for MadeUp {
    fn get(&self, name: &str) -> Option<SecretString> {
        Some(format!("simulated-{:016x}", self.0.hash_one(name)).into())
    }
}

/// Has the simulator follow the documents.
pub(crate) struct Simulation {
    scene: Scene,
    simulator: Handle,
    /// Where the simulator listens.
    address: SocketAddr,
}

impl Simulation {
    /// Takes a free loopback port for the simulator, which is to be run, and prepares the vendors of
    /// these documents.
    pub(crate) async fn bind(
        scene: Scene,
        integrations: &[Arc<Integration>],
    ) -> anyhow::Result<(Self, Simulator)> {
        let options = Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            vendors: scene.vendors(integrations),
        };
        let bound = Simulator::bind(options).await;
        let (simulator, warnings) = bound.context("cannot start the vendor simulator")?;
        tell(warnings);
        let simulation = Self {
            scene,
            simulator: simulator.handle(),
            address: simulator.address(),
        };
        Ok((simulation, simulator))
    }

    /// Simulates the vendors of these documents in the place of those before, at the same address,
    /// and gives the plan by which calls go there.
    pub(crate) async fn follow(&self, integrations: &[Arc<Integration>]) -> anyhow::Result<Plan> {
        let vendors = self.scene.vendors(integrations);
        let replaced = self.simulator.replace(vendors).await;
        tell(replaced.context("the vendor simulator cannot take over changed documents")?);
        Ok(self.plan(integrations))
    }

    /// The plan by which calls of these documents go to the simulator, with made-up credentials.
    pub(crate) fn plan(&self, integrations: &[Arc<Integration>]) -> Plan {
        let plan = Plan::new(integrations.iter().map(Arc::clone));
        plan.redirected(|integration, environment| {
            redirection(integration, environment, &self.simulator, self.address)
        })
    }
}

fn tell(warnings: Vec<Warning>) {
    for warning in warnings {
        if warning.severity == Severity::Info {
            tracing::info!(integration = warning.integration, "{}", warning.message);
        } else {
            tracing::warn!(integration = warning.integration, "{}", warning.message);
        }
    }
}

/// What vendors are made from.
pub(crate) struct Scene {
    variables: MadeUp,
    /// Where relative paths of API descriptions start. `None`: the documents are not on disk.
    root: Option<PathBuf>,
}

impl Scene {
    /// Vendors that know no credential yet.
    pub(crate) fn new(root: Option<PathBuf>) -> Self {
        Self {
            variables: MadeUp::default(),
            root,
        }
    }

    /// Where the made-up credentials are found.
    pub(crate) fn variables(&self) -> MadeUp {
        self.variables.clone()
    }

    fn vendors(&self, integrations: &[Arc<Integration>]) -> Vec<Vendor> {
        let vendors = integrations.iter().map(|one| self.vendor(one));
        vendors.collect()
    }

    fn vendor(&self, integration: &Arc<Integration>) -> Vendor {
        let placements = effective_placements(integration);
        let environments = integration
            .environments
            .iter()
            .map(|environment| VendorEnvironment {
                name: environment.name.value.clone(),
                fields: self.fields(integration, environment, &credential_fields(&placements)),
            });
        Vendor {
            environments: environments.collect(),
            api_description: self
                .root
                .as_deref()
                .and_then(|root| api_description(integration, root)),
            integration: self.with_examples(integration),
            placements,
        }
    }

    /// The document with the examples that lie beside it: on disk, or in the catalog.
    fn with_examples(&self, integration: &Arc<Integration>) -> Arc<Integration> {
        if integration.example_files.is_empty() {
            return Arc::clone(integration);
        }
        let name = integration.source.name();
        let linked = linked_examples(integration, |target| match &self.root {
            Some(root) => description::examples(&root.join(name), root, target),
            None => catalog::examples_of(name, target).map_or(LinkedText::Missing, |text| {
                LinkedText::Read(Arc::new(SourceText::new(target, text)))
            }),
        });
        for found in &linked.diagnostics {
            let integration = integration.id.as_str();
            tracing::warn!(integration, "{}", found.message);
        }
        Arc::new(Integration::clone(integration).with_examples(linked.examples))
    }

    fn fields(
        &self,
        integration: &Integration,
        environment: &Environment,
        fields: &[&str],
    ) -> BTreeMap<String, String> {
        fields
            .iter()
            .filter_map(|field| {
                let value = self.variables.get(&variable(
                    &integration.id,
                    &environment.name.value,
                    field,
                ))?;
                Some(((*field).to_owned(), value.expose_secret().to_owned()))
            })
            .collect()
    }
}

/// The file of the document's API description, where it is one on disk.
fn api_description(integration: &Integration, root: &Path) -> Option<PathBuf> {
    let document = root.join(integration.source.name());
    let mut files = integration.api_descriptions().filter_map(Link::file);
    files.find_map(
        |file| match description::find(&document, root, file.value) {
            Ok(found) => found,
            Err(outside) => {
                let (integration, link) = (integration.id.as_str(), file.value);
                tracing::warn!(
                    integration,
                    "the API description `{link}` is not read: {outside}"
                );
                None
            }
        },
    )
}

/// Unique among all environments, and it ends in the field's name, by which it is found.
fn variable(integration: &IntegrationId, environment: &str, field: &str) -> String {
    format!("{integration}@{}_{field}", environment.to_lowercase())
}

fn redirection(
    integration: &CompiledIntegration,
    environment: &CompiledEnvironment,
    simulator: &Handle,
    address: SocketAddr,
) -> Redirection {
    let path = simulator.base_path(integration.id.as_str(), &environment.name);
    let fields = integration.credential_fields.iter();
    Redirection {
        base_url: path.map(|path| BaseUrl {
            scheme: Scheme::Http,
            host: address.ip().to_string(),
            port: address.port(),
            path,
        }),
        variables: fields
            .map(|field| variable(&integration.id, &environment.name, field))
            .collect(),
    }
}
