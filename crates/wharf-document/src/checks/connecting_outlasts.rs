//! WH649: connecting may last longer than the whole attempt.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;
use crate::parse::duration::shown;

pub(crate) const CODE: Code = Code {
    id: "WH649",
    slug: "connecting-outlasts",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("connecting_outlasts.md"),
};

/// Compares both bounds.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let configuration = &integration.configuration;
    let (Some(connect), Some(timeout)) = (
        configuration.settings.connect_timeout,
        configuration.settings.timeout,
    ) else {
        return;
    };
    if connect.value <= timeout.value {
        return;
    }
    let (part, whole) = (shown(connect.value), shown(timeout.value));
    disagree(
        findings,
        CODE,
        format!("connecting may last {part}, and the whole attempt {whole}"),
        (connect.span, "bounds connecting"),
        (timeout.span, "bounds the attempt"),
        &format!("{part} > {whole}; the smallest change: a `connect_timeout` of {whole}"),
    );
}
