//! Texts and numbers that look like what a schema asks for.

use serde_json::{Map, Number, Value};

/// 2026-01-15T10:00:00Z, in the three forms that descriptions use.
const DATE_TIME: &str = "2026-01-15T10:00:00Z";
const UNIX_SECONDS: i64 = 1_768_471_200;

/// Longest text made to satisfy `minLength`.
const MAX_LENGTH: usize = 1_024;

/// A text of the schema's format, else one that names its property, within its length.
pub(super) fn string(fields: &Map<String, Value>, name: &str) -> String {
    let format = fields.get("format").and_then(Value::as_str).unwrap_or("");
    let text = formatted(format, name).unwrap_or_else(|| named(name));
    let length = |name| {
        fields
            .get(name)
            .and_then(Value::as_u64)
            .and_then(|length| usize::try_from(length).ok())
    };
    let minimum = length("minLength").unwrap_or(0).min(MAX_LENGTH);
    let maximum = length("maxLength").unwrap_or(usize::MAX);
    let missing = minimum.saturating_sub(text.chars().count());
    text.chars()
        .chain(std::iter::repeat_n('x', missing))
        .take(maximum)
        .collect()
}

fn formatted(format: &str, name: &str) -> Option<String> {
    let text = match format {
        "date-time" => DATE_TIME,
        "date" => "2026-01-15",
        "time" => "10:00:00Z",
        "duration" => "PT1H",
        "email" | "idn-email" => "someone@example.com",
        "hostname" | "idn-hostname" => "host.example.com",
        "ipv4" | "ip" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uuid" => "6f1c1a0e-2b7d-4c55-9a3e-0d5b8f7a4c21",
        "uri" | "url" | "uri-reference" | "iri" | "uri-template" => {
            return Some(format!("https://example.com/{name}"));
        }
        "byte" => "c2ltdWxhdGVk",
        "binary" => "simulated",
        "decimal" | "money" => "1.00",
        "unix-time" | "timestamp" => return Some(UNIX_SECONDS.to_string()),
        _ => return None,
    };
    Some(text.to_owned())
}

fn named(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if lower == "url" || lower.ends_with("_url") || lower.ends_with("uri") {
        format!("https://example.com/{name}")
    } else if lower.ends_with("email") {
        "someone@example.com".to_owned()
    } else if lower.ends_with("_at") {
        DATE_TIME.to_owned()
    } else if name.is_empty() {
        "text".to_owned()
    } else {
        name.to_owned()
    }
}

/// 1, or a time where the schema says so, moved into its bounds.
pub(super) fn integer(fields: &Map<String, Value>, name: &str) -> Value {
    let is_time = fields.get("format").and_then(Value::as_str) == Some("unix-time")
        || matches!(name, "created" | "timestamp")
        || name.ends_with("_at");
    let mut value = if is_time { UNIX_SECONDS } else { 1 };
    let bound = |name| fields.get(name).and_then(Value::as_i64);
    let is_exclusive = |name| fields.get(name) == Some(&Value::Bool(true));
    if let Some(minimum) = bound("minimum") {
        let step = i64::from(is_exclusive("exclusiveMinimum"));
        value = value.max(minimum.saturating_add(step));
    }
    if let Some(minimum) = bound("exclusiveMinimum") {
        value = value.max(minimum.saturating_add(1));
    }
    if let Some(maximum) = bound("maximum") {
        let step = i64::from(is_exclusive("exclusiveMaximum"));
        value = value.min(maximum.saturating_sub(step));
    }
    if let Some(maximum) = bound("exclusiveMaximum") {
        value = value.min(maximum.saturating_sub(1));
    }
    if let Some(step) = bound("multipleOf").filter(|step| *step > 1) {
        let above = value.saturating_add(step - 1) / step * step;
        let fits = bound("maximum").is_none_or(|maximum| above <= maximum);
        value = if fits { above } else { value / step * step };
    }
    Value::from(value)
}

/// 1.5 moved into the schema's bounds.
pub(super) fn number(fields: &Map<String, Value>) -> Value {
    let bound = |name| fields.get(name).and_then(Value::as_f64);
    let is_exclusive = |name| fields.get(name) == Some(&Value::Bool(true));
    let low = bound("minimum").or_else(|| bound("exclusiveMinimum"));
    let high = bound("maximum").or_else(|| bound("exclusiveMaximum"));
    let excludes_low = is_exclusive("exclusiveMinimum") || bound("exclusiveMinimum").is_some();
    let excludes_high = is_exclusive("exclusiveMaximum") || bound("exclusiveMaximum").is_some();
    let is_inside = |value: f64| {
        low.is_none_or(|low| value > low || (value >= low && !excludes_low))
            && high.is_none_or(|high| value < high || (value <= high && !excludes_high))
    };
    let candidates = [
        Some(1.5),
        low.zip(high).map(|(low, high)| f64::midpoint(low, high)),
        low.map(|low| low + 1.0),
        high.map(|high| high - 1.0),
        low,
    ];
    let value = candidates
        .into_iter()
        .flatten()
        .find(|value| is_inside(*value))
        .unwrap_or(0.0);
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let value = step.map_or(value, |step| (value / step).ceil() * step);
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests;
