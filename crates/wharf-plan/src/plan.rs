//! All documents of a workspace, compiled.

use std::collections::HashMap;
use std::sync::Arc;

use wharf_diag::{Span, Spanned};
use wharf_document::Integration;
use wharf_document::model::{BaseUrl, Connection, CredentialStore};

use crate::{CompiledEnvironment, CompiledIntegration, compile};

/// Everything the program needs to know about the documents to serve a call.
#[derive(Debug, Default)]
pub struct Plan {
    integrations: HashMap<String, Arc<CompiledIntegration>>,
}

impl Plan {
    /// Compiles documents; of two with one id the last wins (the workspace reports the clash).
    pub fn new(integrations: impl IntoIterator<Item = Arc<Integration>>) -> Self {
        Self {
            integrations: integrations
                .into_iter()
                .map(|integration| {
                    (
                        integration.id.as_str().to_owned(),
                        Arc::new(compile(&integration)),
                    )
                })
                .collect(),
        }
    }

    /// The same plan with the calls of every environment sent elsewhere, as `to` says for each, also
    /// of those whose document gives no address. An environment that is no socket and does not
    /// speak HTTP stays where it is: nothing that answers calls could stand in for it.
    #[must_use]
    pub fn redirected(
        self,
        to: impl Fn(&CompiledIntegration, &CompiledEnvironment) -> Redirection,
    ) -> Self {
        let integrations = self.integrations.into_iter().map(|(id, integration)| {
            let environments = integration.environments.iter();
            let environments = environments
                .map(|environment| Arc::new(to(&integration, environment).of(environment)))
                .collect();
            let redirected = CompiledIntegration {
                environments,
                // Who stands in for a vendor takes any token.
                tokens: None,
                ..CompiledIntegration::clone(&integration)
            };
            (id, Arc::new(redirected))
        });
        Self {
            integrations: integrations.collect(),
        }
    }

    /// The integration with this id.
    pub fn integration(&self, id: &str) -> Option<&Arc<CompiledIntegration>> {
        self.integrations.get(id)
    }

    /// All integrations, in order of their ids.
    pub fn integrations(&self) -> Vec<&Arc<CompiledIntegration>> {
        let mut all: Vec<_> = self.integrations.values().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

/// Where the calls of one environment go instead of to its vendor, and with which credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// `None`: nowhere, so calls are refused.
    pub base_url: Option<BaseUrl>,
    /// The environment variables that the credential is in; the end of each is the name of a field.
    pub variables: Vec<String>,
}

impl Redirection {
    fn of(self, environment: &CompiledEnvironment) -> CompiledEnvironment {
        // A credential is known by its names; no text holds these.
        let variables = self.variables.into_iter();
        let variables = variables.map(|name| Spanned::new(name, Span::default()));
        let mut redirected = CompiledEnvironment {
            credential: Some(CredentialStore::EnvVariables {
                variables: variables.collect(),
            }),
            ..environment.clone()
        };
        let connection = environment.connection.as_ref();
        if connection.is_none_or(Connection::is_socket) {
            redirected.connection = None;
            redirected.base_url = self.base_url;
        }
        redirected
    }
}
