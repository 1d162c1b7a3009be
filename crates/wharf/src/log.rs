//! Structured logs on standard error.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write};

use clap::ValueEnum;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// One readable line per event.
    Text,
    /// One JSON object per line.
    Json,
}

/// Libraries below HTTP write whole frames at their most verbose levels, paths with query
/// credentials included. What they say there is never shown.
fn may_be_shown(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("wharf") || *metadata.level() <= Level::INFO
}

/// A stream into which nothing is written that acts on a terminal. The name of a file may hold
/// marks that turn the writing of a whole line around.
struct Harmless<W> {
    out: W,
    clean: fn(&str) -> Cow<'_, str>,
}

impl<W> Harmless<W> {
    fn to(out: W, clean: fn(&str) -> Cow<'_, str>) -> Self {
        Self { out, clean }
    }
}

impl<W: Write> Write for Harmless<W> {
    /// Takes a whole event, as the logger writes one, so no character is cut in two.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        self.out.write_all((self.clean)(&text).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// An event as one line, whatever the names of files in it hold.
fn one_line(event: &str) -> Cow<'_, str> {
    let whole = event.strip_suffix('\n').unwrap_or(event);
    if whole.contains(['\n', '\r']) {
        let line = whole.replace(['\n', '\r'], "\u{fffd}") + "\n";
        return Cow::Owned(wharf_diag::printable_beside_colours(&line).into_owned());
    }
    wharf_diag::printable_beside_colours(event)
}

/// Reads a list of levels. A word that is no level is an error: taken for the name of a part of
/// the program, it would silence all others.
fn levels(text: &str) -> Option<Targets> {
    let mut targets = Targets::new().with_default(LevelFilter::INFO);
    if text.trim().is_empty() {
        return Some(targets);
    }
    for entry in text.split(',') {
        targets = match entry.split_once('=') {
            None => targets.with_default(entry.trim().parse::<LevelFilter>().ok()?),
            Some((target, level)) if !target.trim().is_empty() => {
                targets.with_target(target.trim(), level.trim().parse::<LevelFilter>().ok()?)
            }
            Some(_) => return None,
        };
    }
    Some(targets)
}

/// Starts logging. `WHARF_LOG` sets levels, for example `debug` or `info,wharf_net=debug`.
pub(crate) fn start(format: LogFormat) -> anyhow::Result<()> {
    let text = std::env::var_os("WHARF_LOG").unwrap_or_default();
    let Some(filter) = text.to_str().and_then(levels) else {
        anyhow::bail!(
            "WHARF_LOG is `{}`; it takes a level (error, warn, info, debug, trace) or a list such as info,wharf_net=debug",
            text.display()
        );
    };
    let terminal = io::stderr().is_terminal();
    let json = match format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(may_be_shown));
    if json {
        let layer = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(|| Harmless::to(io::stderr(), wharf_diag::printable_json));
        registry.with(layer).init();
    } else {
        registry
            .with(
                tracing_subscriber::fmt::layer()
                    .with_ansi(crate::output::colour_errors())
                    .with_target(false)
                    .with_writer(|| Harmless::to(io::stderr(), one_line)),
            )
            .init();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Harmless, one_line};

    #[test]
    fn nothing_in_a_log_acts_on_a_terminal() {
        let event = "\u{1b}[31mERROR\u{1b}[0m a\u{9b}2J\u{202e}b\nc.md\n".as_bytes();
        let mut written = Vec::new();
        Harmless::to(&mut written, one_line)
            .write_all(event)
            .unwrap();
        let text = String::from_utf8(written).unwrap();
        assert_eq!(
            text,
            "\u{1b}[31mERROR\u{1b}[0m a\u{fffd}2J\u{fffd}b\u{fffd}c.md\n"
        );
        let mut written = Vec::new();
        let event = "{\"file\":\"a\u{202e}b.md\"}\n".as_bytes();
        let clean = wharf_diag::printable_json;
        Harmless::to(&mut written, clean).write_all(event).unwrap();
        let text = String::from_utf8(written).unwrap();
        assert_eq!(text, "{\"file\":\"a\\u202eb.md\"}\n");
    }
}
