//! The work by which the shipped program is laid out: calls of several kinds, and checks.
//!
//! It is wider than what is measured: what is never counted is laid out as if it hardly ever ran.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::load::{Load, Sends};
use super::peer::{self, Speaks};
use super::{machine, subject};
use crate::{output, repository};

/// Length of one round in seconds. Counting makes the program slower, but not other in its choices.
const ROUND_SECONDS: u64 = 2;

/// Numbers of connections.
const CONNECTIONS: [u32; 3] = [1, 32, 256];

/// What is worked through, for each way of speaking to the vendor.
const SPEAKS: [Speaks; 3] = [Speaks::Http1, Speaks::TlsHttp1, Speaks::TlsHttp2];

/// Puts the program to work in `folder`. It writes its counts when it ends.
pub(super) fn run(program: &Path, folder: &Path) -> Result<()> {
    machine::require("nginx", "nginx-light")?;
    machine::require("wrk", "wrk")?;
    for (index, speaks) in SPEAKS.into_iter().enumerate() {
        let folder = folder.join(index.to_string());
        fs::create_dir_all(&folder)
            .with_context(|| format!("could not make {}", folder.display()))?;
        calls(program, &folder, speaks)?;
    }
    checks(program)
}

fn calls(program: &Path, folder: &Path, speaks: Speaks) -> Result<()> {
    let vendor = peer::vendor(folder, speaks)?;
    let token = subject::caller_token(program, folder)?;
    // Dropped at the end, and then it stops in order.
    let wharf = subject::start(program, folder, "wharf", &vendor, None)?;
    for sends in [Sends::Nothing, Sends::Body] {
        let load = Load::new(folder, &token, ROUND_SECONDS, sends)?;
        for connections in CONNECTIONS {
            output::progress(&format!(
                "calls: {speaks:?}, {sends:?}, {connections} connections"
            ));
            load.round(&wharf.url, connections)?;
        }
    }
    Ok(())
}

/// Checks the documents of the catalog, as a person, a script and a pipeline would have them.
fn checks(program: &Path) -> Result<()> {
    let catalog = repository::root()?.join("catalog");
    for format in ["text", "json"] {
        output::progress(&format!("checks: {format}"));
        let mut command = Command::new(program);
        command
            .arg("check")
            .arg(&catalog)
            .args(["--format", format]);
        repository::output_of(&mut command)?;
    }
    Ok(())
}
