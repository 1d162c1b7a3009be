//! `wharf store check`: every checksum, compared.

use std::process::ExitCode;

use serde_json::json;

use super::areas;
use super::meter::Meter;
use crate::commands::place::Kept;
use crate::output::{self, Format};

pub(super) const EXIT_CODES: &str = "\
Exit codes: 0 all is whole, 1 something is damaged, missing or newer than this program,
2 could not run.";

pub(super) fn run(kept: &Kept, format: Format) -> anyhow::Result<ExitCode> {
    let mut meter = Meter::new("checking");
    let report = wharf_store::check(&kept.folder, &mut |progress| meter.show(progress));
    drop(meter);
    let report = report?;
    if format == Format::Json {
        let mut value = areas::json(&report);
        value["version"] = json!(1);
        output::json(&value)?;
    } else {
        output::page(&areas::text(&report))?;
        if report.is_whole() {
            output::note("All is whole.");
        }
    }
    Ok(if report.is_whole() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
