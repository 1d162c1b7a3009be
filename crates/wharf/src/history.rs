//! What version control has of the documents: the texts that were committed, of those that changed.
//!
//! Asks the `git` program, once for the names and once for the texts, however many documents there
//! are. Where there is no repository, there is no history. Where there is one that cannot be asked,
//! that is told; who names a revision gets an error for both.

use std::collections::HashMap;
use std::io::{self, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use wharf_workspace::LARGEST_FILE_BYTES;

use crate::read::folder_of;

/// Most changed files whose committed text is read.
const MOST_FILES: usize = 10_000;

/// The revision that documents are compared with where none is named.
const DEFAULT_REVISION: &str = "HEAD";

/// Most characters of a reason that `git` gives.
const MOST_REASON_CHARS: usize = 600;

/// Why no history could be read although one was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no repository.
    #[error(
        "nothing can be compared with `{revision}`: {} is in no repository; leave out --since, or \
         check the documents where they are under version control",
        path.display()
    )]
    NoRepository {
        /// As given.
        revision: String,
        /// The path that was given.
        path: PathBuf,
    },
    /// `git` cannot compare with the revision.
    #[error("{} cannot be compared with `{revision}`: {reason}", folder.display())]
    NotCompared {
        /// As given.
        revision: String,
        /// Where the repository was looked for.
        folder: PathBuf,
        /// Why, in the words of `git` where it gave any.
        reason: String,
    },
}

/// The committed texts of files that changed since, by their real path.
#[derive(Debug, Default)]
pub(crate) struct History {
    texts: HashMap<PathBuf, String>,
    unread: Vec<String>,
}

impl History {
    /// Reads what a revision has of the Markdown files below some paths. With `since`, the state
    /// where the current branch left that revision; without, the last commit.
    pub(crate) fn of(paths: &[PathBuf], since: Option<&str>) -> Result<Self, Error> {
        let mut history = Self::default();
        for path in paths {
            let Some(folder) = folder_in_repository(path) else {
                match since {
                    None => continue,
                    // What is not there is told by who reads it.
                    Some(_) if !path.exists() && !folder_of(path).exists() => continue,
                    Some(revision) => {
                        return Err(Error::NoRepository {
                            revision: revision.to_owned(),
                            path: path.clone(),
                        });
                    }
                }
            };
            let read = match since {
                None => texts_since(&folder, DEFAULT_REVISION),
                Some(revision) => branch_point(&folder, revision)
                    .and_then(|revision| texts_since(&folder, &revision)),
            };
            match (read, since) {
                (Ok(texts), _) => history.texts.extend(texts),
                (Err(reason), Some(revision)) => {
                    return Err(Error::NotCompared {
                        revision: revision.to_owned(),
                        folder,
                        reason,
                    });
                }
                (Err(reason), None) => {
                    let reason = why_no_commit(&folder, reason);
                    history.unread.extend(reason.map(|reason| {
                        format!(
                            "warning: {} is not compared with what was committed: {reason}",
                            folder.display()
                        )
                    }));
                }
            }
        }
        history.unread.dedup();
        Ok(history)
    }

    /// Repositories that could not be asked, and why, a line for each.
    pub(crate) fn unread(&self) -> &[String] {
        &self.unread
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
    // A document that is read from standard input need not be on disk.
    let real = path.canonicalize();
    let path = real.or_else(|_| folder_of(path).canonicalize()).ok()?;
    let folder = if path.is_dir() { &path } else { path.parent()? };
    folder
        .ancestors()
        .any(|folder| folder.join(".git").exists())
        .then(|| folder.to_owned())
}

/// What a revision has of the files that changed since.
fn texts_since(folder: &Path, revision: &str) -> Result<Vec<(PathBuf, String)>, String> {
    let names = changed(folder, revision)?;
    committed(folder, revision, &names).map_err(|error| not_asked(&error))
}

/// Why the last commit cannot be read, where `reason` is what came of comparing with it. `None`:
/// nothing was committed yet, which `git` tells without a word. Comparing tells nothing of use
/// where `git` does not take the repository for one.
fn why_no_commit(folder: &Path, reason: String) -> Option<String> {
    let asked = git(folder)
        .args(["rev-parse", "--verify", "--quiet", DEFAULT_REVISION])
        .output();
    match answered(asked, "") {
        Ok(_) => Some(reason),
        Err(why) => (!why.is_empty()).then_some(why),
    }
}

/// What `git` wrote, or why it did not do its work.
fn answered(asked: io::Result<Output>, silent: &str) -> Result<Vec<u8>, String> {
    let output = asked.map_err(|error| not_asked(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = words.lines().map(str::trim).collect();
    let reason: String = lines.join(" ").chars().take(MOST_REASON_CHARS).collect();
    Err(
        match reason.split_whitespace().collect::<Vec<_>>().join(" ") {
            reason if reason.is_empty() => silent.to_owned(),
            reason => format!("git says: {reason}"),
        },
    )
}

fn not_asked(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "the program `git` was not found; install it".to_owned(),
        _ => format!("the program `git` could not be asked: {error}"),
    }
}

/// A command that reads the repository and writes nothing, not even its index.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null());
    command
}

fn branch_point(folder: &Path, revision: &str) -> Result<String, String> {
    let asked = git(folder)
        .args(["merge-base", "--end-of-options", revision, DEFAULT_REVISION])
        .output();
    let found = answered(asked, "this branch has no commit in common with it")?;
    Ok(String::from_utf8_lossy(&found).trim().to_owned())
}

/// Names below a folder of the Markdown files that differ from a revision.
fn changed(folder: &Path, revision: &str) -> Result<Vec<String>, String> {
    let asked = git(folder)
        .args(["diff", "--name-only", "-z", "--no-renames", "--relative"])
        .args([
            "--diff-filter=M",
            "--end-of-options",
            revision,
            "--",
            "*.md",
        ])
        .output();
    let output = answered(asked, "git does not say why")?;
    let names = output.split(|byte| *byte == 0);
    let names = names.filter_map(|name| String::from_utf8(name.to_vec()).ok());
    // A name with a line break cannot be asked for.
    let names = names.filter(|name| !name.is_empty() && !name.contains('\n'));
    Ok(names.take(MOST_FILES).collect())
}

/// The texts that a revision has of some files.
fn committed(
    folder: &Path,
    revision: &str,
    names: &[String],
) -> io::Result<Vec<(PathBuf, String)>> {
    let mut texts = Vec::new();
    if names.is_empty() {
        return Ok(texts);
    }
    let mut child = git(folder)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (Some(mut questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("it has no pipe"));
    };
    let mut answers = BufReader::new(answers);
    for name in names {
        // One question at a time, so that neither side waits for the other with a full pipe.
        writeln!(questions, "{revision}:./{name}")?;
        questions.flush()?;
        match answer(&mut answers)? {
            Answer::Text(text) => texts.push((folder.join(name), text)),
            Answer::Nothing => {}
        }
    }
    // The end of its input is what ends it.
    drop(questions);
    child.wait()?;
    Ok(texts)
}

/// What there is to one question.
enum Answer {
    Text(String),
    /// The file is not there, or it is no text.
    Nothing,
}

/// One answer of `git cat-file --batch`: `OBJECT blob SIZE`, the bytes, and a line end. What is no
/// text of a document, or larger than one, is passed over.
fn answer(answers: &mut impl io::BufRead) -> io::Result<Answer> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
    let Some((rest, size)) = head.trim_end().rsplit_once(' ') else {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "it ended before its answer",
        ));
    };
    let Ok(size) = size.parse::<u64>() else {
        return Ok(Answer::Nothing);
    };
    let mut content = answers.by_ref().take(size.saturating_add(1));
    if size > LARGEST_FILE_BYTES || !rest.ends_with(" blob") {
        io::copy(&mut content, &mut io::sink())?;
        return Ok(Answer::Nothing);
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes)?;
    bytes.pop();
    Ok(String::from_utf8(bytes).map_or(Answer::Nothing, Answer::Text))
}

#[cfg(test)]
mod tests;
