//! WH642: two places name different versions of the API.

use wharf_diag::{Code, Page, Span, Spanned};

use super::disagree;
use crate::lower::Context;
use crate::model::{Integration, PathSegment};
use crate::parse::version::{self, Version};

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
    let used = integration.configuration.api_version.as_ref();
    if let (Some(used), Some(current)) = (used, current) {
        settings(context, used, current);
    }
    if let (Some(current), Some(next)) = (current, roadmap.next.as_ref().map(|next| &next.name)) {
        order(context, current, next);
    }
    let header = integration.authentication.as_ref();
    let has_header = header.is_some_and(|a| a.version_header.is_some());
    if !has_header && let Some(named) = used.or(current) {
        paths(context, integration, named);
    }
}

fn settings(context: &mut Context<'_>, used: &Spanned<String>, current: &Spanned<String>) {
    let (ours, theirs) = (version::find(&used.value), version::find(&current.value));
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
    let (now, then) = (version::find(&current.value), version::find(&next.value));
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

/// The versions in base URLs and paths; one of them has to be the one that is named.
fn paths(context: &mut Context<'_>, integration: &Integration, named: &Spanned<String>) {
    let names = version::find(&named.value);
    let mut first: Option<(Version, Span)> = None;
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
        for found in segments.into_iter().filter_map(version::of_segment) {
            if names
                .iter()
                .any(|name| !name.is_comparable(&found) || name.is_one(&found))
            {
                return;
            }
            first.get_or_insert((found, span));
        }
    }
    if let (Some((found, span)), false) = (first, names.is_empty()) {
        let name = &named.value;
        disagree(
            context,
            CODE,
            format!("the version is {name}, and every path that names one has {found}"),
            (named.span, "the version that is used"),
            (span, &format!("has {found}")),
            &format!("{name} ≠ {found}; the smallest change: write one of them in both places"),
        );
    }
}
