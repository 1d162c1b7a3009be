//! One round of load: `wrk` against an address, and what it measured.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::process::with_open_files;
use crate::repository;

/// Prints the summary as JSON. It defines no function that runs per request, so it costs nothing there.
const SUMMARY_SCRIPT: &str = r#"done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"bad_statuses":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"#;

/// Put before the summary: a request whose body is read and passed on.
const BODY_SCRIPT: &str = r#"wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"text":"' .. string.rep("x", 2000) .. '"}'
"#;

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sends {
    /// A `GET`.
    Nothing,
    /// A `POST` of 2 KB.
    Body,
}

/// A load generator that is ready to run.
pub(super) struct Load {
    script: PathBuf,
    authorization: String,
    seconds: u64,
}

/// What one round measured. Latencies are in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Round {
    pub(super) requests: f64,
    pub(super) requests_per_second: f64,
    pub(super) p50_microseconds: f64,
    pub(super) p99_microseconds: f64,
}

impl Load {
    /// Rounds of `seconds` seconds, each request with the bearer token given.
    pub(super) fn new(folder: &Path, token: &str, seconds: u64, sends: Sends) -> Result<Self> {
        let script = folder.join("summary.lua");
        let before = match sends {
            Sends::Nothing => "",
            Sends::Body => BODY_SCRIPT,
        };
        fs::write(&script, format!("{before}{SUMMARY_SCRIPT}"))
            .with_context(|| format!("could not write {}", script.display()))?;
        Ok(Self {
            script,
            authorization: format!("Authorization: Bearer {token}"),
            seconds,
        })
    }

    /// Sends requests over `connections` connections; every answer must be a 2xx or 3xx.
    pub(super) fn round(&self, url: &str, connections: u32) -> Result<Round> {
        let seconds = format!("{}s", self.seconds);
        let connections = connections.to_string();
        let script = self.script.to_string_lossy();
        let arguments = [
            "-t1",
            "-c",
            &connections,
            "-d",
            &seconds,
            "-H",
            &self.authorization,
            "-s",
            &script,
            url,
        ];
        let text = repository::output_of(&mut with_open_files(Path::new("wrk"), &arguments))?;
        parse(&text).with_context(|| format!("load on {url} over {connections} connections"))
    }
}

fn parse(text: &str) -> Result<Round> {
    let line = text
        .lines()
        .rfind(|line| line.starts_with('{'))
        .context("wrk printed no summary")?;
    let summary: Value = serde_json::from_str(line).context("wrk printed a broken summary")?;
    let number = |name: &str| {
        summary
            .get(name)
            .and_then(Value::as_f64)
            .with_context(|| format!("no `{name}`"))
    };
    let (bad, broken) = (number("bad_statuses")?, number("broken")?);
    if bad > 0.0 || broken > 0.0 {
        bail!(
            "{bad} answers with an error status and {broken} broken connections; nothing was measured"
        );
    }
    let requests = number("requests")?;
    if requests <= 0.0 {
        bail!("no request was answered");
    }
    Ok(Round {
        requests,
        requests_per_second: requests * 1e6 / number("microseconds")?,
        p50_microseconds: number("p50")?,
        p99_microseconds: number("p99")?,
    })
}
