//! `wharf.toml` on disk: where it is, and its text. What it says is read in `wharf-workspace`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use wharf_workspace::settings::{CheckRules, FILE_NAME, Settings};

/// Reads the settings of a workspace; without a file, all defaults hold.
pub(crate) fn load(root: &Path) -> anyhow::Result<Settings> {
    let path = root.join(FILE_NAME);
    match text_of(&path)? {
        Some(text) => Ok(Settings::parse(&text, &path)?),
        None => Ok(Settings::default()),
    }
}

/// Reads the rules of the workspace that a path belongs to: the path's own folder, or the nearest
/// folder above it that has a `wharf.toml`.
pub(crate) fn rules_of(path: &Path) -> anyhow::Result<CheckRules> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = path.canonicalize().unwrap_or(path);
    let mut folders = path.ancestors();
    // What is no file there is told, so that no setting is lost without a word.
    let Some(root) = folders.find(|folder| folder.join(FILE_NAME).exists()) else {
        return Ok(CheckRules::default());
    };
    match text_of(&root.join(FILE_NAME))? {
        Some(text) => Ok(CheckRules::parse(&text, root)?),
        None => Ok(CheckRules::default()),
    }
}

/// Whether a file is left alone.
pub(crate) fn excludes(rules: &CheckRules, path: &Path) -> bool {
    rules.excludes_some() && real(path).is_some_and(|path| rules.excludes(&path))
}

/// The path of a file in a folder without links. The file itself may be one. `None`: there is no
/// such folder.
pub(crate) fn real(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent()?.canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

/// The text of the file; `None` where there is none. What stands in its place and is no file, and
/// what is no text, is an error.
pub(crate) fn text_of(path: &Path) -> anyhow::Result<Option<String>> {
    use std::io::{ErrorKind, Read as _};

    let read = |mut file: std::fs::File| {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    };
    let error = match crate::read::open(path).and_then(read) {
        Ok(bytes) => return of_bytes(bytes, path).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => error,
    };
    let remedy = match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::IsADirectory => {
            "settings stand in a file of that name, else in none"
        }
        _ => wharf_workspace::read_remedy(&error),
    };
    Err(error).with_context(|| format!("cannot read {}; {remedy}", path.display()))
}

fn of_bytes(bytes: Vec<u8>, path: &Path) -> anyhow::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let read = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
        anyhow::anyhow!(
            "{} is not UTF-8 from line {line} on; save it as UTF-8",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests;
