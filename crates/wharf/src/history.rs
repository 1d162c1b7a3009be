//! What version control has of the documents: the texts that were committed, of those that changed.
//!
//! Asks the `git` program, once for the names and once for the texts, however many documents there
//! are. Where there is no repository or no program, there is no history, and nothing is said.

use std::collections::HashMap;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workspace::LARGEST_FILE_BYTES;

/// Most changed files whose committed text is read.
const MOST_FILES: usize = 10_000;

/// The revision that documents are compared with where none is named.
const DEFAULT_REVISION: &str = "HEAD";

/// Why no history could be read although one was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// `git` does not know the revision.
    #[error("version control knows no revision `{revision}` in {}", folder.display())]
    UnknownRevision {
        /// As given.
        revision: String,
        /// Where it was looked for.
        folder: PathBuf,
    },
}

/// The committed texts of files that changed since, by their real path.
#[derive(Debug, Default)]
pub(crate) struct History {
    texts: HashMap<PathBuf, String>,
}

impl History {
    /// Reads what a revision has of the Markdown files below some paths. With `since`, the state
    /// where the current branch left that revision; without, the last commit.
    pub(crate) fn of(paths: &[PathBuf], since: Option<&str>) -> Result<Self, Error> {
        let mut history = Self::default();
        for path in paths {
            let Some(folder) = folder_in_repository(path) else {
                continue;
            };
            let revision = match since {
                None => DEFAULT_REVISION.to_owned(),
                Some(revision) => branch_point(&folder, revision)?,
            };
            let names = changed(&folder, &revision).unwrap_or_default();
            history
                .texts
                .extend(committed(&folder, &revision, &names).unwrap_or_default());
        }
        Ok(history)
    }

    /// The committed text of a file that changed.
    pub(crate) fn text(&self, path: &Path) -> Option<&str> {
        if self.texts.is_empty() {
            return None;
        }
        let path = path.canonicalize().ok()?;
        self.texts.get(&path).map(String::as_str)
    }
}

/// The folder of a path, where it or a folder above it holds a repository.
fn folder_in_repository(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let folder = if path.is_dir() { &path } else { path.parent()? };
    folder
        .ancestors()
        .any(|folder| folder.join(".git").exists())
        .then(|| folder.to_owned())
}

/// A command that reads the repository and writes nothing, not even its index.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn branch_point(folder: &Path, revision: &str) -> Result<String, Error> {
    let output = git(folder)
        .args(["merge-base", "--end-of-options", revision, DEFAULT_REVISION])
        .output();
    let found = output
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    found.ok_or_else(|| Error::UnknownRevision {
        revision: revision.to_owned(),
        folder: folder.to_owned(),
    })
}

/// Names below a folder of the Markdown files that differ from a revision.
fn changed(folder: &Path, revision: &str) -> Option<Vec<String>> {
    let output = git(folder)
        .args(["diff", "--name-only", "-z", "--no-renames", "--relative"])
        .args([
            "--diff-filter=M",
            "--end-of-options",
            revision,
            "--",
            "*.md",
        ])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let names = output.stdout.split(|byte| *byte == 0);
    let names = names.filter_map(|name| String::from_utf8(name.to_vec()).ok());
    // A name with a line break cannot be asked for.
    let names = names.filter(|name| !name.is_empty() && !name.contains('\n'));
    Some(names.take(MOST_FILES).collect())
}

/// The texts that a revision has of some files.
fn committed(folder: &Path, revision: &str, names: &[String]) -> Option<Vec<(PathBuf, String)>> {
    if names.is_empty() {
        return Some(Vec::new());
    }
    let mut child = git(folder)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut questions = child.stdin.take()?;
    let mut answers = BufReader::new(child.stdout.take()?);
    let mut texts = Vec::new();
    for name in names {
        // One question at a time, so that neither side waits for the other with a full pipe.
        writeln!(questions, "{revision}:./{name}").ok()?;
        questions.flush().ok()?;
        match answer(&mut answers)? {
            Answer::Text(text) => texts.push((folder.join(name), text)),
            Answer::Nothing => {}
        }
    }
    drop(questions);
    child.wait().ok()?;
    Some(texts)
}

/// What there is to one question.
enum Answer {
    Text(String),
    /// The file is not there, or it is no text.
    Nothing,
}

/// One answer of `git cat-file --batch`: `OBJECT blob SIZE`, the bytes, and a line end. `None`
/// where nothing more can be read.
fn answer(answers: &mut impl std::io::BufRead) -> Option<Answer> {
    let mut head = String::new();
    answers.read_line(&mut head).ok()?;
    let (rest, size) = head.trim_end().rsplit_once(' ')?;
    let Ok(size) = size.parse::<u64>() else {
        return Some(Answer::Nothing);
    };
    if size > LARGEST_FILE_BYTES || !rest.ends_with(" blob") {
        // What follows cannot be skipped cheaply, so nothing more is read.
        return None;
    }
    let mut bytes = Vec::new();
    answers
        .by_ref()
        .take(size + 1)
        .read_to_end(&mut bytes)
        .ok()?;
    bytes.pop();
    Some(String::from_utf8(bytes).map_or(Answer::Nothing, Answer::Text))
}

#[cfg(test)]
mod tests;
