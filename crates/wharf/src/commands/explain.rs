//! `wharf explain`: the page of a diagnostic's code, and the list of all codes.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use serde_json::{Value, json};
use wharf_diag::{Page, Severity, closest};

use crate::output::{self, Format};
use crate::shell;
use crate::table::{self, Column};

const COLUMNS: [Column; 4] = [
    Column::whole("CODE", 0),
    Column::whole("NAME", 0),
    Column::whole("SEVERITY", 2),
    Column::words("WHAT", 20, 1),
];

/// Explain a code that `wharf check` shows: what it means, why it matters, wrong and right.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf explain WH602
  wharf explain limits-over-global          the same, by its name
  wharf explain                             every code
  wharf explain --search retry              codes whose page has the word

The fields of --format json are told in docs/json.md.
Exit codes: 0 shown, 2 there is no such code or word.")]
pub(crate) struct Arguments {
    /// For example `WH102` or `title-not-quoted`. Without it, all codes are listed.
    code: Option<String>,

    /// List the codes whose page has all of these words.
    #[arg(long, value_name = "WORDS", conflicts_with = "code")]
    search: Option<String>,

    /// How the result is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints one page, or a list of codes.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if let Some(code) = &arguments.code {
        let page = page(code)?;
        match arguments.format {
            Format::Text => output::data(page.text)?,
            Format::Json => {
                let mut value = row(page);
                value["page"] = page.text.into();
                output::json(&value)?;
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let pages = match &arguments.search {
        Some(words) => having(words)?,
        None => wharf_document::pages().iter().collect(),
    };
    match arguments.format {
        Format::Text => output::data(&list(&pages, output::width()))?,
        Format::Json => output::json(&pages.iter().map(|page| row(page)).collect())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn page(code: &str) -> anyhow::Result<&'static Page> {
    match wharf_diag::find_page(wharf_document::pages(), code) {
        Ok(page) => Ok(page),
        Err(Some(meant)) => bail!("there is no code `{code}`; did you mean `{meant}`?"),
        Err(None) => {
            let texts = wharf_document::pages().iter().map(|page| page.text);
            let words = texts.flat_map(|text| text.split(|c: char| !c.is_ascii_alphabetic()));
            // Few enough to compare with all of them: nobody misses the first letter.
            let first = code.get(..1).unwrap_or_default();
            let alike = |word: &&str| word.get(..1).is_some_and(|w| w.eq_ignore_ascii_case(first));
            let words: BTreeSet<&str> = words.filter(alike).collect();
            let word = closest(code, words).map_or_else(|| code.to_owned(), str::to_lowercase);
            let word = shell::word(&word);
            bail!(
                "there is no code `{code}`; `wharf explain --search {word}` looks for the word in \
                 all pages, `wharf explain` lists all of them"
            )
        }
    }
}

/// Pages with all of these words, whatever their case.
fn having(words: &str) -> anyhow::Result<Vec<&'static Page>> {
    let wanted = words.to_lowercase();
    let pages: Vec<_> = wharf_document::pages()
        .iter()
        .filter(|page| {
            let text = page.text.to_lowercase();
            wanted.split_whitespace().all(|word| text.contains(word))
        })
        .collect();
    if pages.is_empty() || wanted.trim().is_empty() {
        bail!("no page has `{words}`; `wharf explain` lists all codes");
    }
    Ok(pages)
}

fn list(pages: &[&Page], width: Option<usize>) -> String {
    let rows: Vec<Vec<String>> = pages
        .iter()
        .map(|page| {
            vec![
                page.code.id.to_owned(),
                page.code.slug.to_owned(),
                severity(page).to_owned(),
                page.summary(),
            ]
        })
        .collect();
    table::render(&COLUMNS, &rows, width).text
}

fn row(page: &Page) -> Value {
    json!({
        "code": page.code.id,
        "name": page.code.slug,
        "severity": severity(page),
        "summary": page.summary(),
    })
}

/// The worst severity that the page names.
fn severity(page: &Page) -> &'static str {
    page.severity().map_or("", Severity::as_str)
}

#[cfg(test)]
mod tests;
