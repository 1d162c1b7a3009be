//! WH683: prose tells of another limit than the table.

use wharf_diag::{Code, Page};

use super::{disagree, named};
use crate::findings::Findings;
use crate::model::{Integration, Operation, Rate, RateLimit};
use crate::parse::rate::{self, Said};
use crate::prose::{Prose, Sentence, has, plain};
use crate::raw::Stretch;
use wharf_diag::Spanned;

pub(crate) const CODE: Code = Code {
    id: "WH683",
    slug: "stated-rate-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("stated_rate_disagrees.md"),
};

/// What makes a rate one of other calls, of another time, or a choice of ours.
const OTHERWISE: [&str; 33] = [
    "burst", "bursts", "sandbox", "staging", "test", "trial", "free", "plan", "until", "from",
    "raised", "raise", "would", "could", "ask", "we send", "we keep", "we stay", "ours", "our own",
    "user", "users", "ip", "account", "below", "under", "half", "measured", "usually", "average",
    "peak", "usage", "was",
];

/// What a limit is counted in.
const CALLS: [&str; 9] = [
    "requests", "request", "calls", "call", "req", "queries", "times", "hits", "",
];

/// What makes a rate one of every operation.
const EACH: [&str; 16] = [
    "each call",
    "every call",
    "any call",
    "all calls",
    "each operation",
    "every operation",
    "all operations",
    "each endpoint",
    "every endpoint",
    "all endpoints",
    "in all",
    "in total",
    "overall",
    "together",
    "vendor allows",
    "per key",
];

/// What is said of one limit: the rate, and the words that say for what.
struct Statement<'a> {
    text: Stretch<'a>,
    rate: Rate,
    noun: String,
    about: String,
}

/// Shorter stems, such as that of `use`, stand in other words too.
const SHORTEST_STEM: usize = 4;

/// Compares the rates in prose with those of the operations that it names.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    for sentence in prose.told().filter(|sentence| is_about_limits(sentence)) {
        for said in statements(sentence, integration) {
            let mut named = named::operations(integration, &said.about);
            if named.is_empty() {
                let counted = integration.operations.iter();
                named.extend(counted.filter(|one| names_act(&said.noun, one)));
            }
            let is_counted = CALLS.contains(&said.noun.as_str());
            let of_calls = is_counted
                || named
                    .iter()
                    .any(|one| is_noun(&said.noun, one) || names_act(&said.noun, one));
            let global = &integration.configuration.settings.rate_limits;
            let limits: Vec<_> = if named.is_empty() && is_counted && has(&said.about, &EACH) {
                let all = integration
                    .operations
                    .iter()
                    .flat_map(|one| &one.rate_limits);
                all.chain(global).collect()
            } else {
                named.iter().flat_map(|one| &one.rate_limits).collect()
            };
            let more = limits.into_iter().filter(|_| of_calls);
            let more = more.filter(|limit| is_of_all(&limit.value)).find(|limit| {
                let rate = limit.value.rate;
                rate.period == said.rate.period && rate.count > said.rate.count
            });
            if let Some(limit) = more {
                report(findings, &said, limit);
                return;
            }
        }
    }
}

fn report(findings: &mut Findings<'_>, said: &Statement<'_>, limit: &Spanned<RateLimit>) {
    let (told, rate) = (said.rate, limit.value.rate);
    disagree(
        findings,
        CODE,
        format!("the limit is {rate}, and prose says that {told} are allowed"),
        (said.text.span(), &format!("{told} are allowed")),
        (limit.span, &format!("{rate} are sent")),
        &format!("{told} < {rate}; the smallest change: write one of them in both places"),
    );
}

/// Limits of each caller or parameter may well come to more.
fn is_of_all(limit: &RateLimit) -> bool {
    limit.per.is_none()
}

fn is_about_limits(sentence: &Sentence) -> bool {
    let sections = ["API Endpoints", "Configuration", "Notes", "Error Handling"];
    let is_here = sections.iter().any(|section| sentence.is_in(section));
    let is_value = ["limit headers", "optional features"].contains(&&*sentence.part);
    is_here && !is_value && !sentence.has(&OTHERWISE)
}

fn is_noun(noun: &str, operation: &Operation) -> bool {
    let words: Vec<_> = noun.split_whitespace().collect();
    let name = plain(&operation.name.value);
    let parts = named::parts(&operation.path.value).chain(name.split_whitespace());
    !words.is_empty() && parts.into_iter().any(|part| named::holds(&words, part))
}

/// Whether a noun is what an operation of one word does: `geocodings` and `Geocode`.
fn names_act(noun: &str, operation: &Operation) -> bool {
    let stem = |word: &str| {
        let word = word.trim().to_lowercase();
        let ends = ["ings", "ing", "ations", "ation", "es", "s", "e"];
        let end = ends.iter().find(|end| word.ends_with(**end));
        end.map_or(word.clone(), |end| {
            word[..word.len() - end.len()].to_owned()
        })
    };
    let (act, counted) = (stem(&operation.name.value), stem(noun));
    act.len() >= SHORTEST_STEM && act == counted && !noun.trim().contains(' ')
}

/// The rates of a sentence, each with the clauses that are about it: those behind it, or those
/// before it where operations are named first.
fn statements<'a>(sentence: &Sentence<'a>, integration: &Integration) -> Vec<Statement<'a>> {
    let clauses = sentence.clauses();
    let said: Vec<Option<Said>> = clauses
        .iter()
        .map(|text| rate::find(text.as_str()))
        .collect();
    let first = clauses
        .iter()
        .zip(&said)
        .find_map(|(text, said)| Some((text, said.as_ref()?)));
    let Some((text, rate)) = first else {
        return Vec::new();
    };
    let before = plain(&text.as_str()[..rate.range.start]);
    let names_first = !named::operations(integration, &before).is_empty();
    let mut found: Vec<Statement<'_>> = Vec::new();
    let mut open = String::new();
    for (text, said) in clauses.iter().zip(said) {
        let words = plain(text.as_str());
        match said {
            Some(said) => found.push(Statement {
                text: text.part(said.range),
                rate: said.rate,
                noun: said.noun,
                about: std::mem::take(&mut open) + &words,
            }),
            None if found.is_empty() || names_first => open.push_str(&words),
            None => {
                if let Some(last) = found.last_mut() {
                    last.about.push_str(&words);
                }
            }
        }
    }
    found
}
