//! WH602: the limits of the operations add up to more than the global limit.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Spanned};

use crate::model::Rate;

pub(crate) const CODE: Code = Code {
    id: "WH602",
    slug: "limits-over-global",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("limits_over_global.md"),
};

/// Limits that are written out and underlined.
const MOST_TERMS: usize = 12;

/// `operations` are the limits with the period of the global one.
///
/// `None` while their sum stays within it.
pub(crate) fn new(
    source: &Arc<SourceText>,
    global: Spanned<Rate>,
    operations: &[Spanned<Rate>],
) -> Option<Diagnostic> {
    let sum = operations
        .iter()
        .fold(0_u64, |sum, rate| sum.saturating_add(rate.value.count));
    if sum <= global.value.count {
        return None;
    }
    let terms: Vec<_> = operations
        .iter()
        .take(MOST_TERMS)
        .map(|rate| rate.value.count.to_string())
        .collect();
    let more = if operations.len() > MOST_TERMS {
        " + …"
    } else {
        ""
    };
    let needed = Rate {
        count: sum,
        period: global.value.period,
    };
    let message = format!(
        "the operations' limits add up to more than the global limit of {}",
        global.value
    );
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, source, global.span)
        .with_label("holds for all operations together")
        .with_help(format!(
            "{}{more} = {needed} > {}; every limit holds, so the operations cannot all run at theirs: \
             raise the global limit to {needed}, or lower theirs",
            terms.join(" + "),
            global.value
        ));
    let shown = operations.iter().take(MOST_TERMS);
    Some(shown.fold(diagnostic, |diagnostic, rate| {
        diagnostic.with_secondary(source, rate.span, "")
    }))
}
