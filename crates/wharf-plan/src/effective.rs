//! The settings that hold for calls, and why: which value wins, and where it stands.
//!
//! The values are those of [`compile()`](crate::compile()), so what is shown is what runs.

use std::time::Duration;

use wharf_diag::{Span, Spanned};
use wharf_document::Integration;
use wharf_document::model::{BodyFormat, CacheTime, Idempotence, Operation, Rate, RateLimit};

use crate::CallSettings;
use crate::compile::call_settings;
use crate::defaults::{ATTEMPT_TIMEOUT, CONNECT_TIMEOUT};

/// One setting as it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What it is, for example `retries`.
    pub name: &'static str,
    /// The names that documents write it under.
    pub keys: &'static [&'static str],
    /// The value that holds, for people: `3 retries`.
    pub value: String,
    /// Why it holds, as words behind the value: `the smaller of …`.
    pub reason: String,
    /// The places that take part; none where a default holds.
    pub origins: Vec<Origin>,
}

/// A place that takes part in a [`Setting`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Where the value stands in the document.
    pub span: Span,
    /// The name there and what it says: `retry_attempts 3`.
    pub words: String,
    /// Whether this value is the one that holds.
    pub wins: bool,
}

/// What holds for one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationSettings {
    /// The id of the operation.
    pub id: String,
    /// Its name and place.
    pub name: Spanned<String>,
    /// What holds for it.
    pub settings: Vec<Setting>,
}

/// What holds in one environment alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentSettings {
    /// Its name, as the settings have it.
    pub environment: Spanned<String>,
    /// What holds there and not everywhere.
    pub settings: Vec<Setting>,
}

/// What holds for a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSettings {
    /// Of every call, where its environment has nothing of its own.
    pub integration: Vec<Setting>,
    /// Of each environment with settings of its own.
    pub environments: Vec<EnvironmentSettings>,
    /// Of each operation, in the document's order; where its environment has nothing of its own.
    pub operations: Vec<OperationSettings>,
}

/// Works out what holds for a document.
pub fn effective(integration: &Integration) -> EffectiveSettings {
    let holding = &call_settings(integration, &integration.configuration.settings);
    let everywhere = of_integration(integration, holding);
    let environments = integration.configuration.by_environment.iter().map(|own| {
        let document = integration.in_environment(&own.environment.value);
        let holding = call_settings(&document, &document.configuration.settings);
        let mut settings = of_integration(&document, &holding);
        settings.retain(|setting| !everywhere.contains(setting));
        EnvironmentSettings {
            environment: own.environment.clone(),
            settings,
        }
    });
    EffectiveSettings {
        environments: environments.collect(),
        operations: integration
            .operations
            .iter()
            .map(|operation| {
                let timeout = operation.timeout.map(|timeout| timeout.value);
                let timeout = timeout.unwrap_or(holding.attempt_timeout);
                OperationSettings {
                    id: operation.id.clone(),
                    name: operation.name.clone(),
                    settings: of_operation(integration, operation, holding, timeout),
                }
            })
            .collect(),
        integration: everywhere,
    }
}

fn of_integration(integration: &Integration, holding: &CallSettings) -> Vec<Setting> {
    let configuration = &integration.configuration;
    let mut settings = vec![
        environment(integration),
        bound(
            "timeout of an attempt",
            &["timeout"],
            configuration.settings.timeout,
            ATTEMPT_TIMEOUT,
        ),
        bound(
            "timeout of connecting",
            &["connect_timeout"],
            configuration.settings.connect_timeout,
            CONNECT_TIMEOUT,
        ),
        retries(integration, holding),
        delays(integration, holding),
        longest_call(
            integration,
            holding,
            holding.attempt_timeout,
            configuration.settings.timeout,
        ),
    ];
    settings.extend(slowest(&global_rates(integration), &[]));
    settings.extend(optional(
        "wait for a limit",
        &["max_wait"],
        configuration.settings.max_wait.as_ref(),
        |d| shown(*d),
    ));
    settings.extend(optional(
        "calls at one time",
        &["max_concurrency"],
        configuration.settings.max_concurrency.as_ref(),
        u32::to_string,
    ));
    settings.extend(optional(
        "cache",
        &["cache_ttl"],
        configuration.settings.cache_ttl.as_ref(),
        |d| shown(*d),
    ));
    settings.extend(optional(
        "largest body",
        &["max_body"],
        configuration.settings.max_body.as_ref(),
        |size| format!("{} bytes", size.0),
    ));
    settings.extend(optional(
        "idempotency header",
        &["idempotency_header"],
        configuration.settings.idempotency_header.as_ref(),
        String::clone,
    ));
    settings.extend(version(integration));
    settings.extend(optional(
        "body of `wharf call`",
        &["body_format"],
        configuration.settings.body_format.as_ref(),
        |format| match format {
            BodyFormat::Json => "JSON".to_owned(),
            BodyFormat::Form => "a form".to_owned(),
        },
    ));
    settings
}

fn of_operation(
    integration: &Integration,
    operation: &Operation,
    holding: &CallSettings,
    timeout: Duration,
) -> Vec<Setting> {
    let configuration = &integration.configuration;
    let mut settings = vec![
        match (&operation.timeout, &configuration.settings.timeout) {
            (Some(own), Some(general)) => Setting {
                name: "timeout of an attempt",
                keys: &["Timeout", "timeout"],
                value: shown(own.value),
                reason: "the operation's own goes before the setting".to_owned(),
                origins: vec![
                    origin("Timeout", own.span, &shown(own.value), true),
                    origin("timeout", general.span, &shown(general.value), false),
                ],
            },
            (Some(own), None) => bound("timeout of an attempt", &["Timeout"], Some(*own), timeout),
            (None, general) => bound("timeout of an attempt", &["timeout"], *general, timeout),
        },
        longest_call(
            integration,
            holding,
            timeout,
            operation.timeout.or(configuration.settings.timeout),
        ),
        repeatable(integration, operation),
    ];
    let own: Vec<_> = operation.rate_limits.clone();
    settings.extend(slowest(&global_rates(integration), &own));
    settings.extend(
        match (&operation.cache, &configuration.settings.cache_ttl) {
            (Some(own), Some(general)) => Some(Setting {
                name: "cache",
                keys: &["Cache", "cache_ttl"],
                value: cache_time(own.value),
                reason: "the operation's own goes before the setting".to_owned(),
                origins: vec![
                    origin("Cache", own.span, &cache_time(own.value), true),
                    origin("cache_ttl", general.span, &shown(general.value), false),
                ],
            }),
            (Some(own), None) => optional("cache", &["Cache"], Some(own), |time| cache_time(*time)),
            (None, general) => optional("cache", &["cache_ttl"], general.as_ref(), |d| shown(*d)),
        },
    );
    settings
}

/// `5 min`, or `5 min, shared`.
fn cache_time(time: CacheTime) -> String {
    let fresh = shown(time.fresh);
    if time.shared {
        format!("{fresh}, shared")
    } else {
        fresh
    }
}

/// The environment of calls that name none.
fn environment(integration: &Integration) -> Setting {
    let named = integration.frontmatter.environment.as_ref();
    let found = integration
        .default_environment()
        .and_then(|index| integration.environments.get(index));
    let (value, reason) = match (found, named) {
        (Some(found), Some(_)) => (
            found.name.value.clone(),
            "`environment` of the frontmatter names it".to_owned(),
        ),
        (Some(found), None) => (found.name.value.clone(), "it is the only one".to_owned()),
        (None, _) => ("none".to_owned(), "the caller has to name one".to_owned()),
    };
    let mut origins = Vec::new();
    if let Some(named) = named {
        origins.push(Origin {
            span: named.span,
            words: "environment".to_owned(),
            wins: true,
        });
    }
    if let Some(found) = found {
        origins.push(Origin {
            span: found.name.span,
            words: format!("the row `{}`", found.name.value),
            wins: true,
        });
    }
    Setting {
        name: "environment",
        keys: &["environment"],
        value,
        reason,
        origins,
    }
}

/// A duration with a default.
fn bound(
    name: &'static str,
    keys: &'static [&'static str],
    given: Option<Spanned<Duration>>,
    default: Duration,
) -> Setting {
    let key = keys.first().copied().unwrap_or(name);
    Setting {
        name,
        keys,
        value: shown(given.map_or(default, |given| given.value)),
        reason: match given {
            Some(_) => format!("`{key}` says so"),
            None => format!("the default, since `{key}` is not given"),
        },
        origins: given
            .map(|given| origin(key, given.span, &shown(given.value), true))
            .into_iter()
            .collect(),
    }
}

/// A value without a default.
fn optional<T>(
    name: &'static str,
    keys: &'static [&'static str],
    given: Option<&Spanned<T>>,
    show: impl Fn(&T) -> String,
) -> Option<Setting> {
    let given = given?;
    let key = keys.first().copied().unwrap_or(name);
    let value = show(&given.value);
    Some(Setting {
        name,
        keys,
        reason: format!("`{key}` says so"),
        origins: vec![origin(key, given.span, &value, true)],
        value,
    })
}

fn retries(integration: &Integration, holding: &CallSettings) -> Setting {
    let holds = holding.retry.max_retries;
    let attempts = integration.configuration.settings.retry_attempts;
    let most = integration.retry.max_retries;
    let given = [("retry_attempts", attempts), ("max_retries", most)];
    let reason = match (attempts, most) {
        (Some(attempts), Some(most)) => format!(
            "the smaller of `retry_attempts` {} and `max_retries` {}",
            attempts.value, most.value
        ),
        (Some(_), None) => "`retry_attempts` says so".to_owned(),
        (None, Some(_)) => "`max_retries` says so".to_owned(),
        (None, None) if holds > 0 => "one for each of `retry_delays`".to_owned(),
        (None, None) => "the document asks for none".to_owned(),
    };
    let mut origins: Vec<_> = given
        .into_iter()
        .filter_map(|(key, given)| {
            let given = given?;
            let wins = given.value == holds;
            Some(origin(key, given.span, &given.value.to_string(), wins))
        })
        .collect();
    if let (true, Some(delays)) = (origins.is_empty(), &integration.retry.delays) {
        let words = format!("{} delays", delays.value.len());
        origins.push(origin("retry_delays", delays.span, &words, true));
    }
    let ending = if holds == 1 { "retry" } else { "retries" };
    Setting {
        name: "retries",
        keys: &["retry_attempts", "max_retries"],
        value: format!("{holds} {ending}"),
        reason,
        origins,
    }
}

/// The delay before each retry.
fn delays(integration: &Integration, holding: &CallSettings) -> Setting {
    let given = integration.retry.delays.as_ref();
    let retries = usize::try_from(holding.retry.max_retries).unwrap_or(usize::MAX);
    let delays = &holding.retry.delays;
    let last = delays.last().copied().unwrap_or_default();
    let shown_delays: Vec<_> = delays
        .iter()
        .copied()
        .chain(std::iter::repeat(last))
        .take(retries.min(10))
        .map(shown)
        .collect();
    let value = match (retries, shown_delays.is_empty()) {
        (0, _) | (_, true) => "none".to_owned(),
        (11.., _) => format!("{}, …", shown_delays.join(", ")),
        _ => shown_delays.join(", "),
    };
    let reason = match (given, delays.len()) {
        (None, _) => "`retry_delays` is not given, so a retry follows at once".to_owned(),
        (Some(_), count) if count < retries => "the last of `retry_delays` repeats".to_owned(),
        (Some(_), count) if count > retries => {
            format!("the first {retries} of `retry_delays`, one for each retry")
        }
        _ => "`retry_delays` says so".to_owned(),
    };
    let words = given.map(|given| format!("{} delays", given.value.len()));
    Setting {
        name: "delays before retries",
        keys: &["retry_delays"],
        value,
        reason,
        origins: given
            .zip(words)
            .map(|(given, words)| origin("retry_delays", given.span, &words, true))
            .into_iter()
            .collect(),
    }
}

/// Every attempt at its timeout, and every delay.
fn longest_call(
    integration: &Integration,
    holding: &CallSettings,
    timeout: Duration,
    given: Option<Spanned<Duration>>,
) -> Setting {
    let longest = holding.retry.longest_call(timeout);
    let (attempts, delays) = (longest.attempts, longest.delays);
    let mut origins: Vec<_> = given
        .map(|given| origin("timeout", given.span, &shown(given.value), true))
        .into_iter()
        .collect();
    let retries = retries(integration, holding).origins.into_iter();
    origins.extend(retries.filter(|origin| origin.wins));
    if let Some(given) = &integration.retry.delays {
        origins.push(origin("retry_delays", given.span, &shown(delays), true));
    }
    let plural = if attempts == 1 { "attempt" } else { "attempts" };
    let reason = if delays.is_zero() {
        format!("{attempts} {plural} of {}", shown(timeout))
    } else {
        format!(
            "{attempts} {plural} of {}, and {} of delays that may be a fifth longer",
            shown(timeout),
            shown(delays)
        )
    };
    Setting {
        name: "longest possible call",
        keys: &[],
        value: shown(longest.total),
        reason,
        origins,
    }
}

/// Whether a call of an operation may be sent twice.
fn repeatable(integration: &Integration, operation: &Operation) -> Setting {
    let mut unsafe_methods = operation.methods().filter(|method| !method.is_idempotent());
    let marked = operation.idempotent.as_ref();
    let mark = marked.map(|marked| &marked.value);
    let general = integration
        .configuration
        .settings
        .idempotency_header
        .as_ref();
    let general = general.map(|header| &header.value);
    let own = match mark {
        Some(Idempotence::WithKey(header)) => Some(header),
        _ => None,
    };
    let (value, reason) = if let Some(Idempotence::Always) = mark {
        (
            "always",
            "the row marks the operation idempotent".to_owned(),
        )
    } else if let Some(method) = unsafe_methods.next() {
        let headers: Vec<_> = [own, general].into_iter().flatten().collect();
        match headers.as_slice() {
            [] => (
                "when nothing was sent",
                format!("{method} is not idempotent and the document names no idempotency header"),
            ),
            [one, others @ ..] => {
                let other = others.first().filter(|other| *other != one);
                let other = other.map_or_else(String::new, |other| format!(" or `{other}`"));
                let reason = format!(
                    "{method} is repeated when the call carries `{one}`{other}, or nothing was sent"
                );
                ("with a key", reason)
            }
        }
    } else {
        let methods = operation.shown_methods();
        ("always", format!("{methods} is idempotent"))
    };
    let methods = operation.methods.iter();
    let mut origins: Vec<_> = methods
        .map(|method| origin("Method", method.span, method.value.as_str(), true))
        .collect();
    origins.extend(marked.and_then(|marked| {
        let words = match &marked.value {
            Idempotence::Always => "yes".to_owned(),
            Idempotence::WithKey(header) => format!("with {header}"),
            Idempotence::Never => return None,
        };
        Some(origin("Idempotent", marked.span, &words, true))
    }));
    Setting {
        name: "may be repeated",
        keys: &["Idempotent", "Method"],
        value: value.to_owned(),
        reason,
        origins,
    }
}

fn version(integration: &Integration) -> Option<Setting> {
    let version = integration.configuration.settings.api_version.as_ref()?;
    let authentication = integration.authentication.as_ref();
    let header = authentication.and_then(|found| found.version_header.as_ref());
    let mut origins = vec![origin("api_version", version.span, &version.value, true)];
    let reason = if let Some(header) = header {
        origins.push(origin("Version header", header.span, &header.value, true));
        format!("sent as `{}` where the caller sends none", header.value)
    } else {
        "not sent, since no `Version header` is named".to_owned()
    };
    Some(Setting {
        name: "API version",
        keys: &["api_version", "Version header"],
        value: version.value.clone(),
        reason,
        origins,
    })
}

fn global_rates(integration: &Integration) -> Vec<Spanned<RateLimit>> {
    integration.configuration.settings.rate_limits.clone()
}

/// Every rate that matches holds; the slowest decides.
fn slowest(global: &[Spanned<RateLimit>], own: &[Spanned<RateLimit>]) -> Option<Setting> {
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
        origins: all
            .iter()
            .map(|(name, rate)| {
                origin(
                    name,
                    rate.span,
                    &rate.value.to_string(),
                    rate.span == winner.span,
                )
            })
            .collect(),
    })
}

fn origin(key: &str, span: Span, value: &str, wins: bool) -> Origin {
    Origin {
        span,
        words: format!("{key} {value}"),
        wins,
    }
}

/// A duration for people: `500 ms`, `1.5 s`, `2 min`, `24 h`, `90 days`.
pub fn shown(duration: Duration) -> String {
    let millis = duration.as_millis();
    for (unit, length) in [("days", 86_400_000), ("h", 3_600_000), ("min", 60_000)] {
        if millis >= 2 * length && millis.is_multiple_of(length) {
            return format!("{} {unit}", millis / length);
        }
    }
    if millis < 1_000 {
        return format!("{millis} ms");
    }
    let tenths = (millis + 50) / 100;
    if tenths.is_multiple_of(10) {
        format!("{} s", tenths / 10)
    } else {
        format!("{}.{} s", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests;
