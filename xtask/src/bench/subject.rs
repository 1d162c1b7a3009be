//! The program under measure: built as it is shipped, with a document in which every rule is set.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::peer::{PATH, Vendor};
use super::process::{PATIENCE, Process, with_open_files};
use crate::repository;

/// The real credential; the vendor does not check it.
const CREDENTIAL: &str = "bench-credential";

/// A running `wharf`.
pub(super) struct Wharf {
    pub(super) process: Process,
    /// The address of the documented operation.
    pub(super) url: String,
}

/// The program that is named, or the one of this checkout, built as it is shipped.
pub(super) fn named_or_built(named: Option<&PathBuf>) -> Result<PathBuf> {
    named.map_or_else(super::shipped, |program| Ok(program.clone()))
}

/// What the program says of its own version.
pub(super) fn version(program: &Path) -> Result<String> {
    Ok(
        repository::output_of(Command::new(program).arg("--version"))?
            .trim()
            .to_owned(),
    )
}

/// Makes a caller in the state below `folder` and returns its token.
pub(super) fn caller_token(program: &Path, folder: &Path) -> Result<String> {
    let mut command = Command::new(program);
    command
        .args(["callers", "add", "bench", "--format", "json", "--state"])
        .arg(folder.join("state"));
    let answer: Value = serde_json::from_str(&repository::output_of(&mut command)?)
        .context("`wharf callers add` printed no valid JSON")?;
    let token = answer
        .get("token")
        .and_then(Value::as_str)
        .context("`wharf callers add` printed no token")?;
    Ok(token.to_owned())
}

/// Starts the program on a workspace with one document for the vendor. Its state is a copy of
/// what [`caller_token`] made, under `name`: a state folder serves one process at a time.
pub(super) fn start(
    program: &Path,
    folder: &Path,
    name: &str,
    vendor: &Vendor,
    workers: Option<u32>,
) -> Result<Wharf> {
    let workspace = folder.join("workspace");
    fs::create_dir_all(&workspace)
        .with_context(|| format!("could not make {}", workspace.display()))?;
    fs::write(
        workspace.join("bench-vendor.md"),
        document(&vendor.endpoint()),
    )?;
    let state = own_state(folder, name)?;
    let (workspace, state) = (workspace.to_string_lossy(), state.to_string_lossy());
    let workers = workers.map(|workers| workers.to_string());
    let mut arguments = vec![
        "up",
        &workspace,
        "--state",
        &state,
        "--listen",
        "127.0.0.1:0",
        "--control",
    ];
    arguments.extend(["127.0.0.1:0", "--format", "json"]);
    if let Some(workers) = &workers {
        arguments.extend(["--workers", workers]);
    }
    let mut command = with_open_files(program, &arguments);
    command
        .env("BENCH_VENDOR_KEY", CREDENTIAL)
        .env("SSL_CERT_FILE", &vendor.certificate)
        .stdout(Stdio::piped());
    let log = folder.join(format!("{name}.log"));
    let mut process = Process::start(&mut command, &log)?;
    let data_plane = data_plane(&mut process).with_context(|| format!("see {}", log.display()))?;
    Ok(Wharf {
        process,
        url: format!("{data_plane}/bench-vendor/{PATH}"),
    })
}

/// Copies the callers' state, which nothing has open now.
fn own_state(folder: &Path, name: &str) -> Result<PathBuf> {
    let own = folder.join(format!("state-{name}"));
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(&own)?;
        for entry in fs::read_dir(folder.join("state"))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), own.join(entry.file_name()))?;
            }
        }
        Ok(())
    };
    copy().with_context(|| format!("could not make {}", own.display()))?;
    Ok(own)
}

/// The address in the line that says the program is ready.
fn data_plane(process: &mut Process) -> Result<String> {
    let output = process
        .take_output()
        .context("the program has no standard output")?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(output).lines();
        // The receiver is gone only when nobody waits for the line any more.
        let _ = sender.send(lines.next());
        // What follows is read on, so that the program never waits for a reader.
        lines.for_each(drop);
    });
    let Ok(Some(line)) = receiver.recv_timeout(PATIENCE) else {
        bail!("wharf printed no line within {PATIENCE:?}");
    };
    let ready: Value =
        serde_json::from_str(&line?).context("the first line of `wharf up` is no valid JSON")?;
    let address = ready
        .get("data_plane")
        .and_then(Value::as_str)
        .context("the ready line has no `data_plane`")?;
    Ok(address.to_owned())
}

/// A document with every rule of a call set: credential, limits, timeout, error table, retries.
fn document(endpoint: &str) -> String {
    format!(
        r#"---
title: "[Integration] Bench vendor"
type: tool
subtype: integration
tags: [bench-vendor, api]
created: 2026-01-01T00:00:00Z
modified: 2026-01-01T00:00:00Z
version: 1
ship_factor: 5
active: true
environment: production
criticality: low
---

# [Integration] Bench vendor

## Service Details

### Overview
- **Purpose**: Answers 1 KiB to everything
- **Category**: API
- **Vendor**: Nobody

### Environments

| Environment | Endpoint | Status | Notes |
|-------------|----------|--------|-------|
| Production | {endpoint} | Active | Loopback |

## Authentication

### Method
- Type: API Key
- Header: `Authorization: Bearer {{api_key}}`

### Credential Storage
```yaml
production:
  location: ENV_VARIABLES
  variables:
    - BENCH_VENDOR_KEY
```

## Configuration

### Required Settings
```json
{{
  "timeout": 30,
  "connect_timeout": 5,
  "retry_attempts": 3,
  "rate_limit": "1000000/s",
  "max_concurrency": 4096
}}
```

## API Endpoints

| Operation | Method | Endpoint | Rate Limit |
|-----------|--------|----------|------------|
| List items | GET | /{PATH} | 999000/s |
| Create item | POST | /{PATH} | 1000/s |

## Error Handling

### Common Errors

| Error Code | Meaning | Response |
|------------|---------|----------|
| 401 | Bad credential | Rotate key |
| 429 | Too fast | Backoff + Retry |
| 500 | Vendor failed | Alert + Fail |

### Retry Strategy
```python
retry_delays = [1, 2, 4]
max_retries = 3
retry_on = [429, 502, 503, 504]
```
"#
    )
}
