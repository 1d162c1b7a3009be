//! `wharf store backup`: a copy of all that counts, while `wharf up` runs or not.

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::json;

use super::areas;
use super::areas::{count, size};
use super::meter::Meter;
use crate::commands::place::Kept;
use crate::output::{self, Format};

pub(super) const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 done, and something in it was damaged before, 2 no backup was made.";

pub(super) fn run(kept: &Kept, folder: &Path, format: Format) -> anyhow::Result<ExitCode> {
    let now = Timestamp::now();
    let mut meter = Meter::new("copying");
    let mut show = |progress| meter.show(progress);
    let version = env!("CARGO_PKG_VERSION");
    let made = wharf_store::backup(&kept.folder, folder, version, now, &mut show);
    drop(meter);
    let made = made?;
    let is_whole = made.report.is_whole();
    let has_key = kept.folder.join(wharf_secrets::KEY_FILE_NAME).exists();
    if format == Format::Json {
        let mut value = areas::json(&made.report);
        value["version"] = json!(1);
        value["folder"] = json!(folder.display().to_string());
        value["time"] = json!(now.to_string());
        value["files"] = json!(made.file_count);
        value["bytes"] = json!(made.bytes);
        output::json(&value)?;
    } else {
        if !is_whole {
            output::page(&areas::text(&made.report))?;
        }
        output::note(&format!(
            "{}, {}, are in {}.",
            count(made.file_count, "file", "files"),
            size(made.bytes),
            folder.display()
        ));
    }
    if !is_whole {
        output::note("What is damaged was damaged before: the backup holds it as it is.");
    }
    if has_key {
        output::note(&format!(
            "The key of stored secrets is not in it: keep a copy of {} elsewhere.",
            kept.folder.join(wharf_secrets::KEY_FILE_NAME).display()
        ));
    }
    Ok(if is_whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
