//! `wharf new`: a document from the catalog or from the blank template.

mod copied;
mod next;

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use wharf_diag::{SourceText, closest};
use wharf_document::IntegrationId;

use crate::catalog;
use crate::output::{self, Format};
use crate::read::ensure_folder_or_nothing;
use crate::replace;
use crate::template::{self, Size};
use crate::workspace;

pub(super) use self::copied::copy;
use self::next::next_steps;

/// Longest answer to a question that is read.
const ANSWER_BYTES: u64 = 1_024;

/// Make a document: a copy from the catalog, or the blank template.
///
/// The file is NAME.md, and NAME is the integration's id. A NAME of the catalog gives that
/// document unless --blank or --small is given. Sections of a template that a service does not need
/// can be deleted. A file that is there already stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf new --list                  what the catalog has
  wharf new stripe                  the catalog's document for Stripe
  wharf new billing --from stripe   the same under another id
  wharf new my-service              the blank template, for a service of your own
  wharf new my-service --small      only what calls need
  wharf new my-service --dir integrations --title \"My Service\"

Exit codes: 0 made, 2 not made.")]
pub(crate) struct Arguments {
    /// Id of the new document: lower-case letters, digits, `-`, `_` and `.`.
    #[arg(required_unless_present = "list")]
    name: Option<String>,

    /// Copy this document of the catalog.
    #[arg(long, value_name = "CATALOG-ID", conflicts_with = "blank")]
    from: Option<String>,

    /// Take the blank template, also when the catalog has a document of that name.
    #[arg(long)]
    blank: bool,

    /// Take a short template: environments, authentication, endpoints and errors.
    #[arg(long, conflicts_with_all = ["from", "blank"])]
    small: bool,

    /// Folder for the file.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,

    /// Name that people see [default: made from NAME].
    #[arg(long)]
    title: Option<String>,

    /// List the catalog's ids by category, and make nothing.
    #[arg(long, conflicts_with_all = ["name", "from", "blank", "small", "dir", "title"])]
    list: bool,

    /// How the result is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Makes the document, or lists what can be made.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(name) = &arguments.name else {
        return list(arguments.format);
    };
    let id = match meant(&id_of(name)?, arguments)? {
        Some(entry) => id_of(entry.id)?,
        None => id_of(name)?,
    };
    ensure_folder_or_nothing(&arguments.dir)?;
    let entry = entry(&id, arguments)?;
    let text = text(entry, &id, arguments, Timestamp::now())?;
    let path = arguments.dir.join(format!("{id}.md"));
    refuse_twins(&arguments.dir, &id, &path)?;
    let examples = entry.and_then(|entry| examples_beside(&arguments.dir, entry, &id));
    if let Some((path, _)) = &examples {
        refuse_existing(path)?;
    }
    create(&path, &text)?;
    let mut files = vec![&path];
    if let Some((path, text)) = &examples {
        create(path, text)?;
        files.push(path);
    }
    match arguments.format {
        Format::Text => {
            for path in files {
                output::foreign(&format!("{}\n", path.display()))?;
            }
        }
        Format::Json => {
            let examples = examples
                .as_ref()
                .map(|(path, _)| path.display().to_string());
            output::json(&json!({
                "id": id.as_str(),
                "file": path.display().to_string(),
                "examples": examples,
            }))?;
        }
    }
    for line in next_steps(&id, &arguments.dir) {
        output::note(&line);
    }
    Ok(ExitCode::SUCCESS)
}

/// The id that a name is, or the one that was meant.
pub(super) fn id_of(name: &str) -> anyhow::Result<IntegrationId> {
    // The file's name is as good as the id that it gives.
    let name = name.strip_suffix(".md").unwrap_or(name);
    if let Some(id) = IntegrationId::new(name) {
        return Ok(id);
    }
    if let Some(why) = IntegrationId::why_reserved(name) {
        let other = IntegrationId::beside_reserved(name);
        bail!("`{name}` cannot be an id: {why}; `{other}` can");
    }
    let source = Arc::new(SourceText::new("", ""));
    let (made, _) = wharf_document::identify(name, &source);
    let has_letters = name.chars().any(char::is_alphanumeric);
    match made.filter(|made| has_letters && made.as_str() != "document") {
        Some(made) => bail!("`{name}` cannot be an id; `{made}` can"),
        None => bail!(
            "`{name}` cannot be an id; use lower-case letters, digits, `-`, `_` and `.`, such as `my-service`"
        ),
    }
}

/// The catalog's document with an id, or what was meant.
pub(super) fn from_catalog(id: &str) -> anyhow::Result<catalog::Entry> {
    if let Some(entry) = catalog::find(id) {
        return Ok(entry);
    }
    let entries = catalog::entries();
    match closest(id, entries.iter().map(|entry| entry.id)) {
        Some(meant) => bail!("the catalog has no `{id}`; did you mean `{meant}`?"),
        None => bail!("the catalog has no `{id}`; `wharf new --list` lists all"),
    }
}

/// The document of the catalog that was meant by a name that is near its id. Whoever sits at a
/// terminal is asked; elsewhere such a name is refused, since a blank document in the place of
/// the one that was meant would be noticed late.
fn meant(id: &IntegrationId, arguments: &Arguments) -> anyhow::Result<Option<catalog::Entry>> {
    let is_decided = arguments.from.is_some() || arguments.blank || arguments.small;
    if is_decided || catalog::find(id.as_str()).is_some() {
        return Ok(None);
    }
    let entries = catalog::entries();
    let near = closest(id.as_str(), entries.iter().map(|entry| entry.id));
    let Some(entry) = near.and_then(catalog::find) else {
        return Ok(None);
    };
    let near = entry.id;
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        let question =
            format!("The catalog has `{near}`. Take that instead of a blank `{id}`? [y/N]");
        output::note(&question);
        let mut answer = String::new();
        io::stdin()
            .lock()
            .take(ANSWER_BYTES)
            .read_line(&mut answer)?;
        let is_yes = matches!(answer.trim(), "y" | "Y" | "yes" | "Yes");
        return Ok(is_yes.then_some(entry));
    }
    bail!(
        "the catalog has no `{id}`, but `{near}`: `wharf new {near}` copies that, \
         `wharf new {id} --blank` begins a document of your own"
    )
}

/// The document of the catalog that is copied.
fn entry(id: &IntegrationId, arguments: &Arguments) -> anyhow::Result<Option<catalog::Entry>> {
    Ok(match &arguments.from {
        Some(from) => Some(from_catalog(from)?),
        None if arguments.blank || arguments.small => None,
        None => catalog::find(id.as_str()),
    })
}

/// Where the examples of a document of the catalog go, and their text.
pub(super) fn examples_beside(
    dir: &Path,
    entry: catalog::Entry,
    id: &IntegrationId,
) -> Option<(PathBuf, String)> {
    let text = entry.examples?;
    Some((
        dir.join("examples").join(format!("{id}.md")),
        text.to_owned(),
    ))
}

fn text(
    entry: Option<catalog::Entry>,
    id: &IntegrationId,
    arguments: &Arguments,
    now: Timestamp,
) -> anyhow::Result<String> {
    let title = match arguments.title.as_deref().map(str::trim) {
        Some("") => bail!("the title is empty; leave --title out to make it from the name"),
        Some(title) if title.contains(|c| char::is_control(c) || wharf_diag::is_unprintable(c)) => {
            bail!("the title holds a sign that cannot be printed; a title is one line of text")
        }
        title => title,
    };
    if let Some(entry) = entry {
        return Ok(copy(entry, id, title, now));
    }
    let made = template::title_of(id);
    let size = if arguments.small {
        Size::Small
    } else {
        Size::Whole
    };
    Ok(template::fill(size, id, title.unwrap_or(&made), now))
}

/// One id belongs to one document of a workspace.
fn refuse_twins(dir: &Path, id: &IntegrationId, path: &Path) -> anyhow::Result<()> {
    refuse_existing(path)?;
    let workspace = workspace::load(dir)?;
    let twin = workspace
        .integrations()
        .find(|integration| integration.id == *id);
    match twin {
        Some(twin) => bail!(
            "`{id}` is the id of {} already; take another name",
            dir.join(twin.source.name()).display()
        ),
        None => Ok(()),
    }
}

fn refuse_existing(path: &Path) -> anyhow::Result<()> {
    if path.symlink_metadata().is_ok() {
        bail!("{} is there already; it stays as it is", path.display());
    }
    Ok(())
}

/// Writes a file that is not there yet, and the folder of examples where that is missing.
pub(super) fn create(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| folder.ends_with("examples")) {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let written = replace::create(path, text);
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("{} is there already; it stays as it is", path.display())
        }
        written => written
            .with_context(|| format!("cannot write {}; check who may write there", path.display())),
    }
}

fn list(format: Format) -> anyhow::Result<ExitCode> {
    let entries = catalog::entries();
    match format {
        Format::Json => {
            let rows: Vec<Value> = entries
                .iter()
                .map(|entry| json!({ "id": entry.id, "category": entry.category }))
                .collect();
            output::json(&Value::from(rows))?;
        }
        Format::Text => {
            let mut text = String::new();
            let mut category = "";
            for entry in entries {
                if entry.category != category {
                    category = entry.category;
                    text += &format!("{category}\n");
                }
                text += &format!("  {}\n", entry.id);
            }
            output::data(&text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
