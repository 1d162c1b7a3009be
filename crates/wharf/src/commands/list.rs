//! `wharf list`: the documents of a workspace as a table.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::{Value, json};
use wharf_diag::Counts;
use wharf_document::Integration;
use wharf_document::model::Criticality;
use wharf_workspace::Workspace;

use crate::deadline;
use crate::installation;
use crate::output::{self, Format};
use crate::redact::Redaction;
use crate::table::{self, Column};

const COLUMNS: [Column; 11] = [
    Column::whole("ID", 0),
    Column::words("NAME", 10, 3),
    Column::words("CATEGORY", 8, 5),
    Column::whole("CRITICALITY", 8),
    Column::number("SHIP", 9),
    Column::words("ENVIRONMENTS", 12, 2),
    Column::whole("STATE", 10),
    Column::number("OPERATIONS", 1),
    Column::whole("COST", 6),
    Column::words("NEXT DEADLINE", 13, 4),
    Column::number("FINDINGS", 7),
];

/// List documents, the most important first: by ship factor, then by id.
///
/// The default environment carries a `*`. FINDINGS counts the errors and warnings that documents
/// have by themselves and side by side; `wharf check` also looks at version control and at linked
/// API descriptions. A table for a terminal is cut to its width; one for a file is not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf list integrations
  wharf list --criticality high
  wharf list --tag payments --tag api       both tags
  wharf list --inactive                     what is deprecated or switched off
  wharf list --format json | jq -r '.documents[].id'
  wharf list --catalog

The fields of --format json are told in docs/json.md.
Exit codes: 0 listed, 2 something could not be read.")]
pub(crate) struct Arguments {
    /// The workspace [default: the current folder, where it is one].
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Only documents with this tag; may be given again, then all are needed.
    #[arg(long)]
    tag: Vec<String>,

    /// Only documents of this category, whatever its case.
    #[arg(long)]
    category: Option<String>,

    /// Only documents of this criticality.
    #[arg(long, value_enum)]
    criticality: Option<Level>,

    /// Only documents that are deprecated or not active.
    #[arg(long)]
    inactive: bool,

    /// List the documents that come with the program.
    #[arg(long, conflicts_with = "dir")]
    catalog: bool,

    /// How the result is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Level {
    High,
    Medium,
    Low,
}

impl Level {
    const fn criticality(self) -> Criticality {
        match self {
            Self::High => Criticality::High,
            Self::Medium => Criticality::Medium,
            Self::Low => Criticality::Low,
        }
    }
}

/// Prints the table.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let workspace = installation::workspace(arguments.dir.clone(), arguments.catalog)?;
    let redaction = Redaction::of(&workspace)?;
    let today = Offset::UTC.to_datetime(Timestamp::now()).date();
    let mut documents: Vec<&Integration> = workspace
        .integrations()
        .filter(|integration| is_wanted(integration, arguments))
        .collect();
    documents.sort_by_key(|integration| {
        let ship_factor = integration.frontmatter.ship_factor;
        (
            Reverse(ship_factor.map(|factor| factor.value)),
            &integration.id,
        )
    });
    let findings = Findings::of(&workspace);
    match arguments.format {
        Format::Json => {
            let rows: Vec<_> = documents
                .iter()
                .map(|integration| json(integration, findings.about(integration), today))
                .collect();
            output::json(&redaction.json(json!({ "version": 1, "documents": rows })))?;
        }
        Format::Text if documents.is_empty() => {
            output::note(&redaction.text(nothing(&workspace, arguments)));
        }
        Format::Text => {
            let rows: Vec<_> = documents
                .iter()
                .map(|integration| {
                    let row = row(integration, findings.about(integration), today);
                    row.into_iter().map(|cell| redaction.text(cell)).collect()
                })
                .collect();
            let table = table::render(&COLUMNS, &rows, output::width());
            output::page(&table.text)?;
            if !table.left_out.is_empty() {
                let columns = table.left_out.join(", ");
                output::note(&format!("Left out for lack of room: {columns}."));
            }
        }
    }
    Ok(output::unreadable(&workspace.unreadable))
}

fn is_wanted(integration: &Integration, arguments: &Arguments) -> bool {
    let frontmatter = &integration.frontmatter;
    let has_tag = |wanted: &String| {
        let mut tags = frontmatter.tags.iter();
        tags.any(|tag| tag.value.eq_ignore_ascii_case(wanted))
    };
    let is_of = |wanted: &String| {
        let category = integration.service.category.as_ref();
        category.is_some_and(|category| category.value.to_lowercase() == wanted.to_lowercase())
    };
    let is_as = |level: Level| {
        let criticality = frontmatter.criticality.as_ref();
        criticality.is_some_and(|found| found.value == level.criticality())
    };
    arguments.tag.iter().all(has_tag)
        && arguments.category.as_ref().is_none_or(is_of)
        && arguments.criticality.is_none_or(is_as)
        && (!arguments.inactive || integration.is_deprecated() || !integration.is_active())
}

/// What to say when no document passes the filters: what there is of what was asked for.
fn nothing(workspace: &Workspace, arguments: &Arguments) -> String {
    let mut told = "No document is like that.".to_owned();
    let mut tell = |name: &str, mut known: Vec<&str>| {
        known.sort_unstable();
        known.dedup();
        if known.is_empty() {
            let _ = write!(told, " No document has {name}.");
        } else {
            let _ = write!(told, " There are {name}: {}.", known.join(", "));
        }
    };
    if !arguments.tag.is_empty() {
        let tags = workspace
            .integrations()
            .flat_map(|integration| &integration.frontmatter.tags);
        tell("tags", tags.map(|tag| tag.value.as_str()).collect());
    }
    if arguments.category.is_some() {
        let categories = workspace
            .integrations()
            .filter_map(|integration| integration.service.category.as_ref());
        let categories = categories.map(|category| category.value.as_str());
        tell("categories", categories.collect());
    }
    told
}

fn state(integration: &Integration) -> &'static str {
    if !is_named_by_file(integration) {
        return "not served";
    }
    match (integration.is_deprecated(), integration.is_active()) {
        (true, true) => "deprecated",
        (true, false) => "deprecated, inactive",
        (false, true) => "active",
        (false, false) => "inactive",
    }
}

/// Whether the file's name is the id. Where it cannot be one, the document is read under the
/// nearest, and served under none (WH130).
fn is_named_by_file(integration: &Integration) -> bool {
    let stem = Path::new(integration.source.name()).file_stem();
    stem.is_some_and(|stem| stem == integration.id.as_str())
}

/// The findings about each document, those beside other documents included.
struct Findings<'a>(HashMap<&'a str, Counts>);

impl<'a> Findings<'a> {
    fn of(workspace: &'a Workspace) -> Self {
        let mut counts: HashMap<&str, Counts> = HashMap::new();
        for found in workspace.all_diagnostics() {
            let name = found.primary.source.name();
            counts.entry(name).or_default().add(found);
        }
        Self(counts)
    }

    fn about(&self, integration: &Integration) -> Counts {
        let counts = self.0.get(integration.source.name());
        counts.copied().unwrap_or_default()
    }
}

fn row(integration: &Integration, counts: Counts, today: Date) -> Vec<String> {
    let frontmatter = &integration.frontmatter;
    let default = integration.default_environment();
    let environments: Vec<_> = integration
        .environments
        .iter()
        .enumerate()
        .map(|(index, environment)| {
            let mark = if Some(index) == default { "*" } else { "" };
            format!("{}{mark}", environment.name.value.to_lowercase())
        })
        .collect();
    let deadline = deadline::next(&deadline::of(integration), today).map(|next| {
        let passed = if next.day.value < today {
            ", passed"
        } else {
            ""
        };
        format!("{} {}{passed}", next.day.value, next.what.as_str())
    });
    let category = integration.service.category.as_ref();
    vec![
        if is_named_by_file(integration) {
            integration.id.to_string()
        } else {
            format!("({})", integration.source.name())
        },
        integration.display_name().to_owned(),
        or_dash(category.map(|category| &category.value)),
        or_dash(frontmatter.criticality.map(|found| found.value.as_str())),
        or_dash(frontmatter.ship_factor.map(|factor| factor.value)),
        environments.join(", "),
        state(integration).to_owned(),
        integration.operations.len().to_string(),
        or_dash(frontmatter.cost.as_ref().map(|cost| &cost.value)),
        or_dash(deadline),
        (counts.errors + counts.warnings).to_string(),
    ]
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn json(integration: &Integration, counts: Counts, today: Date) -> Value {
    let frontmatter = &integration.frontmatter;
    let deadlines = deadline::of(integration);
    let default = integration.default_environment();
    let default = default.and_then(|index| integration.environments.get(index));
    let name = |text: &String| text.to_lowercase();
    let environments = integration.environments.iter();
    json!({
        "id": integration.id.as_str(),
        "file": integration.source.name(),
        "name": integration.display_name(),
        "tags": frontmatter.tags.iter().map(|tag| &tag.value).collect::<Vec<_>>(),
        "category": integration.service.category.as_ref().map(|category| &category.value),
        "criticality": frontmatter.criticality.map(|found| found.value.as_str()),
        "ship_factor": frontmatter.ship_factor.map(|factor| factor.value),
        "id_valid": is_named_by_file(integration),
        "active": integration.is_active(),
        "deprecated": integration.is_deprecated(),
        "environments": environments.map(|found| name(&found.name.value)).collect::<Vec<_>>(),
        "default_environment": default.map(|found| name(&found.name.value)),
        "operations": integration.operations.len(),
        "cost": frontmatter.cost.as_ref().map(|cost| cost.value.to_string()),
        "deadlines": deadlines.iter().map(deadline::Deadline::json).collect::<Vec<_>>(),
        "next_deadline": deadline::next(&deadlines, today).map(|next| next.json()),
        "findings": {
            "errors": counts.errors,
            "warnings": counts.warnings,
            "infos": counts.infos,
        },
    })
}
