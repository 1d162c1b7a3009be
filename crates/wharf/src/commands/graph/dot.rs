//! The graph for Graphviz (the DOT language).

use super::model::{Edge, EdgeKind, Graph, Node, NodeKind, State};

pub(super) fn render(graph: &Graph) -> String {
    let mut text = String::from(
        "digraph wharf {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
    );
    for node in &graph.nodes {
        text += &format!("  {} [{}];\n", quoted(&node.key()), look(node));
    }
    for (from, to, edge) in graph.edges() {
        let (from, to) = (quoted(&from.key()), quoted(&to.key()));
        text += &format!("  {from} -> {to}{};\n", line(edge));
    }
    text + "}\n"
}

fn look(node: &Node) -> String {
    let label = match (node.kind, node.state) {
        (NodeKind::Integration, State::Active) => node.label.clone(),
        (NodeKind::Integration, state) => format!("{}\n({})", node.label, state.as_str()),
        (NodeKind::Missing, _) => format!("{}\n(no document)", node.label),
        _ => node.label.clone(),
    };
    let look = match (node.kind, node.state) {
        (NodeKind::System, _) => "shape=oval",
        (NodeKind::Integration, State::Active) => {
            "shape=box, style=\"rounded,filled\", fillcolor=\"#e8f0fe\""
        }
        (NodeKind::Integration, _) => {
            "shape=box, style=\"rounded,dashed\", color=\"#888888\", fontcolor=\"#888888\""
        }
        (NodeKind::Missing, _) => "shape=box, style=dotted",
        (NodeKind::Host, _) => "shape=cds",
    };
    format!("label={}, {look}", quoted(&label))
}

fn line(edge: &Edge) -> String {
    let mut attributes = Vec::new();
    let label = match (edge.kind, edge.label.as_str()) {
        (EdgeKind::Fallback, "") => "fallback".to_owned(),
        (EdgeKind::Fallback, environment) => format!("fallback to {environment}"),
        (_, label) => label.to_owned(),
    };
    if !label.is_empty() {
        attributes.push(format!("label={}", quoted(&label)));
    }
    match edge.kind {
        EdgeKind::Fallback => attributes.push("style=dashed".to_owned()),
        EdgeKind::Webhook => attributes.push("arrowhead=open".to_owned()),
        EdgeKind::Uses | EdgeKind::Needs => {}
    }
    if attributes.is_empty() {
        String::new()
    } else {
        format!(" [{}]", attributes.join(", "))
    }
}

/// A text between quotes. A backslash would start an escape such as `\N`, so it is doubled.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() || wharf_diag::is_unprintable(c) => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
