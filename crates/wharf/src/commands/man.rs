//! `wharf man`: a manual page for every command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Arg, ArgAction, Args, Command};
use clap_mangen::Man;

use crate::output;
use crate::read::ensure_folder_or_nothing;

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
    ensure_folder_or_nothing(dir)?;
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
    let synopsis = synopsis(command);
    let man = Man::new(command.clone().override_usage(synopsis));
    let mut page = Vec::new();
    man.render(&mut page)?;
    let page = titled(&String::from_utf8_lossy(&page), command);
    let path = dir.join(man.get_filename());
    fs::write(&path, page)
        .with_context(|| format!("cannot write {}; check who may write there", path.display()))?;
    let mut paths = vec![path];
    for below in command.get_subcommands() {
        paths.extend(write(below, dir)?);
    }
    Ok(paths)
}

/// The page with its first line written anew: the renderer leaves out the date without a place for
/// it, so that a reader takes the program for the date.
fn titled(page: &str, command: &Command) -> String {
    let name = command.get_display_name();
    let name = name.unwrap_or_else(|| command.get_name());
    let version = env!("CARGO_PKG_VERSION");
    let lines = page.lines().map(|line| {
        if line.starts_with(".TH ") {
            format!(".TH \"{name}\" \"1\" \"\" \"wharf {version}\" \"Wharf\"\n")
        } else {
            format!("{line}\n")
        }
    });
    lines.collect()
}

/// How the command is written, with the values of its options.
fn synopsis(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut words = vec![name.to_owned()];
    let shown = || command.get_arguments().filter(|one| !one.is_hide_set());
    for option in shown().filter(|one| !one.is_positional()) {
        let long = option.get_long().map(|long| format!("--{long}"));
        let short = option.get_short().map(|short| format!("-{short}"));
        let mut word = match (short, long) {
            (Some(short), Some(long)) => format!("{short}|{long}"),
            (short, long) => short.or(long).unwrap_or_default(),
        };
        if option.get_action().takes_values() {
            word = format!("{word} {}", value_of(option));
        }
        words.push(in_brackets(&word, option));
    }
    words.extend(
        shown()
            .filter(|one| one.is_positional())
            .map(|one| in_brackets(&value_of(one), one)),
    );
    if command.has_subcommands() {
        words.push(if command.is_subcommand_required_set() {
            "COMMAND".to_owned()
        } else {
            "[COMMAND]".to_owned()
        });
    }
    words.join(" ")
}

fn value_of(argument: &Arg) -> String {
    match argument.get_value_names() {
        Some(names) => names.join(" "),
        None => argument.get_id().as_str().to_uppercase(),
    }
}

/// Brackets around what may be left out, and `...` behind what may be given again.
fn in_brackets(word: &str, argument: &Arg) -> String {
    let may_repeat = matches!(argument.get_action(), ArgAction::Append);
    let again = if may_repeat { "..." } else { "" };
    if argument.is_required_set() {
        format!("{word}{again}")
    } else {
        format!("[{word}]{again}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, run, synopsis};

    #[test]
    fn a_synopsis_has_the_values_of_options_and_what_may_repeat() {
        let mut command = crate::command();
        command.build();
        let call = command.find_subcommand("call").unwrap();
        let synopsis = synopsis(call);
        for part in [
            "wharf call ",
            " [--data BODY] ",
            " [-H|--header HEADER]... ",
            " [--simulate] ",
            " ID OPERATION [KEY=VALUE]...",
        ] {
            assert!(synopsis.contains(part), "{part}: {synopsis}");
        }
    }

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
