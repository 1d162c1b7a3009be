//! Monitoring: health checks, objectives and dashboards.

use wharf_diag::Spanned;

use super::context::{Context, spanned};
use super::endpoints::METHODS;
use super::list::{self, Entry};
use crate::findings::not_filled_in::Need;
use crate::findings::{
    comparison_not_read, condition_not_read, number_not_read, path_not_read, unknown_word,
};
use crate::model::{
    Bound, Comparison, Expectation, HealthCheck, Method, Metric, Monitoring, Objective, Probe,
};
use crate::parse::{comparison, condition, path, status, words};
use crate::raw::{Section, Text, same_name};
use crate::vocabulary;

/// Keys of the Health Checks list.
const METRICS: [&str; 4] = vocabulary::names(&vocabulary::METRICS);

/// Keys of the Health Checks list.
pub(crate) const HEALTH_KEYS: [&str; 5] = vocabulary::names(&vocabulary::HEALTH_KEYS);

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
    let keys = list::Keys {
        listed: &["Expect"],
        ..list::Keys::once(&HEALTH_KEYS)
    };
    for entry in list::entries(context, &blocks, keys) {
        let what = format!("{} of the health check", entry.what());
        match entry.name().as_str() {
            "endpoint" => health.probe = probe(context, &entry.value, &what),
            "frequency" => health.interval = context.bound_in_words(&entry.value, &what),
            "timeout" => health.timeout = context.bound_in_words(&entry.value, &what),
            "alert threshold" => health.threshold = threshold(context, &entry.value, &what),
            "expect" => health.expect = expectations(context, &entry.value, &what),
            _ => context.unknown_name(&entry.key, "key of Health Checks", &HEALTH_KEYS),
        }
    }
    health
}

/// `200, header x = y, /status = ok`.
fn expectations(context: &mut Context<'_>, value: &Text, what: &str) -> Vec<Spanned<Expectation>> {
    let Some(value) = context.given(value, what, Need::Used) else {
        return Vec::new();
    };
    let parts = value.split_on(&[","]);
    parts
        .iter()
        .filter_map(|part| {
            let text = part.as_str();
            let read = if text.starts_with(|c: char| c.is_ascii_digit()) {
                status::pattern(text).map(Expectation::Status)
            } else {
                condition::parse(text).map(Expectation::Condition)
            };
            context.value(part, read, |source, span, why| {
                condition_not_read::new(source, span, what, why)
            })
        })
        .collect()
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

/// `3 failures`, `after three failures in a row`.
fn threshold(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<u32>> {
    let value = context.given(value, what, Need::Used)?;
    let found = words::find_count(value.as_str());
    let number = found.filter(|(n, _)| (1..=MOST_FAILURES).contains(n));
    if number.is_none() {
        context.report_at(value.span(), |source, span| {
            number_not_read::new(source, span, what, 1, MOST_FAILURES)
        });
    }
    let (number, range) = number?;
    let number = u32::try_from(number).ok()?;
    Some(Spanned::new(number, value.span_of(range)))
}

fn objectives(context: &mut Context<'_>, section: &Section) -> Vec<Objective> {
    let blocks = list::blocks(section, "Key Metrics", false);
    let entries = list::entries(context, &blocks, list::Keys::once(&METRICS));
    entries
        .iter()
        .map(|entry| objective(context, entry))
        .collect()
}

/// Refuses a bound that says nothing about its metric: without a unit, or towards the bad side.
fn fitting(metric: Metric, read: Comparison) -> Result<Comparison, String> {
    let less = read.operator.wants_less();
    let sign = read.operator.as_str();
    match (metric, read.bound) {
        (Metric::Latency, Bound::Number(number)) => Err(format!(
            "{number} has no unit, such as `{sign} {number}ms` or `{sign} {number}s`"
        )),
        (Metric::Latency, Bound::Percent(_)) => {
            Err("a response time is bounded by a duration".to_owned())
        }
        (Metric::ErrorRate | Metric::Availability | Metric::Usage, Bound::Duration(_)) => {
            Err("it is a share, written in `%`".to_owned())
        }
        (Metric::ErrorRate | Metric::Availability, Bound::Number(number)) => {
            Err(if number <= 1.0 {
                let percent = (number * 1e11).round() / 1e9;
                format!("{number} has no unit, such as `{sign} {percent}%`")
            } else {
                format!("{number} has no unit, such as `{sign} {number}%` or `5 of 1000`")
            })
        }
        (Metric::Latency | Metric::ErrorRate | Metric::Usage, _) if !less => Err(format!(
            "`{sign}` makes the bad side the good one; write `<`"
        )),
        (Metric::Availability, _) if less => Err(format!(
            "`{sign}` makes the bad side the good one; write `>`"
        )),
        _ => Ok(read),
    }
}

fn objective(context: &mut Context<'_>, entry: &Entry<'_>) -> Objective {
    let known = Metric::ALL
        .iter()
        .find(|(_, words)| same_name(entry.key.as_str(), words));
    let metric = known.map_or(Metric::Other, |(metric, _)| *metric);
    let what = format!("the objective of {}", entry.what());
    let text = entry.value.trimmed();
    let read = comparison::parse(text.as_str());
    // A metric of the document's own, or a share of the quota, may be told in words.
    let is_figure =
        metric == Metric::Usage && text.as_str().starts_with(|c: char| c.is_ascii_digit());
    let in_words = matches!(metric, Metric::Other | Metric::Usage)
        && read.is_err()
        && !is_figure
        && !comparison::has_sign(text.as_str());
    let comparison = if in_words {
        context.given(&text, &what, Need::Read);
        None
    } else {
        context.given(&text, &what, Need::Used).and_then(|text| {
            let value = read.and_then(|read| fitting(metric, read));
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
