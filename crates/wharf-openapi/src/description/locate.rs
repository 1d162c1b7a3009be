//! Which operation of a description somebody means who writes its path in another way.

use super::paths::{PARAMETER, base, segments};
use super::{DescribedOperation, DescribedPath, Description};
use crate::Method;

/// What a description has for a wanted operation.
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// The operation. Where only `GET` is described, `HEAD` is too.
    Operation(&'a DescribedPath, &'a DescribedOperation),
    /// The path, with other methods than the wanted one.
    OtherMethods(&'a DescribedPath, Vec<Method>),
    /// The path, whose operations stand in another file.
    Elsewhere(&'a DescribedPath),
    /// Nothing.
    Nothing,
}

/// An operation as its user writes it, ready to look for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The path below each distinct base, and alone.
    paths: Vec<Vec<String>>,
    /// Words of its name.
    words: Vec<String>,
}

impl Wanted {
    /// An operation with a path whose parameters stand in braces.
    ///
    /// `bases` are paths of the base URLs that it may be below. `name` is words with hyphens between
    /// them; they tell variants of one URL apart.
    pub fn new<'a>(path: &str, bases: impl IntoIterator<Item = &'a str>, name: &str) -> Self {
        let own = segments(path);
        let mut paths: Vec<Vec<String>> = Vec::new();
        for base in bases.into_iter().filter_map(base).chain([String::new()]) {
            let mut path = segments(&base);
            path.extend(own.iter().cloned());
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        let words = name.split('-').filter(|word| word.len() > 2);
        Self {
            paths,
            words: words.map(str::to_owned).collect(),
        }
    }
}

/// The paths of a description, ready to search.
pub struct Locator<'a> {
    paths: Vec<Candidate<'a>>,
}

struct Candidate<'a> {
    path: &'a DescribedPath,
    /// Every way to write the whole path; `true` where the server's path takes part.
    full: Vec<(bool, Vec<String>)>,
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

impl<'a> Locator<'a> {
    /// Prepares the paths of a description.
    pub fn new(description: &'a Description) -> Self {
        let paths = description.paths.iter().map(|path| {
            let bases = if path.bases.is_empty() {
                &description.bases
            } else {
                &path.bases
            };
            let bases = bases.iter().map(String::as_str).chain([""]);
            let full = bases.flat_map(|base| {
                path.forms.iter().map(move |form| {
                    let mut full = segments(base);
                    full.extend(form.iter().cloned());
                    (!base.is_empty(), full)
                })
            });
            Candidate {
                path,
                full: full.collect(),
            }
        });
        Self {
            paths: paths.collect(),
        }
    }

    /// What the description has for an operation and one of its methods.
    ///
    /// The wanted path starts at its user's base URL, the description's at its server's. Both
    /// whole paths are compared first, then the paths alone, then their ends. Among variants of one
    /// URL the one whose name resembles the wanted one's wins.
    pub fn locate(&self, wanted: &Wanted, method: Method) -> Found<'a> {
        let agreeing: Vec<_> = self
            .paths
            .iter()
            .filter_map(|candidate| Some((agreement(&wanted.paths, candidate)?, candidate.path)))
            .collect();
        let mut best: Option<((Agreement, usize), Found<'a>)> = None;
        for (agreement, path) in &agreeing {
            let Some(found) = method_of(path, method) else {
                continue;
            };
            let rank = (*agreement, resemblance(&wanted.words, path, found));
            if best.as_ref().is_none_or(|(best, _)| rank > *best) {
                best = Some((rank, Found::Operation(path, found)));
            }
        }
        if let Some((_, found)) = best {
            return found;
        }
        let Some(nearest) = agreeing.iter().map(|(agreement, _)| *agreement).max() else {
            return Found::Nothing;
        };
        let nearest: Vec<_> = agreeing
            .iter()
            .filter(|(agreement, _)| *agreement == nearest)
            .map(|(_, path)| *path)
            .collect();
        if let Some(path) = nearest.iter().find(|path| path.elsewhere.is_some()) {
            return Found::Elsewhere(path);
        }
        let Some(first) = nearest.first() else {
            return Found::Nothing;
        };
        let mut methods = Vec::new();
        for operation in nearest.iter().flat_map(|path| &path.operations) {
            if !methods.contains(&operation.method) {
                methods.push(operation.method);
            }
        }
        Found::OtherMethods(first, methods)
    }

    /// The path that may have been meant: one segment is written differently, or one is missing
    /// or too many. Paths that have the wanted method come first.
    pub fn nearest(&self, wanted: &Wanted, method: Method) -> Option<&'a DescribedPath> {
        let candidates = self.paths.iter().filter_map(|candidate| {
            let distances = candidate.full.iter().flat_map(|(_, full)| {
                wanted
                    .paths
                    .iter()
                    .filter_map(move |wanted| distance(wanted, full))
            });
            let has_method = method_of(candidate.path, method).is_some();
            Some(((!has_method, distances.min()?), candidate.path))
        });
        candidates
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, path)| path)
    }
}

/// Descriptions seldom list HEAD where they have GET.
fn method_of(path: &DescribedPath, method: Method) -> Option<&DescribedOperation> {
    let find = |wanted| {
        let mut operations = path.operations.iter();
        operations.find(|operation| operation.method == wanted)
    };
    find(method).or_else(|| {
        (method == Method::Head)
            .then(|| find(Method::Get))
            .flatten()
    })
}

fn agreement(wanted: &[Vec<String>], candidate: &Candidate<'_>) -> Option<Agreement> {
    let mut best = None;
    for (with_base, described) in &candidate.full {
        for full in wanted {
            let found = if full.len() == described.len() {
                agree(full, described).map(|literals| (true, literals))
            } else {
                agree_at_end(full, described).map(|literals| (false, literals))
            };
            if let Some((whole, literals)) = found {
                best = best.max(Some(Agreement {
                    whole,
                    with_base: *with_base,
                    literals,
                }));
            }
        }
    }
    best
}

/// The number of equal literals, when every segment agrees.
///
/// A wanted literal may stand where the description has a parameter: it may be about one fixed
/// resource.
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
    let (wanted_front, wanted) = wanted.split_at_checked(wanted.len() - length)?;
    let (described_front, described) = described.split_at_checked(described.len() - length)?;
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

/// How many words of the wanted name the operation's names share.
fn resemblance(words: &[String], path: &DescribedPath, operation: &DescribedOperation) -> usize {
    let names = [
        path.template.as_str(),
        operation.id.as_deref().unwrap_or_default(),
        operation.summary.as_deref().unwrap_or_default(),
    ];
    let names = names.join(" ").to_ascii_lowercase();
    words
        .iter()
        .filter(|word| names.contains(word.as_str()))
        .count()
}

/// How far two paths are from each other; `None` for paths that have little in common.
fn distance(wanted: &[String], described: &[String]) -> Option<usize> {
    // A segment too many or too few weighs more than any misspelt one that is near enough.
    const ONE_SEGMENT: usize = 100;
    let same_start = wanted
        .iter()
        .zip(described)
        .take_while(|(left, right)| left == right)
        .count();
    let wanted = wanted.get(same_start..)?;
    let described = described.get(same_start..)?;
    match (wanted, described) {
        ([left, left_rest @ ..], [right, right_rest @ ..]) if left_rest == right_rest => {
            let is_text = left != PARAMETER && right != PARAMETER;
            let letters = left.chars().count().max(right.chars().count());
            let found = strsim::damerau_levenshtein(left, right);
            let is_near = found <= (letters / 3).max(1) && found < letters;
            let has_more = same_start > 0 || !left_rest.is_empty() || letters > 3;
            (is_text && is_near && has_more).then_some(found)
        }
        ([_, rest @ ..], shorter) if rest == shorter && !rest.is_empty() => Some(ONE_SEGMENT),
        (shorter, [_, rest @ ..]) if rest == shorter && !rest.is_empty() => Some(ONE_SEGMENT),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
