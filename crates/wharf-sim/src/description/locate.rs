//! Which operation of a description a row of the API Endpoints table means.

use std::rc::Rc;

use serde_json::Value;
use wharf_document::model::{Environment, Method, Operation, PathPattern, PathPiece, PathSegment};

use super::tree::Tree;
use super::{Dialect, Error};

/// The paths of a description, ready to search.
pub(super) struct Locator<'t, 'a> {
    tree: &'t Tree<'a>,
    /// Path prefixes of the servers, without a slash at the end; distinct.
    bases: Vec<String>,
    paths: Vec<DescribedPath>,
}

struct DescribedPath {
    /// The key as it stands in the description.
    key: String,
    segments: Vec<String>,
}

/// How well two paths agree; the larger, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Agreement {
    /// The whole path agrees, not only its end.
    whole: bool,
    /// The server's path takes part.
    with_base: bool,
    /// Literal segments on both sides.
    literals: usize,
}

impl<'t, 'a> Locator<'t, 'a> {
    pub(super) fn new(tree: &'t Tree<'a>, dialect: Dialect) -> Result<Self, Error> {
        let paths: Vec<DescribedPath> = tree
            .keys(&["paths"])
            .into_iter()
            .filter(|key| key.starts_with('/'))
            .map(|key| {
                // Some vendors tell variants of one URL apart by a fragment or a query.
                let path = key.split(['#', '?']).next().unwrap_or(&key);
                DescribedPath {
                    segments: segments(path),
                    key,
                }
            })
            .collect();
        if paths.is_empty() {
            return Err(Error::NoPaths);
        }
        Ok(Self {
            tree,
            bases: bases(tree, dialect),
            paths,
        })
    }

    /// The described operation with the row's method and path.
    ///
    /// The document's path starts at its environment's base URL, the description's at its
    /// server's. Both whole paths are compared first, then the paths alone, then their ends.
    /// Among variants of one URL the one whose name resembles the row's wins.
    pub(super) fn locate(
        &self,
        operation: &Operation,
        environments: &[Environment],
    ) -> Option<Rc<Value>> {
        let wanted = wanted_paths(&operation.path.value, environments);
        let mut best: Option<((Agreement, usize), Rc<Value>)> = None;
        for path in &self.paths {
            let Some(agreement) = self.agreement(&wanted, path) else {
                continue;
            };
            if best
                .as_ref()
                .is_some_and(|((best, _), _)| *best > agreement)
            {
                continue;
            }
            let Some(found) = self.operation(&path.key, operation.method.value) else {
                continue;
            };
            let rank = (agreement, resemblance(&operation.id, &path.key, &found));
            if best.as_ref().is_none_or(|(best, _)| rank > *best) {
                best = Some((rank, found));
            }
        }
        best.map(|(_, operation)| operation)
    }

    fn agreement(&self, wanted: &[Vec<String>], path: &DescribedPath) -> Option<Agreement> {
        let mut best = None;
        let bases = self.bases.iter().map(String::as_str).chain([""]);
        for base in bases {
            let mut described = segments(base);
            described.extend(path.segments.iter().cloned());
            let with_base = !base.is_empty();
            for full in wanted {
                let found = if full.len() == described.len() {
                    agree(full, &described).map(|literals| (true, literals))
                } else {
                    agree_at_end(full, &described).map(|literals| (false, literals))
                };
                if let Some((whole, literals)) = found {
                    best = best.max(Some(Agreement {
                        whole,
                        with_base,
                        literals,
                    }));
                }
            }
        }
        best
    }

    fn operation(&self, path: &str, method: Method) -> Option<Rc<Value>> {
        let item = self.tree.resolve(&self.tree.get(&["paths", path])?)?;
        let name = method.as_str().to_ascii_lowercase();
        let found = item.get(&name).or_else(|| {
            // Descriptions seldom list HEAD where they have GET.
            (method == Method::Head).then(|| item.get("get")).flatten()
        })?;
        Some(Rc::new(found.clone()))
    }
}

/// The row's path below each distinct base URL, and alone.
fn wanted_paths(pattern: &PathPattern, environments: &[Environment]) -> Vec<Vec<String>> {
    let own: Vec<String> = pattern
        .segments
        .iter()
        .map(|segment| match segment {
            PathSegment::Literal(text) => normalise(text),
            PathSegment::Parameter(_) => PARAMETER.to_owned(),
            PathSegment::Mixed(pieces) => pieces.iter().fold(String::new(), |text, piece| {
                text + match piece {
                    PathPiece::Literal(literal) => literal,
                    PathPiece::Parameter(_) => PARAMETER,
                }
            }),
        })
        .collect();
    let mut full: Vec<Vec<String>> = Vec::new();
    let bases = environments
        .iter()
        .filter_map(|environment| environment.endpoint.as_ref())
        .map(|endpoint| endpoint.value.path.as_str());
    for base in bases.chain([""]) {
        let mut path = segments(base);
        path.extend(own.iter().cloned());
        if !full.contains(&path) {
            full.push(path);
        }
    }
    full
}

const PARAMETER: &str = "{}";

/// Segments with the names of parameters removed; no segments for an empty path.
fn segments(path: &str) -> Vec<String> {
    match path.strip_prefix('/') {
        Some(rest) => rest.split('/').map(normalise).collect(),
        None => Vec::new(),
    }
}

/// `{Sid}.json` to `{}.json`.
fn normalise(segment: &str) -> String {
    let mut normal = String::new();
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, behind)) = after.split_once('}') else {
            break;
        };
        normal.push_str(before);
        normal.push_str(PARAMETER);
        rest = behind;
    }
    normal.push_str(rest);
    normal
}

/// The number of equal literals, when every segment agrees.
///
/// A literal of the document may stand where the description has a parameter: a row may be
/// about one fixed resource.
fn agree(wanted: &[String], described: &[String]) -> Option<usize> {
    wanted
        .iter()
        .zip(described)
        .try_fold(0, |literals, (wanted, described)| {
            if wanted == described {
                Some(literals + usize::from(wanted != PARAMETER))
            } else if described == PARAMETER && !wanted.is_empty() {
                Some(literals)
            } else {
                None
            }
        })
}

/// Like [`agree`] over the shorter path's length from the right; needs a literal in common.
///
/// What the longer path has in front must be the kind of prefix that one side writes into its
/// base URL and the other leaves out: `/users` is not `/orgs/users`.
fn agree_at_end(wanted: &[String], described: &[String]) -> Option<usize> {
    let length = wanted.len().min(described.len());
    let (wanted_front, wanted) = wanted.split_at(wanted.len() - length);
    let (described_front, described) = described.split_at(described.len() - length);
    let only_prefixes = wanted_front
        .iter()
        .chain(described_front)
        .all(|segment| is_usual_prefix(segment));
    let literals = agree(wanted, described)?;
    (only_prefixes && literals > 0).then_some(literals)
}

/// `api`, `rest`, a version such as `v2` or `v1.55`, or a date that serves as one.
fn is_usual_prefix(segment: &str) -> bool {
    let version = segment.strip_prefix('v').unwrap_or(segment);
    matches!(segment, "api" | "rest") || version.starts_with(|c: char| c.is_ascii_digit())
}

/// How many words of the row's id the operation's names share.
fn resemblance(id: &str, key: &str, operation: &Value) -> usize {
    let text = |name| operation.get(name).and_then(Value::as_str).unwrap_or("");
    let names = format!("{key} {} {}", text("operationId"), text("summary")).to_ascii_lowercase();
    id.split('-')
        .filter(|word| word.len() > 2 && names.contains(word))
        .count()
}

/// Path prefixes of `servers`, or `basePath`.
fn bases(tree: &Tree<'_>, dialect: Dialect) -> Vec<String> {
    let mut bases: Vec<String> = Vec::new();
    let mut add = |path: &str| {
        let path = path.trim_end_matches('/');
        if path.starts_with('/') && !bases.iter().any(|base| base == path) {
            bases.push(path.to_owned());
        }
    };
    match dialect {
        Dialect::Swagger2 => {
            if let Some(base) = tree.get(&["basePath"]) {
                add(base.as_str().unwrap_or_default());
            }
        }
        Dialect::OpenApi3 => {
            let servers = tree.get(&["servers"]);
            for server in servers
                .iter()
                .filter_map(|servers| servers.as_array())
                .flatten()
            {
                add(&server_path(server));
            }
        }
    }
    bases
}

/// The path of a server's URL with the defaults of its variables.
fn server_path(server: &Value) -> String {
    let mut url = server
        .get("url")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    for (name, variable) in server
        .get("variables")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if let Some(default) = variable.get("default").and_then(Value::as_str) {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    let behind_scheme = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    if behind_scheme.starts_with('/') {
        return behind_scheme.to_owned();
    }
    behind_scheme
        .find('/')
        .and_then(|slash| behind_scheme.get(slash..))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests;
