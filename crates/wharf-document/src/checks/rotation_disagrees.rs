//! WH643: `Rotation` and the `rotation` of a credential are not the same time.

use std::time::Duration;

use wharf_diag::{Code, Page};

use super::disagree;
use crate::lower::Context;
use crate::model::Integration;
use crate::parse::duration::shown;
use crate::parse::words;

pub(crate) const CODE: Code = Code {
    id: "WH643",
    slug: "rotation-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("rotation_disagrees.md"),
};

/// Months, quarters and years have no exact length: a quarter is 90 to 92 days.
const TOLERANCE: u32 = 25;

/// Compares the time of every credential with those that `Rotation` names.
pub(super) fn check(context: &mut Context<'_>, integration: &Integration) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let (Some(written), Some(general)) = (&authentication.rotation, authentication.rotation_period)
    else {
        return;
    };
    let mut named = words::durations(&written.value);
    named.push(general.value);
    for credential in &integration.credentials {
        let Some(own) = credential.rotation else {
            continue;
        };
        if named.iter().any(|time| is_near(*time, own.value)) {
            continue;
        }
        let environment = &credential.environment.value;
        let (all, one) = (shown(general.value), shown(own.value));
        disagree(
            context,
            CODE,
            format!(
                "the credential for `{environment}` is rotated every {one}, and `Rotation` says {all}"
            ),
            (own.span, &format!("{one} for `{environment}`")),
            (general.span, &format!("{all} for all")),
            &format!("{one} ≠ {all}; the smallest change: write one time in both places"),
        );
    }
}

fn is_near(left: Duration, right: Duration) -> bool {
    left.abs_diff(right) <= left.max(right) / TOLERANCE
}
