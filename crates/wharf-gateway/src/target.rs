//! Where a call goes, and what holds for it there.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use wharf_plan::{CallSettings, CompiledIntegration, CompiledOperation};

use crate::snapshot::Environment;

/// What a call is about.
pub(crate) struct Target {
    pub(crate) environment: Arc<Environment>,
    /// Index of the row; `None` outside the table.
    pub(crate) operation: Option<usize>,
    pub(crate) attempt_timeout: Duration,
    /// Time until the head of the answer, retries included.
    pub(crate) deadline: Duration,
    /// The caller set the deadline, so it also bounds the body.
    pub(crate) caller_deadline: bool,
}

impl Target {
    pub(crate) fn integration(&self) -> &Arc<CompiledIntegration> {
        &self.environment.integration
    }

    pub(crate) fn environment_name(&self) -> &str {
        &self.environment.compiled.name
    }

    pub(crate) fn base_path(&self) -> &str {
        let base_url = self.environment.compiled.base_url.as_ref();
        base_url.map_or("", |base| &base.path)
    }

    pub(crate) fn base_url(&self) -> String {
        let base_url = self.environment.compiled.base_url.as_ref();
        base_url.map_or_else(String::new, ToString::to_string)
    }

    /// What holds for calls of the environment.
    pub(crate) fn settings(&self) -> &CallSettings {
        &self.environment.compiled.settings
    }

    /// Whether any outcome of the call can lead to another attempt, which needs its body again: a
    /// replay with another credential comes without retries too.
    pub(crate) fn may_repeat(&self) -> bool {
        self.settings().retry.max_retries > 0
            || self.integration().errors.asks_for_another_credential()
    }

    /// The row of the API Endpoints table.
    fn row(&self) -> Option<&CompiledOperation> {
        self.integration().operations.get(self.operation?)
    }

    pub(crate) fn operation_id(&self) -> &str {
        self.row().map_or("undocumented", |operation| &operation.id)
    }

    /// The operation is marked as safe to repeat.
    pub(crate) fn is_idempotent(&self) -> bool {
        self.row().is_some_and(|operation| operation.idempotent)
    }

    /// The headers in which a key makes the request safe to repeat.
    pub(crate) fn idempotency_headers(&self) -> impl Iterator<Item = &HeaderName> {
        let own = self.row().and_then(|row| row.idempotency_header.as_ref());
        let general = self.settings().idempotency_header.as_ref();
        own.into_iter().chain(general)
    }
}
