//! WH664: networks have another number of addresses than is said.

use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::said::Said;
use crate::findings::Findings;
use crate::parse::network::{self, Network};
use crate::parse::words;

pub(crate) const CODE: Code = Code {
    id: "WH664",
    slug: "addresses-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("addresses_disagree.md"),
};

/// Words that make the number another one than that of all addresses.
const OTHER_COUNTS: [&str; 31] = [
    "of which",
    "except",
    "without",
    "minus",
    "plus",
    "at most",
    "up to",
    "of the",
    "reserved",
    "usable",
    "used",
    "in use",
    "more",
    "other",
    "others",
    "about",
    "roughly",
    "some",
    "first",
    "last",
    "hosts",
    "least",
    "not",
    "free",
    "ours",
    "only",
    "we",
    "us",
    "allocated",
    "assigned",
    "taken",
];

/// Words for all networks before a number: `these 32 addresses`.
const BACK: [&str; 3] = ["these", "those", "diese"];

/// Addresses of a network that many leave out: its own, the one for all, and those of the cloud.
const LEFT_OUT: [u64; 4] = [1, 2, 3, 5];

/// Compares numbers that stand beside networks with the lengths of their prefixes.
pub(super) fn check(findings: &mut Findings<'_>, said: &Said<'_>) {
    for passage in &said.passages {
        if !passage.text.contains('/') {
            continue;
        }
        let networks = network::find(passage.text);
        if networks.is_empty() || words::says(passage.text, &OTHER_COUNTS) {
            continue;
        }
        let mut beyond = 0;
        for (count, place) in network::counts(passage.text) {
            let before = &passage.text[..place.start];
            // `our 16 addresses` are some of them.
            if ends_with(before, &["our"]) {
                continue;
            }
            let behind: Vec<_> = networks
                .iter()
                .filter(|network| network.range.end <= place.start && network.range.start >= beyond)
                .collect();
            let ahead: Vec<_> = networks
                .iter()
                .filter(|network| network.range.start >= place.end)
                .collect();
            beyond = place.end;
            let joined = |from: usize, to: usize| is_joint(&passage.text[from..to]);
            let told = match (behind.last(), ahead.first()) {
                (Some(last), _) if joined(last.range.end, place.start) => &behind,
                (Some(_), _) if ends_with(before, &BACK) && is_beyond(count, &behind) => &behind,
                (_, Some(first)) if joined(place.end, first.range.start) => &ahead,
                _ => continue,
            };
            if told.iter().all(|network| network.addresses == 1) || fits(count, &networks) {
                continue;
            }
            let all = told.iter().map(|network| network.range.clone());
            let span = all.map(|range| passage.span_of(&range)).reduce(Span::to);
            report(findings, (count, passage.span_of(&place)), told, span);
        }
    }
    for table in &said.tables {
        in_table(findings, table);
    }
}

/// A column of numbers of addresses, beside one of networks.
fn in_table(findings: &mut Findings<'_>, table: &crate::raw::Table) {
    let heads = [
        "addresses",
        "ip addresses",
        "number of addresses",
        "ips",
        "addresses (ipv4)",
    ];
    let is_count = |head: &crate::raw::Text| {
        heads
            .iter()
            .any(|name| crate::raw::same_name(head.as_str(), name))
    };
    let Some(column) = table.header.iter().position(is_count) else {
        return;
    };
    for row in &table.rows {
        let Some(cell) = row.cells.get(column) else {
            continue;
        };
        let Some(count) = cell.as_str().trim().replace(',', "").parse::<u64>().ok() else {
            continue;
        };
        let others = row.cells.iter().enumerate().filter(|(at, _)| *at != column);
        for (_, other) in others {
            let networks = network::find(other.as_str());
            if networks.iter().any(|network| network.addresses > 1) && !fits(count, &networks) {
                let told: Vec<_> = networks.iter().collect();
                report(findings, (count, cell.span()), &told, Some(other.span()));
            }
        }
    }
}

/// Whether a gap joins a network and a number: signs, and words that say that one is the other.
fn is_joint(gap: &str) -> bool {
    const WORDS: [&str; 24] = [
        "has", "have", "holds", "hold", "contains", "contain", "is", "are", "makes", "make",
        "gives", "give", "covers", "i", "e", "which", "that", "the", "together", "in", "all",
        "and", "from", "total",
    ];
    let gap = gap.to_lowercase();
    let mut words = gap.split(|sign: char| !sign.is_alphanumeric());
    !gap.contains('\n') && words.all(|word| word.is_empty() || WORDS.contains(&word))
}

/// Whether a number is larger than all networks: `these 4 addresses` may be some of one.
fn is_beyond(count: u64, networks: &[&Network]) -> bool {
    count > networks.iter().map(|network| network.addresses).sum()
}

/// Whether a text ends with one of some words.
fn ends_with(before: &str, words: &[&str]) -> bool {
    let mut last = before
        .trim_end()
        .rsplit(|sign: char| !sign.is_alphanumeric());
    let last = last.next().unwrap_or_default();
    words.iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// Whether a number is that of one network or of some that stand beside each other.
fn fits(count: u64, networks: &[Network]) -> bool {
    (0..networks.len()).any(|first| {
        let mut sum = 0;
        let mut usable = 0;
        networks[first..].iter().any(|network| {
            sum += network.addresses;
            usable += 1;
            let left_out = |few: &u64| sum.checked_sub(few * usable) == Some(count);
            sum == count || network.addresses >= 4 && LEFT_OUT.iter().any(left_out)
        })
    })
}

fn report(
    findings: &mut Findings<'_>,
    (count, place): (u64, Span),
    told: &[&Network],
    networks: Option<Span>,
) {
    let sizes: Vec<_> = told
        .iter()
        .map(|network| network.addresses.to_string())
        .collect();
    let sum: u64 = told.iter().map(|network| network.addresses).sum();
    let Some(networks) = networks else {
        return;
    };
    let terms = if sizes.len() > 1 {
        format!("{} = {sum}", sizes.join(" + "))
    } else {
        sum.to_string()
    };
    disagree(
        findings,
        CODE,
        format!("{count} addresses are told, and the networks have {sum}"),
        (place, &format!("{count} addresses")),
        (networks, &format!("{sum} addresses")),
        &format!("{terms} ≠ {count}; a prefix of n bits leaves 2^(32 - n) addresses"),
    );
}
