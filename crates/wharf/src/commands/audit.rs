//! `wharf audit`: who changed what.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use wharf_console::wire::{AuditPage, AuditRow};
use wharf_store::{AUDIT_COUNT_LIMIT, AUDIT_PAGE_LIMIT};

use super::callers::keeper::Keeper;
use super::place::Place;
use crate::numbers;
use crate::output::{self, Format};

const EXIT_CODES: &str = "Exit codes: 0 done, 2 could not run.";

/// Show who changed what, when and from where.
///
/// Every change of callers leaves a record, whether a `wharf up` made it or a command where none runs,
/// and so do `wharf reload --accept`, `wharf notices ack` and `wharf store key rotate`. A change that was refused, such as for a name that is taken,
/// leaves one too. The newest 10,000 are kept. Requests without the token are counted in /metrics and
/// logged, not kept.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    place: Place,

    /// How the result is written.
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

/// What the help says of the bound.
const _: () = assert!(AUDIT_COUNT_LIMIT == 10_000);

#[derive(Debug, Subcommand)]
enum Command {
    /// Show records, the newest first.
    ///
    /// Who is what the command said of its user: whoever has the token can say another name.
    #[command(after_help = EXIT_CODES)]
    List {
        /// Most records that are shown, from 1 to 1,000.
        #[arg(long, value_name = "N", default_value_t = 50,
              allow_negative_numbers = true,
              value_parser = numbers::of_page::<AUDIT_PAGE_LIMIT>)]
        limit: u32,
        /// Go on before the record with this number, which is how the next page is had.
        #[arg(long, value_name = "NUMBER", allow_negative_numbers = true,
              value_parser = numbers::of_record)]
        before: Option<u64>,
    },
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let option = arguments.place.option();
    let folder = arguments.place.folder()?;
    let Command::List { limit, before } = arguments.command;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let page = runtime.block_on(async {
        let mut keeper = Keeper::of(&folder);
        let page = keeper.audit(before, limit).await;
        keeper.close().await;
        page
    })?;
    let page = page.unwrap_or_else(|| AuditPage::of(Vec::new(), limit));
    if arguments.format == Format::Json {
        output::json(&serde_json::to_value(&page)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if page.records.is_empty() {
        let which = before.map_or_else(String::new, |number| format!(" before number {number}"));
        output::note(&format!("No change is on record{which}."));
    }
    for row in &page.records {
        output::page(&line(row))?;
    }
    if let Some(next) = page.next_before {
        output::note(&format!(
            "Older ones: wharf audit list --limit {limit} --before {next}{option}"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn line(row: &AuditRow) -> String {
    let at = match row.at.parse::<Timestamp>() {
        Ok(at) => format!("{at:.0}"),
        Err(_) => row.at.clone(),
    };
    let outcome = match &row.reason {
        Some(reason) => format!("{}: {}", row.outcome, output::in_line(reason)),
        None => row.outcome.clone(),
    };
    let [action, subject, who, from] =
        [&row.action, &row.subject, &row.who, &row.from].map(|text| output::in_line(text));
    format!(
        "{:<6} {at}  {action} {subject}  {outcome}  {who}, {from}\n",
        row.number
    )
}
