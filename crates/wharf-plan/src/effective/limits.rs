//! Limits, as far as documents name them. Nothing obeys them yet.

use wharf_diag::Spanned;
use wharf_document::model::{Rate, RateLimit, Settings};

use super::Setting;
use super::words::{place, shown, value};
use crate::Part;

/// Every rate that matches holds; the slowest decides.
pub(super) fn rate(global: &[Spanned<RateLimit>], own: &[Spanned<RateLimit>]) -> Option<Setting> {
    let per_second = |rate: Rate| {
        #[expect(
            clippy::cast_precision_loss,
            reason = "rates are compared, not counted"
        )]
        let count = rate.count as f64;
        count / rate.period.as_secs_f64()
    };
    let own = own.iter().map(|limit| ("Rate Limit", limit));
    let global = global.iter().map(|limit| ("rate_limit", limit));
    let all: Vec<(&str, &Spanned<RateLimit>)> = own.chain(global).collect();
    let pace = |limit: &Spanned<RateLimit>| per_second(limit.value.rate);
    let (name, winner) = *all
        .iter()
        .min_by(|left, right| pace(left.1).total_cmp(&pace(right.1)))?;
    let others: Vec<_> = all
        .iter()
        .filter(|(_, rate)| rate.span != winner.span)
        .map(|(name, rate)| format!("`{name}` {}", rate.value))
        .collect();
    let reason = if others.is_empty() {
        format!("`{name}` says so")
    } else {
        format!(
            "`{name}`, the slowest; {} {} too",
            others.join(" and "),
            if others.len() == 1 { "holds" } else { "hold" }
        )
    };
    Some(Setting {
        name: "rate limit",
        keys: &["rate_limit", "Rate Limit"],
        value: winner.value.to_string(),
        reason,
        places: all
            .iter()
            .map(|(name, rate)| {
                place(
                    name,
                    rate.span,
                    &rate.value.to_string(),
                    rate.span == winner.span,
                )
            })
            .collect(),
        not_in_force: Some(Part::RateLimit),
    })
}

/// The longest wait for a limit.
pub(super) fn wait(written: &Settings) -> Option<Setting> {
    let said = written.max_wait.as_ref();
    let words = said.map(|wait| shown(wait.value));
    Some(Setting {
        not_in_force: Some(Part::Wait),
        ..value("wait for a limit", &["max_wait"], words, said)?
    })
}

/// Calls at one time.
pub(super) fn concurrency(written: &Settings) -> Option<Setting> {
    let said = written.max_concurrency.as_ref();
    let words = said.map(|count| count.value.to_string());
    Some(Setting {
        not_in_force: Some(Part::Concurrency),
        ..value("calls at one time", &["max_concurrency"], words, said)?
    })
}
