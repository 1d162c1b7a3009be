//! WH643: `Rotation` and the `rotation` of a credential are not the same time.

use std::time::Duration;

use wharf_diag::{Code, Page, Spanned};

use super::disagree;
use crate::findings::Findings;
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
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let Some(written) = &authentication.rotation else {
        return;
    };
    let Some(general) = authentication.rotation_period else {
        never(findings, integration, written);
        return;
    };
    let mut named = words::durations(&written.value);
    named.push(general.value);
    for credential in &integration.credentials {
        let Some(own) = credential.rotation else {
            continue;
        };
        let environment = &credential.environment.value;
        // `Every 90 days, sandbox once a year`: what is told of one environment is for that one.
        let is_told = words::says(&written.value, &[&words::lowered(environment)]);
        if is_told || named.iter().any(|time| is_near(*time, own.value)) {
            continue;
        }
        let (all, one) = (shown(general.value), shown(own.value));
        disagree(
            findings,
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

/// `Rotation: never` beside an entry that has a time.
fn never(findings: &mut Findings<'_>, integration: &Integration, written: &Spanned<String>) {
    let mut words = written.value.split(|c: char| !c.is_alphanumeric());
    let says_never = words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("never"));
    let own = integration
        .credentials
        .iter()
        .find_map(|credential| credential.rotation);
    let Some(own) = own.filter(|_| says_never) else {
        return;
    };
    let one = shown(own.value);
    disagree(
        findings,
        CODE,
        format!("a credential is rotated every {one}, and `Rotation` says never"),
        (own.span, &format!("every {one}")),
        (written.span, "never"),
        &format!("{one} ≠ never; the smallest change: write one of them in both places"),
    );
}

fn is_near(left: Duration, right: Duration) -> bool {
    left.abs_diff(right) <= left.max(right) / TOLERANCE
}
