//! Configuration: Required Settings and Optional Features.

use std::collections::HashMap;

use wharf_diag::Spanned;
use wharf_scan::looks_like_secret;

use super::context::{Context, Seen, spanned};
use crate::findings::not_filled_in::{self, Need};
use crate::findings::{json_not_read, not_a_reference, unknown_word, wrong_kind};
use crate::model::{BodyFormat, Configuration, EnvironmentSettings, Feature, Settings};
use crate::parse::{placeholder, url};
use crate::raw::json::{self, Node};
use crate::raw::{Section, Text, items};
use crate::vocabulary;

/// Most retries a document may ask for.
pub(super) const MOST_RETRIES: u32 = 100;

/// Most calls in flight a document may ask for.
const MOST_CONCURRENT: u32 = 1_000_000;

const KNOWN: [&str; 12] = vocabulary::names(&vocabulary::SETTINGS);

const PART: &str = "Required Settings";

const LANGUAGES: [&str; 3] = ["json", "jsonc", "json5"];

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Configuration {
    let mut configuration = Configuration::default();
    let mut seen = Seen::new();
    let blocks = section.part_code(PART, &LANGUAGES);
    for block in &blocks {
        let entries = match json::parse(&block.text, context.source.text()) {
            Ok(Node::Object(entries, _)) => entries,
            Ok(node) => {
                context.report_at(node.span(), |source, span| {
                    wrong_kind::new(source, span, PART, "an object", node.kind())
                });
                continue;
            }
            Err(problem) => {
                context.report_at(problem.span, |source, span| {
                    json_not_read::new(source, span, PART, &problem.message)
                });
                continue;
            }
        };
        for (key, node) in &entries {
            if context.is_new(&mut seen, key, "setting") {
                setting(context, &mut configuration, key, node);
            }
        }
    }
    if section.has_part(PART) && blocks.is_empty() {
        let what = "the JSON block of Required Settings";
        context.block_missing(section, PART, what, &LANGUAGES, "one object in it");
    }
    let features = section.part("Optional Features");
    configuration.features = items(features)
        .filter_map(|item| feature(context, &item.text))
        .collect();
    configuration
}

fn setting(context: &mut Context<'_>, configuration: &mut Configuration, key: &Text, node: &Node) {
    let name = key.as_str();
    if !KNOWN.contains(&name) {
        if matches!(node, Node::String(text) if looks_like_secret(text.as_str())) {
            context.report_at(node.span(), |source, span| {
                not_a_reference::new(source, span, "the value of the setting")
            });
            return;
        }
        context.unknown_name(key, "setting", &KNOWN);
        let json = context.source.slice(outer(context, node)).to_owned();
        let value = Spanned::new(json, node.span());
        configuration.other.push((spanned(key), value));
        return;
    }
    let entries = match node {
        Node::Object(entries, _) if !entries.is_empty() => entries,
        node => return value(context, &mut configuration.settings, name, node),
    };
    // One value for each environment.
    let mut seen = Seen::new();
    let all = &mut configuration.by_environment;
    let places = all.iter().enumerate();
    let mut places: HashMap<_, _> = places
        .map(|(index, own)| (own.environment.value.to_ascii_lowercase(), index))
        .collect();
    for (environment, node) in entries {
        let environment = environment.trimmed();
        if context.is_new(&mut seen, &environment, "environment") {
            let own = own_settings(all, &mut places, &environment);
            value(context, own, name, node);
        }
    }
}

/// What an environment has of its own, made where it is named for the first time. `places` are
/// indices by the name in small letters.
fn own_settings<'a>(
    all: &'a mut Vec<EnvironmentSettings>,
    places: &mut HashMap<String, usize>,
    environment: &Text,
) -> &'a mut Settings {
    let name = environment.as_str().to_ascii_lowercase();
    let index = *places.entry(name).or_insert_with(|| {
        all.push(EnvironmentSettings {
            environment: spanned(environment),
            settings: Settings::default(),
        });
        all.len() - 1
    });
    &mut all[index].settings
}

/// Reads the value of a setting that is known.
fn value(context: &mut Context<'_>, settings: &mut Settings, name: &str, node: &Node) {
    let what = format!("`{name}`");
    if name == "rate_limit" {
        let nodes = match node {
            Node::Array(nodes, _) => nodes.as_slice(),
            node => std::slice::from_ref(node),
        };
        for node in nodes {
            if let Some(text) = scalar(context, node, &what) {
                settings.rate_limits.extend(context.rates(&text, &what));
            }
        }
        return;
    }
    let Some(text) = scalar(context, node, &what) else {
        return;
    };
    match name {
        "api_version" => settings.api_version = context.text(&text, &what, Need::Used),
        "timeout" => settings.timeout = context.bound(&text, &what),
        "connect_timeout" => settings.connect_timeout = context.bound(&text, &what),
        "retry_attempts" => {
            settings.retry_attempts = context.integer_u32(&text, &what, 0, MOST_RETRIES);
        }
        "webhook_url" => settings.webhook_url = webhook_url(context, &text, &what),
        "max_concurrency" => {
            settings.max_concurrency = context.integer_u32(&text, &what, 1, MOST_CONCURRENT);
        }
        "max_wait" => settings.max_wait = context.duration(&text, &what),
        "cache_ttl" => settings.cache_ttl = context.duration(&text, &what),
        "max_body" => settings.max_body = context.size(&text, &what),
        "idempotency_header" => settings.idempotency_header = context.header_name(&text, &what),
        "body_format" => settings.body_format = body_format(context, &text, &what),
        _ => {}
    }
}

/// The JSON text of a node; a string with its quotes.
fn outer(context: &Context<'_>, node: &Node) -> wharf_diag::Span {
    let span = node.span();
    let text = context.source.text();
    let quoted = wharf_diag::Span::new(span.start.saturating_sub(1), span.end + 1);
    let is_inner = matches!(node, Node::String(text) if !text.is_empty())
        && text
            .get(quoted.range())
            .is_some_and(|slice| slice.starts_with('"') && slice.ends_with('"'));
    if is_inner { quoted } else { span }
}

/// A text or number; anything else is reported, `null` is absence.
fn scalar(context: &mut Context<'_>, node: &Node, what: &str) -> Option<Text> {
    match node {
        Node::String(text) | Node::Number(text) => Some(text.clone()),
        Node::Null(_) => None,
        node => {
            context.report_at(node.span(), |source, span| {
                wrong_kind::new(source, span, what, "a text or number", node.kind())
            });
            None
        }
    }
}

fn webhook_url(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<String>> {
    let text = context.given(text, what, Need::Used)?;
    let url = url::parse(text.as_str());
    if url
        .as_ref()
        .is_ok_and(|url| placeholder::is_service_host(&url.host))
    {
        context.report_at(text.span(), |source, span| {
            not_filled_in::new(source, span, what, Need::Used)
        });
        return None;
    }
    let value = url.map(|_| text.as_str().to_owned());
    context.url(&text, value, what)
}

fn body_format(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<BodyFormat>> {
    let text = context.given(text, what, Need::Used)?;
    let format = match text.as_str().to_ascii_lowercase().as_str() {
        "json" => BodyFormat::Json,
        "form" => BodyFormat::Form,
        other => {
            context.report_at(text.span(), |source, span| {
                unknown_word::new(source, span, what, other, &["json", "form"])
            });
            return None;
        }
    };
    Some(Spanned::new(format, text.span()))
}

/// What stands between a switch and its reason. Word processors make the longer two of the first.
const DASHES: [&str; 3] = [" - ", " – ", " — "];

/// `name: enabled - reason`.
fn feature(context: &mut Context<'_>, text: &Text) -> Option<Feature> {
    let (name, value) = text.split_key()?;
    let dashes = DASHES.iter().filter_map(|dash| {
        let at = value.as_str().find(dash)?;
        Some((at, dash.len()))
    });
    let (switch, reason) = match dashes.min() {
        Some((at, width)) => (
            value.part(0..at).trimmed(),
            value.part(at + width..value.as_str().len()).trimmed(),
        ),
        None => (value.clone(), Text::empty_at(value.span())),
    };
    let what = format!("the switch of `{}`", name.as_str());
    let switch = context.given(&switch, &what, Need::Read);
    let enabled = switch.and_then(|switch| {
        let enabled = match switch.as_str().to_lowercase().as_str() {
            "enabled" | "on" => true,
            "disabled" | "off" => false,
            other => {
                context.report_at(switch.span(), |source, span| {
                    unknown_word::new(source, span, &what, other, &["enabled", "disabled"])
                });
                return None;
            }
        };
        Some(Spanned::new(enabled, switch.span()))
    });
    let reason = (!reason.is_empty()).then(|| spanned(&reason));
    Some(Feature {
        name: spanned(&name),
        enabled,
        reason,
    })
}
