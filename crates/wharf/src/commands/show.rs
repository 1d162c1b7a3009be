//! `wharf show`: everything about one document, with the settings that hold and why.

mod errors;
mod force;
mod handlers;
mod json;
mod places;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use wharf_diag::closest;
use wharf_document::Integration;

use crate::installation::{self, Installation};
use crate::output::{self, Format};
use crate::redact::Redaction;

/// Exit code of a feature that is switched off.
const DISABLED: u8 = 1;

/// Show everything about one document: what it says, and which settings hold and why.
///
/// Where several places of a document give one setting, all of them are shown with their line,
/// and a `*` marks the one that wins. What is read and not obeyed yet is named as such. Credentials are shown by where they are, never by what
/// they are.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf show stripe
  wharf show stripe --section Costs         the section's Markdown as it is written
  wharf show stripe --feature idempotency-keys
  if wharf show billing --feature new-checkout; then echo on; fi
  wharf show stripe --format json | jq .operations
  wharf show github --catalog

The fields of --format json are told in docs/json.md.
Exit codes: 0 shown, or the feature is enabled; 1 the feature is disabled; 2 could not be shown.")]
pub(crate) struct Arguments {
    /// Id of the integration.
    id: String,

    /// Only whether this optional feature is enabled.
    #[arg(long, value_name = "NAME", conflicts_with = "section")]
    feature: Option<String>,

    /// Only this section's Markdown, as it is written.
    #[arg(long, value_name = "NAME", conflicts_with = "format")]
    section: Option<String>,

    /// The workspace [default: the current folder, where it is one].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Show a document that comes with the program.
    #[arg(long, conflicts_with = "dir")]
    catalog: bool,

    /// How the result is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the document.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let installation = if arguments.catalog {
        Installation::of_catalog()
    } else {
        Installation::open(arguments.dir.clone(), false)?
    };
    let redaction = Redaction::of(&installation.workspace)?;
    redaction.result(shown(arguments, &installation, &redaction))
}

fn shown(
    arguments: &Arguments,
    installation: &Installation,
    redaction: &Redaction,
) -> anyhow::Result<ExitCode> {
    let workspace = &installation.workspace;
    let integration =
        installation::document(workspace, &arguments.id, installation.root.as_deref())?;
    let handlers = handlers::of(integration, &installation.settings);
    if let Some(name) = &arguments.feature {
        return feature(integration, name, &installation.option(), arguments.format);
    }
    if let Some(name) = &arguments.section {
        let section = section(integration, name)?;
        output::foreign(&redaction.text(section.to_owned()))?;
        return Ok(ExitCode::SUCCESS);
    }
    match arguments.format {
        Format::Json => {
            let shown = json::document(integration, workspace, &handlers);
            output::json(&redaction.json(shown))?;
        }
        Format::Text => {
            let text = text::document(integration, workspace, &handlers, output::width());
            output::page(&redaction.text(text))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a feature is enabled, as a word and as the exit code. `option` is what a command needs to
/// read the same documents.
fn feature(
    integration: &Integration,
    name: &str,
    option: &str,
    format: Format,
) -> anyhow::Result<ExitCode> {
    let features = &integration.configuration.features;
    let wanted = plain(name);
    let Some(found) = features
        .iter()
        .find(|feature| plain(&feature.name.value) == wanted)
    else {
        let names = features.iter().map(|feature| feature.name.value.as_str());
        match closest(name, names) {
            Some(meant) => bail!(
                "{} has no feature `{name}`; did you mean `{meant}`?",
                integration.id
            ),
            None if features.is_empty() => bail!("{} has no optional features", integration.id),
            None => bail!(
                "{} has no feature `{name}`; `wharf show {}{option} --section Configuration` lists all",
                integration.id,
                integration.id
            ),
        }
    };
    let enabled = found.enabled.with_context(|| {
        format!(
            "`{}` is neither enabled nor disabled: {} is not filled in",
            found.name.value,
            places::place(integration, found.name.span)
        )
    })?;
    match format {
        Format::Text => output::data(if enabled.value {
            "enabled\n"
        } else {
            "disabled\n"
        })?,
        Format::Json => output::json(&json::feature(found))?,
    }
    Ok(if enabled.value {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(DISABLED)
    })
}

/// A name as people may type it: case, dashes and spaces make no difference.
fn plain(name: &str) -> String {
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// The Markdown of a section, heading included, up to the next one.
fn section<'a>(integration: &'a Integration, name: &str) -> anyhow::Result<&'a str> {
    let text = integration.source.text();
    let line = |at: usize| text[..at].rfind('\n').map_or(0, |found| found + 1);
    let wanted = plain(name);
    let sections = &integration.sections;
    let found = sections
        .iter()
        .position(|section| plain(&section.value) == wanted);
    let Some(found) = found else {
        let names = sections.iter().map(|section| section.value.as_str());
        match closest(name, names.clone()) {
            Some(meant) => bail!(
                "{} has no section `{name}`; did you mean `{meant}`?",
                integration.id
            ),
            None => bail!(
                "{} has no section `{name}`; it has {}",
                integration.id,
                names.collect::<Vec<_>>().join(", ")
            ),
        }
    };
    let start = line(sections[found].span.start);
    let end = sections
        .get(found + 1)
        .map_or(text.len(), |next| line(next.span.start));
    Ok(text.get(start..end).unwrap_or_default())
}
