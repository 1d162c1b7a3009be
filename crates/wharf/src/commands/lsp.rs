//! `wharf lsp`: the language server, for editors.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use wharf_document::{Linked, LinkedText};
use wharf_lsp::{End, Files, Options};
use wharf_workspace::Beside;
use wharf_workspace::settings::FILE_NAME;

use crate::output;
use crate::settings;
use crate::workspace::{self, BesideOnDisk};

/// Exit code when the editor left without saying so.
const ABANDONED: u8 = 1;

/// Serve an editor over standard input and output (Language Server Protocol).
///
/// Editors start this command themselves; README.md says how to set up some.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 after the editor's `shutdown` and `exit`, 1 when it left without, 2 could not write.")]
pub(crate) struct Arguments {
    /// Use standard input and output. This is always so; some editors say it.
    #[arg(long)]
    stdio: bool,
}

/// Serves until the editor leaves.
pub(crate) fn run(_: &Arguments) -> anyhow::Result<ExitCode> {
    let options = Options {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files: Box::new(Disk::default()),
    };
    let input = BufReader::new(io::stdin());
    let output = io::BufWriter::new(io::stdout().lock());
    match options.run(input, output) {
        Ok(End::Clean) => Ok(ExitCode::SUCCESS),
        Ok(End::Abandoned) => {
            output::note(
                "error: standard input ended without `shutdown` and `exit` of the Language Server \
                 Protocol; `wharf lsp` is started by an editor, which speaks that there",
            );
            Ok(ExitCode::from(ABANDONED))
        }
        // An editor that is gone is nothing to report to anybody.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::from(ABANDONED)),
        Err(error) => Err(error).context("the editor cannot be written to"),
    }
}

/// The files of the machine, with the bounds of every other command.
#[derive(Debug, Default)]
struct Disk(BesideOnDisk);

impl Beside for Disk {
    fn linked(&self, document: &Path, root: &Path, target: &str) -> Linked {
        self.0.linked(document, root, target)
    }

    fn linked_examples(&self, document: &Path, root: &Path, target: &str) -> LinkedText {
        self.0.linked_examples(document, root, target)
    }

    fn committed(&self, document: &Path) -> Option<&str> {
        self.0.committed(document)
    }

    fn knows_history(&self) -> bool {
        self.0.knows_history()
    }
}

impl Files for Disk {
    fn list(&self, folder: &Path) -> Box<dyn Iterator<Item = PathBuf>> {
        Box::new(workspace::files(folder, FILE_NAME))
    }

    fn belongs(&self, folder: &Path, path: &Path) -> bool {
        workspace::belongs(folder, path, FILE_NAME)
    }

    fn read(&self, path: &Path) -> Option<String> {
        workspace::text_of(path)
    }

    fn forget_linked(&self) {
        self.0.forget();
    }

    fn settings(&self, path: &Path) -> Result<Option<String>, String> {
        settings::text_of(path).map_err(|error| format!("{error:#}"))
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        settings::real(path)
    }
}
