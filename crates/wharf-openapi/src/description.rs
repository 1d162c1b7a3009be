//! A description reduced to its operations.
//!
//! Only paths, methods and what marks an operation as deprecated are kept; the rest of a file, most
//! of its megabytes, is passed over while it is read.

mod form;
mod lenient;
mod locate;
mod paths;
mod read;

use serde_json::Value;

use crate::Method;
use crate::text::Text;

pub use locate::{Found, Locator, Wanted};

/// The operations that a vendor describes.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// In the order of the file.
    pub paths: Vec<DescribedPath>,
    /// Path prefixes of the servers, without a slash at the end; distinct.
    bases: Vec<String>,
}

/// One path of a description.
#[derive(Clone, Debug)]
pub struct DescribedPath {
    /// As it stands in the file, for example `/v1/customers/{id}`; a fragment is part of it.
    pub template: String,
    /// The operations of this path.
    pub operations: Vec<DescribedOperation>,
    /// Where the rest of the path's operations stands, when that is another file, or nowhere.
    pub elsewhere: Option<String>,
    /// Prefixes that hold for this path in place of the description's.
    bases: Vec<String>,
    /// The segments of the path, in each way the file writes it.
    forms: Vec<Vec<String>>,
}

/// One method of a path.
#[derive(Clone, Debug)]
pub struct DescribedOperation {
    /// The method.
    pub method: Method,
    /// The vendor's name for the operation, `operationId`.
    pub id: Option<String>,
    /// One line about it.
    pub summary: Option<String>,
    /// The vendor says that it should not be used any more.
    pub deprecated: bool,
}

/// Why a text is no API description.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// JSON that breaks off or is none.
    #[error("it is not valid JSON: {0}")]
    Json(String),
    /// YAML that is none, or too much of it. The text of the file is not repeated.
    #[error("it is not valid YAML{0}")]
    Yaml(String),
    /// Another kind of file.
    #[error(
        "it says neither `openapi: 3.x` nor `swagger: 2.0`, and is no Google discovery document"
    )]
    UnknownForm,
    /// A description of something else, such as messages.
    #[error("it describes no path")]
    NoPath,
}

impl Description {
    /// Reads the text of a description: JSON where it begins with `{`, else YAML.
    pub fn read(text: &str) -> Result<Self, NotRead> {
        read::description(read::Source::Text(Text::of(text)))
    }

    /// Takes a description that was read already.
    pub fn of_value(value: &Value) -> Result<Self, NotRead> {
        read::description(read::Source::Value(value))
    }

    /// Paths whose operations stand in another file, or nowhere, at least in part.
    pub fn elsewhere(&self) -> Vec<&str> {
        let paths = self.paths.iter().filter(|path| path.elsewhere.is_some());
        paths.map(|path| path.template.as_str()).collect()
    }

    /// Several files as one: a vendor may describe each part of its API in a file of its own.
    pub fn together<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut together = Self::default();
        for description in all {
            together
                .paths
                .extend(description.paths.iter().map(|path| DescribedPath {
                    bases: if path.bases.is_empty() {
                        description.bases.clone()
                    } else {
                        path.bases.clone()
                    },
                    ..path.clone()
                }));
        }
        together
    }
}

#[cfg(test)]
mod tests;
