//! Integration documents for tests, correct unless a test makes them wrong.

use std::fmt::Write as _;
use std::net::SocketAddr;

/// A document of a small pet shop; every part can be replaced.
#[derive(Clone)]
pub(crate) struct Document {
    id: String,
    environments: Vec<(String, String, String)>,
    method: String,
    operations: Vec<String>,
    examples: String,
}

impl Document {
    /// One environment, `Production`, with this endpoint and the credential in `PET_KEY`.
    pub(crate) fn new(id: &str, endpoint: &str) -> Self {
        Self {
            id: id.to_owned(),
            environments: vec![(
                "Production".to_owned(),
                endpoint.to_owned(),
                variables(&["PET_KEY"]),
            )],
            method: "- Type: API Key\n- Header: Authorization: Bearer {api_key}".to_owned(),
            operations: [
                "List pets | GET | /pets",
                "Create pet | POST | /pets",
                "Show pet | GET | /pets/:pet_id",
            ]
            .map(str::to_owned)
            .into(),
            examples:
                "```json list-pets\n{ \"pets\": [{ \"id\": \"p1\", \"name\": \"Rex\" }] }\n```\n\n\
                       ```json create-pet\n{ \"id\": \"p2\", \"name\": \"example\" }\n```\n"
                    .to_owned(),
        }
    }

    /// The same, before a vendor on loopback.
    pub(crate) fn before(id: &str, vendor: SocketAddr) -> Self {
        Self::new(id, &format!("http://{vendor}"))
    }

    /// Replaces what the credential of the first environment is made from.
    pub(crate) fn credential(mut self, yaml: &str) -> Self {
        yaml.clone_into(&mut self.environments[0].2);
        self
    }

    /// Adds an environment.
    pub(crate) fn environment(mut self, name: &str, endpoint: &str, credential: &str) -> Self {
        self.environments
            .push((name.to_owned(), endpoint.to_owned(), credential.to_owned()));
        self
    }

    /// Replaces the lines of the Method list.
    pub(crate) fn method(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.method);
        self
    }

    /// Adds an operation: `Name | METHOD | /path`.
    pub(crate) fn operation(mut self, row: &str) -> Self {
        self.operations.push(row.to_owned());
        self
    }

    /// The name of the document's file.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.md", self.id)
    }

    /// The Markdown.
    pub(crate) fn text(&self) -> String {
        let mut environments = String::new();
        let mut credentials = String::new();
        for (name, endpoint, credential) in &self.environments {
            writeln!(environments, "| {name} | {endpoint} | Active | |").unwrap();
            writeln!(credentials, "{}:", name.to_lowercase()).unwrap();
            for line in credential.lines() {
                writeln!(credentials, "  {line}").unwrap();
            }
        }
        let operations: String = self
            .operations
            .iter()
            .map(|row| format!("| {row} | |\n"))
            .collect();
        include_str!("document.md")
            .replace("<id>", &self.id)
            .replace("<environments>", environments.trim_end())
            .replace("<method>", &self.method)
            .replace("<credentials>", credentials.trim_end())
            .replace("<operations>", operations.trim_end())
            .replace("<examples>", self.examples.trim_end())
    }
}

/// A credential in environment variables.
pub(crate) fn variables(names: &[&str]) -> String {
    let names: String = names.iter().map(|name| format!("\n  - {name}")).collect();
    format!("location: ENV_VARIABLES\nvariables:{names}")
}

/// A credential in a file of the workspace.
pub(crate) fn file(path: &str) -> String {
    format!("location: FILE\npath: {path}")
}
