//! What it costs, what is planned, whom to ask and where to read on.

use wharf_document::Integration;
use wharf_document::model::{Contact, Link, Note, Version};

use super::page::{NOTHING, Pairs, pair, text};

pub(super) fn costs(integration: &Integration) -> Pairs {
    let costs = &integration.costs;
    let overage = costs
        .overage
        .iter()
        .filter_map(|price| pair("overage", Some(&price.value)));
    let projected = costs.projected_monthly.as_ref().map(|sum| &sum.value);
    let rest = [
        pair("overage", text(costs.overage_words.as_ref())),
        pair("current usage", text(costs.current_usage.as_ref())),
        pair("projected monthly", projected),
        pair("budget", costs.budget.as_ref().map(|budget| &budget.value)),
    ];
    pair("base", costs.base.as_ref().map(|price| &price.value))
        .into_iter()
        .chain(overage)
        .chain(rest.into_iter().flatten())
        .collect()
}

pub(super) fn roadmap(integration: &Integration) -> Pairs {
    let roadmap = &integration.roadmap;
    let version = |version: &Version, word: &str| match version.date {
        Some(day) => format!("{} ({word} {})", version.name.value, day.value),
        None => version.name.value.clone(),
    };
    let pairs = [
        pair(
            "current",
            roadmap
                .current
                .as_ref()
                .map(|found| version(found, "until")),
        ),
        pair(
            "next",
            roadmap.next.as_ref().map(|found| version(found, "from")),
        ),
        pair("migration deadline", roadmap.deadline.map(|day| day.value)),
    ];
    pairs.into_iter().flatten().collect()
}

pub(super) fn contacts(contacts: &[Contact]) -> Pairs {
    let contacts = contacts.iter();
    let pairs =
        contacts.filter_map(|contact| pair(&contact.role.value, text(contact.value.as_ref())));
    pairs.collect()
}

pub(super) fn links(links: &[Link]) -> Pairs {
    let links = links.iter();
    let pairs = links.filter_map(|link| pair(&link.text.value, text(link.target.as_ref())));
    pairs.collect()
}

pub(super) fn notes(notes: &[Note]) -> Pairs {
    let notes = notes.iter();
    let pairs = notes.filter_map(|note| {
        let topic = text(note.topic.as_ref()).unwrap_or(NOTHING);
        pair(topic, text(note.text.as_ref()))
    });
    pairs.collect()
}
