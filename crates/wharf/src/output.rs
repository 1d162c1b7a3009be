//! Writing to the terminal: data on standard output, everything else on standard error.

use std::fs::File;
use std::io::{self, IsTerminal, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::process::ExitCode;

use clap::ValueEnum;
use wharf_workspace::Unreadable;

use crate::COULD_NOT_RUN;

/// What is kept of data before it is written.
const DATA_BUFFER_BYTES: usize = 64 * 1024;

/// How a command writes its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One line of JSON, for programs.
    Json,
}

/// Writes data. A reader that went away (`| head`) is not an error.
pub(crate) fn data(text: &str) -> io::Result<()> {
    match written(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes data that is nowhere else: a reader that went away is an error too, and so is `/dev/null`.
///
/// A closed standard output is `/dev/null` by the time this program begins: its runtime opens that
/// in its place, as parents do that want to hear nothing. Only where data would be lost are both
/// refused.
pub(crate) fn only_copy(text: &str) -> io::Result<()> {
    if leads_nowhere(io::stdout().as_fd()) {
        return Err(io::Error::other(
            "standard output is closed, or leads to /dev/null",
        ));
    }
    written(text)
}

/// Whether what is written there is thrown away.
fn leads_nowhere(out: BorrowedFd<'_>) -> bool {
    let nowhere = std::fs::metadata("/dev/null").map(|nowhere| nowhere.rdev());
    let found = out
        .try_clone_to_owned()
        .and_then(|out| File::from(out).metadata());
    match (found, nowhere) {
        (Ok(found), Ok(nowhere)) => found.file_type().is_char_device() && found.rdev() == nowhere,
        _ => false,
    }
}

fn written(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| of_standard_output(&error))
}

/// Standard output for data that is too much to be kept until it is whole. A reader that went away
/// is not an error: what comes after it is nowhere.
pub(crate) struct Data {
    out: io::BufWriter<io::StdoutLock<'static>>,
    is_gone: bool,
}

impl Data {
    pub(crate) fn new() -> Self {
        Self {
            out: io::BufWriter::with_capacity(DATA_BUFFER_BYTES, io::stdout().lock()),
            is_gone: false,
        }
    }

    fn tried<T>(&mut self, result: io::Result<T>, gone: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_gone = true;
                Ok(gone)
            }
            result => result.map_err(|error| of_standard_output(&error)),
        }
    }
}

impl io::Write for Data {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_gone {
            return Ok(bytes.len());
        }
        let written = self.out.write(bytes);
        self.tried(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_gone {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.tried(flushed, ())
    }
}

/// Says whose error it is: nobody who reads of a full disk thinks of where the output goes.
pub(crate) fn of_standard_output(error: &io::Error) -> io::Error {
    let message = format!("standard output cannot be written to: {error}");
    io::Error::new(error.kind(), message)
}

/// Writes text for people, with words of others in it: nothing in it acts on a terminal.
pub(crate) fn page(text: &str) -> io::Result<()> {
    data(&wharf_diag::printable(text))
}

/// Writes data of others: as it is into a file or a program, without anything that acts on a
/// terminal to one.
pub(crate) fn foreign(text: &str) -> io::Result<()> {
    if io::stdout().is_terminal() {
        page(text)
    } else {
        data(text)
    }
}

/// Words of others as a part of one line: nothing in them acts on a terminal, or ends the line.
pub(crate) fn in_line(text: &str) -> String {
    let acts = |c: char| c.is_control() || wharf_diag::is_unprintable(c);
    text.replace(acts, "\u{fffd}")
}

/// Writes a line for people, with nothing in it that acts on a terminal. What cannot be written
/// there cannot be reported either.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", wharf_diag::printable(text));
}

/// The same for findings, whose renderer took out what acts and put in colours.
pub(crate) fn findings(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes what could not be read. The exit code says whether everything could.
pub(crate) fn unreadable(unreadable: &[Unreadable]) -> ExitCode {
    for file in unreadable {
        note(&format!("error: {file}"));
    }
    if unreadable.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(COULD_NOT_RUN)
    }
}

/// Writes an error with its causes, on one line.
pub(crate) fn error(error: &anyhow::Error) {
    note(&format!("error: {error:#}"));
}

/// Whether standard error takes colours.
pub(crate) fn colour_errors() -> bool {
    takes_colour(&io::stderr())
}

/// Whether a stream takes colours: a terminal does, unless `NO_COLOR` is set to anything or `TERM`
/// says that it knows no sequences.
pub(crate) fn takes_colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}

/// The width of the terminal that data goes to. `None`: it goes to a file or a program.
pub(crate) fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0))
}

/// Writes a value as one line of JSON. What acts on a terminal is written as an escape.
pub(crate) fn json(value: &serde_json::Value) -> io::Result<()> {
    data(&wharf_diag::printable_json(&format!("{value}\n")))
}
