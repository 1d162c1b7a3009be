//! `wharf new`: a document from the catalog or from the blank template.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use wharf_diag::{Severity, SourceText, Span, closest};
use wharf_document::model::CredentialStore;
use wharf_document::{Integration, IntegrationId};
use wharf_workspace::Workspace;

use crate::catalog;
use crate::installation;
use crate::output::{self, Format};
use crate::read::ensure_folder_or_nothing;
use crate::replace;
use crate::shell;
use crate::template::{self, Size};
use crate::workspace;

/// How documents of the catalog write the gateway's address, in front of an id.
const GATEWAY: &str = "http://127.0.0.1:7070/";

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

/// A document of the catalog as a new one: written now, in its first version.
///
/// Under another id it has a title of its own, receives webhooks at paths of its own, and names
/// its own address to client libraries, so that both can be in one workspace.
pub(super) fn copy(
    entry: catalog::Entry,
    id: &IntegrationId,
    title: Option<&str>,
    now: Timestamp,
) -> String {
    let source = Arc::new(SourceText::new(entry.id, entry.text));
    let loaded = wharf_document::load(id, &source);
    let Some(integration) = loaded.integration else {
        return entry.text.to_owned();
    };
    let frontmatter = &integration.frontmatter;
    let now = template::moment(now);
    let mut edits: Vec<(Span, String)> = Vec::new();
    for moment in [&frontmatter.created, &frontmatter.modified] {
        edits.extend(moment.as_ref().map(|found| (found.span, now.clone())));
    }
    let version = frontmatter.version.as_ref();
    edits.extend(version.map(|found| (found.span, "1".to_owned())));
    let is_renamed = id.as_str() != entry.id;
    if is_renamed {
        edits.extend(own_places(entry, &integration));
    }
    let made = is_renamed.then(|| template::title_of(id));
    if let Some(title) = title.or(made.as_deref()) {
        let quoted = template::quoted(title);
        let found = frontmatter.title.as_ref();
        edits.extend(found.map(|found| {
            let line = line_of(entry.text, found.span.start);
            (line, format!("title: \"[Integration] {quoted}\""))
        }));
        let heading = entry.text[frontmatter.span.end..].find("\n# ");
        edits.extend(heading.map(|at| {
            let line = line_of(entry.text, frontmatter.span.end + at + 1);
            (line, format!("# [Integration] {title}"))
        }));
    }
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = entry.text.to_owned();
    for (span, replacement) in edits {
        text.replace_range(span.range(), &replacement);
    }
    if is_renamed {
        // Other words are of other lengths, and tables are aligned.
        let layout = wharf_document::format(&text);
        text = wharf_document::apply(&text, &layout);
    }
    text
}

/// Paths of webhooks, links to examples and addresses of the gateway, with the document's id for the catalog's.
fn own_places(entry: catalog::Entry, integration: &Integration) -> Vec<(Span, String)> {
    let id = integration.id.as_str();
    let mut edits = Vec::new();
    for row in &integration.webhooks.incoming {
        let Some(endpoint) = &row.endpoint else {
            continue;
        };
        let path = endpoint.value.as_str();
        // The place may hold more than the path, such as a code span.
        let Some(at) = entry.text[endpoint.span.range()].find(path) else {
            continue;
        };
        let segments: Vec<_> = path.split('/').collect();
        let own = if segments.contains(&entry.id) {
            let own = |segment| if segment == entry.id { id } else { segment };
            segments.into_iter().map(own).collect::<Vec<_>>().join("/")
        } else {
            format!("{}/{id}", path.trim_end_matches('/'))
        };
        let start = endpoint.span.start + at;
        edits.push((Span::new(start, start + path.len()), own));
    }
    let targets = integration
        .example_files
        .iter()
        .filter_map(|link| link.target.as_ref());
    edits.extend(targets.map(|target| (target.span, format!("examples/{id}.md"))));
    let address = format!("{GATEWAY}{}", entry.id);
    for (at, found) in entry.text.match_indices(&address) {
        let end = at + found.len();
        let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !entry.text[end..].starts_with(goes_on) {
            edits.push((Span::new(at + GATEWAY.len(), end), id.to_owned()));
        }
    }
    edits
}

/// The line that an offset is in, without its end.
fn line_of(text: &str, at: usize) -> Span {
    let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
    Span::new(start, end)
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

/// What to do first: only what there is to do.
fn first_step(id: &IntegrationId, dir: &Path, workspace: &Workspace) -> Option<String> {
    let documents = &workspace.documents;
    let (new, found) = documents.iter().find_map(|document| {
        let new = document.integration.as_ref()?;
        (new.id == *id).then_some((new, &document.diagnostics))
    })?;
    let shown_dir = shell::argument(dir, "");
    let lists = |least| found.iter().any(|found| found.severity >= least);
    let fill_in = if lists(Severity::Warning) {
        Some(format!("fill in what `wharf check{shown_dir}` lists"))
    } else if lists(Severity::Info) {
        Some(format!(
            "fill in what `wharf check{shown_dir} --severity info` lists"
        ))
    } else {
        None
    };
    let try_it = if installation::speaks_http(new) {
        format!("try it with `wharf up{shown_dir} --simulate`")
    } else {
        let option = shell::argument(dir, "--dir");
        format!("tell its clients where it is, as `wharf show {id}{option}` does")
    };
    let steps: Vec<_> = fill_in.into_iter().chain([try_it]).collect();
    Some(format!("Next: {}.", steps.join(", then ")))
}

/// What to do with a new document.
fn next_steps(id: &IntegrationId, dir: &Path) -> Vec<String> {
    let Ok(workspace) = workspace::load(dir) else {
        return Vec::new();
    };
    let mut lines: Vec<_> = first_step(id, dir, &workspace).into_iter().collect();
    let known: Vec<_> = workspace.integrations().map(|found| &found.id).collect();
    let new = workspace.integrations().find(|found| found.id == *id);
    let mut missing: Vec<_> = new
        .map(wharf_document::named_ids)
        .unwrap_or_default()
        .into_iter()
        .map(|(named, _)| named.as_str())
        .filter(|named| !known.iter().any(|id| id.as_str() == *named))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    lines.extend(new.and_then(|new| shared_with(new, &workspace)));
    for named in missing {
        lines.push(format!(
            "It names {named}, which has no document here: make one, or take the name out."
        ));
    }
    lines
}

/// Says which variables a document has in common with others.
fn shared_with(new: &Integration, workspace: &Workspace) -> Option<String> {
    let own = variables(new);
    let others = workspace.integrations().filter(|other| other.id != new.id);
    let sharing = others.filter_map(|other| {
        let theirs = variables(other);
        let shared: Vec<_> = own.intersection(&theirs).copied().collect();
        (!shared.is_empty()).then(|| format!("{} with {}", shared.join(", "), other.id))
    });
    let sharing: Vec<_> = sharing.collect();
    (!sharing.is_empty()).then(|| {
        format!(
            "It shares {}: give it variables of its own where it has another account.",
            sharing.join("; ")
        )
    })
}

fn variables(integration: &Integration) -> BTreeSet<&str> {
    let stores = integration.credentials.iter().map(|found| &found.store);
    stores
        .filter_map(|store| match &store.value {
            CredentialStore::EnvVariables { variables } => Some(variables),
            _ => None,
        })
        .flatten()
        .map(|name| name.value.as_str())
        .collect()
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
