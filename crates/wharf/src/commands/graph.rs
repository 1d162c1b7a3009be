//! `wharf graph`: which of our systems use which services, and what those need in turn.

mod dot;
mod mermaid;
mod model;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use wharf_document::Integration;
use wharf_workspace::Workspace;

use crate::installation;
use crate::output;
use crate::redact::Redaction;

use self::model::Graph;

/// Draw what depends on what: systems, integrations, fallbacks and outgoing webhooks.
///
/// An arrow leads to what is needed. Fallbacks are dashed. Deprecated and inactive documents are
/// pale, and ids without a document are dotted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf graph integrations | dot -Tsvg -o graph.svg
  wharf graph --format mermaid              to paste into Markdown
  wharf graph --focus stripe                what an outage of Stripe reaches

With --focus, the document stays, everything that depends on it at any distance, what falls back
to it, and what it needs itself. The fields of --format json are told in docs/json.md.
Exit codes: 0 drawn, 2 something could not be read.")]
pub(crate) struct Arguments {
    /// The workspace [default: the current folder, where it is one].
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Dot)]
    format: Format,

    /// Only the neighbourhood of this document.
    #[arg(long, value_name = "ID")]
    focus: Option<String>,

    /// Draw the documents that come with the program.
    #[arg(long, conflicts_with = "dir")]
    catalog: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For Graphviz.
    Dot,
    /// For Mermaid, a flowchart.
    Mermaid,
    /// One line of JSON: nodes and edges.
    Json,
}

/// Prints the graph.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let workspace = installation::workspace(arguments.dir.clone(), arguments.catalog)?;
    let redaction = Redaction::of(&workspace)?;
    let mut graph = Graph::of(workspace.integrations());
    if let Some(id) = &arguments.focus {
        let document = redaction.result(document(&workspace, id, arguments))?;
        graph = graph.around(&document.id);
    }
    graph.redact(&redaction);
    match arguments.format {
        Format::Dot => output::data(&dot::render(&graph))?,
        Format::Mermaid => output::data(&mermaid::render(&graph))?,
        Format::Json => output::json(&json(&graph))?,
    }
    Ok(output::unreadable(&workspace.unreadable))
}

fn document<'a>(
    workspace: &'a Workspace,
    id: &str,
    arguments: &Arguments,
) -> anyhow::Result<&'a Integration> {
    let root = arguments.dir.as_deref().unwrap_or_else(|| Path::new("."));
    installation::document(workspace, id, (!arguments.catalog).then_some(root))
}

fn json(graph: &Graph) -> Value {
    let nodes: Vec<_> = graph
        .nodes
        .iter()
        .map(|node| {
            json!({
                "node": node.key(),
                "kind": node.kind.as_str(),
                "name": node.name,
                "label": node.label,
                "state": node.state.as_str(),
            })
        })
        .collect();
    let edges: Vec<_> = graph
        .edges()
        .map(|(from, to, edge)| {
            json!({
                "from": from.key(),
                "to": to.key(),
                "kind": edge.kind.as_str(),
                "label": edge.label,
            })
        })
        .collect();
    json!({ "version": 1, "nodes": nodes, "edges": edges })
}

#[cfg(test)]
mod tests;
