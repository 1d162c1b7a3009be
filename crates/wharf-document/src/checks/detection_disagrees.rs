//! WH658: the procedure detects an outage in another way than the health check.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Integration, Step};
use crate::parse::duration::shown;
use crate::parse::words;

pub(crate) const CODE: Code = Code {
    id: "WH658",
    slug: "detection-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("detection_disagrees.md"),
};

/// Compares the numbers of the step with those of the health check.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let health = &integration.monitoring.health;
    let steps = integration.recovery.procedure.iter();
    for (step, _) in steps.filter(|(_, step)| *step == Step::Detect) {
        let text = &step.value;
        let is_count = ["fail", "probe", "check", "error"]
            .iter()
            .any(|word| text.contains(word));
        if let (Some(threshold), Some(count)) = (
            health.threshold,
            ordinal(text)
                .or_else(|| {
                    let (count, _) = words::find_count(text)?;
                    Some(count)
                })
                .filter(|_| is_count),
        ) && count != u64::from(threshold.value)
        {
            disagree(
                findings,
                CODE,
                format!(
                    "the procedure waits for {count} failures, and the health check for {}",
                    threshold.value
                ),
                (step.span, &format!("{count} failures")),
                (threshold.span, "failures until it counts"),
                &format!(
                    "{count} ≠ {}; the smallest change: write one of them in both places",
                    threshold.value
                ),
            );
            continue;
        }
        let (Some(interval), Some(needed)) = (health.interval, health.detection()) else {
            continue;
        };
        let found = words::find_duration(text).map(|(time, _)| time);
        let Some(time) = found.filter(|time| *time < needed && *time != interval.value) else {
            continue;
        };
        let (time, needed) = (shown(time), shown(needed));
        disagree(
            findings,
            CODE,
            format!(
                "the procedure detects an outage within {time}, and the health check within {needed}"
            ),
            (step.span, &time),
            (interval.span, "time between two probes"),
            &format!("{time} < {needed}; the smallest change: write {needed} into the procedure"),
        );
    }
}

/// `at the second failed probe`
fn ordinal(text: &str) -> Option<u64> {
    const ORDINALS: [&str; 9] = [
        "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    ];
    const COUNTED: [&str; 6] = ["failed", "failing", "failure", "missed", "error", "bad"];
    const LEADS: [&str; 4] = ["at", "on", "after", "with"];
    let lower = words::lowered(text);
    let words: Vec<_> = lower.split(|sign: char| !sign.is_alphanumeric()).collect();
    words.windows(4).find_map(|near| {
        let [lead, the, ordinal, counted] = near else {
            return None;
        };
        let place = ORDINALS.iter().zip(2..).find(|(name, _)| ordinal == *name);
        let is_said = LEADS.contains(lead) && *the == "the" && COUNTED.contains(counted);
        place.filter(|_| is_said).map(|(_, count)| count)
    })
}
