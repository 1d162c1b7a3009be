//! Why a credential could not be fetched.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::mint::{Again, MintError};
use crate::stores::aws::AwsError;
use crate::stores::vault::VaultError;
use crate::value::FILE_SIZE_LIMIT_BYTES;
use crate::value::ValueProblem;

/// Why a credential could not be fetched: where, what, and what to do. Never the value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A variable that the document names is not set.
    #[error(
        "environment variable {variable} is not set; set {variable} and start wharf again, \
         or change `variables` of this environment under Credential Storage"
    )]
    VariableMissing {
        /// Name of the variable.
        variable: String,
    },
    /// A variable is set to something that cannot be sent.
    #[error(
        "the value of environment variable {variable} {problem}; \
         set {variable} to the credential alone, visible ASCII on one line, and start wharf again"
    )]
    VariableUnusable {
        /// Name of the variable.
        variable: String,
        /// What is wrong with its value.
        problem: ValueProblem,
    },
    /// There is no such file.
    #[error(
        "credential file {} does not exist; create it, \
         or change `path` of this environment under Credential Storage",
        path.display()
    )]
    FileMissing {
        /// The file, joined to the workspace where the document's path is relative.
        path: PathBuf,
    },
    /// The settings do not let credentials come from there.
    #[error(
        "credential file {} is outside the workspace and the folders that `[secrets] folders` in \
         wharf.toml lists; move it, or add its folder there",
        path.display()
    )]
    FileOutside {
        /// The file, as the document names it.
        path: PathBuf,
    },
    /// The file could not be opened or read.
    #[error(
        "credential file {} cannot be read; {}",
        path.display(),
        read_remedy(source)
    )]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Links that lead in a circle, or through too many others.
    #[error(
        "credential file {} is a link that leads to no file, only to links; let it lead to one, \
         or change `path` of this environment under Credential Storage",
        path.display()
    )]
    FileLoop {
        /// The file.
        path: PathBuf,
    },
    /// A folder, a pipe, a socket or a device.
    #[error(
        "credential file {} is not a regular file; \
         name a regular file, or a symbolic link to one",
        path.display()
    )]
    FileNotRegular {
        /// The file.
        path: PathBuf,
    },
    /// More than [`FILE_SIZE_LIMIT_BYTES`].
    #[error(
        "credential file {} is larger than {FILE_SIZE_LIMIT_BYTES} bytes; \
         keep only the credential in it",
        path.display()
    )]
    FileTooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The text of the file, or one of its values, cannot be sent.
    #[error(
        "{} {} {problem}; write the credential alone on one line, \
         or a JSON object of strings, in visible ASCII",
        match member { Some(member) => format!("member `{member}` of credential file"), None => "credential file".to_owned() },
        path.display()
    )]
    FileUnusable {
        /// The file.
        path: PathBuf,
        /// Name of the member, where the file is a JSON object.
        member: Option<String>,
        /// What is wrong with it.
        problem: ValueProblem,
    },
    /// Several lines that are not a JSON object.
    #[error(
        "credential file {} has {lines} lines and is not a JSON object; \
         write one value on one line, or a JSON object of strings",
        path.display()
    )]
    FileLines {
        /// The file.
        path: PathBuf,
        /// How many lines it has.
        lines: usize,
    },
    /// It starts like a JSON object and is none.
    #[error(
        "credential file {} is not valid JSON at line {line}, column {column}; \
         correct it, or write one value on one line",
        path.display()
    )]
    FileJson {
        /// The file.
        path: PathBuf,
        /// Line from 1.
        line: usize,
        /// Column from 1.
        column: usize,
    },
    /// A token is made of a credential that there is none of.
    #[error("no token can be made without the credential it is made of: {problem}")]
    NoSource {
        /// Why there is none.
        problem: String,
    },
    /// No token could be made.
    #[error(transparent)]
    NotMade(MintError),
    /// Tokens are made of a refresh token, which the vendor may replace with each of them.
    #[error(
        "tokens by refresh token are not made yet by this version of wharf; use another `Grant`, or \
         a token that does not end"
    )]
    RefreshTokens,
    /// The program ends, and fetches nothing more.
    #[error("the credential was not fetched, since wharf ends")]
    GivenUp,
    /// A field of the templates has no value in the store.
    #[error(
        "no value for the field `{field}` in {store}, which has {}; \
         name one `{field}` or give it a name that ends with `_{field}`, \
         or change the field under Authentication",
        list(available)
    )]
    FieldMissing {
        /// The field in the template.
        field: String,
        /// The store in words, with its path where it has one.
        store: String,
        /// Names of the values that are there.
        available: Vec<String>,
    },
    /// It is kept in Vault, which did not give it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// It is kept in AWS Secrets Manager, which did not give it.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The document keeps the credential where this version cannot look.
    #[error(
        "the credential is kept in {location} at `{path}`, which this version of wharf cannot read; \
         use `location: ENV_VARIABLES` with `variables`, or `location: FILE` with `path`"
    )]
    LocationNotSupported {
        /// The location's name as documents write it.
        location: &'static str,
        /// `path` or `key` of the entry.
        path: String,
    },
}

/// Time after which what was refused is asked for again, where nothing has changed.
const WHEN_CHANGED: Duration = Duration::from_secs(300);

/// Longest wait that another side can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

impl Error {
    /// Time in which it is of no use to ask again, where that is known.
    pub(crate) fn pause(&self) -> Option<Duration> {
        let Self::NotMade(error) = self else {
            return None;
        };
        match error.again() {
            Again::Later => None,
            Again::After(wait) => Some(wait.min(LONGEST_WAIT)),
            Again::WhenChanged => Some(WHEN_CHANGED),
        }
    }
}

/// Names in backquotes, separated by commas, or "no named values".
fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "no named values".to_owned();
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// What to do about a file that is there and cannot be read.
pub(crate) fn read_remedy(error: &io::Error) -> &'static str {
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::PermissionDenied, _) => {
            "give the user that runs wharf read permission for it and for the folders above it"
        }
        // "Too many open files", of the machine and of the process, on all Unix systems.
        (_, Some(23 | 24)) => {
            "no file descriptor was left: raise `ulimit -n`, or lower `max_connections`"
        }
        _ => "check its path, and the disk or share that it is on",
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::Error;

    #[test]
    fn the_remedy_of_an_unreadable_file_fits_the_error() {
        for (number, remedy) in [
            (13, "read permission"),
            (24, "raise `ulimit -n`"),
            (23, "raise `ulimit -n`"),
            (5, "the disk or share"),
        ] {
            let error = Error::FileUnreadable {
                path: "key".into(),
                source: io::Error::from_raw_os_error(number),
            };
            assert!(error.to_string().contains(remedy), "{error}");
        }
    }
}
