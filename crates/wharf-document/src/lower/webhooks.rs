//! Webhooks: what comes in, how it is verified, what goes out.

use wharf_diag::{Span, Spanned};

use super::context::{Columns, Context, Seen, is_absent, spanned};
use super::endpoints::operation_id;
use super::list::{self, Entry};
use crate::checks::not_filled_in::{self, Need};
use crate::checks::{
    event_field_not_read, not_a_reference, path_not_read, status_not_read, template_not_read,
    unknown_word, value_missing,
};
use crate::model::{
    EventField, IncomingWebhook, IntegrationId, Mapping, OutgoingWebhook, SignatureAlgorithm,
    SignatureAlphabet, SignatureEncoding, SignatureScheme, Verification, WebhookTarget, Webhooks,
    handler_name,
};
use crate::parse::reference::{is_path, is_variable_name};
use crate::parse::template::is_header_name;
use crate::parse::{path, placeholder, status, url};
use crate::raw::{Row, Section, Text, code_blocks, same_name, tables};
use crate::vocabulary;

/// Keys of the Verification list.
pub(crate) const VERIFICATION_KEYS: [&str; 10] = vocabulary::names(&vocabulary::VERIFICATION_KEYS);

/// What a template of signed content may hold.
const SIGNED_FIELDS: [&str; 4] = ["body", "timestamp", "id", "url"];

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Webhooks {
    Webhooks {
        incoming: incoming(context, section),
        verification: verification(context, section),
        outgoing: outgoing(context, section),
        mappings: mappings(context, section),
    }
}

fn incoming(context: &mut Context<'_>, section: &Section) -> Vec<IncomingWebhook> {
    let mut events = Vec::new();
    let mut seen = Seen::new();
    for table in tables(section.part("Incoming")) {
        let required = ["Event", "Endpoint", "Handler"];
        let Some(columns) = context.columns(table, "Incoming", &required, &[]) else {
            continue;
        };
        for row in &table.rows {
            let name = columns.cell(row, "Event");
            let Some(event) = context.required(&name, "the event") else {
                continue;
            };
            if context.is_new(&mut seen, &event, "event") {
                events.push(incoming_row(context, row, &columns, &event));
            }
        }
    }
    events
}

fn incoming_row(
    context: &mut Context<'_>,
    row: &Row,
    columns: &Columns,
    event: &Text,
) -> IncomingWebhook {
    let of = |what: &str| format!("the {what} of `{}`", event.as_str());
    let endpoint = context.required(&columns.cell(row, "Endpoint"), &of("endpoint"));
    let endpoint = endpoint.and_then(|text| {
        let value = path::parse(text.as_str()).map(|_| text.as_str().to_owned());
        context.value(&text, value, |source, span, why| {
            path_not_read::new(source, span, &of("endpoint"), why)
        })
    });
    let handler = context.given(&columns.cell(row, "Handler"), &of("handler"), Need::Used);
    let handler = handler.map(|text| {
        let name = handler_name(text.as_str()).to_owned();
        Spanned::new(name, text.span())
    });
    IncomingWebhook {
        event: spanned(event),
        endpoint,
        handler,
    }
}

fn verification(context: &mut Context<'_>, section: &Section) -> Option<Verification> {
    let blocks = section.part("Verification");
    let entries = list::entries(context, &blocks, &[], &[]);
    if entries.is_empty() {
        return None;
    }
    let mut verification = Verification {
        span: section.place_of_part("Verification"),
        keys: entries.iter().map(|e| e.key.as_str().to_owned()).collect(),
        ..Verification::default()
    };
    for entry in &entries {
        verification_entry(context, &mut verification, entry);
    }
    Some(verification)
}

fn verification_entry(context: &mut Context<'_>, to: &mut Verification, entry: &Entry<'_>) {
    let (value, what) = (&entry.value, entry.what());
    match entry.name().as_str() {
        "scheme" => to.scheme = scheme(context, value),
        "header" => {
            let name = context.header_name(value, &what);
            to.header = name.map(|name| name.map(|name| name.to_ascii_lowercase()));
        }
        "algorithm" => to.algorithm = context.one_of(value, &what, &SignatureAlgorithm::ALL),
        "signed content" => to.signed_content = signed_content(context, value, &what),
        "encoding" => to.encoding = encoding(context, value, &what),
        "tolerance" => to.tolerance = context.bound(value, &what),
        "secret" => to.secret = secret(context, value),
        "event type" => to.event_type = field(context, value, &what),
        "event id" => to.event_id = field(context, value, &what),
        "respond" => (to.respond_status, to.handshake) = respond(context, value, &what),
        _ => context.unknown_name(
            &entry.key,
            "key of the Verification list",
            &VERIFICATION_KEYS,
        ),
    }
}

fn scheme(context: &mut Context<'_>, value: &Text) -> Option<Spanned<SignatureScheme>> {
    let (word, rest) = match value.as_str().find(',') {
        Some(at) => (
            value.part(0..at).trimmed(),
            Some(value.part(at + 1..value.as_str().len()).trimmed()),
        ),
        None => (value.trimmed(), None),
    };
    if same_name(word.as_str(), "None") {
        let proof = rest.map(|rest| rest.as_str().to_owned());
        return Some(Spanned::new(SignatureScheme::Unsigned(proof), value.span()));
    }
    let word = context.given(&word, "`Scheme`", Need::Used)?;
    if same_name(word.as_str(), "Generic") {
        return Some(Spanned::new(SignatureScheme::Generic, word.span()));
    }
    let name = SignatureScheme::NAMES
        .iter()
        .find(|name| same_name(word.as_str(), name));
    if name.is_none() {
        let known: Vec<_> = SignatureScheme::NAMES
            .into_iter()
            .chain(["Generic", "None"])
            .collect();
        context.report_at(word.span(), |source, span| {
            unknown_word::new(source, span, "the scheme", word.as_str(), &known)
        });
    }
    name.map(|name| Spanned::new(SignatureScheme::Named(name), word.span()))
}

/// `{timestamp}.{body}`: every hole is one that can be filled, and the body is in it.
fn signed_content(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<String>> {
    let value = context.given(value, what, Need::Used)?;
    let template = crate::parse::template::parse(value.as_str()).and_then(|template| {
        if let Some(field) = template.fields().find(|f| !SIGNED_FIELDS.contains(f)) {
            return Err(format!(
                "`{{{field}}}` is none of `{{body}}`, `{{timestamp}}`, `{{id}}` and `{{url}}`"
            ));
        }
        if template.fields().any(|field| field == "body") {
            Ok(value.as_str().to_owned())
        } else {
            Err("`{body}` is not in it, so any body would pass".to_owned())
        }
    });
    context.value(&value, template, |source, span, why| {
        template_not_read::new(source, span, what, why)
    })
}

/// `hex`, or `hex after sha256=`.
fn encoding(
    context: &mut Context<'_>,
    value: &Text,
    what: &str,
) -> Option<Spanned<SignatureEncoding>> {
    let (word, prefix) = match value.as_str().find(" after ") {
        Some(at) => {
            let behind = value.as_str()[at + 7..].trim();
            let prefix = behind.trim_matches(['`', '"', '\'']).to_owned();
            (value.part(0..at).trimmed(), Some(prefix))
        }
        None => (value.trimmed(), None),
    };
    let alphabet = context.one_of(&word, what, &SignatureAlphabet::ALL)?;
    Some(alphabet.map(|alphabet| SignatureEncoding { alphabet, prefix }))
}

/// The name of a variable, or a path in a store. Anything else may be the secret itself.
fn secret(context: &mut Context<'_>, value: &Text) -> Option<Spanned<String>> {
    if is_absent(value.as_str()) {
        return None;
    }
    let is_open = placeholder::is_placeholder(value.as_str());
    let is_reference =
        is_variable_name(value.as_str()) || value.as_str().contains('/') && is_path(value.as_str());
    if is_open {
        context.report_at(value.span(), |source, span| {
            not_filled_in::new(source, span, "`Secret`", Need::Used)
        });
    } else if !is_reference {
        context.report_at(value.span(), |source, span| {
            not_a_reference::new(source, span, "`Secret`")
        });
    }
    (!is_open && is_reference).then(|| spanned(value))
}

/// `/type`, `X-GitHub-Event` or `header X-GitHub-Event`.
fn field(context: &mut Context<'_>, value: &Text, what: &str) -> Option<Spanned<EventField>> {
    let value = context.given(value, what, Need::Used)?;
    let text = value.as_str();
    let field = if text.starts_with('/') && !text.contains(char::is_whitespace) {
        Ok(EventField::Pointer(text.to_owned()))
    } else if let Some(name) = header_word(text) {
        Ok(EventField::Header(name.to_ascii_lowercase()))
    } else {
        Err("it is neither a JSON pointer such as `/type` nor `header X-Event`".to_owned())
    };
    context.value(&value, field, |source, span, why| {
        event_field_not_read::new(source, span, what, why)
    })
}

/// The name of a header, alone or behind the word `header`.
fn header_word(text: &str) -> Option<&str> {
    let name = match text.split_once(' ') {
        Some((word, name)) if word.eq_ignore_ascii_case("header") => name.trim(),
        _ => text,
    };
    (is_header_name(name) && !name.eq_ignore_ascii_case("header")).then_some(name)
}

/// `200`, or `200, challenge`.
fn respond(
    context: &mut Context<'_>,
    value: &Text,
    what: &str,
) -> (Option<Spanned<u16>>, Option<Spanned<String>>) {
    let Some(value) = context.given(value, what, Need::Used) else {
        return (None, None);
    };
    let end = value
        .as_str()
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.as_str().len());
    let number = value.part(0..end);
    let status = context.value(
        &value,
        status::exact(number.as_str()),
        |source, span, why| status_not_read::new(source, span, what, why),
    );
    let words = value.part(end..value.as_str().len());
    let words = words.as_str().trim_start_matches([',', ';', ' ', '-']);
    let start = value.as_str().len() - words.len();
    let words = value.part(start..value.as_str().len()).trimmed();
    let handshake = (!words.is_empty()).then(|| spanned(&words));
    (status, handshake)
}

fn outgoing(context: &mut Context<'_>, section: &Section) -> Vec<OutgoingWebhook> {
    let mut rows = Vec::new();
    for table in tables(section.part("Outgoing")) {
        let required = ["Trigger", "Target", "Payload"];
        let Some(columns) = context.columns(table, "Outgoing", &required, &[]) else {
            continue;
        };
        for row in &table.rows {
            let trigger = columns.cell(row, "Trigger");
            let Some(trigger) = context.required(&trigger, "the trigger") else {
                continue;
            };
            let of = |what: &str| format!("the {what} of `{}`", trigger.as_str());
            let target = target(context, &columns.cell(row, "Target"), &of("target"));
            let payload = columns.cell(row, "Payload");
            rows.push(OutgoingWebhook {
                trigger: spanned(&trigger),
                target,
                payload: context.text(&payload, &of("payload"), Need::Used),
            });
        }
    }
    rows
}

/// An address, `id operation`, or an operation of this document.
fn target(context: &mut Context<'_>, cell: &Text, what: &str) -> Option<Spanned<WebhookTarget>> {
    let text = context.required(cell, what)?;
    let value = text.as_str();
    let looks_like_address = value.contains(['/', '.']) && !value.contains(' ');
    if looks_like_address {
        let url = url::parse(value).map(|url| WebhookTarget::Url(url.to_string()));
        return context.url(&text, url, what);
    }
    let words = text.split(|value, at| usize::from(value[at..].starts_with(' ')));
    let id = words
        .first()
        .and_then(|word| IntegrationId::new(word.as_str()));
    match (id, words.as_slice()) {
        (Some(integration), [_, operation @ ..]) if !operation.is_empty() => {
            let names: Vec<_> = operation.iter().map(Text::as_str).collect();
            let operation = operation_id(&names.join(" "));
            let target = WebhookTarget::Operation {
                integration,
                operation,
            };
            Some(Spanned::new(target, text.span()))
        }
        _ => {
            context.report_at(text.span(), |source, span| {
                crate::checks::url_not_read::new(
                    source,
                    span,
                    what,
                    "it is neither an address nor the id of an integration and an operation",
                )
            });
            None
        }
    }
}

fn mappings(context: &mut Context<'_>, section: &Section) -> Vec<Mapping> {
    let mut mappings: Vec<Mapping> = Vec::new();
    let mut seen = Seen::new();
    for block in code_blocks(section.part("Mappings")) {
        let info = &block.info.value;
        let mut words = info.split_whitespace();
        if !words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("jq"))
        {
            continue;
        }
        let Some(name) = words.next() else {
            context.report_at(block.info.span, |source, span| {
                value_missing::new(source, span, "the name of the mapping")
            });
            continue;
        };
        let at = block.info.span.start + info.rfind(name).unwrap_or(0);
        let span = Span::new(at, (at + name.len()).min(block.info.span.end));
        let text = Text::new(name, span, context.source.text());
        if context.is_new(&mut seen, &text, "mapping") {
            mappings.push(Mapping {
                name: spanned(&text),
                span: block.span,
                program: block.text.as_str().to_owned(),
            });
        }
    }
    mappings
}
