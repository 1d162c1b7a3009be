//! `wharf completions`: a script that completes commands and options in a shell.

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Args, Command};
use clap_complete::Shell;

use crate::catalog;
use crate::output;

/// Print a script that completes commands, options, codes and catalog ids in a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Install it once:
  bash        wharf completions bash > ~/.local/share/bash-completion/completions/wharf
  zsh         wharf completions zsh > ~/.zfunc/_wharf      (~/.zfunc in fpath, before compinit)
  fish        wharf completions fish > ~/.config/fish/completions/wharf.fish
  powershell  wharf completions powershell >> $PROFILE
  elvish      wharf completions elvish >> ~/.config/elvish/rc.elv

Exit codes: 0 printed.")]
pub(crate) struct Arguments {
    /// The shell.
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut with_known_values(crate::command()),
        "wharf",
        &mut script,
    );
    output::data(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// The command with the values that are the same in every workspace. Only completions take them
/// for a closed set: the commands themselves say what was meant by a word that is none of them.
fn with_known_values(command: Command) -> Command {
    let catalog = || {
        let ids = catalog::entries();
        PossibleValuesParser::new(ids.into_iter().map(|entry| entry.id))
    };
    let codes = || {
        let pages = wharf_document::pages().iter();
        PossibleValuesParser::new(pages.flat_map(|page| [page.code.id, page.code.slug]))
    };
    command
        .mut_subcommand("new", |command| {
            command
                .mut_arg("from", |argument| argument.value_parser(catalog()))
                .mut_arg("name", |argument| argument.value_parser(catalog()))
        })
        .mut_subcommand("init", |command| {
            command.mut_arg("with", |argument| argument.value_parser(catalog()))
        })
        .mut_subcommand("explain", |command| {
            command.mut_arg("code", |argument| argument.value_parser(codes()))
        })
}
