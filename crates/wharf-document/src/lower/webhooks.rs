//! Webhooks: what comes in, and what goes out.

use wharf_diag::{Span, Spanned};

use super::columns::Columns;
use super::context::{Context, Seen, spanned};
use super::dependencies::document_id;
use super::endpoints::operation_id;
use super::verification;
use crate::findings::not_filled_in::Need;
use crate::findings::{path_not_read, value_missing};
use crate::model::{
    IncomingWebhook, IntegrationId, Mapping, OutgoingWebhook, WebhookTarget, Webhooks, handler_name,
};
use crate::parse::{path, url};
use crate::raw::{Row, Section, Text, code_blocks, tables};

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Webhooks {
    Webhooks {
        incoming: incoming(context, section),
        verification: verification::lower(context, section),
        outgoing: outgoing(context, section),
        mappings: mappings(context, section),
    }
}

fn incoming(context: &mut Context<'_>, section: &Section) -> Vec<IncomingWebhook> {
    let mut events = Vec::new();
    let mut seen = Seen::new();
    for table in tables(section.part("Incoming")) {
        let required = ["Event", "Endpoint", "Handler"];
        let Some(columns) = context.columns(table, "Incoming", &required, &["Order by", "Mapping"])
        else {
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
    let order_by = columns.cell(row, "Order by");
    let mapping = columns.cell(row, "Mapping");
    IncomingWebhook {
        event: spanned(event),
        endpoint,
        handler,
        order_by: context.pointer(&order_by, &of("order")),
        mapping: context.text(&mapping, &of("mapping"), Need::Used),
    }
}

fn outgoing(context: &mut Context<'_>, section: &Section) -> Vec<OutgoingWebhook> {
    let mut rows = Vec::new();
    for table in tables(section.part("Outgoing")) {
        let required = ["Trigger", "Target", "Payload"];
        let Some(columns) = context.columns(table, "Outgoing", &required, &["Secret"]) else {
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
            let secrets = columns.cell(row, "Secret");
            let secrets = verification::names(context, &secrets, &of("secret"));
            rows.push(OutgoingWebhook {
                trigger: spanned(&trigger),
                target,
                payload: context.text(&payload, &of("payload"), Need::Used),
                secrets,
            });
        }
    }
    rows
}

/// Why the name of a document with a path behind it is refused.
const ONE_WORD: &str =
    "it may be a host or the id of an integration; write `https://…`, or id and operation apart";

/// An address, `id operation`, or an operation of this document.
fn target(context: &mut Context<'_>, cell: &Text, what: &str) -> Option<Spanned<WebhookTarget>> {
    let mut text = context.required(cell, what)?;
    let mut links = text.links().iter();
    // `[stripe charge](stripe.md)` names an operation, `[hook](https://…)` an address.
    if links.any(|link| link.target.value.contains("://")) {
        text = context.led_to(&text, what)?;
    }
    let value = text.as_str();
    let looks_like_address = value.contains(['/', '.']) && !value.contains(' ');
    let host = value.split('/').next().unwrap_or_default();
    let is_name = IntegrationId::named(host).is_some() && host != "localhost";
    if looks_like_address && is_name {
        // `slack/post-message`: no host of one word is reached from outside of a network.
        context.report_at(text.span(), |source, span| {
            crate::findings::url_not_read::new(source, span, what, ONE_WORD)
        });
        return None;
    }
    if looks_like_address {
        let url = url::parse(value).map(|url| WebhookTarget::Url(url.to_string()));
        return context.url(&text, url, what);
    }
    let words = text.split_on(&[" "]);
    // `[Slack](slack.md) post-message`: the document that a link leads to goes before its words.
    let linked = words
        .first()
        .and_then(|word| word.links().first())
        .filter(|_| words.len() > 1)
        .and_then(|link| document_id(&link.target));
    let id = linked.map(|id| id.value).or_else(|| {
        let word = words.first()?;
        IntegrationId::named(word.as_str())
    });
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
                crate::findings::url_not_read::new(
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
