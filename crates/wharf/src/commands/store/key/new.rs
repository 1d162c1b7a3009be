//! `wharf store key new`: a key for a file or for a secret store.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use wharf_secrets::NewKey;

use crate::output::{self, Format};

pub(super) fn run(out: Option<&Path>, print: bool, format: Format) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        out.is_some() || print || !io::stdout().is_terminal(),
        "a key is not shown on a terminal; give a file with --out FILE, or --print to see it all \
         the same. No key was made"
    );
    let key = NewKey::generate()?;
    let id = key.id().to_string();
    if let Some(path) = out {
        key.write(path)?;
        if format == Format::Json {
            output::json(&json!({ "id": id, "file": path.display().to_string() }))?;
        } else {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            output::note(&format!(
                "Key {id} is in {}. Name that file as `key` of `[store]` in wharf.toml, and keep a \
                 copy of it where no backup of the state is.",
                path.display()
            ));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let text = match format {
        Format::Json => json!({ "id": id, "key": key.expose_secret() }).to_string(),
        Format::Text => key.expose_secret().to_owned(),
    };
    output::only_copy(&format!("{text}\n")).context("the key is lost, make another one")?;
    if format == Format::Text {
        output::note(&format!("This is key {id}. It is not shown again."));
    }
    Ok(ExitCode::SUCCESS)
}
