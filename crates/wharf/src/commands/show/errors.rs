//! What happens on each status, by the precedence rules of the document.

use wharf_document::Integration;
use wharf_document::model::{ErrorRow, StatusPattern, Verb};

use super::force::NOT_YET;

/// What happens on one status or the vendor's own code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// `429`, `5xx` or `429 insufficient_quota`.
    pub(super) code: String,
    /// What the document says that it means.
    pub(super) meaning: Option<String>,
    /// The words of the document.
    pub(super) responses: Vec<&'static str>,
    /// Which of its statuses are retried.
    pub(super) retried: Retried,
    /// All of it in order, in words.
    pub(super) happens: String,
}

/// Which statuses of a row are retried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Retried {
    None,
    All,
    /// Some of a class.
    Some(Vec<u16>),
}

/// The rows of the table, and statuses that are retried without a row.
pub(super) fn outcomes(integration: &Integration) -> Vec<Outcome> {
    let compiled = wharf_plan::compile(integration);
    let policy = &compiled.settings.retry;
    let mut outcomes: Vec<_> = integration
        .errors
        .iter()
        .map(|row| {
            let verbs: Vec<_> = row.responses.iter().map(|verb| verb.value).collect();
            let retried = retried(row, &verbs, &policy.retry_on);
            Outcome {
                code: code(row),
                meaning: Some(row.meaning.value.clone()),
                responses: verbs.iter().map(|verb| verb.as_str()).collect(),
                happens: happens(&verbs, &retried, policy.max_retries),
                retried,
            }
        })
        .collect();
    let rows = integration.errors.iter().filter(|row| !row.is_specific());
    let patterns: Vec<_> = rows.filter_map(|row| row.code.value.status()).collect();
    for status in &policy.retry_on {
        if patterns.iter().any(|pattern| pattern.matches(*status)) {
            continue;
        }
        outcomes.push(Outcome {
            code: status.to_string(),
            meaning: None,
            responses: Vec::new(),
            happens: happens(&[], &Retried::All, policy.max_retries),
            retried: Retried::All,
        });
    }
    outcomes
}

/// The code of a row with its conditions: `403 when header retry-after`.
fn code(row: &ErrorRow) -> String {
    let conditions: Vec<_> = row.when.iter().map(|when| when.value.to_string()).collect();
    if conditions.is_empty() {
        return row.code.value.to_string();
    }
    format!("{} when {}", row.code.value, conditions.join(" and "))
}

/// A row that tells errors of one status apart is retried only where it says so itself.
fn retried(row: &ErrorRow, verbs: &[Verb], retry_on: &[u16]) -> Retried {
    if verbs.contains(&Verb::Retry) {
        return Retried::All;
    }
    let Some(pattern) = row.code.value.status().filter(|_| !row.is_specific()) else {
        return Retried::None;
    };
    let fits = |status: &u16| pattern.matches(*status);
    let statuses: Vec<_> = retry_on.iter().copied().filter(fits).collect();
    match pattern {
        _ if statuses.is_empty() => Retried::None,
        StatusPattern::Exact(_) => Retried::All,
        StatusPattern::Class(_) => Retried::Some(statuses),
    }
}

fn happens(verbs: &[Verb], retried: &Retried, most: u32) -> String {
    let mut steps: Vec<String> = Vec::new();
    let mut step = |words: &str| steps.push(words.to_owned());
    // Both do the same, once.
    if verbs.contains(&Verb::RefreshToken) || verbs.contains(&Verb::RotateKey) {
        step("fetch the credential again, and replay once where that is safe");
    }
    let times = match most {
        1 => "once".to_owned(),
        _ => format!("up to {most} times"),
    };
    match retried {
        Retried::All if most > 0 => step(&format!("retry {times} where that is safe")),
        Retried::Some(statuses) if most > 0 => {
            let statuses: Vec<_> = statuses.iter().map(u16::to_string).collect();
            let statuses = statuses.join(", ");
            step(&format!("retry {statuses} {times} where that is safe"));
        }
        _ => {}
    }
    let mut is_answered = false;
    for verb in verbs {
        is_answered |= matches!(verb, Verb::Fail | Verb::Ignore);
        match verb {
            Verb::Alert => step("alert"),
            Verb::Fallback => step(&format!("use the fallback ({NOT_YET})")),
            Verb::UseCache => step(&format!("answer from the cache ({NOT_YET})")),
            Verb::Fail => step("return the error"),
            Verb::Ignore => step("return the answer and count no error"),
            Verb::RotateKey | Verb::RefreshToken | Verb::Backoff | Verb::Retry => {}
        }
    }
    if !is_answered {
        step("return the error");
    }
    steps.join(", then ")
}

#[cfg(test)]
mod tests;
