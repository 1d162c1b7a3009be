//! `wharf explain`: the page of a diagnostic's code.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use crate::output;

/// Explain a code that `wharf check` shows: what it means, why it matters, wrong and right.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// For example `WH102` or `title-not-quoted`. Without it, all codes are listed.
    code: Option<String>,
}

/// Prints one page, or the list of all codes.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let text = match arguments.code {
        Some(code) => page(&code)?,
        None => list(),
    };
    output::data(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn page(code: &str) -> anyhow::Result<String> {
    match wharf_diag::find_page(wharf_document::pages(), code) {
        Ok(page) => Ok(page.text.to_owned()),
        Err(Some(meant)) => bail!("there is no code `{code}`; did you mean `{meant}`?"),
        Err(None) => bail!("there is no code `{code}`; `wharf explain` lists all of them"),
    }
}

fn list() -> String {
    wharf_document::pages()
        .iter()
        .map(|page| format!("{}  {}\n", page.code.id, page.code.slug))
        .collect()
}

#[cfg(test)]
mod tests;
