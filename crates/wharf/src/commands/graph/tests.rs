//! Graphs say what the documents say, whatever signs the names hold.

use std::process::{Command, Stdio};
use std::sync::Arc;

use wharf_diag::SourceText;
use wharf_document::{Integration, IntegrationId};

use super::model::Graph;
use super::{dot, json, mermaid};

fn document(id: &str, head: &str, body: &str) -> Integration {
    let text = format!("---\ntype: tool\nsubtype: integration\n{head}\n---\n\n{body}");
    let source = Arc::new(SourceText::new(format!("{id}.md"), text));
    let id = IntegrationId::new(id).unwrap();
    wharf_document::load(&id, &source).integration.unwrap()
}

fn dependencies(systems: &str, needs: &str) -> String {
    format!(
        "## Dependencies\n\n### Our Systems That Use This\n\n{systems}\n\n### This Depends On\n\n{needs}\n\n"
    )
}

const FALLBACK: &str = "## Disaster Recovery\n\n### Backup Service\n\n- Fallback: paypal@live\n";

const OUTGOING: &str = "\
## Webhooks

### Outgoing

| Trigger | Target | Payload |
|---|---|---|
| user.signup | slack post-message | User |
| order.complete | https://hooks.example.org/T000/secret-path | Order |

";

fn documents() -> Vec<Integration> {
    vec![
        document(
            "stripe",
            "title: \"[Integration] Stripe\"",
            &format!(
                "{OUTGOING}{}{FALLBACK}",
                dependencies(
                    "- Shop: Critical path\n- Billing",
                    "- Network\n- postgres: sessions"
                ),
            ),
        ),
        document("paypal", "title: PayPal\ndeprecated: true", ""),
        document(
            "postgres",
            "title: Postgres\nactive: false",
            &dependencies("- shop", "- vault"),
        ),
        document("slack", "title: Slack", ""),
        document("alone", "title: Alone", ""),
    ]
}

/// A document whose names are as hard as can be.
fn hard() -> Vec<Integration> {
    let title = r#"A \"quoted\" [b] {c} <d> #e; \\N 日本 %% `x` | y"#;
    let systems =
        "- Shöp \"1\" [x] \\\\N end; style:a#b;: Critical -- path | \"now\"\n- end: graph";
    vec![document(
        "hard",
        &format!("title: \"[Integration] {title}\""),
        &dependencies(systems, "- Network"),
    )]
}

fn edges(graph: &Graph) -> Vec<String> {
    let edges = graph.edges();
    let lines = edges.map(|(from, to, edge)| {
        format!(
            "{} {} {} {}",
            from.key(),
            edge.kind.as_str(),
            to.key(),
            edge.label
        )
    });
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn edges_are_those_of_the_documents() {
    let documents = documents();
    let graph = Graph::of(&documents);
    let expected = [
        "system:shop uses integration:postgres",
        "integration:postgres needs missing:vault",
        "system:shop uses integration:stripe Critical path",
        "system:billing uses integration:stripe",
        "integration:stripe needs integration:postgres",
        "integration:stripe fallback integration:paypal live",
        "integration:stripe webhook integration:slack user.signup",
        "integration:stripe webhook host:hooks.example.org order.complete",
    ];
    assert_eq!(edges(&graph), expected);
    let text = json(&graph).to_string();
    assert!(!text.contains("secret-path"), "{text}");
    let states: Vec<_> = graph.nodes[..5]
        .iter()
        .map(|node| node.state.as_str())
        .collect();
    assert_eq!(
        states,
        ["active", "deprecated", "inactive", "active", "active"]
    );
}

#[test]
fn the_neighbourhood_is_what_an_outage_reaches_and_what_is_needed() {
    let documents = documents();
    let graph = Graph::of(&documents);
    let around = |id: &str| {
        let graph = graph.around(&IntegrationId::new(id).unwrap());
        let mut names: Vec<_> = graph.nodes.iter().map(|node| node.name.clone()).collect();
        names.sort();
        names.join(" ")
    };
    // What uses Stripe is reached through it; its fallback and its targets are not.
    assert_eq!(around("postgres"), "billing postgres shop stripe vault");
    assert_eq!(around("paypal"), "paypal stripe");
    assert_eq!(
        around("stripe"),
        "billing hooks.example.org paypal postgres shop slack stripe"
    );
    assert_eq!(around("alone"), "alone");
}

#[test]
fn dot_is_escaped() {
    let documents = hard();
    let text = dot::render(&Graph::of(&documents));
    for part in [
        r#"label="A \"quoted\" [b] {c} <d> #e; \\N 日本 %% `x` | y", shape=box"#,
        r#""system:end" -> "integration:hard" [label="graph"];"#,
    ] {
        assert!(text.contains(part), "{text}");
    }
    for line in text.lines() {
        // Backslashes and what they escape are not signs of the language.
        let plain = line.replace("\\\\", "").replace("\\\"", "");
        assert_eq!(plain.matches('"').count() % 2, 0, "{line}");
    }
    assert!(dot::render(&Graph::of(&self::documents())).contains("style=dashed"));
}

/// Asks Graphviz itself, where it is installed.
#[test]
fn graphviz_accepts_every_graph() {
    for documents in [documents(), hard(), Vec::new()] {
        let text = dot::render(&Graph::of(&documents));
        let started = Command::new("dot")
            .args(["-Tcanon"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = started else {
            println!("skipped: Graphviz is not installed; `apt-get install graphviz` gets it");
            return;
        };
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{text}");
    }
}

/// Takes a label in quotes from the start of a text; only signs that mean nothing to Mermaid,
/// and entities, may stand in it.
fn label(text: &str) -> Option<&str> {
    let (label, rest) = text.strip_prefix('"')?.split_once('"')?;
    let mut left = label;
    while let Some(c) = left.chars().next() {
        left = match left.strip_prefix('#') {
            Some(entity) => {
                let (number, behind) = entity.split_once(';')?;
                number.parse::<u32>().ok()?;
                behind
            }
            None if c.is_alphanumeric() || !c.is_ascii() || " .,-_/()".contains(c) => {
                &left[c.len_utf8()..]
            }
            None => return None,
        };
    }
    (!label.trim().is_empty()).then_some(rest)
}

/// Takes `n` and a number.
fn node(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('n')?;
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < digits.len()).then_some(rest)
}

/// Whether a line is one of the statements that we use of a flowchart.
fn is_statement(line: &str) -> bool {
    let shape = |rest: &str| {
        [("([", "])"), ("[", "]"), (">", "]")]
            .iter()
            .any(|(open, close)| {
                rest.strip_prefix(open)
                    .and_then(label)
                    .is_some_and(|rest| rest == *close)
            })
    };
    let edge = |rest: &str| {
        ["-->", "-.->", "==>"].iter().any(|arrow| {
            let Some(rest) = rest
                .strip_prefix(' ')
                .and_then(|rest| rest.strip_prefix(arrow))
            else {
                return false;
            };
            let rest = match rest.strip_prefix('|') {
                Some(rest) => match label(rest).and_then(|rest| rest.strip_prefix('|')) {
                    Some(rest) => rest,
                    None => return false,
                },
                None => rest,
            };
            rest.strip_prefix(' ').and_then(node) == Some("")
        })
    };
    if let Some(rest) = line.strip_prefix("class ") {
        let (nodes, class) = rest.split_once(' ').unwrap();
        return nodes.split(',').all(|name| node(name) == Some(""))
            && ["deprecated", "inactive", "missing"].contains(&class);
    }
    if let Some(rest) = line.strip_prefix("classDef ") {
        let (_, look) = rest.split_once(' ').unwrap();
        return look.split(',').all(|pair| pair.split(':').count() == 2);
    }
    node(line).is_some_and(|rest| shape(rest) || edge(rest))
}

#[test]
fn mermaid_keeps_to_its_grammar() {
    for documents in [documents(), hard(), Vec::new()] {
        let text = mermaid::render(&Graph::of(&documents));
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("flowchart LR"));
        for line in lines {
            let statement = line.strip_prefix("  ").unwrap();
            assert!(is_statement(statement), "{line}");
        }
    }
}

#[test]
fn mermaid_says_what_the_documents_say() {
    let documents = documents();
    let text = mermaid::render(&Graph::of(&documents));
    for line in [
        "n0[\"Alone\"]",
        "n5([\"shop\"])",
        "n4 -.->|\"fallback to live\"| n1",
        "n4 ==>|\"user.signup\"| n3",
        "class n1 deprecated",
        "class n2 inactive",
        "class n6 missing",
    ] {
        assert!(
            text.lines().any(|found| found.trim() == line),
            "{line}:\n{text}"
        );
    }
}
