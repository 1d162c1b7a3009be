//! The graph of a workspace, whatever it is drawn as.

use std::collections::{BTreeSet, HashMap};

use wharf_document::model::{Dependency, Fallback, WebhookTarget};
use wharf_document::{Integration, IntegrationId};

use crate::redact::Redaction;

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum NodeKind {
    /// One of our systems.
    System,
    /// A document.
    Integration,
    /// An id that no document has.
    Missing,
    /// The host that a webhook goes to.
    Host,
}

impl NodeKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Integration => "integration",
            Self::Missing => "missing",
            Self::Host => "host",
        }
    }
}

/// Whether a document is to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Active,
    Inactive,
    Deprecated,
}

impl State {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deprecated => "deprecated",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// The id of a document, the name of a system, or a host.
    pub(super) name: String,
    /// What people see.
    pub(super) label: String,
    pub(super) state: State,
}

impl Node {
    /// A name that no other node has.
    pub(super) fn key(&self) -> String {
        format!("{}:{}", self.kind.as_str(), self.name)
    }
}

/// Why one node needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EdgeKind {
    /// A system calls an integration.
    Uses,
    /// An integration depends on another.
    Needs,
    /// An integration is replaced by another in an outage.
    Fallback,
    /// An event of ours is sent.
    Webhook,
}

impl EdgeKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Uses => "uses",
            Self::Needs => "needs",
            Self::Fallback => "fallback",
            Self::Webhook => "webhook",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Edge {
    from: usize,
    to: usize,
    pub(super) kind: EdgeKind,
    /// How much a system needs the integration, or what triggers a webhook; may be empty.
    pub(super) label: String,
}

/// Nodes and edges, in the order of the documents' ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    edges: Vec<Edge>,
    places: HashMap<(NodeKind, String), usize>,
}

impl Graph {
    pub(super) fn of<'a>(integrations: impl IntoIterator<Item = &'a Integration>) -> Self {
        let mut integrations: Vec<_> = integrations.into_iter().collect();
        integrations.sort_by_key(|integration| &integration.id);
        integrations.dedup_by(|left, right| left.id == right.id);
        let mut graph = Self::default();
        for integration in &integrations {
            graph.document(integration);
        }
        for integration in &integrations {
            let place = graph.id(&integration.id);
            graph.systems(integration, place);
            graph.needs(integration, place);
            graph.webhooks(integration, place);
        }
        graph
    }

    /// Every edge with its two nodes.
    pub(super) fn edges(&self) -> impl Iterator<Item = (&Node, &Node, &Edge)> {
        self.edges
            .iter()
            .map(|edge| (&self.nodes[edge.from], &self.nodes[edge.to], edge))
    }

    /// Every edge with the places of its two nodes in `nodes`.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, usize, &Edge)> {
        self.edges.iter().map(|edge| (edge.from, edge.to, edge))
    }

    /// What has to do with one document: everything that depends on it at any distance, what
    /// falls back to it, and what it needs itself.
    pub(super) fn around(&self, id: &IntegrationId) -> Self {
        let key = (NodeKind::Integration, id.as_str().to_owned());
        let Some(&center) = self.places.get(&key) else {
            return Self::default();
        };
        let mut kept = BTreeSet::from([center]);
        let mut open = vec![center];
        while let Some(place) = open.pop() {
            // What only falls back to a service works without it, so the way ends there.
            let needing = self
                .edges
                .iter()
                .filter(|edge| edge.to == place && edge.kind != EdgeKind::Fallback);
            for edge in needing {
                if kept.insert(edge.from) {
                    open.push(edge.from);
                }
            }
        }
        for edge in &self.edges {
            if edge.from == center {
                kept.insert(edge.to);
            } else if edge.to == center {
                kept.insert(edge.from);
            }
        }
        self.only(&kept)
    }

    fn only(&self, kept: &BTreeSet<usize>) -> Self {
        let mut graph = Self::default();
        let mut moved = HashMap::new();
        for &place in kept {
            moved.insert(place, graph.nodes.len());
            graph.nodes.push(self.nodes[place].clone());
        }
        for edge in &self.edges {
            if let (Some(&from), Some(&to)) = (moved.get(&edge.from), moved.get(&edge.to)) {
                graph.edges.push(Edge {
                    from,
                    to,
                    ..edge.clone()
                });
            }
        }
        graph
    }

    /// Takes out what may not be shown.
    pub(super) fn redact(&mut self, redaction: &Redaction) {
        for node in &mut self.nodes {
            node.name = redaction.text(std::mem::take(&mut node.name));
            node.label = redaction.text(std::mem::take(&mut node.label));
        }
        for edge in &mut self.edges {
            edge.label = redaction.text(std::mem::take(&mut edge.label));
        }
    }

    fn document(&mut self, integration: &Integration) {
        let state = if integration.is_deprecated() {
            State::Deprecated
        } else if integration.is_active() {
            State::Active
        } else {
            State::Inactive
        };
        self.add(Node {
            kind: NodeKind::Integration,
            name: integration.id.as_str().to_owned(),
            label: integration.display_name().to_owned(),
            state,
        });
    }

    fn systems(&mut self, integration: &Integration, place: usize) {
        for system in &integration.dependencies.systems {
            let name = &system.name.value;
            let from = self.add(Node {
                kind: NodeKind::System,
                name: name.to_lowercase(),
                label: name.clone(),
                state: State::Active,
            });
            let importance = system.importance.as_ref();
            let label = importance.map_or("", |importance| &importance.value);
            self.connect(from, place, EdgeKind::Uses, label);
        }
    }

    fn needs(&mut self, integration: &Integration, place: usize) {
        for need in &integration.dependencies.needs {
            if let Dependency::Integration(id) = &need.value {
                let to = self.id(id);
                self.connect(place, to, EdgeKind::Needs, "");
            }
        }
        let fallback = integration.recovery.fallback.as_ref();
        if let Some(Fallback::Integration { id, environment }) = fallback.map(|found| &found.value)
        {
            let to = self.id(id);
            let label = environment.as_deref().unwrap_or_default();
            self.connect(place, to, EdgeKind::Fallback, label);
        }
    }

    fn webhooks(&mut self, integration: &Integration, place: usize) {
        for webhook in &integration.webhooks.outgoing {
            let to = match webhook.target.as_ref().map(|target| &target.value) {
                Some(WebhookTarget::Url(url)) => self.add(host(url)),
                Some(WebhookTarget::Operation { integration, .. }) => self.id(integration),
                None => continue,
            };
            self.connect(place, to, EdgeKind::Webhook, &webhook.trigger.value);
        }
    }

    /// The node of an id; a new one where no document has it.
    fn id(&mut self, id: &IntegrationId) -> usize {
        let name = id.as_str().to_owned();
        let key = (NodeKind::Integration, name.clone());
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        self.add(Node {
            kind: NodeKind::Missing,
            label: name.clone(),
            name,
            state: State::Active,
        })
    }

    fn add(&mut self, node: Node) -> usize {
        let nodes = &mut self.nodes;
        let key = (node.kind, node.name.clone());
        *self.places.entry(key).or_insert_with(|| {
            nodes.push(node);
            nodes.len() - 1
        })
    }

    fn connect(&mut self, from: usize, to: usize, kind: EdgeKind, label: &str) {
        let label = label.to_owned();
        self.edges.push(Edge {
            from,
            to,
            kind,
            label,
        });
    }
}

/// The host of an address. Its path may be a secret of its own.
fn host(url: &str) -> Node {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = authority.rsplit('@').next().unwrap_or_default().to_owned();
    Node {
        kind: NodeKind::Host,
        label: name.clone(),
        name,
        state: State::Active,
    }
}
