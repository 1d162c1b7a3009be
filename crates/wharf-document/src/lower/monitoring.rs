//! Monitoring: health checks, objectives and dashboards.

use wharf_diag::Spanned;

use super::context::{Context, spanned};
use super::endpoints::METHODS;
use super::list::{self, Entry};
use crate::checks::not_filled_in::Need;
use crate::checks::{comparison_not_read, number_not_read, path_not_read, unknown_word};
use crate::model::{HealthCheck, Method, Metric, Monitoring, Objective, Probe};
use crate::parse::{comparison, path};
use crate::raw::{Section, Text, same_name};
use crate::vocabulary;

/// Keys of the Health Checks list.
pub(crate) const HEALTH_KEYS: [&str; 4] = vocabulary::names(&vocabulary::HEALTH_KEYS);

/// Most failures in a row that a document may wait for.
const MOST_FAILURES: u64 = 1_000;

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Monitoring {
    let blocks = list::blocks(section, "Dashboards", false);
    let dashboards = list::links(context, &list::lines(&blocks, &[]));
    Monitoring {
        health: health(context, section),
        objectives: objectives(context, section),
        dashboards,
    }
}

fn health(context: &mut Context<'_>, section: &Section) -> HealthCheck {
    let mut health = HealthCheck::default();
    let blocks = list::blocks(section, "Health Checks", false);
    for entry in list::entries(context, &blocks, &[], &[]) {
        let what = format!("{} of the health check", entry.what());
        match entry.name().as_str() {
            "endpoint" => health.probe = probe(context, &entry.value, &what),
            "frequency" => health.interval = context.bound_in_words(&entry.value, &what),
            "timeout" => health.timeout = context.bound_in_words(&entry.value, &what),
            "alert threshold" => health.threshold = threshold(context, &entry.value, &what),
            _ => context.unknown_name(&entry.key, "key of Health Checks", &HEALTH_KEYS),
        }
    }
    health
}

/// `GET /health`, `/health` or `TCP`.
fn probe(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<Probe>> {
    let value = context.given(value, what, Need::Used)?;
    let text = value.as_str();
    if text.eq_ignore_ascii_case("tcp") {
        return Some(Spanned::new(Probe::Tcp, value.span()));
    }
    let (method, at) = match text.find(' ') {
        Some(space) if !text.starts_with('/') => {
            let word = value.part(0..space);
            let method = METHODS
                .iter()
                .find(|method| word.as_str().eq_ignore_ascii_case(method.as_str()));
            let Some(method) = method else {
                let known: Vec<_> = METHODS.iter().map(|m| m.as_str()).chain(["TCP"]).collect();
                context.report_at(word.span(), |source, span| {
                    unknown_word::new(source, span, "the method", word.as_str(), &known)
                });
                return None;
            };
            (*method, space + 1)
        }
        _ => (Method::Get, 0),
    };
    let target = value.part(at..text.len()).trimmed();
    let path = context.value(
        &target,
        path::parse(target.as_str()),
        |source, span, why| path_not_read::new(source, span, what, why),
    )?;
    let probe = Probe::Http {
        method,
        path: path.value,
    };
    Some(Spanned::new(probe, value.span()))
}

/// `3 failures`.
fn threshold(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<u32>> {
    let value = context.given(value, what, Need::Used)?;
    let text = value.as_str();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: Option<u32> = text[..end].parse().ok();
    let number = number.filter(|n| (1..=MOST_FAILURES).contains(&u64::from(*n)));
    if number.is_none() {
        context.report_at(value.span(), |source, span| {
            number_not_read::new(source, span, what, 1, MOST_FAILURES)
        });
    }
    number.map(|number| Spanned::new(number, value.part(0..end).span()))
}

fn objectives(context: &mut Context<'_>, section: &Section) -> Vec<Objective> {
    let blocks = list::blocks(section, "Key Metrics", false);
    let entries = list::entries(context, &blocks, &[], &[]);
    entries
        .iter()
        .map(|entry| objective(context, entry))
        .collect()
}

fn objective(context: &mut Context<'_>, entry: &Entry<'_>) -> Objective {
    let known = Metric::ALL
        .iter()
        .find(|(_, words)| same_name(entry.key.as_str(), words));
    let metric = known.map_or(Metric::Other, |(metric, _)| *metric);
    let what = format!("the objective of {}", entry.what());
    let is_bound = |text: &str| text.starts_with(['<', '>', '≤', '≥']);
    let text = entry.value.trimmed();
    // A metric of the document's own, or a share of the quota, may be told in words.
    let in_words = matches!(metric, Metric::Other | Metric::Usage) && !is_bound(text.as_str());
    let comparison = if in_words {
        context.given(&text, &what, Need::Read);
        None
    } else {
        context.given(&text, &what, Need::Used).and_then(|text| {
            let value = comparison::parse(text.as_str());
            context.value(&text, value, |source, span, why| {
                comparison_not_read::new(source, span, &what, why)
            })
        })
    };
    Objective {
        metric,
        name: spanned(&entry.key),
        comparison,
        span: text.span(),
    }
}
