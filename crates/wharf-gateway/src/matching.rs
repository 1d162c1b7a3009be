//! Phase 2: which integration, environment and operation is meant?

use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderMap;
use http::{Method, Uri};
use percent_encoding::percent_decode_str;

use wharf_plan::{CompiledEnvironment, CompiledIntegration};

use crate::headers::{WHARF_ENVIRONMENT, WHARF_TIMEOUT};
use crate::problem::{Code, Problem};
use crate::snapshot::{Environment, Integration, Snapshot};

/// Longest deadline a caller can ask for, and longest time an answer may flow.
pub(crate) const LONGEST_CALL: Duration = Duration::from_secs(3_600);

/// The first segment of a path, taken apart: `/{integration}[@{environment}]/{rest}`.
pub(crate) struct Address<'a> {
    pub(crate) integration: &'a str,
    pub(crate) environment: Option<&'a str>,
    /// With its leading slash; `/` where the path ends with the first segment.
    pub(crate) rest: &'a str,
}

impl<'a> Address<'a> {
    pub(crate) fn of(uri: &'a Uri) -> Self {
        let path = uri.path().strip_prefix('/').unwrap_or_else(|| uri.path());
        let (first, rest) = path
            .find('/')
            .map_or((path, "/"), |slash| path.split_at(slash));
        let (integration, environment) = first
            .split_once('@')
            .map_or((first, None), |(integration, environment)| {
                (integration, Some(environment))
            });
        Self {
            integration,
            environment,
            rest,
        }
    }
}

/// What a call is about.
pub(crate) struct Target {
    pub(crate) integration: Arc<Integration>,
    environment: usize,
    /// Index of the row; `None` outside the table.
    pub(crate) operation: Option<usize>,
    pub(crate) attempt_timeout: Duration,
    /// Time until the head of the answer, retries included.
    pub(crate) deadline: Duration,
    /// The caller set the deadline, so it also bounds the body.
    pub(crate) caller_deadline: bool,
}

impl Target {
    pub(crate) fn environment(&self) -> &Environment {
        // The index was looked up in this very list.
        &self.integration.environments[self.environment]
    }

    pub(crate) fn environment_name(&self) -> &str {
        &self.integration.compiled.environments[self.environment].name
    }

    pub(crate) const fn environment_index(&self) -> usize {
        self.environment
    }

    pub(crate) fn base_path(&self) -> &str {
        self.integration.compiled.environments[self.environment]
            .base_url
            .as_ref()
            .map_or("", |base| &base.path)
    }

    pub(crate) fn base_url(&self) -> String {
        let environment = &self.integration.compiled.environments[self.environment];
        environment
            .base_url
            .as_ref()
            .map_or_else(String::new, ToString::to_string)
    }

    pub(crate) fn operation_id(&self) -> &str {
        self.operation
            .and_then(|index| self.integration.compiled.operations.get(index))
            .map_or("undocumented", |operation| &operation.id)
    }

    /// The operation is marked as safe to repeat.
    pub(crate) fn is_idempotent(&self) -> bool {
        self.operation
            .and_then(|index| self.integration.compiled.operations.get(index))
            .is_some_and(|operation| operation.idempotent)
    }
}

/// Finds what a request is about, or says what is wrong with it.
pub(crate) fn target(
    snapshot: &Snapshot,
    address: &Address<'_>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Target, Problem> {
    let integration = snapshot
        .integrations
        .get(address.integration)
        .ok_or_else(|| {
            Problem::refused(
                Code::UnknownIntegration,
                format!(
                    "the path must start with the id of an integration; known ids: {}",
                    known_ids(snapshot)
                ),
            )
        })?;
    let compiled = &integration.compiled;
    if !compiled.active {
        return Err(Problem::refused(
            Code::IntegrationInactive,
            format!(
                "the document of {} says `active: false`; set it to true to allow calls",
                compiled.id
            ),
        ));
    }
    let environment = environment(integration, address, headers)?;
    if has_dot_segment(address.rest) {
        return Err(Problem::refused(
            Code::PathNotAllowed,
            "the path has a `.` or `..` segment, which could lead outside the vendor's base URL; send the resolved path",
        ));
    }
    let operation = compiled.route(method, address.rest);
    let attempt_timeout = operation
        .and_then(|index| compiled.operations.get(index))
        .map_or(compiled.attempt_timeout, |operation| {
            operation.attempt_timeout
        });
    let asked = headers
        .get(WHARF_TIMEOUT)
        .map(|value| deadline(value.to_str().unwrap_or_default()))
        .transpose()?;
    Ok(Target {
        integration: Arc::clone(integration),
        environment,
        operation,
        attempt_timeout,
        deadline: asked
            .unwrap_or_else(|| compiled.call_timeout(attempt_timeout))
            .min(LONGEST_CALL),
        caller_deadline: asked.is_some(),
    })
}

fn known_ids(snapshot: &Snapshot) -> String {
    let mut ids: Vec<&str> = snapshot.integrations.keys().map(String::as_str).collect();
    ids.sort_unstable();
    if ids.is_empty() {
        "none".to_owned()
    } else {
        ids.join(", ")
    }
}

fn environment(
    integration: &Integration,
    address: &Address<'_>,
    headers: &HeaderMap,
) -> Result<usize, Problem> {
    let compiled = &integration.compiled;
    let known = || {
        compiled
            .environments
            .iter()
            .map(|e| e.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let decoded = address
        .environment
        .map(|name| percent_decode_str(name).decode_utf8_lossy());
    let header = headers
        .get(WHARF_ENVIRONMENT)
        .map(|value| value.to_str().unwrap_or_default());
    let named = decoded.as_deref().or(header);
    let index = compiled.environment(named).ok_or_else(|| match named {
        Some(_) => Problem::refused(
            Code::UnknownEnvironment,
            format!("{} has no such environment; it has: {}", compiled.id, known()),
        ),
        None => Problem::refused(
            Code::EnvironmentNeeded,
            format!(
                "{0} has no default environment; call /{0}@ENVIRONMENT/… or send Wharf-Environment; it has: {1}",
                compiled.id,
                known()
            ),
        ),
    })?;
    let has_origin = integration
        .environments
        .get(index)
        .is_some_and(|environment| environment.origin.is_some());
    if has_origin {
        return Ok(index);
    }
    Err(not_callable(compiled, &compiled.environments[index]))
}

/// Why no call can go to an environment.
fn not_callable(integration: &CompiledIntegration, environment: &CompiledEnvironment) -> Problem {
    let (id, name) = (&integration.id, &environment.name);
    let Some(connection) = &environment.connection else {
        let detail = format!(
            "the Environments table of {id} gives no usable endpoint for {name}; fill it in"
        );
        return Problem::refused(Code::EnvironmentNotConfigured, detail);
    };
    let detail = if connection.is_socket() {
        format!(
            "{id}@{name} is a local socket, and calls go over the network only; connect to {connection} directly"
        )
    } else {
        format!(
            "{id}@{name} does not speak HTTP, so no call can go there; connect to {connection} directly"
        )
    };
    Problem::refused(Code::EnvironmentNotHttp, detail)
}

/// Whether a path could climb out of its base, also when the dots are percent-encoded.
fn has_dot_segment(path: &str) -> bool {
    if !path.contains("/.") && !path.contains("/%2") {
        return false;
    }
    path.split('/').any(|segment| {
        let bare = segment.replace("%2e", ".").replace("%2E", ".");
        bare == "." || bare == ".."
    })
}

/// Reads `Wharf-Timeout`: seconds, with or without `s`, or milliseconds with `ms`.
pub(crate) fn deadline(value: &str) -> Result<Duration, Problem> {
    let value = value.trim();
    let (number, scale) = match value.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (value.strip_suffix('s').unwrap_or(value), 1.0),
    };
    let seconds = number
        .trim()
        .parse::<f64>()
        .ok()
        .map(|number| number * scale);
    let valid = seconds.filter(|seconds| *seconds > 0.0 && *seconds <= LONGEST_CALL.as_secs_f64());
    valid.map(Duration::from_secs_f64).ok_or_else(|| {
        Problem::refused(
            Code::BadTimeout,
            "Wharf-Timeout is a time above zero and up to one hour, such as `2.5`, `30s` or `800ms`",
        )
    })
}

#[cfg(test)]
mod tests;
