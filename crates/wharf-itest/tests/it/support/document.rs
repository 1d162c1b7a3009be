//! Documents from a template, read the way the program reads them.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Map, Value};
use wharf_diag::{Severity, SourceText};
use wharf_document::{Integration, IntegrationId};

const TEMPLATE: &str = include_str!("document.md");

/// A document about one vendor; every part can be replaced before it is read.
///
/// It starts without retries and with an attempt timeout that no test waits for.
#[derive(Clone)]
pub(crate) struct Document {
    id: String,
    active: bool,
    environment: String,
    environments: String,
    method: String,
    credentials: String,
    settings: Map<String, Value>,
    operations: String,
    limit_headers: String,
    errors: String,
    retry_delays: String,
    max_retries: u32,
    retry_on: String,
}

impl Document {
    /// The vendor `vendor` at a loopback address, without TLS.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self::with_endpoint(&format!("http://{address}"))
    }

    /// The vendor `vendor` at any endpoint.
    pub(crate) fn with_endpoint(endpoint: &str) -> Self {
        let mut settings = Map::new();
        settings.insert("timeout".into(), "10s".into());
        settings.insert("connect_timeout".into(), "5s".into());
        Self {
            id: "vendor".into(),
            active: true,
            environment: "production".into(),
            environments: format!("| Production | {endpoint} | Active | |"),
            method: "- Type: API Key".into(),
            credentials:
                "production:\n  location: ENV_VARIABLES\n  variables:\n    - VENDOR_API_KEY".into(),
            settings,
            operations: "| List items | GET | /items | | |\n\
                         | Create item | POST | /items | | |\n\
                         | Create safely | POST | /safe-items | yes | |"
                .into(),
            limit_headers: String::new(),
            errors: "| 404 | | No such item | Ignore |".into(),
            retry_delays: "[\"10ms\"]".into(),
            max_retries: 0,
            retry_on: "[503]".into(),
        }
    }

    /// Another id.
    pub(crate) fn id(mut self, id: &str) -> Self {
        self.id = id.into();
        self
    }

    /// The value of `active`.
    pub(crate) const fn active(mut self, active: bool) -> Self {
        self.active = active;
        self
    }

    /// The default environment.
    pub(crate) fn environment(mut self, name: &str) -> Self {
        self.environment = name.into();
        self
    }

    /// One more row of the Environments table, with a credential like that of the first.
    pub(crate) fn and_environment(mut self, name: &str, endpoint: &str) -> Self {
        let _ = write!(self.environments, "\n| {name} | {endpoint} | Active | |");
        let entry = self.credentials.split_once(':').unwrap().1;
        let own = format!("{}_API_KEY", name.to_uppercase());
        let entry = entry.replace("VENDOR_API_KEY", &own);
        let _ = write!(self.credentials, "\n{}:{entry}", name.to_lowercase());
        self
    }

    /// The lines of the Method list.
    pub(crate) fn method(mut self, lines: &str) -> Self {
        self.method = lines.into();
        self
    }

    /// The YAML of Credential Storage.
    pub(crate) fn credentials(mut self, yaml: &str) -> Self {
        self.credentials = yaml.into();
        self
    }

    /// One of the Required Settings.
    pub(crate) fn setting(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings.insert(name.into(), value.into());
        self
    }

    /// The attempt timeout, for example `300ms`.
    pub(crate) fn timeout(self, timeout: &str) -> Self {
        self.setting("timeout", timeout)
    }

    /// One more operation: name, method, path and the cell `Idempotent`.
    pub(crate) fn operation(mut self, name: &str, method: &str, path: &str, mark: &str) -> Self {
        let row = format!("\n| {name} | {method} | {path} | {mark} | |");
        self.operations.push_str(&row);
        self
    }

    /// One more row of Common Errors.
    pub(crate) fn error(self, code: &str, response: &str) -> Self {
        self.error_when(code, "", response)
    }

    /// One more row of Common Errors, with conditions.
    pub(crate) fn error_when(mut self, code: &str, when: &str, response: &str) -> Self {
        let row = format!("\n| {code} | {when} | For the test | {response} |");
        self.errors.push_str(&row);
        self
    }

    /// One more line of Limit headers: `x-remaining: remaining`.
    pub(crate) fn limit_header(mut self, line: &str) -> Self {
        if self.limit_headers.is_empty() {
            self.limit_headers = "\n### Limit headers\n\n".into();
        }
        self.limit_headers.push_str(&format!("- {line}\n"));
        self
    }

    /// So many retries after this delay, for example `10ms`.
    pub(crate) fn retries(mut self, max_retries: u32, delay: &str) -> Self {
        self.max_retries = max_retries;
        self.retry_delays = format!("[\"{delay}\"]");
        self
    }

    /// The statuses that are retried.
    pub(crate) fn retry_on(mut self, statuses: &[u16]) -> Self {
        self.retry_on = format!("{statuses:?}");
        self
    }

    /// The Markdown.
    pub(crate) fn text(&self) -> String {
        let settings = serde_json::to_string_pretty(&self.settings).unwrap();
        [
            ("{id}", self.id.as_str()),
            ("{active}", if self.active { "true" } else { "false" }),
            ("{environment}", &self.environment),
            ("{environments}", &self.environments),
            ("{method}", &self.method),
            ("{credentials}", &self.credentials),
            ("{settings}", &settings),
            ("{operations}", &self.operations),
            ("{limit_headers}", &self.limit_headers),
            ("{errors}", &self.errors),
            ("{retry_delays}", &self.retry_delays),
            ("{max_retries}", &self.max_retries.to_string()),
            ("{retry_on}", &self.retry_on),
        ]
        .into_iter()
        .fold(TEMPLATE.to_owned(), |text, (hole, value)| {
            text.replace(hole, value)
        })
    }

    /// The typed integration. A part that the program cannot use fails the test.
    pub(crate) fn load(&self) -> Arc<Integration> {
        let source = Arc::new(SourceText::new(format!("{}.md", self.id), self.text()));
        let loaded = wharf_document::load(&IntegrationId::new(&self.id).unwrap(), &source);
        let errors: Vec<_> = loaded
            .diagnostics
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            // `and_environment` shares the credential; the program runs such a document.
            .filter(|finding| finding.code.slug != "credential-shared")
            .collect();
        assert!(errors.is_empty(), "{errors:#?}\n{}", self.text());
        Arc::new(loaded.integration.unwrap())
    }
}
