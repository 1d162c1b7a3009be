//! What the automation prints: the one place of this crate that writes to the terminal.

/// Prints one line of a report on standard output.
#[expect(
    clippy::print_stdout,
    reason = "the report of a command line is its standard output"
)]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints one line of progress on standard error, so that a report can be piped on its own.
#[expect(
    clippy::print_stderr,
    reason = "progress of a command line goes to standard error"
)]
pub(crate) fn progress(text: &str) {
    eprintln!("{text}");
}

/// Prints why a command failed on standard error.
#[expect(
    clippy::print_stderr,
    reason = "the failure of a command line goes to standard error"
)]
pub(crate) fn error(text: &str) {
    eprintln!("error: {text}");
}
