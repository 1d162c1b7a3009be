//! What prose names: operations of the document, and calls to them.

use crate::model::{BaseUrl, Integration, Method, Operation, PathPattern, PathSegment, TokenUrl};
use crate::parse::url;
use crate::parse::version::of_segment;
use crate::prose::{is_one_word, plain};

/// Shortest part of a path that names an operation by itself.
const SHORTEST_PART: usize = 4;

/// Words that may stand inside the name of an operation: `find a sailing`.
const ARTICLES: [&str; 3] = ["a", "an", "the"];

/// Most operations that are looked for in prose; among more, none is named.
const MOST_OPERATIONS: usize = 300;

/// The operations that some plain words name: by the name, or by a part of the path that no other
/// operation has.
pub(super) fn operations<'a>(integration: &'a Integration, said: &str) -> Vec<&'a Operation> {
    let words = said.split_whitespace();
    let words: Vec<_> = words.filter(|word| !ARTICLES.contains(word)).collect();
    let operations = &integration.operations;
    if operations.len() > MOST_OPERATIONS {
        return Vec::new();
    }
    let is_own = |part: &str| {
        let has = |other: &&Operation| parts(&other.path.value).any(|other| other == part);
        operations.iter().filter(has).count() == 1
    };
    let is_named = |operation: &&Operation| {
        let mut parts = parts(&operation.path.value);
        holds(&words, &plain(&operation.name.value))
            || parts.any(|part| {
                part.len() >= SHORTEST_PART && holds(&words, &plain(part)) && is_own(part)
            })
    };
    operations.iter().filter(is_named).collect()
}

/// Whether some words hold others, one behind the other, in whatever number.
pub(super) fn holds(words: &[&str], plain: &str) -> bool {
    let name: Vec<_> = plain.split_whitespace().collect();
    // Most words differ in their first sign, which is seen without a copy of either.
    let is_same = |word: &str, wanted: &str| {
        word.chars().next() == wanted.chars().next() && is_one_word(word, wanted)
    };
    let is_here = |window: &[&str]| {
        let mut pairs = window.iter().zip(&name);
        pairs.all(|(word, wanted)| is_same(word, wanted))
    };
    !name.is_empty() && words.windows(name.len()).any(is_here)
}

/// The parts of a path that are text and no version.
pub(super) fn parts(path: &PathPattern) -> impl Iterator<Item = &str> {
    path.segments.iter().filter_map(|segment| match segment {
        PathSegment::Literal(text) if !text.is_empty() && of_segment(text).is_none() => {
            Some(text.as_str())
        }
        _ => None,
    })
}

/// The paths that a target of prose may be below the base URLs. `None`: it is somewhere else.
pub(super) fn paths(integration: &Integration, target: &str) -> Option<Vec<String>> {
    let bases = integration.environments.iter();
    let mut bases = bases.filter_map(|environment| Some(&environment.endpoint.as_ref()?.value));
    if target.starts_with('/') {
        let below = bases.filter_map(|base| below(base, target));
        return Some(std::iter::once(target.to_owned()).chain(below).collect());
    }
    let address = url::parse(target).ok()?;
    let base = bases.find(|base| base.authority() == address.authority())?;
    let path = if address.path.is_empty() {
        "/".to_owned()
    } else {
        address.path.clone()
    };
    let own = below(base, &path);
    Some(own.into_iter().chain([path]).collect())
}

fn below(base: &BaseUrl, path: &str) -> Option<String> {
    let rest = path.strip_prefix(&base.path)?;
    (!base.path.is_empty() && rest.starts_with('/')).then(|| rest.to_owned())
}

/// Whether a path of prose is one that a pattern matches; holes of its own match anything.
pub(super) fn is_path_of(pattern: &PathPattern, path: &str) -> bool {
    let mut rest = path.trim_end_matches('/').strip_prefix('/');
    let literal =
        |segment: &&PathSegment| !matches!(segment, PathSegment::Literal(text) if text.is_empty());
    for segment in pattern.segments.iter().filter(literal) {
        let Some(left) = rest else {
            return false;
        };
        let (part, behind) = segment.take(left);
        if !is_hole(part) && !segment.matches(part) {
            return false;
        }
        rest = behind;
    }
    rest.is_none_or(str::is_empty)
}

/// `{id}`, `<id>`, `:id`, `$ID`
fn is_hole(part: &str) -> bool {
    part.starts_with([':', '$']) || part.contains(['{', '<'])
}

/// The operation of a call. Asking for the head is asking for the answer.
pub(super) fn called<'a>(
    integration: &'a Integration,
    method: Method,
    paths: &[String],
) -> Option<&'a Operation> {
    let is_method = |operation: &Operation| {
        operation.methods().any(|known| {
            known == method
                || method == Method::Options
                || method == Method::Head && known == Method::Get
        })
    };
    integration.operations.iter().find(|operation| {
        let is_path = |path: &String| is_path_of(&operation.path.value, path);
        is_method(operation) && paths.iter().any(is_path)
    })
}

/// Whether a path is one of ours, or that of the tokens, which no row of the table names.
pub(super) fn is_beside_operations(integration: &Integration, paths: &[String]) -> bool {
    let token_url = integration.authentication.as_ref();
    let token_url = token_url.and_then(|found| found.token_url.as_ref());
    let tokens = token_url.map(|url| match &url.value {
        TokenUrl::Address(address) => address.path.as_str(),
        TokenUrl::Path(path) => path.as_str(),
    });
    let ours = integration.webhooks.incoming.iter();
    let ours = ours.filter_map(|row| Some(row.endpoint.as_ref()?.value.as_str()));
    let mut known = ours.chain(tokens);
    known.any(|known| paths.iter().any(|path| path == known))
}
