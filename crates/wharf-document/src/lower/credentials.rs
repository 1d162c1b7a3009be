//! Authentication: the Credential Storage block. Holds references, never a secret.
//!
//! What stands in a credential field and is no reference may be the secret itself. It is never
//! put into a message, and its place is hidden in every rendering.

use wharf_diag::{Span, Spanned, closest};
use wharf_scan::looks_like_secret;

use super::context::{Context, Seen, is_absent, spanned};
use crate::findings::{
    day_not_read, duration_not_read, location_unknown, not_a_reference, unknown_name,
    value_missing, wrong_kind, yaml_not_read,
};
use crate::model::{CredentialReference, CredentialStore};
use crate::parse::date;
use crate::parse::duration::{self, Unit};
use crate::parse::reference::{is_path, is_variable_name};
use crate::raw::yaml::{self, Node};
use crate::raw::{CodeBlock, Section, Text, items, tables};

/// What Credential Storage holds.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) references: Vec<CredentialReference>,
    /// Names of all entries, in lower case, also of those that could not be read.
    pub(super) attempted: Vec<String>,
    /// Something could not be read at all, so an entry that is missing may stand in it.
    pub(super) has_unread: bool,
}

const PART: &str = "Credential Storage";

const LANGUAGES: [&str; 2] = ["yaml", "yml"];

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Stored {
    let mut stored = Stored::default();
    let part = section.part(PART);
    let mut seen = Seen::new();
    let blocks = section.part_code(PART, &LANGUAGES);
    for block in &blocks {
        read_block(context, block, &mut seen, &mut stored);
    }
    // Other notations are not read, but what stands in them may be a secret.
    for item in items(part.iter().copied()) {
        let key = item.text.whole().split_key();
        // Beside the block, sentences without a key are steps and remarks; the scan for secrets
        // reads them as it reads everything.
        if key.is_none() && !blocks.is_empty() {
            continue;
        }
        let value = key.map_or_else(|| item.text.whole(), |(_, value)| value);
        stored.has_unread = true;
        refuse(context, value.span(), "an item of Credential Storage");
    }
    for row in tables(part.iter().copied()).flat_map(|table| &table.rows) {
        stored.has_unread = true;
        refuse(context, row.span, "a row of Credential Storage");
    }
    if section.has_part(PART) && blocks.is_empty() && !super::authentication::is_open(section) {
        stored.has_unread = true;
        let what = "the YAML block of Credential Storage";
        let form = "one entry for each environment in it";
        context.block_missing(section, PART, what, &LANGUAGES, form);
    }
    stored
}

fn read_block(context: &mut Context<'_>, block: &CodeBlock, seen: &mut Seen, stored: &mut Stored) {
    let entries = match yaml::parse(&block.text, context.source.text()) {
        Ok(Node::Mapping(entries, _)) => entries,
        Ok(node) => {
            stored.has_unread = true;
            return refuse(context, node.span(), PART);
        }
        Err(problem) => {
            stored.has_unread = true;
            context.report_at(problem.span, |source, span| {
                yaml_not_read::new(source, span, PART, &problem.message)
                    .with_hidden(block.text.span())
            });
            return;
        }
    };
    if let Some((key, node)) = entries.iter().find(|(key, _)| key.as_str() == "location") {
        stored.has_unread = true;
        context.report_at(key.span().to(node.span()), |source, span| {
            wrong_kind::new(
                source,
                span,
                PART,
                "one entry for each environment",
                "one for all",
            )
            .with_hidden(node.span())
        });
        return;
    }
    for (name, node) in &entries {
        if looks_like_secret(name.as_str()) {
            stored.has_unread = true;
            refuse(context, name.span(), "the name of an entry");
        } else if context.is_new(seen, name, "credential") {
            stored.attempted.push(name.as_str().to_lowercase());
            stored.references.extend(entry(context, name, node));
        }
    }
}

/// The fields of one entry as far as they could be read.
#[derive(Default)]
struct Fields {
    location: Option<Text>,
    path: Option<Spanned<String>>,
    variables: Option<Vec<Spanned<String>>>,
    rotation: Option<Spanned<std::time::Duration>>,
    rotated: Option<Spanned<jiff::civil::Date>>,
    /// A field was refused, so what is missing has already been said.
    refused: bool,
}

fn entry(context: &mut Context<'_>, name: &Text, node: &Node) -> Option<CredentialReference> {
    let environment = name.as_str();
    let Node::Mapping(entries, span) = node else {
        let what = format!("the credential for `{environment}`");
        if matches!(node, Node::Scalar(text) if text.is_empty()) {
            context.report_at(name.span(), |source, span| {
                value_missing::new(source, span, &what)
            });
        } else {
            refuse(context, node.span(), &what);
        }
        return None;
    };
    let mut fields = Fields::default();
    let mut seen = Seen::new();
    for (key, value) in entries {
        if context.is_new(&mut seen, key, "field") {
            field(context, &mut fields, environment, key, value);
        }
    }
    let store = store(context, name, &fields, *span)?;
    Some(CredentialReference {
        environment: spanned(name),
        store,
        rotation: fields.rotation,
        rotated: fields.rotated,
    })
}

fn field(
    context: &mut Context<'_>,
    fields: &mut Fields,
    environment: &str,
    key: &Text,
    value: &Node,
) {
    let refused = match (key.as_str(), value) {
        ("location", Node::Scalar(text)) => {
            fields.location = Some(text.clone());
            false
        }
        ("path" | "key", Node::Scalar(text)) if is_path(text.as_str()) => {
            fields.path = Some(spanned(text));
            false
        }
        ("variables", Node::Scalar(text)) if is_variable_name(text.as_str()) => {
            fields.variables = Some(vec![spanned(text)]);
            false
        }
        ("variables", Node::Sequence(nodes, _)) => variables(context, fields, environment, nodes),
        ("rotation" | "rotated", Node::Scalar(text))
            if !text.is_empty() && is_absent(text.as_str()) =>
        {
            false
        }
        ("rotation", Node::Scalar(text)) if !looks_like_secret(text.as_str()) => {
            let what = format!("the rotation of `{environment}`");
            let value = duration::parse(text.as_str(), Unit::Days);
            // The unit that was written is not repeated: the message must not echo the field.
            let value = value.map_err(|_| "it is not a number with a unit of time".to_owned());
            fields.rotation = context.value(text, value, |source, span, why| {
                duration_not_read::new(source, span, &what, why).with_hidden(span)
            });
            false
        }
        ("rotated", Node::Scalar(text)) if !looks_like_secret(text.as_str()) => {
            let what = format!("the last rotation of `{environment}`");
            match date::find(text.as_str()).first() {
                Some((day, _)) => fields.rotated = Some(Spanned::new(day, text.span())),
                None => context.report_at(text.span(), |source, span| {
                    day_not_read::new(source, span, &what).with_hidden(span)
                }),
            }
            false
        }
        _ => true,
    };
    if refused {
        let what = if looks_like_secret(key.as_str()) {
            refuse(context, key.span(), "the name of a field");
            format!("a field of the credential for `{environment}`")
        } else {
            format!("`{}` of the credential for `{environment}`", key.as_str())
        };
        refuse(context, value.span(), &what);
        fields.refused = true;
    }
}

/// Reads the names of environment variables; `true` when none of them is one.
fn variables(
    context: &mut Context<'_>,
    fields: &mut Fields,
    environment: &str,
    nodes: &[Node],
) -> bool {
    let mut names = Vec::new();
    for node in nodes {
        match node {
            Node::Scalar(text) if is_variable_name(text.as_str()) => names.push(spanned(text)),
            _ => {
                let what = format!("a variable of the credential for `{environment}`");
                refuse(context, node.span(), &what);
                fields.refused = true;
            }
        }
    }
    if !names.is_empty() {
        fields.variables = Some(names);
    }
    false
}

fn store(
    context: &mut Context<'_>,
    name: &Text,
    fields: &Fields,
    entry: Span,
) -> Option<Spanned<CredentialStore>> {
    let environment = name.as_str();
    let Some(location) = &fields.location else {
        if !fields.refused {
            let what = format!("the location of the credential for `{environment}`");
            context.report_at(name.span(), |source, span| {
                value_missing::new(source, span, &what)
            });
        }
        return None;
    };
    let known = location_unknown::KNOWN
        .iter()
        .find(|known| location.as_str().eq_ignore_ascii_case(known));
    let Some(known) = known else {
        let meant = closest(location.as_str(), location_unknown::KNOWN);
        context.report_at(location.span(), |source, span| {
            location_unknown::new(source, span, environment, meant)
        });
        return None;
    };
    let path = fields.path.clone();
    let store = match *known {
        "ENV_VARIABLES" => fields
            .variables
            .clone()
            .map(|variables| CredentialStore::EnvVariables { variables }),
        "AWS_SECRETS_MANAGER" => path.map(|path| CredentialStore::AwsSecretsManager { path }),
        "HASHICORP_VAULT" => path.map(|path| CredentialStore::HashicorpVault { path }),
        _ => path.map(|path| CredentialStore::File { path }),
    };
    let needed = if *known == "ENV_VARIABLES" {
        "variables"
    } else {
        "path"
    };
    if store.is_none() && !fields.refused {
        let what = format!("`{needed}` of the credential for `{environment}`");
        context.report_at(location.span(), |source, span| {
            value_missing::new(source, span, &what)
        });
    }
    report_idle(context, fields, known);
    store.map(|store| Spanned::new(store, entry))
}

/// A field that belongs to another location is kept and said to be idle.
fn report_idle(context: &mut Context<'_>, fields: &Fields, location: &str) {
    let takes_variables = location == "ENV_VARIABLES";
    let kind = format!("field of `{location}`");
    let idle = if takes_variables {
        fields.path.as_ref().map(|path| ("path", path.span))
    } else {
        fields
            .variables
            .as_ref()
            .and_then(|names| names.first())
            .map(|first| ("variables", first.span))
    };
    if let Some((name, span)) = idle {
        context.report_at(span, |source, span| {
            unknown_name::new(source, span, &kind, name)
        });
    }
}

fn refuse(context: &mut Context<'_>, span: Span, what: &str) {
    context.report_at(span, |source, span| {
        not_a_reference::new(source, span, what)
    });
}
