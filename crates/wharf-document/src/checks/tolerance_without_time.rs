//! WH651: an age is bounded that no signature tells.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::lower::Context;
use crate::model::{Integration, SignatureScheme};
use crate::parse::duration::shown;

pub(crate) const CODE: Code = Code {
    id: "WH651",
    slug: "tolerance-without-time",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("tolerance_without_time.md"),
};

/// Looks for the time that the tolerance bounds.
pub(super) fn check(context: &mut Context<'_>, integration: &Integration) {
    let Some(verification) = &integration.webhooks.verification else {
        return;
    };
    let (Some(tolerance), Some(scheme)) = (verification.tolerance, &verification.scheme) else {
        return;
    };
    let (place, label) = match (&scheme.value, &verification.signed_content) {
        (SignatureScheme::Unsigned(_), _) => (scheme.span, "nothing is signed"),
        (SignatureScheme::Generic, Some(signed)) if !signed.value.contains("{timestamp}") => {
            (signed.span, "holds no `{timestamp}`")
        }
        _ => return,
    };
    let age = shown(tolerance.value);
    disagree(
        context,
        CODE,
        format!("signatures are good for {age}, and none tells its age"),
        (tolerance.span, "largest age of a signature"),
        (place, label),
        "the smallest change: sign `{timestamp}.{body}` where the vendor does, or take `Tolerance` out",
    );
}
