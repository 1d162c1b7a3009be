//! What a vendor's own API description says about the answers of a document's operations.
//!
//! `OpenAPI` 3.0, `OpenAPI` 3.1 and Swagger 2.0, as JSON or YAML. A file is read once; the answers
//! of the document's operations are made from it, and everything else is dropped again.

mod response;
mod stream;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use wharf_diag::Severity;
use wharf_document::{Integration, wanted_operation};
use wharf_openapi::{Found, Locator, NotRead, SyntaxError, Tree};

use crate::answer::Prepared;

/// Largest API description; a larger one is not read.
pub const MAX_DESCRIPTION_BYTES: u64 = 64 * 1024 * 1024;

/// Operations named in one warning; of the rest only the number is told.
const MAX_NAMED: usize = 10;

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("it is larger than {MAX_DESCRIPTION_BYTES} bytes")]
    TooLarge,
    #[error("it is not a file")]
    NotAFile,
    #[error("it is neither valid JSON nor valid YAML: {0}")]
    Syntax(String),
    #[error("it has neither `openapi: 3.x` nor `swagger: \"2.0\"` at its top")]
    UnknownForm,
    #[error("it describes no paths")]
    NoPaths,
}

/// Reads a file and makes an answer for each operation of the document that it describes.
///
/// Answers come by the place of the operation in the document's table, with an empty one for
/// an operation that is not described; there are none when the file cannot be used.
pub(crate) fn read(
    path: &Path,
    integration: &Integration,
) -> (Vec<Prepared>, Vec<(Severity, String)>) {
    let start = Instant::now();
    let shown = path.display();
    match read_text(path).and_then(|text| Ok((text.len(), describe(&text, integration)?))) {
        Ok((size_bytes, answers)) => {
            let missing: Vec<&str> = integration
                .operations
                .iter()
                .zip(&answers)
                .filter(|(_, answer)| answer.is_none())
                .map(|(operation, _)| operation.id.as_str())
                .collect();
            let total = answers.len();
            let mut found = vec![(
                Severity::Info,
                format!(
                    "read the API description `{shown}` ({size_bytes} bytes) in {} ms; it \
                     describes {} of {total} operations",
                    start.elapsed().as_millis(),
                    total - missing.len(),
                ),
            )];
            if !missing.is_empty() {
                found.push((Severity::Warning, not_described(&missing)));
            }
            let answers = answers.into_iter().map(Option::unwrap_or_default).collect();
            (answers, found)
        }
        Err(error) => {
            let message = format!(
                "the API description `{shown}` cannot be used: {error}; answers are made from \
                 the document alone"
            );
            (Vec::new(), vec![(Severity::Warning, message)])
        }
    }
}

fn not_described(missing: &[&str]) -> String {
    let named = missing
        .iter()
        .take(MAX_NAMED)
        .map(|id| format!("`{id}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let more = missing.len().saturating_sub(MAX_NAMED);
    let rest = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    format!("the API description has no operation with method and path of {named}{rest}")
}

fn read_text(path: &Path) -> Result<String, Error> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Error::NotAFile);
    }
    if metadata.len() > MAX_DESCRIPTION_BYTES {
        return Err(Error::TooLarge);
    }
    let mut text = String::new();
    // The file may grow while it is read.
    let read_bytes = file
        .take(MAX_DESCRIPTION_BYTES + 1)
        .read_to_string(&mut text)?;
    if read_bytes as u64 > MAX_DESCRIPTION_BYTES {
        return Err(Error::TooLarge);
    }
    Ok(text)
}

/// `None` for operations that the description does not have. A row with several methods answers
/// as the first of them that is described.
fn describe(text: &str, integration: &Integration) -> Result<Vec<Option<Prepared>>, Error> {
    let tree = Tree::parse(text)?;
    let dialect = tree.dialect().ok_or(Error::UnknownForm)?;
    let description = tree.description()?;
    let locator = Locator::new(&description);
    Ok(integration
        .operations
        .iter()
        .map(|operation| {
            let wanted = wanted_operation(operation, &integration.environments);
            let answer = |method| match locator.locate(&wanted, method) {
                Found::Operation(path, described) => {
                    tree.operation(&path.template, described.method)
                }
                _ => None,
            };
            let mut methods = operation.methods().map(Into::into);
            let operation = methods.find_map(answer)?;
            Some(response::prepare(&tree, dialect, &operation))
        })
        .collect())
}

impl From<SyntaxError> for Error {
    fn from(why: SyntaxError) -> Self {
        Self::Syntax(why.to_string())
    }
}

impl From<NotRead> for Error {
    fn from(why: NotRead) -> Self {
        match why {
            NotRead::Json(_) | NotRead::Yaml(_) => Self::Syntax(why.to_string()),
            NotRead::UnknownForm => Self::UnknownForm,
            NotRead::NoPath => Self::NoPaths,
        }
    }
}

#[cfg(test)]
mod tests;
