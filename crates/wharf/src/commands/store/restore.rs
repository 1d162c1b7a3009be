//! `wharf store restore`: a state folder made of a backup.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use wharf_store::{LogLock, Store};

use super::areas::{count, size};
use super::meter::Meter;
use super::{areas, runtime};
use crate::commands::place::Kept;
use crate::output::{self, Format};

pub(super) const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 done, and something in the backup was damaged before, 2 nothing was restored.";

pub(super) fn run(kept: &Kept, folder: &Path, format: Format) -> anyhow::Result<ExitCode> {
    let mut meter = Meter::new("copying");
    let mut show = |progress| meter.show(progress);
    let restored = wharf_store::restore(folder, &kept.folder, &mut show);
    drop(meter);
    let restored = restored?;
    let secrets = runtime()?.block_on(open(kept));
    let secrets = secrets.with_context(|| {
        format!(
            "all files were put into {}, but the state cannot be used",
            kept.folder.display()
        )
    })?;
    let is_whole = restored.report.is_whole();
    if format == Format::Json {
        let mut value = areas::json(&restored.report);
        value["version"] = json!(1);
        value["folder"] = json!(kept.folder.display().to_string());
        value["time"] = json!(restored.time.to_string());
        value["made_by"] = json!(restored.version);
        value["files"] = json!(restored.file_count);
        value["bytes"] = json!(restored.bytes);
        output::json(&value)?;
    } else {
        output::page(&areas::text(&restored.report))?;
        output::note(&format!(
            "{}, {}, are back in {}, as they were at {:.0}.",
            count(restored.file_count, "file", "files"),
            size(restored.bytes),
            kept.folder.display(),
            restored.time
        ));
    }
    let has_key = kept.settings.store_keys().key.is_some()
        || kept.folder.join(wharf_secrets::KEY_FILE_NAME).exists();
    if secrets > 0 && !has_key {
        output::note(&format!(
            "{} sealed, and no backup holds a key: put it back at {} before the next start.",
            count(secrets, "secret is", "secrets are"),
            kept.folder.join(wharf_secrets::KEY_FILE_NAME).display()
        ));
    }
    Ok(if is_whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Opens it as `wharf up` does. How many secrets are sealed in it.
async fn open(kept: &Kept) -> anyhow::Result<u64> {
    let store = Store::open(&kept.folder).await?;
    let lock = LogLock::take(&kept.folder)?;
    store
        .own_log(lock.context("another process has taken the events meanwhile")?)
        .await?;
    let used = store.records().sealing_keys().await;
    store.close().await;
    Ok(used?.iter().map(|used| used.secrets).sum())
}
