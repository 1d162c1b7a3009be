//! `wharf man`: a manual page for every command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::{Args, Command};
use clap_mangen::Man;

use crate::output;

/// Write a manual page for every command.
///
/// Pages of the same names are replaced. Their paths go to standard output.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf man ~/.local/share/man/man1         then: man wharf-check
  wharf man /tmp/pages && man -l /tmp/pages/wharf.1

Exit codes: 0 written, 2 could not write.")]
pub(crate) struct Arguments {
    /// Folder for the pages; it is made where it is not there.
    #[arg(default_value = "man", value_name = "DIR")]
    dir: PathBuf,
}

/// Writes the pages.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let dir = &arguments.dir;
    ensure!(!dir.is_file(), "{} is a file; give a folder", dir.display());
    fs::create_dir_all(dir)
        .with_context(|| format!("cannot make {}; check who may write there", dir.display()))?;
    let mut command = crate::command().disable_help_subcommand(true);
    // Gives every command its full name and the global options.
    command.build();
    for path in write(&command, dir)? {
        output::foreign(&format!("{}\n", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The page of a command and of those below it, hidden ones too.
fn write(command: &Command, dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page)?;
    let path = dir.join(man.get_filename());
    fs::write(&path, page)
        .with_context(|| format!("cannot write {}; check who may write there", path.display()))?;
    let mut paths = vec![path];
    for below in command.get_subcommands() {
        paths.extend(write(below, dir)?);
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::{Arguments, run};

    #[test]
    fn a_file_in_the_place_of_the_folder_is_named_as_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("man");
        std::fs::write(&dir, "kept").unwrap();
        let error = run(&Arguments { dir: dir.clone() }).unwrap_err();
        assert!(error.to_string().ends_with("is a file; give a folder"));
        assert_eq!(std::fs::read_to_string(&dir).unwrap(), "kept");
    }
}
