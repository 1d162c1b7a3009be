//! What `wharf up` shows when it is ready.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use wharf_console::BrokenDocument;
use wharf_document::Integration;
use wharf_document::model::{Environment, Method};
use wharf_policy::caller::CallerToken;
use wharf_sim::FAULT_HEADER;
use wharf_workspace::settings::FILE_NAME;

use super::example;
use crate::addresses::usable;
use crate::assemble::not_in_force;
use crate::installation::speaks_http;
use crate::output::in_line;
use crate::shell;

/// The facts of a start.
pub(super) struct Welcome<'a> {
    pub(super) documents: &'a [Arc<Integration>],
    /// Documents that are not served as they are.
    pub(super) broken: &'a [BrokenDocument],
    /// What the settings say that nothing obeys yet.
    pub(super) settings_not_in_force: &'a [&'static str],
    pub(super) simulated: bool,
    pub(super) catalog: bool,
    /// What other commands need to find the same state, with a space before it.
    pub(super) state_option: &'a str,
    pub(super) data: SocketAddr,
    pub(super) control: SocketAddr,
    /// The fresh token of a simulation.
    pub(super) token: Option<&'a CallerToken>,
}

impl Welcome<'_> {
    /// A table of integrations, the addresses, and a call to paste.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let what = match (self.simulated, self.catalog) {
            (true, true) => "the catalog against simulated vendors; nothing leaves this machine",
            (true, false) => {
                "your workspace against simulated vendors; nothing leaves this machine"
            }
            (false, _) => "your workspace",
        };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "wharf {} serves {what}\n", env!("CARGO_PKG_VERSION"));
        let mut rows =
            vec![["INTEGRATION", "ENVIRONMENTS", "OPERATIONS", "BASE URL"].map(str::to_owned)];
        rows.extend(self.documents.iter().map(|document| self.row(document)));
        let mut widths = [0; 4];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for [id, environments, operations, url] in &rows {
            let _ = writeln!(
                out,
                "  {id:<0$}  {environments:<1$}  {operations:>2$}  {url}",
                widths[0], widths[1], widths[2]
            );
        }
        let _ = writeln!(
            out,
            "\n  * the default environment; INTEGRATION@ENVIRONMENT picks another"
        );
        if !self.broken.is_empty() {
            let _ = writeln!(out, "\nNot served as they are (`wharf check` tells more):");
        }
        for broken in self.broken {
            let message = in_line(&broken.message);
            let _ = writeln!(out, "  {}: {message}", in_line(&broken.file));
        }
        out += &self.not_in_force();
        let _ = writeln!(out, "\ndata plane     http://{}", self.data);
        let _ = writeln!(
            out,
            "control plane  http://{}  (/metrics, /healthz, /readyz)",
            self.control
        );
        if let Some(token) = self.token {
            let _ = writeln!(out, "caller token   {}", token.expose_secret());
        } else {
            let option = self.state_option;
            let _ = writeln!(out, "caller tokens  wharf callers add NAME{option}");
        }
        if let Some(path) = self.example_path() {
            let token = self.token.map_or("TOKEN", CallerToken::expose_secret);
            let address = format!("http://{}{path}", usable(self.data));
            let _ = writeln!(
                out,
                "\nTry it:\n  curl -i {} -H 'Authorization: Bearer {token}'",
                shell::word(&address)
            );
            if self.simulated {
                let _ = writeln!(
                    out,
                    "See a retry: add -H '{FAULT_HEADER}: status=503;first=1'. `wharf up --help` lists what else it takes."
                );
            }
        }
        out
    }

    /// What the documents and the settings say that nothing obeys yet, a line for each.
    fn not_in_force(&self) -> String {
        let mut lines = String::new();
        for document in self.documents {
            let parts = not_in_force(document);
            if !parts.is_empty() {
                let _ = writeln!(lines, "  {}: {}", document.id, parts.join(", "));
            }
        }
        if !self.settings_not_in_force.is_empty() {
            let parts = self.settings_not_in_force.join(", ");
            let _ = writeln!(lines, "  {FILE_NAME}: {parts}");
        }
        if lines.is_empty() {
            return lines;
        }
        format!("\nNot in force yet (read and checked; nothing obeys it):\n{lines}")
    }

    fn row(&self, document: &Integration) -> [String; 4] {
        let default = default_environment(document);
        let environments: Vec<String> = document
            .environments
            .iter()
            .map(|environment| {
                let name = environment.name.value.to_lowercase();
                let mark = if Some(&name) == default.as_ref() {
                    "*"
                } else {
                    ""
                };
                format!("{name}{mark}{}", self.remark(environment))
            })
            .collect();
        let id = if document.is_active() {
            document.id.to_string()
        } else {
            format!("{} (not active)", document.id)
        };
        [
            id,
            environments.join(", "),
            document.operations.len().to_string(),
            self.base_url(document)
                .unwrap_or_else(|| "does not speak HTTP".to_owned()),
        ]
    }

    /// Where applications call a service; `None` where none of its environments speaks HTTP.
    fn base_url(&self, document: &Integration) -> Option<String> {
        speaks_http(document).then(|| format!("http://{}/{}", usable(self.data), document.id))
    }

    /// What keeps calls from an environment.
    fn remark(&self, environment: &Environment) -> String {
        match &environment.connection {
            _ if self.is_called(environment) && !environment.is_active() => {
                " (served, not in use)".to_owned()
            }
            _ if self.is_called(environment) => String::new(),
            None => " (no endpoint)".to_owned(),
            Some(connection) if connection.value.is_socket() => " (local socket)".to_owned(),
            Some(connection) => format!(" ({}, not HTTP)", connection.value.scheme),
        }
    }

    /// A simulated vendor stands in for an address that is open, and for a local socket.
    fn is_called(&self, environment: &Environment) -> bool {
        match &environment.connection {
            Some(connection) => self.simulated && connection.value.is_socket(),
            None => self.simulated || environment.endpoint.is_some(),
        }
    }

    /// One JSON line for programs that start this one.
    pub(super) fn json(&self) -> String {
        let integrations: Vec<_> = self
            .documents
            .iter()
            .map(|document| {
                let environments: Vec<_> =
                    document.environments.iter().map(|environment| environment.name.value.to_lowercase()).collect();
                json!({
                    "id": document.id.as_str(),
                    "default_environment": default_environment(document),
                    "environments": environments,
                    "operations": document.operations.iter().map(|operation| &operation.id).collect::<Vec<_>>(),
                    "base_url": self.base_url(document),
                    "not_in_force": not_in_force(document),
                })
            })
            .collect();
        let ready = json!({
            "event": "ready",
            "data_plane": format!("http://{}", self.data),
            "control_plane": format!("http://{}", self.control),
            "simulated": self.simulated,
            "integrations": integrations,
            "broken": self.broken,
            "settings_not_in_force": self.settings_not_in_force,
            "caller_token": self.token.map(CallerToken::expose_secret),
        });
        format!("{ready}\n")
    }

    /// A read of a document that may be called: the first without parameters, else the first.
    fn example_path(&self) -> Option<String> {
        let documents = self.documents.iter();
        let called = documents.filter(|document| {
            let default = document.default_environment();
            let default = default.and_then(|index| document.environments.get(index));
            document.is_active() && default.is_some_and(|default| self.is_called(default))
        });
        let reads: Vec<_> = called
            .flat_map(|document| {
                let operations = document.operations.iter();
                let reads = operations
                    .filter(|operation| operation.methods().any(|method| method == Method::Get));
                reads.map(move |operation| (document, operation))
            })
            .collect();
        let plain = reads
            .iter()
            .find(|(_, read)| !example::has_parameters(read));
        let (document, operation) = plain.or(reads.first())?;
        let path = example::path(operation, self.simulated);
        Some(format!("/{}{path}", document.id))
    }
}

fn default_environment(document: &Integration) -> Option<String> {
    let environment = document.environments.get(document.default_environment()?)?;
    Some(environment.name.value.to_lowercase())
}

#[cfg(test)]
mod tests;
