//! Changes single values of a document in place; every other byte stays.
//!
//! A change is made to the text, then the result is read again. Where it does not hold exactly
//! the value that was asked for, the next way to write it is tried; where none does, nothing is
//! changed and the caller is told.

mod body;
mod cell;
mod frontmatter;
mod item;
mod quoted;
mod setting;
mod template;

use wharf_diag::{Edit, Span};

use crate::format::apply;

/// A document that is being edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    text: String,
}

/// A part of a section, or what stands directly below a section's heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The name of the section.
    pub section: &'a str,
    /// The name of the part; `None` for what stands above the first one.
    pub part: Option<&'a str>,
}

/// A value of the frontmatter or of Required Settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Words; quoted where they have to be.
    Text(String),
    /// A whole number.
    Number(u64),
    /// `true` or `false`.
    Boolean(bool),
    /// A list of words.
    List(Vec<String>),
}

/// Why a draft was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no frontmatter with both of its fences.
    #[error("the document has no frontmatter")]
    NoFrontmatter,
    /// The frontmatter or the settings cannot be read.
    #[error("what stands there cannot be read")]
    NotRead,
    /// The section, part, list, table or column does not exist.
    #[error("the document has no such place")]
    NoPlace,
    /// The template has no such section or part.
    #[error("the template has no such section or part")]
    NotInTemplate,
    /// The value cannot be written so that it is read back as it was given.
    #[error("the value cannot be written there")]
    NotWritable,
}

impl<'a> Place<'a> {
    /// What stands directly below a section's heading.
    pub const fn section(section: &'a str) -> Self {
        Self {
            section,
            part: None,
        }
    }

    /// A part of a section.
    pub const fn part(section: &'a str, part: &'a str) -> Self {
        Self {
            section,
            part: Some(part),
        }
    }
}

impl Draft {
    /// Takes any text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, to keep.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Sets a key of the frontmatter. A key that is not there yet is added where the order of
    /// keys has it.
    ///
    /// Like all setters, it gives the edit it made, and `None` where the value was there before.
    pub fn set_frontmatter(&mut self, key: &str, value: &Value) -> Result<Option<Edit>, Error> {
        let edit = frontmatter::set(&self.text, key, value)?;
        Ok(self.make(edit))
    }

    /// Sets the words behind the first item `key: …` of a list. An item that is not there yet is
    /// added below the part's first list.
    ///
    /// Markup in the value is escaped, so that the words are read as they were given.
    pub fn set_item(
        &mut self,
        place: Place<'_>,
        key: &str,
        value: &str,
    ) -> Result<Option<Edit>, Error> {
        let edit = item::set(&self.text, place, key, value)?;
        Ok(self.make(edit))
    }

    /// Sets a cell: of the first table that has the column, in the first row whose first cell is
    /// `row`. A row that is not there yet is added below the others.
    ///
    /// A value of the first column is the name of its row. Where no row is called `row` and one
    /// has that name, it is there already.
    ///
    /// Pipes and other markup in the value are escaped. Where the value fits, the cell keeps its
    /// width, so that the other lines of the table stay aligned with it.
    pub fn set_cell(
        &mut self,
        place: Place<'_>,
        row: &str,
        column: &str,
        value: &str,
    ) -> Result<Option<Edit>, Error> {
        let edit = cell::set(&self.text, place, row, column, value)?;
        Ok(self.make(edit))
    }

    /// Sets a setting in the JSON object of Required Settings; one that is not there yet is added
    /// at its end.
    pub fn set_setting(&mut self, name: &str, value: &Value) -> Result<Option<Edit>, Error> {
        let edit = setting::set(&self.text, name, value)?;
        Ok(self.make(edit))
    }

    /// Adds a section with its parts, or a part of one, as `template` has it, where the order of
    /// the template has it. What is there already stays as it is.
    pub fn add(&mut self, place: Place<'_>, template: &str) -> Result<Option<Edit>, Error> {
        let edit = template::add(&self.text, place, template)?;
        Ok(self.make(edit))
    }

    fn make(&mut self, edit: Option<Edit>) -> Option<Edit> {
        let edit = edit?;
        self.text = apply(&self.text, std::slice::from_ref(&edit));
        Some(edit)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

/// The first of some edits after which the text says what it has to.
fn first_that(
    text: &str,
    edits: impl IntoIterator<Item = Edit>,
    says: impl Fn(&str) -> bool,
) -> Result<Edit, Error> {
    edits
        .into_iter()
        .find(|edit| says(&apply(text, std::slice::from_ref(edit))))
        .ok_or(Error::NotWritable)
}

fn edit(span: Span, replacement: impl Into<String>) -> Edit {
    Edit {
        span,
        replacement: replacement.into(),
    }
}

/// The line ending that the text uses first; a line feed where it has one line only.
fn line_ending(text: &str) -> &'static str {
    let crlf = text
        .find('\n')
        .is_some_and(|newline| text[..newline].ends_with('\r'));
    if crlf { "\r\n" } else { "\n" }
}

/// Where the line that holds an offset ends, before its line ending.
fn line_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    rest.find(['\n', '\r'])
        .map_or(text.len(), |end| offset + end)
}

/// Where the line that holds an offset starts.
fn line_start(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.rfind(['\n', '\r']).map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests;
