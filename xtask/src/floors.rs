//! `cargo xtask floors`: dependencies point down, services never meet, the lower floors stay pure, and
//! no crate has a circle of folders.

mod circles;
mod graph;
mod sources;
#[cfg(test)]
mod tests;

use std::fmt;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::floors::circles::Edge;
use crate::floors::graph::Graph;
use crate::{output, repository};

/// One crate of the workspace: its floor, and the only crates of the workspace it may use.
struct Rule {
    name: &'static str,
    floor: u8,
    may_use: &'static [&'static str],
}

/// Stands for every crate of the workspace, in `Rule::may_use`.
const ANY: &str = "*";

/// The highest floor whose crates decide without input or output.
const HIGHEST_PURE_FLOOR: u8 = 1;

/// What the life of a call may use. Services are absent from the list: they meet at the top only.
///
/// A plan is made of the document's types, so a service that follows a plan names them.
const CALLS: &[&str] = &[
    "wharf-document",
    "wharf-plan",
    "wharf-policy",
    "wharf-net",
    "wharf-secrets",
];

/// What a service may use that keeps something of its own.
const KEEPING: &[&str] = &[
    "wharf-document",
    "wharf-plan",
    "wharf-policy",
    "wharf-net",
    "wharf-secrets",
    "wharf-store",
];

/// The house, floor by floor. A crate that is not here fails the check.
const HOUSE: &[Rule] = &[
    on(0, "wharf-diag", &[]),
    on(0, "wharf-scan", &[]),
    on(1, "wharf-openapi", &[]),
    on(
        1,
        "wharf-document",
        &["wharf-diag", "wharf-scan", "wharf-openapi", "wharf-policy"],
    ),
    on(1, "wharf-policy", &[]),
    on(
        1,
        "wharf-plan",
        &["wharf-diag", "wharf-document", "wharf-policy"],
    ),
    on(
        1,
        "wharf-workspace",
        &[
            "wharf-diag",
            "wharf-document",
            "wharf-openapi",
            "wharf-plan",
            "wharf-scan",
        ],
    ),
    on(2, "wharf-store", &["wharf-policy"]),
    on(
        2,
        "wharf-secrets",
        &["wharf-diag", "wharf-document", "wharf-policy"],
    ),
    on(2, "wharf-net", &[]),
    on(3, "wharf-gateway", CALLS),
    on(3, "wharf-webhooks", KEEPING),
    on(3, "wharf-watch", KEEPING),
    on(
        3,
        "wharf-console",
        &[
            "wharf-document",
            "wharf-plan",
            "wharf-policy",
            "wharf-net",
            "wharf-store",
        ],
    ),
    on(
        3,
        "wharf-sim",
        &["wharf-diag", "wharf-document", "wharf-openapi", "wharf-net"],
    ),
    on(
        3,
        "wharf-lsp",
        &[
            "wharf-diag",
            "wharf-document",
            "wharf-plan",
            "wharf-workspace",
        ],
    ),
    on(4, "wharf", &[ANY]),
    on(5, "wharf-itest", &[ANY]),
    on(5, "xtask", &[ANY]),
];

const fn on(floor: u8, name: &'static str, may_use: &'static [&'static str]) -> Rule {
    Rule {
        name,
        floor,
        may_use,
    }
}

/// Packages that no crate of a pure floor may reach, not even through another package. `aws-lc-rs`
/// draws random numbers, so a pure floor that needs a digest takes it from a crate that does no more.
const NOT_REACHED_FROM_PURE_FLOORS: &[&str] = &[
    "tokio",
    "hyper",
    "rusqlite",
    "rustls",
    "walkdir",
    "aws-lc-rs",
];

/// Packages that a crate of a higher floor must not reach either, not even through another package.
const NOT_REACHED: &[(&str, &[&str])] = &[
    // A call waits for no database: who may call is told to it.
    ("wharf-gateway", &["rusqlite"]),
];

/// One broken rule.
#[derive(Debug, PartialEq, Eq)]
enum Violation {
    /// The workspace has a crate that stands on no floor.
    NoFloor { name: String },
    /// A crate uses another that is not below it, or that it may not use.
    Edge { from: String, to: String },
    /// A crate reaches what it must not; the path starts at the crate and ends at the package.
    Reaches { path: Vec<String> },
    /// A pure crate's source names input, output, the clock or random numbers.
    Source { place: String, word: &'static str },
    /// Folders of a crate need each other; each edge starts where the one before it ends.
    Circle { name: String, edges: Vec<Edge> },
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFloor { name } => write!(
                formatter,
                "`{name}` stands on no floor; give it one in xtask/src/floors.rs and in ARCHITECTURE.md"
            ),
            Self::Edge { from, to } => write!(
                formatter,
                "`{from}` must not use `{to}`; it may use {}",
                rule(from).map_or_else(String::new, describe)
            ),
            Self::Reaches { path } => {
                write!(formatter, "must not be reached: {}", path.join(" -> "))
            }
            Self::Source { place, word } => write!(
                formatter,
                "{place}: a pure floor must not use `{word}`; take the value as an argument"
            ),
            Self::Circle { name, edges } => {
                write!(formatter, "folders of `{name}` need each other:")?;
                edges
                    .iter()
                    .try_for_each(|edge| write!(formatter, "\n    {edge}"))
            }
        }
    }
}

fn describe(rule: &Rule) -> String {
    if rule.may_use.is_empty() {
        return "no crate of the workspace".to_owned();
    }
    rule.may_use.join(", ")
}

fn rule(name: &str) -> Option<&'static Rule> {
    HOUSE.iter().find(|rule| rule.name == name)
}

/// Checks the workspace and prints every broken rule; fails when there is one.
pub(crate) fn run() -> Result<()> {
    let metadata = repository::output_of(&mut repository::cargo(&[
        "metadata",
        "--format-version",
        "1",
    ])?)?;
    let metadata: Value =
        serde_json::from_str(&metadata).context("`cargo metadata` printed no valid JSON")?;
    let graph = Graph::from_metadata(&metadata)?;
    let mut violations = check(&graph);
    let (root, files) = (repository::root()?, repository::files()?);
    violations.extend(sources::check(&root, &files)?);
    violations.extend(circles::check(&root, &files)?);
    for violation in &violations {
        output::line(&violation.to_string());
    }
    if !violations.is_empty() {
        bail!("{} broken rules of the floors", violations.len());
    }
    output::line(&format!(
        "{} crates, every dependency points down, no circle of folders",
        graph.members().count()
    ));
    Ok(())
}

/// Every broken rule of the dependency graph.
fn check(graph: &Graph) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in graph.members() {
        let Some(rule) = rule(&member.name) else {
            violations.push(Violation::NoFloor {
                name: member.name.clone(),
            });
            continue;
        };
        for to in graph.uses_of_workspace(member) {
            if !allows(rule, &to.name) {
                violations.push(Violation::Edge {
                    from: member.name.clone(),
                    to: to.name.clone(),
                });
            }
        }
        violations.extend(
            not_reached(rule)
                .filter_map(|package| graph.path(member, package))
                .map(|path| Violation::Reaches { path }),
        );
    }
    violations
}

/// What a crate must not reach.
fn not_reached(rule: &Rule) -> impl Iterator<Item = &'static str> {
    let pure = match rule.floor {
        ..=HIGHEST_PURE_FLOOR => NOT_REACHED_FROM_PURE_FLOORS,
        _ => &[],
    };
    let own = NOT_REACHED.iter().filter(|(from, _)| *from == rule.name);
    let own = own.flat_map(|(_, packages)| *packages);
    pure.iter().chain(own).copied()
}

fn allows(from: &Rule, to: &str) -> bool {
    from.may_use.contains(&to)
        || (from.may_use.contains(&ANY) && rule(to).is_some_and(|to| to.floor < from.floor))
}
