//! WH642: two places name different versions of the API.

use wharf_diag::{Code, Page, Span, Spanned};

use super::disagree;
use crate::lower::Context;
use crate::model::{Integration, PathSegment, Placement, TemplatePart};
use crate::parse::version::{Version, find, of_segment};

pub(crate) const CODE: Code = Code {
    id: "WH642",
    slug: "versions-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("versions_disagree.md"),
};

/// Compares `api_version`, `Current`, `Next` and the versions in paths.
pub(super) fn check(context: &mut Context<'_>, integration: &Integration) {
    let roadmap = &integration.roadmap;
    let current = roadmap.current.as_ref().map(|current| &current.name);
    let used = integration.configuration.settings.api_version.as_ref();
    if let (Some(used), Some(current)) = (used, current) {
        settings(context, used, current);
    }
    if let (Some(current), Some(next)) = (current, roadmap.next.as_ref().map(|next| &next.name)) {
        order(context, current, next);
    }
    let header = integration.authentication.as_ref();
    let has_header = header.is_some_and(|a| a.version_header.is_some());
    if let Some(named) = used.or(current) {
        headers(context, integration, named);
        if !has_header {
            paths(context, integration, named, used.is_some());
        }
    }
}

fn settings(context: &mut Context<'_>, used: &Spanned<String>, current: &Spanned<String>) {
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
        context,
        CODE,
        format!("`api_version` is {used_name}, and the current version is {current_name}"),
        (used.span, "what calls are sent for"),
        (current.span, "what the roadmap calls current"),
        &format!(
            "{used_name} ≠ {current_name}; the smallest change: write one of them in both places"
        ),
    );
}

fn order(context: &mut Context<'_>, current: &Spanned<String>, next: &Spanned<String>) {
    let (now, then) = (find(&current.value), find(&next.value));
    let ([now], [then]) = (now.as_slice(), then.as_slice()) else {
        return;
    };
    if !now.is_comparable(then) || now.may_precede(then) {
        return;
    }
    let (current_name, next_name) = (&current.value, &next.value);
    disagree(
        context,
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
fn headers(context: &mut Context<'_>, integration: &Integration, version: &Spanned<String>) {
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
        let sent = find(text);
        let comparable = |sent: &Version| versions.iter().any(|known| known.is_comparable(sent));
        let is_one = |sent: &Version| versions.iter().any(|known| known.is_one(sent));
        if !name.contains("version") || !sent.iter().any(comparable) || sent.iter().any(is_one) {
            continue;
        }
        let (named, sent) = (&version.value, text.trim());
        disagree(
            context,
            CODE,
            format!("the version is {named}, and the header `{name}` says {sent}"),
            (placement.span, "sent with every call"),
            (version.span, "the version that is used"),
            &format!("{sent} ≠ {named}; the smallest change: write one of them in both places"),
        );
    }
}

/// The versions in base URLs and paths. Beside `api_version` each of them has to be that one;
/// beside `Current` one of them.
fn paths(
    context: &mut Context<'_>,
    integration: &Integration,
    version: &Spanned<String>,
    is_exact: bool,
) {
    let versions = find(&version.value);
    let (mut first, mut has_same): (Option<(Version, Span)>, bool) = (None, false);
    let endpoints = integration.environments.iter().filter_map(|environment| {
        let endpoint = environment.endpoint.as_ref()?;
        Some((endpoint.value.path.split('/').collect(), endpoint.span))
    });
    let operations = integration.operations.iter().map(|operation| {
        let segments = operation.path.value.segments.iter();
        let literals = segments.filter_map(|segment| match segment {
            PathSegment::Literal(text) => Some(text.as_str()),
            _ => None,
        });
        (literals.collect::<Vec<_>>(), operation.path.span)
    });
    for (segments, span) in endpoints.chain(operations) {
        for found in segments.into_iter().filter_map(of_segment) {
            if versions.iter().any(|known| !known.is_comparable(&found)) {
                return;
            }
            if versions.iter().any(|known| known.is_one(&found)) {
                has_same = true;
            } else {
                first.get_or_insert((found, span));
            }
        }
    }
    let Some((found, span)) = first.filter(|_| !versions.is_empty() && (is_exact || !has_same))
    else {
        return;
    };
    let name = &version.value;
    disagree(
        context,
        CODE,
        format!("the version is {name}, and a path has {found}"),
        (span, &format!("has {found}")),
        (version.span, "the version that is used"),
        &format!("{name} ≠ {found}; the smallest change: write one of them in both places"),
    );
}
