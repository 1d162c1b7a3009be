//! The ceiling on a source file's length. The ceiling on a function's is clippy's `too_many_lines`.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{output, repository};

/// The most lines that a source file may have, tests left out.
const CEILING_LINES: usize = 1_000;

/// Prints every source file above the ceiling and fails when there is one.
pub(super) fn run() -> Result<()> {
    let root = repository::root()?;
    let mut checked = 0;
    let mut too_long = 0;
    for file in repository::files()?.iter().filter(|file| is_counted(file)) {
        let source = fs::read_to_string(root.join(file))
            .with_context(|| format!("could not read {}", file.display()))?;
        checked += 1;
        if let Some(lines) = above_ceiling(&source) {
            too_long += 1;
            output::line(&format!(
                "{}: {lines} lines, the ceiling is {CEILING_LINES}; split it",
                file.display()
            ));
        }
    }
    if too_long > 0 {
        bail!("{too_long} source files above the ceiling");
    }
    output::line(&format!(
        "{checked} source files, none above {CEILING_LINES} lines"
    ));
    Ok(())
}

fn is_counted(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "rs") && !repository::is_test(file)
}

/// The number of lines of a source that has too many.
fn above_ceiling(source: &str) -> Option<usize> {
    Some(source.lines().count()).filter(|lines| *lines > CEILING_LINES)
}
