//! WH642: two places name different versions of the API.

use std::cell::LazyCell;

use wharf_diag::{Code, Page, Span, Spanned};

use super::{disagree, named};
use crate::findings::Findings;
use crate::model::{Integration, PathSegment, Placement, TemplatePart};
use crate::parse::version::{Version, find, of_segment};
use crate::prose::{Prose, Sentence, plain};

pub(crate) const CODE: Code = Code {
    id: "WH642",
    slug: "versions-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("versions_disagree.md"),
};

/// Compares `api_version`, `Current`, `Next` and the versions in paths.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let roadmap = &integration.roadmap;
    let current = roadmap.current.as_ref().map(|current| &current.name);
    let used = integration.configuration.settings.api_version.as_ref();
    if let (Some(used), Some(current)) = (used, current) {
        settings(findings, used, current);
    }
    if let (Some(current), Some(next)) = (current, roadmap.next.as_ref().map(|next| &next.name)) {
        order(findings, current, next);
    }
    let header = integration.authentication.as_ref();
    let has_header = header.is_some_and(|a| a.version_header.is_some());
    if let Some(named) = used.or(current) {
        headers(findings, integration, named);
        if !has_header {
            paths(findings, integration, prose, named, used.is_some());
        }
    }
}

fn settings(findings: &mut Findings<'_>, used: &Spanned<String>, current: &Spanned<String>) {
    let (ours, theirs) = (find(&used.value), find(&current.value));
    let comparable = |ours: &Version| theirs.iter().any(|theirs| ours.is_comparable(theirs));
    let ours: Vec<_> = ours.into_iter().filter(comparable).collect();
    let is_one = ours
        .iter()
        .any(|ours| theirs.iter().any(|t| ours.is_one(t)));
    if ours.is_empty() || is_one {
        return;
    }
    let (used_name, current_name) = (&used.value, &current.value);
    disagree(
        findings,
        CODE,
        format!("`api_version` is {used_name}, and the current version is {current_name}"),
        (used.span, "what calls are sent for"),
        (current.span, "what the roadmap calls current"),
        &format!(
            "{used_name} ≠ {current_name}; the smallest change: write one of them in both places"
        ),
    );
}

fn order(findings: &mut Findings<'_>, current: &Spanned<String>, next: &Spanned<String>) {
    let (now, then) = (find(&current.value), find(&next.value));
    let ([now], [then]) = (now.as_slice(), then.as_slice()) else {
        return;
    };
    if !now.is_comparable(then) || now.may_precede(then) {
        return;
    }
    let (current_name, next_name) = (&current.value, &next.value);
    disagree(
        findings,
        CODE,
        format!("the next version, {next_name}, does not come behind the current one"),
        (next.span, "what comes next"),
        (current.span, "what is current"),
        &format!(
            "{next_name} ≤ {current_name}; the smallest change: write the version that follows"
        ),
    );
}

/// A header that is sent with a version of its own: `Header: X-Version: v3`.
fn headers(findings: &mut Findings<'_>, integration: &Integration, version: &Spanned<String>) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let versions = find(&version.value);
    for placement in &authentication.placements {
        let Placement::Header { name, value } = &placement.value else {
            continue;
        };
        let [TemplatePart::Literal(text)] = value.parts.as_slice() else {
            continue;
        };
        let sent = sent_version(name, text);
        let comparable = |sent: &Version| versions.iter().any(|known| known.is_comparable(sent));
        let is_one = |sent: &Version| versions.iter().any(|known| known.is_one(sent));
        if !sent.iter().any(comparable) || sent.iter().any(is_one) {
            continue;
        }
        let (named, sent) = (&version.value, text.trim());
        disagree(
            findings,
            CODE,
            format!("the version is {named}, and the header `{name}` says {sent}"),
            (placement.span, "sent with every call"),
            (version.span, "the version that is used"),
            &format!("{sent} ≠ {named}; the smallest change: write one of them in both places"),
        );
    }
}

/// The versions that a header sends: in one whose name says so, or in a media type,
/// `application/vnd.example+json;version=2` or `application/vnd.example.v2+json`.
fn sent_version(name: &str, value: &str) -> Vec<Version> {
    if name.contains("version") {
        return find(value);
    }
    if !matches!(name, "accept" | "content-type") {
        return Vec::new();
    }
    let parameters = value
        .split([';', ','])
        .filter_map(|part| part.trim().split_once('='));
    let mut sent: Vec<_> = parameters
        .filter(|(key, _)| matches!(key.trim(), "version" | "v" | "api-version"))
        .flat_map(|(_, version)| find(version.trim_matches('"')))
        .collect();
    let words = value.split(|c: char| !c.is_alphanumeric());
    sent.extend(words.filter_map(of_segment));
    sent
}

/// What a version stands in the path of.
struct Place<'a> {
    segments: Vec<&'a str>,
    span: Span,
    /// The section whose table holds the path.
    section: &'static str,
    /// Words that a remark may call it by.
    names: Vec<String>,
}

/// The versions in base URLs and paths. Beside `api_version` each of them has to be that one;
/// beside `Current` one of them. A path whose other version the document tells of is left out.
fn paths(
    findings: &mut Findings<'_>,
    integration: &Integration,
    prose: &Prose<'_>,
    version: &Spanned<String>,
    is_exact: bool,
) {
    let versions = find(&version.value);
    let (mut first, mut has_same): (Option<(Version, Span)>, bool) = (None, false);
    let remarks = LazyCell::new(|| remarks(prose));
    for place in places(integration) {
        for found in place.segments.iter().copied().filter_map(of_segment) {
            if versions.iter().any(|known| !known.is_comparable(&found)) {
                return;
            }
            if versions.iter().any(|known| known.is_one(&found)) {
                has_same = true;
            } else if first.is_none() && !is_told(prose, &remarks, &place, &found) {
                first = Some((found, place.span));
            }
        }
    }
    let Some((found, span)) = first.filter(|_| !versions.is_empty() && (is_exact || !has_same))
    else {
        return;
    };
    let name = &version.value;
    disagree(
        findings,
        CODE,
        format!("the version is {name}, and a path has {found}"),
        (span, &format!("has {found}")),
        (version.span, "the version that is used"),
        &format!("{name} ≠ {found}; the smallest change: write one of them in both places"),
    );
}

fn places(integration: &Integration) -> impl Iterator<Item = Place<'_>> {
    let endpoints = integration.environments.iter().filter_map(|environment| {
        let endpoint = environment.endpoint.as_ref()?;
        Some(Place {
            segments: endpoint.value.path.split('/').collect(),
            span: endpoint.span,
            section: "Service Details",
            names: vec![plain(&environment.name.value)],
        })
    });
    let operations = integration.operations.iter().map(|operation| {
        let path = &operation.path.value;
        let literals = path.segments.iter().filter_map(|segment| match segment {
            PathSegment::Literal(text) => Some(text.as_str()),
            _ => None,
        });
        let names = named::parts(path).chain([operation.name.value.as_str()]);
        Place {
            segments: literals.collect(),
            span: operation.path.span,
            section: "API Endpoints",
            names: names.map(plain).collect(),
        }
    });
    endpoints.chain(operations)
}

/// Sentences that name a version.
fn remarks<'a>(prose: &'a Prose<'_>) -> Vec<&'a Sentence<'a>> {
    let told = prose.told();
    told.filter(|said| !named_versions(said.text.as_str()).is_empty())
        .collect()
}

/// Versions with a `v`, also at the end of a sentence or in a path.
fn named_versions(text: &str) -> Vec<Version> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || "-.".contains(c)));
    let words = words.map(|word| word.trim_end_matches(['.', '-']));
    words.filter_map(of_segment).collect()
}

/// Whether the document says of a path, in its row or in prose, that it has another version.
fn is_told(prose: &Prose<'_>, remarks: &[&Sentence], place: &Place<'_>, version: &Version) -> bool {
    let names_version = |text: &str| named_versions(text).iter().any(|v| v.is_one(version));
    let mut row = prose.row_at(place.section, place.span).into_iter();
    let in_row = row.any(|row| {
        let mut cells = row.cells.iter();
        cells.any(|cell| cell.span() != place.span && names_version(cell.as_str()))
    });
    let in_prose = |sentence: &&Sentence| {
        let words: Vec<_> = sentence.plain().split_whitespace().collect();
        let is_named = place.names.iter().any(|name| named::holds(&words, name));
        (is_named || sentence.has(&["some", "others", "the rest", "a few", "parts"]))
            && names_version(sentence.text.as_str())
    };
    in_row || remarks.iter().any(in_prose)
}
