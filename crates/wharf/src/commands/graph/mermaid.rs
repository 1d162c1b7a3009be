//! The graph for Mermaid, as a flowchart.

use super::model::{Edge, EdgeKind, Graph, Node, NodeKind, State};

pub(super) fn render(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    for (place, node) in graph.nodes.iter().enumerate() {
        text += &format!("  {}\n", shape(place, node));
    }
    for (from, to, edge) in graph.places() {
        text += &format!("  n{from} {} n{to}\n", arrow(edge));
    }
    text += &classes(graph);
    text
}

fn shape(place: usize, node: &Node) -> String {
    let label = quoted(&node.label);
    match node.kind {
        NodeKind::System => format!("n{place}([{label}])"),
        NodeKind::Integration | NodeKind::Missing => format!("n{place}[{label}]"),
        NodeKind::Host => format!("n{place}>{label}]"),
    }
}

fn arrow(edge: &Edge) -> String {
    match (edge.kind, edge.label.as_str()) {
        (EdgeKind::Fallback, "") => "-.->|\"fallback\"|".to_owned(),
        (EdgeKind::Fallback, environment) => {
            format!("-.->|{}|", quoted(&format!("fallback to {environment}")))
        }
        (EdgeKind::Webhook, label) => format!("==>|{}|", quoted(label)),
        (EdgeKind::Uses | EdgeKind::Needs, "") => "-->".to_owned(),
        (EdgeKind::Uses | EdgeKind::Needs, label) => format!("-->|{}|", quoted(label)),
    }
}

/// How nodes look that are not as usual, and which they are.
fn classes(graph: &Graph) -> String {
    let looks = [
        (
            "deprecated",
            "fill:#eeeeee,stroke:#888888,color:#888888,stroke-dasharray:6 3",
        ),
        (
            "inactive",
            "fill:#ffffff,stroke:#888888,color:#888888,stroke-dasharray:6 3",
        ),
        ("missing", "fill:#ffffff,stroke-dasharray:2 2"),
    ];
    let mut text = String::new();
    for (class, look) in looks {
        let of_class = graph.nodes.iter().enumerate();
        let names: Vec<_> = of_class
            .filter(|(_, node)| class_of(node) == Some(class))
            .map(|(place, _)| format!("n{place}"))
            .collect();
        if !names.is_empty() {
            text += &format!(
                "  classDef {class} {look}\n  class {} {class}\n",
                names.join(",")
            );
        }
    }
    text
}

fn class_of(node: &Node) -> Option<&'static str> {
    match (node.kind, node.state) {
        (NodeKind::Missing, _) => Some("missing"),
        (_, State::Deprecated) => Some("deprecated"),
        (_, State::Inactive) => Some("inactive"),
        (_, State::Active) => None,
    }
}

/// A text between quotes. Everything that could mean something to Mermaid, to Markdown or to HTML
/// is written as an entity, which Mermaid spells `#35;`.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            c if c.is_alphanumeric() || " .,-_/()".contains(c) => quoted.push(c),
            c if c.is_control() || wharf_diag::is_unprintable(c) => quoted.push(' '),
            c if c.is_ascii() => quoted += &format!("#{};", u32::from(c)),
            c => quoted.push(c),
        }
    }
    // Mermaid refuses an empty label.
    if text.trim().is_empty() {
        quoted.push('-');
    }
    quoted.push('"');
    quoted
}
