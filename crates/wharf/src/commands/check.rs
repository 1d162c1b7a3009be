//! `wharf check`: what is missing or wrong in documents, and `--fix`, which corrects it.

mod findings;
mod fix;
mod summary;
mod tell;

use std::io::Write;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args, ValueEnum};
use wharf_diag::{Applicability, Colour, Counts, Hidden, Severity, to_diff};
use wharf_workspace::{Around, Unreadable, Workspace};

use crate::COULD_NOT_RUN;
use crate::output;
use crate::settings;
use crate::workspace;

use self::findings::{Checked, Rules};
use self::fix::Outcome;
use self::summary::{summarise, tell_done};
use self::tell::tell;

/// Exit code when there are findings.
const FINDINGS: u8 = 1;

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

/// Check integration documents, and correct what can be corrected.
///
/// Findings go to standard output, the summary to standard error. `wharf explain CODE` tells why
/// a finding matters and how to correct it.
///
/// Exit codes: 0 clean or only infos, 1 errors or warnings are left (only errors with
/// `--severity error`), 2 something could not be read, written or compared, or
/// there is no document.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("fixing").args(["fix", "diff"]).multiple(true))]
#[command(after_help = "\
Examples:
  wharf check                       the documents below this folder
  wharf check --fix --diff          what --fix would change; writes nothing
  wharf check --fix                 corrects what keeps its meaning, shows what is left
  wharf check --since main          also wants `modified` and `version` to follow a change
  wharf check --format github       annotations in a workflow of GitHub Actions
  wharf check --format sarif        for code scanning
  wharf check - --stdin-name a.md   one document from an editor

Leave out a finding, with a reason, by a comment on its line or the line before it:
  <!-- wharf-ignore CODE: reason -->
For a whole file, before its first `##` heading:
  <!-- wharf-ignore-file CODE: reason -->
In YAML and in blocks of settings:
  # wharf-ignore CODE: reason

For all documents, in wharf.toml at the root of the workspace:
  [check]
  exclude = [\"drafts\"]
  [check.severity]                  # error, warning, info or off
  plain-http = \"error\"")]
pub(crate) struct Arguments {
    /// Folders and documents to check; `-` reads one document from standard input.
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Least severity that is shown.
    #[arg(long, value_enum, default_value_t = Least::Warning)]
    severity: Least,

    /// Correct what can be corrected without a change of meaning, and write the files.
    ///
    /// With `-`, the corrected document goes to standard output and findings to standard error.
    #[arg(long)]
    fix: bool,

    /// With --fix or --diff: also make changes that may change the meaning. Look at them.
    #[arg(long = "unsafe", requires = "fixing")]
    with_unsafe: bool,

    /// Show as a unified diff what --fix would change, and write nothing.
    #[arg(long)]
    diff: bool,

    /// With `-`: the file that the document is, for its id, its settings and the output.
    #[arg(long, value_name = "NAME", default_value = "stdin.md")]
    stdin_name: PathBuf,

    /// Compare with where this branch left a revision, for example `main`, and not with the last
    /// commit: a changed document needs a later `modified` and a higher `version`.
    #[arg(long, value_name = "REVISION")]
    since: Option<String>,

    /// When to use colours. `auto`: on a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[arg(long, visible_alias = "colour", value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Messages with code frames; past the first 200 findings, one line each.
    Text,
    /// One line for each finding: `FILE:LINE:COLUMN: SEVERITY[CODE]: MESSAGE`.
    Lines,
    /// One JSON object, described in `docs/check.schema.json`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions, which become annotations.
    Github,
}

impl Format {
    /// Whether a program reads one object, which is there whatever happens.
    const fn is_object(self) -> bool {
        matches!(self, Self::Json | Self::Sarif)
    }
}

/// Least severity that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    /// The program cannot do what the document says.
    Error,
    /// The document works, but not as its author would want.
    Warning,
    /// Worth knowing.
    Info,
}

impl Least {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// Runs the command; the exit code is part of its interface.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let colour = choose_colour(arguments.color);
    // The renderers of findings take out what acts on a terminal; their own colours do.
    let mut out = output::Data::new();
    let report = check(arguments, colour, &mut out)?;
    out.flush()?;
    drop(out);
    match colour {
        Colour::Always => output::data(&report.text)?,
        Colour::Never => output::foreign(&report.text)?,
    }
    for note in &report.notes {
        output::note(note);
    }
    Ok(ExitCode::from(report.exit_code))
}

/// What the command says besides findings.
struct Said {
    /// For standard output: what `--fix` and `--diff` make of the documents.
    text: String,
    /// Lines for standard error.
    notes: Vec<String>,
    exit_code: u8,
}

/// Findings go to `out` as they are made into words: there may be hundreds of thousands.
fn check(arguments: &Arguments, colour: Colour, out: &mut dyn Write) -> anyhow::Result<Said> {
    anyhow::ensure!(
        !arguments.diff || arguments.format == Format::Text,
        "--diff shows a diff; leave out --format"
    );
    let (workspace, rules, mut remarks) = match read(arguments) {
        Ok(read) => read,
        // Who reads a form for programs gets one, whatever happens.
        Err(error) if arguments.format.is_object() => return tell_unread(arguments, &error, out),
        Err(error) => return Err(error),
    };
    remarks.splice(0..0, rules.remarks());
    let mut said = judge(arguments, workspace, &rules, colour, out)?;
    said.notes.extend(remarks);
    Ok(said)
}

/// Looks at what was read, and changes it where that is asked for.
fn judge(
    arguments: &Arguments,
    workspace: Workspace,
    rules: &Rules,
    colour: Colour,
    out: &mut dyn Write,
) -> anyhow::Result<Said> {
    let before = Checked::new(workspace, rules);
    if !arguments.fix && !arguments.diff {
        // The process ends next; taking ten thousand documents apart would only delay that.
        let before = ManuallyDrop::new(before);
        return tell(arguments, &before, &[], colour, out);
    }
    let most = if arguments.with_unsafe {
        Applicability::Unsafe
    } else {
        Applicability::Safe
    };
    if arguments.diff {
        return Ok(preview(arguments, before, rules, most, colour));
    }
    let mut outcome = fix::fix(before, rules, most);
    outcome
        .checked
        .workspace
        .unreadable
        .append(&mut outcome.unsettled);
    if is_standard_input(arguments) {
        return filter(arguments, &outcome);
    }
    outcome.write(rules);
    let mut said = tell(arguments, &outcome.checked, &outcome.changes, colour, out)?;
    said.notes
        .splice(0..0, tell_done("fixed", &outcome.changes));
    Ok(said)
}

/// The form for programs where nothing could be read: the reason is its only content.
fn tell_unread(
    arguments: &Arguments,
    error: &anyhow::Error,
    out: &mut dyn Write,
) -> anyhow::Result<Said> {
    let place = arguments.paths.first().map(|path| path.display());
    let unreadable = Unreadable {
        name: place.map(|path| path.to_string()).unwrap_or_default(),
        message: format!("{error:#}"),
    };
    let mut workspace = Workspace::default();
    workspace.unreadable.push(unreadable);
    let checked = Checked::new(workspace, &Rules::default());
    let mut said = tell(arguments, &checked, &[], Colour::Never, out)?;
    said.notes = vec![format!("error: {error:#}")];
    Ok(said)
}

fn is_standard_input(arguments: &Arguments) -> bool {
    arguments.paths == [Path::new(STANDARD_INPUT)]
}

/// What there is to check, the rules for it, and a line for each part of version control that could
/// not be asked.
fn read(arguments: &Arguments) -> anyhow::Result<(Workspace, Rules, Vec<String>)> {
    if is_standard_input(arguments) {
        let name = &arguments.stdin_name;
        let rules = Rules::of(std::slice::from_ref(name))?;
        let (around, unread) = look_around(arguments, std::slice::from_ref(name), &rules)?;
        let workspace = workspace::read(name, around, std::io::stdin().lock());
        return Ok((workspace, rules, unread));
    }
    anyhow::ensure!(
        !arguments
            .paths
            .iter()
            .any(|path| path == Path::new(STANDARD_INPUT)),
        "`-` reads one document; give it alone"
    );
    let rules = Rules::of(&arguments.paths)?;
    let is_kept = |given: &Path, path: &Path| {
        let rules = rules.below(given);
        !rules.is_some_and(|rules| settings::excludes(rules, path))
    };
    let (around, unread) = look_around(arguments, &arguments.paths, &rules)?;
    let workspace = workspace::load_all(&arguments.paths, around, &is_kept);
    Ok((workspace, rules, unread))
}

fn look_around(
    arguments: &Arguments,
    paths: &[PathBuf],
    rules: &Rules,
) -> anyhow::Result<(Around, Vec<String>)> {
    let since = arguments.since.as_deref();
    let (mut around, unread) = workspace::around(paths, rules.surroundings(), since)?;
    // Fixes read the documents again; everything else needs little of each once it is checked.
    if !arguments.fix && !arguments.diff {
        let shows_infos = arguments.severity == Least::Info;
        around = around.lean(!shows_infos && !rules.change_severities());
    }
    Ok((around, unread))
}

/// `--diff`: what would change. The findings are those of the documents as they are.
fn preview(
    arguments: &Arguments,
    before: Checked,
    rules: &Rules,
    most: Applicability,
    colour: Colour,
) -> Said {
    let counts = Counts::of(before.workspace.all_diagnostics());
    let exit_code = choose_exit_code(arguments, &before.workspace, counts);
    let summary = summarise(arguments, &before, counts);
    let hiding: Vec<_> = before.hiding().cloned().collect();
    let outcome = fix::fix(before, rules, most);
    let hidden = Hidden::of(hiding.iter().chain(outcome.checked.hiding()));
    let changes = outcome.changes.iter();
    let text = changes
        .map(|change| to_diff(&change.before, &change.after, &hidden, colour))
        .collect();
    let unsettled = outcome.unsettled.iter();
    let mut notes: Vec<_> = unsettled
        .map(|problem| format!("error: {problem}"))
        .collect();
    notes.extend(tell_done("would fix", &outcome.changes));
    notes.extend(summary);
    Said {
        text,
        notes,
        exit_code,
    }
}

/// `--fix` on standard input: the document comes out as a filter would give it.
fn filter(arguments: &Arguments, outcome: &Outcome) -> anyhow::Result<Said> {
    let checked = &outcome.checked;
    anyhow::ensure!(
        arguments.format == Format::Text,
        "with `-`, --fix gives the corrected document; leave out --format"
    );
    let mut documents = checked.workspace.documents.iter();
    let text = documents
        .next()
        .and_then(|document| findings::source(document));
    // Standard error is for people here, and its colours are its own.
    let colour = Colour::wanted(output::colour_errors() && arguments.color != When::Never);
    let mut findings = Vec::new();
    let mut said = tell(arguments, checked, &outcome.changes, colour, &mut findings)?;
    said.notes
        .splice(0..0, tell_done("fixed", &outcome.changes));
    if !findings.is_empty() {
        let findings = String::from_utf8_lossy(&findings);
        said.notes.insert(0, findings.trim_end().to_owned());
    }
    said.text = text
        .map(|source| source.text().to_owned())
        .unwrap_or_default();
    Ok(said)
}

fn choose_exit_code(arguments: &Arguments, workspace: &Workspace, counts: Counts) -> u8 {
    let counts_warnings = arguments.severity.severity() <= Severity::Warning;
    if workspace.documents.is_empty() || !workspace.unreadable.is_empty() {
        COULD_NOT_RUN
    } else if counts.errors > 0 || counts.warnings > 0 && counts_warnings {
        FINDINGS
    } else {
        0
    }
}

/// Colours are for terminals, and `NO_COLOR` (any value but an empty one) and `TERM=dumb` turn them
/// off.
fn choose_colour(when: When) -> Colour {
    Colour::wanted(match when {
        When::Always => true,
        When::Never => false,
        When::Auto => output::takes_colour(&std::io::stdout()),
    })
}

#[cfg(test)]
mod tests;
