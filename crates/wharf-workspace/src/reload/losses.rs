//! What a change takes away that looks as if its file were not whole.

use std::collections::BTreeMap;

use wharf_plan::{Risk, what_it_changes};

use super::documents::is_change;
use super::{Running, Version};

/// All that a change takes away, where it has risks and its text lost a section or its last
/// newline. Otherwise empty.
pub(super) fn losses(risks: &[Risk], text: &str) -> Vec<String> {
    let is_cut = !text.ends_with('\n');
    let mut short = risks.iter();
    let is_short = short.any(|risk| matches!(risk, Risk::SectionLost(_)));
    if risks.is_empty() || !(is_cut || is_short) {
        return Vec::new();
    }
    let cut = is_cut.then(|| "the file does not end in a newline".to_owned());
    risks.iter().map(Risk::to_string).chain(cut).collect()
}

/// What a start has taken that a reload would hold, as files and what each lost: a machine's
/// restart comes unasked, and is nobody's consent.
pub fn taken_although_lossy(
    running: &Running,
    kept: &BTreeMap<String, Version>,
) -> Vec<(String, Vec<String>)> {
    let mut taken = Vec::new();
    for (id, version) in kept {
        let old = &version.integration;
        let Some(new) = running.get(id).filter(|new| is_change(old, new)) else {
            continue;
        };
        let lost = losses(&what_it_changes(old, new), new.source.text());
        if !lost.is_empty() {
            taken.push((new.source.name().to_owned(), lost));
        }
    }
    taken
}
