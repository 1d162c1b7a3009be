//! Structured logs on standard error.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
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

/// Starts logging. `WHARF_LOG` sets levels, for example `debug` or `info,wharf_net=debug`.
pub(crate) fn start(format: LogFormat) -> anyhow::Result<()> {
    let filter = match std::env::var("WHARF_LOG") {
        Ok(text) => text.parse::<Targets>().with_context(|| {
            format!("WHARF_LOG is `{text}`; it takes a level (error, warn, info, debug, trace) or a list such as info,wharf_net=debug")
        })?,
        Err(_) => Targets::new().with_default(LevelFilter::INFO),
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
            .with_writer(io::stderr);
        registry.with(layer).init();
    } else {
        registry
            .with(
                tracing_subscriber::fmt::layer()
                    .with_ansi(crate::output::colour_errors())
                    .with_target(false)
                    .with_writer(io::stderr),
            )
            .init();
    }
    Ok(())
}
