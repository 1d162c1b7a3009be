//! `wharf store status`: what is kept, how big it is, and what is pending.

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use wharf_console::wire::{EventLog, HandlerRow, StoreStatus};
use wharf_store::{LogLock, Store};

use super::areas::{count, lines, size};
use crate::commands::place::Kept;
use crate::control::{Ask, Asker};
use crate::output::{self, Format};

/// Most lines of handlers in text: those with most to do.
const HANDLER_LINE_LIMIT: usize = 20;

/// Longest name of a handler in text, in characters.
const NAME_LIMIT: usize = 30;

pub(super) fn run(kept: &Kept, format: Format) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime for this command; raise the limits of open files and threads")?;
    let (status, is_running) = runtime.block_on(async {
        let asked = Asker::of(&kept.folder).ask(&Ask::get("/store")).await?;
        match asked {
            Some(status) => anyhow::Ok((status, true)),
            None => anyhow::Ok((look(kept).await?, false)),
        }
    })?;
    if format == Format::Json {
        let mut value = serde_json::to_value(&status)?;
        value["version"] = json!(1);
        value["running"] = json!(is_running);
        value["folder"] = json!(kept.folder.display().to_string());
        output::json(&value)?;
    } else {
        output::page(&text(kept, &status, is_running))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Looks where nothing runs. It has the lock of the log meanwhile, and writes nothing.
async fn look(kept: &Kept) -> anyhow::Result<StoreStatus> {
    let folder = kept.folder.display();
    if Store::is_absent(&kept.folder) {
        anyhow::ensure!(
            !wharf_store::has_events(&kept.folder),
            "state folder {folder} holds events but no database; `wharf store check{}` tells more",
            kept.option
        );
        anyhow::bail!("there is no state in {folder}; name another folder with --state");
    }
    let store = Store::open(&kept.folder).await?;
    if let Some(lock) = LogLock::take(&kept.folder)? {
        store.own_log(lock).await?;
    }
    let status = store.status().await;
    store.close().await;
    let status = status?.context("nothing is kept on disk")?;
    Ok(status.into())
}

fn text(kept: &Kept, status: &StoreStatus, is_running: bool) -> String {
    let runs = if is_running { "runs" } else { "does not run" };
    let folder = kept.folder.display();
    let mut text = lines("state", &format!("{folder} (wharf up {runs})"));
    let rows = status.records.tables.iter().map(|table| table.rows).sum();
    let said = format!(
        "{} in {}, {} and {} of log",
        count(rows, "row", "rows"),
        count(status.records.tables.len() as u64, "table", "tables"),
        size(status.records.bytes),
        size(status.records.log_bytes)
    );
    text += &lines("records", &said);
    let tables = status.records.tables.iter().filter(|table| table.rows > 0);
    let tables: Vec<_> = tables
        .map(|table| format!("{} {}", table.name, table.rows))
        .collect();
    if !tables.is_empty() {
        text += &lines("", &tables.join(", "));
    }
    match (&status.events, &status.events_problem) {
        (Some(events), _) => text += &of_events(events),
        (None, problem) => text += &lines("events", problem.as_deref().unwrap_or("not known")),
    }
    let calls = &status.calls;
    let since = since(calls.oldest.as_deref());
    let said = format!(
        "{}, {}{since}; since the process began {} kept, {} dropped",
        count(calls.files, "file", "files"),
        size(calls.bytes),
        calls.kept,
        calls.dropped
    );
    text += &lines("calls", &said);
    let secrets = status.sealing_keys.iter().map(|key| key.secrets).sum();
    let said = format!(
        "{} with {}",
        count(secrets, "secret", "secrets"),
        count(status.sealing_keys.len() as u64, "key", "keys")
    );
    text += &lines("sealed", &said);
    let quarantine = &status.quarantine;
    let said = match quarantine.files {
        0 => "empty".to_owned(),
        files => format!(
            "{}, {}: copies of what was damaged, see docs/store.md",
            count(files, "file", "files"),
            size(quarantine.bytes)
        ),
    };
    text + &lines("quarantine", &said)
}

fn of_events(events: &EventLog) -> String {
    let free = events
        .free_bytes
        .map_or_else(String::new, |bytes| format!(", {} free", size(bytes)));
    let said = format!(
        "{}, {}{}{free}",
        count(events.segments, "file", "files"),
        size(events.bytes),
        since(events.oldest.as_deref()),
    );
    let mut text = lines("events", &said);
    if let Some(refusal) = &events.refusal {
        text += &lines("", &format!("none are taken: {}", output::in_line(refusal)));
    }
    for damage in &events.damages {
        let said = format!(
            "damaged: segment {}, bytes {} to {}",
            damage.segment, damage.from, damage.to
        );
        text += &lines("", &said);
    }
    for missing in &events.missing {
        text += &lines(
            "",
            &format!("missing: segments {} to {}", missing.from, missing.to),
        );
    }
    for foreign in &events.foreign {
        text += &lines("", &format!("not wharf's: {}", output::in_line(foreign)));
    }
    text += &of_handlers(events);
    let keys = &events.keys;
    let said = format!(
        "{}, {} in {}, {} of memory",
        keys.count,
        size(keys.bytes),
        count(keys.files, "file", "files"),
        size(keys.memory_bytes)
    );
    text + &lines("keys", &said)
}

fn of_handlers(events: &EventLog) -> String {
    let mut text = String::new();
    for lane in &events.lanes {
        let stored = lane.head - lane.first.min(lane.head);
        text += &lines(
            "",
            &format!("lane {}: {stored} stored, {} in all", lane.lane, lane.head),
        );
    }
    let handlers = events.lanes.iter().flat_map(|lane| {
        let with_lane = |row| (lane.lane, row);
        lane.handlers.iter().map(with_lane)
    });
    let mut handlers: Vec<(u16, &HandlerRow)> = handlers.collect();
    handlers.sort_by_key(|(_, row)| std::cmp::Reverse((row.behind + row.open, row.dead)));
    let left_out = handlers.len().saturating_sub(HANDLER_LINE_LIMIT) as u64;
    for (lane, row) in handlers.iter().take(HANDLER_LINE_LIMIT) {
        let name = crate::table::cut(&output::in_line(&row.name), NAME_LIMIT);
        let said = format!(
            "{name} in lane {lane}: {} behind, {} open, {} dead",
            row.behind, row.open, row.dead
        );
        text += &lines("", &said);
    }
    match left_out + events.handlers_left_out {
        0 => text,
        more => text + &lines("", &format!("and {more} handlers with less to do")),
    }
}

fn since(oldest: Option<&str>) -> String {
    let Some(oldest) = oldest else {
        return String::new();
    };
    match oldest.parse::<jiff::Timestamp>() {
        Ok(time) => format!(", since {time:.0}"),
        Err(_) => String::new(),
    }
}
