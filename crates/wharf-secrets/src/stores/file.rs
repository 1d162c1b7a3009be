//! Credential files: one value on one line, a key in PEM, or a JSON object of strings.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::io::Errno;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use wharf_diag::Spanned;

use crate::credential::{Credential, Warning};
use crate::error::Error;
use crate::resolver::Resolver;
use crate::stores::members::{self, Members};
use crate::stores::{Fetched, Fetching, Identity, Place, Sign, as_text, aside, missing};
use crate::value::{self, ValueProblem};

pub use crate::value::FILE_SIZE_LIMIT_BYTES;

/// What a file looks like from outside; a changed file has another stamp.
///
/// Times of the last modification and of the last change of rights, size, inode and device of the
/// file that the path leads to. A symbolic link that is turned to another file changes it, so an
/// exchanged Kubernetes secret is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    modified_seconds: i64,
    modified_nanoseconds: i64,
    changed_seconds: i64,
    changed_nanoseconds: i64,
    size_bytes: u64,
    inode: u64,
    device: u64,
}

impl Stamp {
    /// The stamp of a file, or `None` where there is none to look at.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self {
            modified_seconds: metadata.mtime(),
            modified_nanoseconds: metadata.mtime_nsec(),
            changed_seconds: metadata.ctime(),
            changed_nanoseconds: metadata.ctime_nsec(),
            size_bytes: metadata.size(),
            inode: metadata.ino(),
            device: metadata.dev(),
        })
    }
}

/// A file that a document names.
pub(crate) struct CredentialFile {
    /// As the document has it.
    path: String,
    resolver: Resolver,
}

impl CredentialFile {
    pub(super) fn new(path: &Spanned<String>, resolver: &Resolver) -> Self {
        Self {
            path: path.value.clone(),
            resolver: resolver.clone(),
        }
    }
}

impl Place for CredentialFile {
    fn identity(&self) -> Identity {
        Identity::new("FILE", [self.path.clone()])
    }

    fn describe(&self) -> String {
        format!("file {}", self.path)
    }

    fn stamp(&self) -> Option<Sign> {
        Stamp::of(&self.resolver.locate(Path::new(&self.path))).map(Sign::File)
    }

    fn fetch<'a>(&'a self, fields: &'a [String]) -> Fetching<'a> {
        let (path, resolver) = (self.path.clone(), self.resolver.clone());
        let fields = fields.to_vec();
        let read = move || fetch(&resolver.allowed(Path::new(&path))?, &as_text(&fields));
        Box::pin(async move {
            let read = aside(read).await.unwrap_or(Err(Error::GivenUp));
            read.map(Fetched::from)
        })
    }
}

/// What stands in a credential file.
enum Content {
    /// One line, or a key in PEM: a value without a name.
    Unnamed(SecretString),
    /// A JSON object.
    Named(Members),
}

/// The value of each field from a credential file.
fn fetch(path: &Path, fields: &[&str]) -> Result<Credential, Error> {
    let (content, warning) = read(path)?;
    let store = || format!("credential file {}", path.display());
    let unusable = |member: Option<&str>, problem| Error::FileUnusable {
        path: path.to_owned(),
        member: member.map(str::to_owned),
        problem,
    };
    let values = match content {
        Content::Unnamed(value) => {
            value::check(value.expose_secret()).map_err(|problem| unusable(None, problem))?;
            if let Some(&field) = fields.get(1) {
                return Err(missing(field, &store(), &[]));
            }
            let fields = fields.iter();
            fields
                .map(|&field| (field.to_owned(), value.clone()))
                .collect()
        }
        Content::Named(members) => members::fill(&members, fields, store, |name, problem| {
            unusable(Some(name), problem)
        })?,
    };
    Ok(Credential::new(values, warning.into_iter().collect()))
}

/// Reads a credential file.
fn read(path: &Path) -> Result<(Content, Option<Warning>), Error> {
    let (bytes, mode) = read_bytes(path).map_err(|problem| problem.of_credential(path))?;
    let warning = (mode & 0o006 != 0).then(|| Warning::OpenToEveryone {
        path: path.to_owned(),
        mode,
    });
    Ok((parse(path, &bytes)?, warning))
}

/// Why a file that should hold a secret gave no bytes.
pub(crate) enum ReadProblem {
    Missing,
    /// Links that lead in a circle, or through too many others.
    Loop,
    NotRegular,
    /// More than [`FILE_SIZE_LIMIT_BYTES`].
    TooLarge,
    Unreadable(io::Error),
}

impl ReadProblem {
    fn of_credential(self, path: &Path) -> Error {
        let path = path.to_owned();
        match self {
            Self::Missing => Error::FileMissing { path },
            Self::Loop => Error::FileLoop { path },
            Self::NotRegular => Error::FileNotRegular { path },
            Self::TooLarge => Error::FileTooLarge { path },
            Self::Unreadable(source) => Error::FileUnreadable { path, source },
        }
    }
}

/// The bytes of a regular file within the size limit, and its permission bits.
pub(crate) fn read_bytes(path: &Path) -> Result<(Zeroizing<Vec<u8>>, u32), ReadProblem> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => ReadProblem::Missing,
        _ if Errno::from_io_error(&source) == Some(Errno::LOOP) => ReadProblem::Loop,
        _ => ReadProblem::Unreadable(source),
    };
    let regular = |metadata: &Metadata| {
        if metadata.is_file() {
            Ok(())
        } else {
            Err(ReadProblem::NotRegular)
        }
    };
    // Asked before opening: opening a pipe without a writer would wait for one.
    regular(&std::fs::metadata(path).map_err(failed)?)?;
    let mut file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    regular(&metadata)?;
    // The whole room at once: a vector that grows leaves copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_SIZE_LIMIT_BYTES + 1));
    file.by_ref()
        .take(FILE_SIZE_LIMIT_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() > FILE_SIZE_LIMIT_BYTES {
        return Err(ReadProblem::TooLarge);
    }
    Ok((bytes, metadata.mode() & 0o777))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Content, Error> {
    let unusable = |problem| Error::FileUnusable {
        path: path.to_owned(),
        member: None,
        problem,
    };
    let text = std::str::from_utf8(bytes).map_err(|_| unusable(ValueProblem::NotText))?;
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(control) {
        return Err(unusable(ValueProblem::ControlCharacter));
    }
    let line = text.trim_end_matches(['\r', '\n']);
    if line.trim_start().starts_with('{') {
        return parse_object(path, line).map(Content::Named);
    }
    let lines = line.lines().count();
    if lines > 1 && !value::is_pem(line) {
        return Err(Error::FileLines {
            path: path.to_owned(),
            lines,
        });
    }
    Ok(Content::Unnamed(SecretString::from(line)))
}

fn parse_object(path: &Path, text: &str) -> Result<Members, Error> {
    serde_json::from_str(text).map_err(|error| Error::FileJson {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
    })
}
