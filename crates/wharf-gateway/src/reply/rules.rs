//! What is taken out of an answer, whichever part of it comes.

use std::sync::Arc;

use http::HeaderMap;
use wharf_plan::CompiledIntegration;

use crate::credential::CredentialState;
use crate::headers::clean_trailers;
use crate::relocate::Secrets;

/// What an answer's trailers must not hold: they are cleaned as its headers are.
pub(crate) struct AnswerRules {
    integration: Arc<CompiledIntegration>,
    used: Option<Arc<CredentialState>>,
}

impl AnswerRules {
    /// `used` is the credential that the answered request carried.
    pub(crate) const fn new(
        integration: Arc<CompiledIntegration>,
        used: Option<Arc<CredentialState>>,
    ) -> Self {
        Self { integration, used }
    }

    /// What must not come back, in headers and trailers.
    pub(crate) fn secrets(&self) -> Secrets<'_> {
        let placements = &self.integration.placements;
        Secrets::new(placements, self.used.as_ref().and_then(|used| used.forms()))
    }

    pub(crate) fn clean(&self, trailers: &mut HeaderMap) {
        clean_trailers(trailers, &[]);
        self.secrets().remove_from(trailers);
    }
}
