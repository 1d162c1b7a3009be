//! The YAML between the `---` lines.

use jiff::Timestamp;
use jiff::civil::Date;
use wharf_diag::{Span, Spanned};

use super::context::{Context, Seen, spanned};
use super::costs;
use super::dependencies::document_id;
use crate::findings::not_filled_in::Need;
use crate::findings::{
    date_not_read, day_not_read, frontmatter_not_closed, modified_before_created, title_not_quoted,
    unknown_word, wrong_kind, yaml_not_read,
};
use crate::model::{Criticality, DefaultEnvironment, Frontmatter, IntegrationId, Reference};
use crate::parse::date;
use crate::raw::Text;
use crate::raw::frontmatter::{self, Bounds, Line, bracketed_title, key_lines, unquoted};
use crate::raw::yaml::Node;
use crate::vocabulary::FRONTMATTER_KEYS;

pub(super) fn lower(context: &mut Context<'_>, bounds: Bounds) -> Frontmatter {
    if !bounds.closed {
        let opening = Span::new(bounds.whole.start, bounds.whole.start + 3);
        context.report_at(opening, |source, span| {
            frontmatter_not_closed::new(source, span, bounds.whole.end)
        });
    }
    let text = context.source.text();
    let lines = key_lines(text, bounds.yaml);
    let bracketed = bracketed_title(text, &lines);
    let mut frontmatter = Frontmatter {
        span: bounds.whole,
        ..Frontmatter::default()
    };
    if let Some(line) = bracketed {
        context.report_at(line.value, title_not_quoted::new);
    }
    let mut seen = Seen::new();
    for (key, node) in entries(context, bounds, &lines, bracketed) {
        if context.is_new(&mut seen, &key, "key") {
            entry(context, &mut frontmatter, &key, &node);
        }
    }
    if let Some(line) = bracketed {
        let title = Text::new(&text[line.value.range()], line.value, text);
        frontmatter.title = context.text(&title, "the title", Need::Read);
    }
    if let (Some(created), Some(modified)) = (frontmatter.created, frontmatter.modified)
        && modified.value < created.value
    {
        context.report_at(modified.span, |source, span| {
            modified_before_created::new(source, span, created.span)
        });
    }
    frontmatter
}

/// The entries as YAML reads them, or line by line where it cannot.
fn entries(
    context: &mut Context<'_>,
    bounds: Bounds,
    lines: &[Line],
    bracketed: Option<&Line>,
) -> Vec<(Text, Node)> {
    let text = context.source.text();
    match frontmatter::parse(text, bounds, bracketed) {
        Ok(Node::Mapping(entries, _)) => entries,
        Ok(node) => {
            context.report_at(node.span(), |source, span| {
                wrong_kind::new(
                    source,
                    span,
                    "the frontmatter",
                    "a list of keys",
                    "one value",
                )
            });
            by_lines(text, lines)
        }
        Err(problem) => {
            context.report_at(problem.span, |source, span| {
                yaml_not_read::new(source, span, "the frontmatter", &problem.message)
            });
            by_lines(text, lines)
        }
    }
}

fn by_lines(text: &str, lines: &[Line]) -> Vec<(Text, Node)> {
    lines
        .iter()
        .filter(|line| !text[line.value.range()].starts_with(['[', '{', '|', '>', '&', '*', '!']))
        .map(|line| {
            let written = &text[line.value.range()];
            let value = unquoted(written);
            let start = line.value.start + (written.len() - value.len()) / 2;
            let span = Span::new(start, start + value.len());
            let key = Text::new(&text[line.key.range()], line.key, text);
            (key, Node::Scalar(Text::new(value, span, text)))
        })
        .collect()
}

fn entry(context: &mut Context<'_>, frontmatter: &mut Frontmatter, key: &Text, node: &Node) {
    if key.as_str() == "tags" {
        frontmatter.tags = tags(context, node);
        return;
    }
    match key.as_str() {
        "references" => return frontmatter.references = references(context, node),
        "supersedes" => return frontmatter.supersedes = ids(context, node, "`supersedes`"),
        "superseded_by" => {
            return frontmatter.superseded_by = ids(context, node, "`superseded_by`");
        }
        _ => {}
    }
    if !FRONTMATTER_KEYS.contains(&key.as_str()) {
        frontmatter.unknown.push(spanned(key));
        context.unknown_name(key, "key", &FRONTMATTER_KEYS);
        return;
    }
    let what = format!("`{}`", key.as_str());
    let Node::Scalar(value) = node else {
        let found = if matches!(node, Node::Sequence(..)) {
            "a list"
        } else {
            "a mapping"
        };
        context.report_at(node.span(), |source, span| {
            wrong_kind::new(source, span, &what, "one value", found)
        });
        return;
    };
    match key.as_str() {
        "title" => frontmatter.title = context.text(value, "the title", Need::Read),
        "created" => frontmatter.created = date(context, value, &what),
        "modified" => frontmatter.modified = date(context, value, &what),
        "deprecated_date" => frontmatter.deprecated_date = day(context, value, &what),
        "version" => frontmatter.version = context.integer(value, &what, 1, u64::MAX),
        "ship_factor" => {
            frontmatter.ship_factor = context.integer(value, &what, 1, 10).and_then(|number| {
                let factor = u8::try_from(number.value).ok()?;
                Some(Spanned::new(factor, number.span))
            });
        }
        "active" => frontmatter.active = context.boolean(value, &what),
        "deprecated" => frontmatter.deprecated = context.boolean(value, &what),
        "environment" => frontmatter.environment = environment(context, value, &what),
        "cost" => frontmatter.cost = costs::price(context, value, &what),
        "criticality" => frontmatter.criticality = criticality(context, value, &what),
        "deprecated_reason" => {
            frontmatter.deprecated_reason = context.text(value, &what, Need::Read);
        }
        _ => {}
    }
}

fn tags(context: &mut Context<'_>, node: &Node) -> Vec<Spanned<String>> {
    match node {
        Node::Scalar(text) if text.is_empty() => Vec::new(),
        Node::Scalar(text) => vec![spanned(text)],
        Node::Sequence(nodes, _) => nodes
            .iter()
            .filter_map(|node| match node {
                Node::Scalar(text) => Some(spanned(text)),
                node => {
                    context.report_at(node.span(), |source, span| {
                        wrong_kind::new(source, span, "a tag", "one word", "a list or mapping")
                    });
                    None
                }
            })
            .collect(),
        Node::Mapping(_, span) => {
            context.report_at(*span, |source, span| {
                wrong_kind::new(source, span, "`tags`", "a list", "a mapping")
            });
            Vec::new()
        }
    }
}

/// One word or a list of words; anything else is reported.
fn words_of(context: &mut Context<'_>, node: &Node, what: &str) -> Vec<Text> {
    let nodes = match node {
        Node::Sequence(nodes, _) => nodes.as_slice(),
        node => std::slice::from_ref(node),
    };
    let mut words = Vec::new();
    for node in nodes {
        match node {
            Node::Scalar(text) => words.extend(context.given(text, what, Need::Read)),
            node => context.report_at(node.span(), |source, span| {
                wrong_kind::new(
                    source,
                    span,
                    what,
                    "a list of words",
                    "a nested list or mapping",
                )
            }),
        }
    }
    words
}

/// The id in a text: the id itself, or the name of the document's file.
fn id(text: &Text) -> Option<Spanned<IntegrationId>> {
    let word = text.as_str();
    // `[Stripe](stripe.md)` leads to the document.
    let target = word
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|rest| rest.split_once("]("));
    if let Some((_, target)) = target {
        return document_id(&Spanned::new(target.to_owned(), text.span()));
    }
    let id = IntegrationId::named(word.strip_suffix(".md").unwrap_or(word))?;
    Some(Spanned::new(id, text.span()))
}

fn ids(context: &mut Context<'_>, node: &Node, what: &str) -> Vec<Spanned<IntegrationId>> {
    let mut ids = Vec::new();
    for text in words_of(context, node, what) {
        match id(&text) {
            Some(id) => ids.push(id),
            None => context.report_at(text.span(), |source, span| {
                wrong_kind::new(
                    source,
                    span,
                    what,
                    "the id of an integration",
                    "other words",
                )
            }),
        }
    }
    ids
}

fn references(context: &mut Context<'_>, node: &Node) -> Vec<Spanned<Reference>> {
    words_of(context, node, "`references`")
        .iter()
        .map(|text| match id(text) {
            Some(id) => id.map(Reference::Integration),
            None => spanned(text).map(Reference::Other),
        })
        .collect()
}

fn day(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<Date>> {
    let text = context.given(text, what, Need::Used)?;
    let day = date::find(text.as_str()).first();
    if day.is_none() {
        context.report_at(text.span(), |source, span| {
            day_not_read::new(source, span, what)
        });
    }
    day.map(|(day, _)| Spanned::new(day, text.span()))
}

fn date(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<Timestamp>> {
    let text = context.given(text, what, Need::Used)?;
    let date = text.as_str().parse::<Timestamp>().ok();
    if date.is_none() {
        context.report_at(text.span(), |source, span| {
            date_not_read::new(source, span, what)
        });
    }
    date.map(|date| Spanned::new(date, text.span()))
}

fn environment(
    context: &mut Context<'_>,
    text: &Text,
    what: &str,
) -> Option<Spanned<DefaultEnvironment>> {
    let name = context.text(text, what, Need::Used)?;
    Some(name.map(|name| {
        if name.eq_ignore_ascii_case("all") {
            DefaultEnvironment::All
        } else {
            DefaultEnvironment::Named(name)
        }
    }))
}

fn criticality(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<Criticality>> {
    let text = context.given(text, what, Need::Used)?;
    let value = match text.as_str().to_ascii_lowercase().as_str() {
        "high" => Criticality::High,
        "medium" => Criticality::Medium,
        "low" => Criticality::Low,
        _ => {
            let known = ["high", "medium", "low"];
            context.report_at(text.span(), |source, span| {
                unknown_word::new(source, span, what, text.as_str(), &known)
            });
            return None;
        }
    };
    Some(Spanned::new(value, text.span()))
}
