//! `docs/checks.md`: the pages of all findings as one document, made from the program's own.

use std::fs;

use anyhow::{Context, Result, bail};
use clap::Args;
use wharf_diag::{Page, Severity};

use crate::{output, repository};

/// The document, relative to the root of the repository.
const FILE: &str = "docs/checks.md";

/// How to make it.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write nothing; fail when the document is not current
    #[arg(long)]
    check: bool,
}

/// Writes the document.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.check {
        return check();
    }
    let path = repository::root()?.join(FILE);
    fs::write(&path, text(wharf_document::pages()))
        .with_context(|| format!("could not write {}", path.display()))?;
    output::line(&format!("{FILE} is written"));
    Ok(())
}

/// Fails when the document is not current.
pub(crate) fn check() -> Result<()> {
    let path = repository::root()?.join(FILE);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found != text(wharf_document::pages()) {
        bail!("{FILE} is not current; `cargo xtask reference` makes it anew");
    }
    output::line(&format!("{FILE} is current"));
    Ok(())
}

fn text(pages: &[Page]) -> String {
    let mut text = String::from(
        "<!-- Made by `cargo xtask reference` from crates/wharf-document/src/{checks,findings}. Changes here are lost. -->\n\n\
         # What `wharf check` finds\n\n\
         `wharf explain CODE` prints one of these pages. The examples are run as tests.\n\n\
         | code | name | severity | what |\n|---|---|---|---|\n",
    );
    for page in pages {
        let (id, slug) = (page.code.id, page.code.slug);
        let severity = page.severity().map_or("", Severity::as_str);
        let summary = page.summary().replace('|', "\\|");
        text += &format!(
            "| [{id}](#{}) | `{slug}` | {severity} | {summary} |\n",
            anchor(page)
        );
    }
    for page in pages {
        text += "\n";
        text += &lowered(page.text);
    }
    text
}

/// The anchor of a page's heading, as renderers of Markdown make it.
fn anchor(page: &Page) -> String {
    format!("{}-{}", page.code.id.to_lowercase(), page.code.slug)
}

/// The page with its headings one level lower. What stands in fences stays as it is.
fn lowered(page: &str) -> String {
    let mut fence: Option<&str> = None;
    let mut text = String::new();
    for line in page.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            None if ticks.len() >= 3 => fence = Some(ticks),
            None if line.starts_with('#') => text.push('#'),
            Some(open) if ticks.len() >= open.len() && line.trim_end() == ticks => fence = None,
            _ => {}
        }
        text += line;
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use wharf_diag::{Code, Page};

    use super::{lowered, text};

    #[test]
    fn headings_are_lowered_outside_of_fences_only() {
        let page = "# A\n\n## Why\n\n````markdown\n# x\n```yaml\n# y\n```\n````\n\n## Right\n";
        let expected =
            "## A\n\n### Why\n\n````markdown\n# x\n```yaml\n# y\n```\n````\n\n### Right\n";
        assert_eq!(lowered(page), expected);
    }

    #[test]
    fn every_page_is_in_the_table_and_below_it() {
        let page = Page {
            code: Code {
                id: "WH999",
                slug: "some-thing",
            },
            text: "# WH999 some-thing\n\nIt is a | b\nand c.\n\nSeverity: warning.\n",
        };
        let text = text(&[page]);
        let row =
            "| [WH999](#wh999-some-thing) | `some-thing` | warning | It is a \\| b and c. |\n";
        assert!(text.contains(row), "{text}");
        assert!(
            text.ends_with("\n## WH999 some-thing\n\nIt is a | b\nand c.\n\nSeverity: warning.\n")
        );
    }
}
