//! What stands in a file: a document, nearly one, something else, or what nobody can read.
//!
//! Whoever has the files gives their bytes, or why there are none.

mod encoding;

use std::fmt;
use std::io;
use std::sync::Arc;

use wharf_diag::{Diagnostic, SourceText};

use encoding::{HEAD_BYTES, wide};

/// Largest file that is read, in bytes. A larger document is [`Unreadable`]; of its content,
/// one byte more than this is enough.
pub const LARGEST_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// What a file turns out to be.
#[derive(Debug)]
pub enum Found {
    /// A text that says it is a document.
    Document {
        /// The name shown to people.
        name: String,
        /// All of it.
        text: String,
    },
    /// A text that nearly says so, and why it does not.
    NearMiss(Box<Diagnostic>),
    /// It is, or was asked for as, a document, and cannot be read.
    Unreadable(Unreadable),
}

/// A file or folder that could not be read while the rest could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The name shown to people.
    pub name: String,
    /// What happened and what to do.
    pub message: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

/// Why a file gives no text.
enum NoText {
    /// The file is not ours.
    Foreign,
    /// It vanished between being found and being opened.
    Gone,
    Because(String),
}

impl Found {
    /// Judges the content of a file. `named` tells that the user asked for this very file. `None`
    /// for what is no document, and for a file that is gone.
    pub fn of(name: String, named: bool, content: io::Result<Vec<u8>>) -> Option<Self> {
        let read = if named {
            read_text(content, |_| true)
        } else {
            read(content)
        };
        match read {
            Ok(text) if wharf_document::is_integration(&text) => {
                Some(Self::Document { name, text })
            }
            Err(NoText::Gone) if named => Some(Self::Unreadable(gone(name))),
            Ok(text) => {
                let source = Arc::new(SourceText::new(name, text));
                let near = wharf_document::check_near_miss(&source);
                if named {
                    return Some(Self::Unreadable(no_document(&source, near.as_ref())));
                }
                near.map(|found| Self::NearMiss(Box::new(found)))
            }
            // What vanished meanwhile is no longer part of the workspace.
            Err(NoText::Foreign | NoText::Gone) => None,
            Err(NoText::Because(message)) => Some(Self::Unreadable(Unreadable { name, message })),
        }
    }
}

/// The text of a file that the user asked for, document or not.
pub fn text_of_named(name: String, content: io::Result<Vec<u8>>) -> Result<String, Unreadable> {
    match read_text(content, |_| true) {
        Ok(text) => Ok(text),
        Err(NoText::Because(message)) => Err(Unreadable { name, message }),
        Err(NoText::Foreign | NoText::Gone) => Err(gone(name)),
    }
}

/// The text of a file; `None` when it is absent, too large or no text.
pub fn text_of(content: io::Result<Vec<u8>>) -> Option<String> {
    read(content).ok()
}

/// What is said of a file or folder that the system does not give.
pub fn cannot_be_read(error: Option<&io::Error>) -> String {
    match error {
        Some(error) => format!("cannot be read ({error}); {}", read_remedy(error)),
        None => "cannot be read; check who may read it".to_owned(),
    }
}

/// The numbers that all Unix systems have for "too many open files", of the machine and of the
/// process. No kind of the standard library stands for them.
const TOO_MANY_OPEN: [i32; 2] = [23, 24];

/// What to do about a file or folder that is there and cannot be read.
pub fn read_remedy(error: &io::Error) -> &'static str {
    let number = error.raw_os_error();
    if number.is_some_and(|number| TOO_MANY_OPEN.contains(&number)) {
        return "no file descriptor was left: raise `ulimit -n`, or lower `max_connections`";
    }
    match error.kind() {
        io::ErrorKind::PermissionDenied => "check who may read it",
        io::ErrorKind::InvalidInput
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::NotADirectory => "put a file of text there",
        _ => "check its path, and the disk or share that it is on",
    }
}

fn gone(name: String) -> Unreadable {
    Unreadable {
        name,
        message: "is gone; it was there a moment ago".to_owned(),
    }
}

/// Why a file that the user asked for is no document, as exactly as it is known.
fn no_document(source: &SourceText, near: Option<&Diagnostic>) -> Unreadable {
    let message = match near {
        Some(found) => {
            let why = found.message.trim_start_matches("this ");
            let line = found.primary.start().line;
            let help = found.help.as_deref().unwrap_or("correct it");
            format!("{why}; {help} (line {line})")
        }
        None => "is not an integration document; its frontmatter has to say \
                 `type: tool` and `subtype: integration`"
            .to_owned(),
    };
    Unreadable {
        name: source.name().to_owned(),
        message,
    }
}

/// Reads a text. A file that is no text or too large is foreign unless its start says otherwise.
fn read(content: io::Result<Vec<u8>>) -> Result<String, NoText> {
    read_text(content, wharf_document::is_integration)
}

/// Reads a text. One that cannot be read whole is foreign unless its start `is_ours`.
fn read_text(
    content: io::Result<Vec<u8>>,
    is_ours: impl Fn(&str) -> bool,
) -> Result<String, NoText> {
    let bytes = match content {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(NoText::Gone),
        Err(error) => return Err(NoText::Because(cannot_be_read(Some(&error)))),
    };
    let is_large = bytes.len() as u64 > LARGEST_FILE_BYTES;
    let says_so = |bytes: &[u8]| {
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        is_ours(&String::from_utf8_lossy(head))
    };
    // Before all else: text in wide characters may be valid UTF-8, full of zeros.
    if let Some((encoding, head)) = wide(&bytes) {
        return Err(if is_ours(&head) {
            NoText::Because(format!("is {encoding}; save it as UTF-8"))
        } else {
            NoText::Foreign
        });
    }
    if is_large {
        return Err(if says_so(&bytes) {
            let limit = LARGEST_FILE_BYTES / 1024 / 1024;
            NoText::Because(format!("is larger than {limit} MiB; split the document"))
        } else {
            NoText::Foreign
        });
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        if says_so(error.as_bytes()) {
            let line = error.as_bytes()[..at]
                .iter()
                .filter(|b| **b == b'\n')
                .count()
                + 1;
            NoText::Because(format!(
                "is not UTF-8 from line {line} on; save it as UTF-8"
            ))
        } else {
            NoText::Foreign
        }
    })
}

#[cfg(test)]
mod tests;
