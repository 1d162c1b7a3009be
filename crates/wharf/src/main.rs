//! The command line: reads arguments, sets up logging, and hands over to one file per command.

mod activation;
mod addresses;
mod assemble;
mod catalog;
mod commands;
mod control;
mod deadline;
mod description;
mod descriptors;
mod exchange;
mod history;
mod installation;
mod log;
mod notices;
mod numbers;
mod output;
mod parallel;
mod read;
mod redact;
mod reload;
mod replace;
mod retention;
mod service_manager;
mod settings;
mod shell;
mod signals;
mod simulation;
mod table;
mod takeover;
mod template;
mod token;
mod workspace;

use std::borrow::Cow;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::log::LogFormat;

// What a burst took is given back by a thread of the allocator's own, within a second or two:
// `.cargo/config.toml` says so. benches/RESULTS.md has what that costs.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Exit code of a command that could not do its work at all.
const COULD_NOT_RUN: u8 = 2;

/// One Markdown document per outside service: people read it, Wharf runs it.
#[derive(Debug, Parser)]
#[command(
    name = "wharf",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = "\
Start here:
  wharf up --simulate               serve the catalog against simulated vendors
  wharf init DIR                    make a workspace
  wharf new stripe --dir DIR        a document from the catalog, or from the blank template
  wharf check DIR                   find what is missing or wrong in documents
  wharf callers add shop --dir DIR  create a token for an application
  wharf up DIR                      serve a workspace against the real vendors

Exit codes: 0 done, 1 findings or a failed call, 2 could not run.")]
struct Arguments {
    /// How log lines look on standard error. The variable `WHARF_LOG` says which are shown: error,
    /// warn, info, debug or trace [default: info].
    #[arg(long, global = true, value_enum, default_value_t)]
    log_format: LogFormat,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(commands::up::Arguments),
    Call(commands::call::Arguments),
    Callers(commands::callers::Arguments),
    Audit(commands::audit::Arguments),
    Reload(commands::reload::Arguments),
    Store(commands::store::Arguments),
    Notices(commands::notices::Arguments),
    Init(commands::init::Arguments),
    New(commands::new::Arguments),
    Check(commands::check::Arguments),
    Explain(commands::explain::Arguments),
    Lsp(commands::lsp::Arguments),
    Fmt(commands::fmt::Arguments),
    List(commands::list::Arguments),
    Show(commands::show::Arguments),
    Graph(commands::graph::Arguments),
    Index(commands::index::Arguments),
    Completions(commands::completions::Arguments),
    Man(commands::man::Arguments),
}

/// The whole command line.
pub(crate) fn command() -> clap::Command {
    Arguments::command()
}

/// Tells what was asked for instead of a command, such as a version, or what is wrong with one.
fn without_command(answer: &clap::Error) -> ExitCode {
    let code = u8::try_from(answer.exit_code()).unwrap_or(COULD_NOT_RUN);
    let text = answer.render().to_string();
    if answer.use_stderr() && matches!(wharf_diag::printable(&text), Cow::Owned(_)) {
        // It says an argument again, with something in it that would act on a terminal.
        output::note(text.trim_end());
        return ExitCode::from(code);
    }
    let written = answer.print().and_then(|()| std::io::stdout().flush());
    match written {
        // What cannot be written to standard error cannot be told anywhere.
        Err(error) if !answer.use_stderr() && error.kind() != ErrorKind::BrokenPipe => {
            output::error(&output::of_standard_output(&error).into());
            ExitCode::from(COULD_NOT_RUN)
        }
        _ => ExitCode::from(code),
    }
}

/// What went wrong inside the program is told by its place alone. The words of a panic may hold a
/// piece of a document, and with it a secret.
fn tell_panics_by_their_place() {
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        output::note(&format!(
            "error: wharf panicked at {place}; this is a fault of the program, please report it. \
             RUST_BACKTRACE=1 shows more, pieces of documents included"
        ));
    }));
}

fn main() -> ExitCode {
    tell_panics_by_their_place();
    let read = command()
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match read {
        Ok(arguments) => arguments,
        Err(error) => return without_command(&error),
    };
    if let Err(error) = log::start(arguments.log_format) {
        output::error(&error);
        return ExitCode::from(COULD_NOT_RUN);
    }
    let result = match arguments.command {
        Command::Up(arguments) => commands::up::run(&arguments),
        Command::Call(arguments) => commands::call::run(&arguments),
        Command::Callers(arguments) => commands::callers::run(arguments),
        Command::Audit(arguments) => commands::audit::run(&arguments),
        Command::Reload(arguments) => commands::reload::run(&arguments),
        Command::Store(arguments) => commands::store::run(arguments),
        Command::Notices(arguments) => commands::notices::run(arguments),
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Init(arguments) => commands::init::run(&arguments),
        Command::New(arguments) => commands::new::run(&arguments),
        Command::Explain(arguments) => commands::explain::run(&arguments),
        Command::List(arguments) => commands::list::run(&arguments),
        Command::Show(arguments) => commands::show::run(&arguments),
        Command::Graph(arguments) => commands::graph::run(&arguments),
        Command::Index(arguments) => commands::index::run(&arguments),
        Command::Completions(arguments) => commands::completions::run(&arguments),
        Command::Man(arguments) => commands::man::run(&arguments),
        Command::Fmt(arguments) => commands::fmt::run(&arguments),
        Command::Lsp(arguments) => commands::lsp::run(&arguments),
    };
    result.unwrap_or_else(|error| {
        output::error(&error);
        ExitCode::from(COULD_NOT_RUN)
    })
}
