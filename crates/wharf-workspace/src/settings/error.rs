//! What is wrong with a `wharf.toml`, told without the secrets that may stand in it.

use std::path::{Path, PathBuf};

use super::secretless;

/// Where something is wrong, as an offset in the file, and what.
pub(super) type Mistake = (usize, String);

/// Why a file of settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no TOML, or a key or a value is none of ours.
    #[error("{} is not valid", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Reason,
    },
    /// Values that are wrong, each in a line of its own: `FILE:LINE:COLUMN: message`, both from 1.
    #[error("{}", lines.join("\nerror: "))]
    Mistakes {
        /// In the order of the file.
        lines: Vec<String>,
    },
}

impl Error {
    /// The error with its reason: what commands print, for who shows it elsewhere.
    pub fn in_one_line(&self) -> String {
        match self {
            Self::Invalid { source, .. } => format!("{self}: {source}"),
            Self::Mistakes { .. } => self.to_string(),
        }
    }
}

/// What the reader of TOML says, without what may be a secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Reason(String);

impl Reason {
    pub(super) fn new(words: String) -> Self {
        Self(words)
    }
}

/// Tells all mistakes with their places, if there are any.
pub(super) fn refuse(mut mistakes: Vec<Mistake>, text: &str, path: &Path) -> Result<(), Error> {
    if mistakes.is_empty() {
        return Ok(());
    }
    mistakes.sort();
    let lines = mistakes.into_iter().map(|(offset, message)| {
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[start..].chars().count() + 1;
        let message = secretless::words(message, text);
        format!("{}:{line}:{column}: {message}", path.display())
    });
    Err(Error::Mistakes {
        lines: lines.collect(),
    })
}
