//! The Common Errors table, ready to be asked about an answer.

use http::HeaderName;
use wharf_document::model::{self, ErrorCode, ErrorRow, StatusPattern, Verb};

/// Rows of Common Errors in order of precedence: rows with conditions first, then those that name
/// the vendor's own code, then exact statuses, then classes.
#[derive(Clone, Debug, Default)]
pub struct ErrorTable {
    rows: Vec<Row>,
    /// The rows `timeout` and `unreachable`.
    timeout: Option<Row>,
    unreachable: Option<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    status: Option<StatusPattern>,
    detail: Option<String>,
    when: Vec<Condition>,
    /// The row tells outcomes apart that `retry_on` does not.
    specific: bool,
    meaning: String,
    verbs: Vec<Verb>,
}

#[derive(Clone, Debug)]
enum Condition {
    Header(HeaderName, Option<String>),
    Body(String, Option<String>),
}

/// An answer, as far as rows ask about it.
pub trait Answer {
    /// Whether the body holds the vendor's own code, at one of the places where vendors put it.
    fn has_code(&self, code: &str) -> bool;
    /// Whether a header is there; with a value, whether one of its lines is that value.
    fn has_header(&self, name: &HeaderName, value: Option<&str>) -> bool;
    /// Whether something that is not `null` stands at a JSON pointer of the body; with a value,
    /// whether it is that text, number or truth value.
    fn has_field(&self, pointer: &str, value: Option<&str>) -> bool;
}

/// What the table says about one outcome.
#[derive(Clone, Copy, Debug)]
pub struct MatchedRow<'a> {
    /// The row tells outcomes apart that `retry_on` does not: what it says about retries holds.
    pub specific: bool,
    /// The second cell.
    pub meaning: &'a str,
    /// The third cell, left to right.
    pub verbs: &'a [Verb],
}

impl ErrorTable {
    pub(crate) fn new(rows: &[ErrorRow]) -> Self {
        let mut table = Self::default();
        for row in rows {
            let compiled = Row::new(row);
            match row.code.value {
                ErrorCode::Answer { .. } => table.rows.push(compiled),
                ErrorCode::Timeout => table.timeout = Some(compiled),
                ErrorCode::Unreachable => table.unreachable = Some(compiled),
            }
        }
        table.rows.sort_by_key(|row| {
            let class = !matches!(row.status, Some(StatusPattern::Exact(_)));
            (row.when.is_empty(), row.detail.is_none(), class)
        });
        table
    }

    /// Whether a row that fits this status can only be told from others by the body.
    pub fn needs_body(&self, status: u16) -> bool {
        self.rows.iter().any(|row| {
            let looks = |when: &Condition| matches!(when, Condition::Body(..));
            (row.detail.is_some() || row.when.iter().any(looks)) && row.fits_status(status)
        })
    }

    /// Whether a row asks for a fresh credential, with which the call is made once more.
    pub fn asks_for_another_credential(&self) -> bool {
        let fresh = |verb: &Verb| matches!(verb, Verb::RotateKey | Verb::RefreshToken);
        self.rows.iter().any(|row| row.verbs.iter().any(fresh))
    }

    /// The row for an answer.
    pub fn find(&self, status: u16, answer: &impl Answer) -> Option<MatchedRow<'_>> {
        let mut rows = self.rows.iter();
        let row = rows.find(|row| row.fits_status(status) && row.fits(answer))?;
        Some(row.matched())
    }

    /// The row `timeout`.
    pub fn timeout(&self) -> Option<MatchedRow<'_>> {
        self.timeout.as_ref().map(Row::matched)
    }

    /// The row `unreachable`.
    pub fn unreachable(&self) -> Option<MatchedRow<'_>> {
        self.unreachable.as_ref().map(Row::matched)
    }
}

impl Row {
    fn new(row: &ErrorRow) -> Self {
        let code = &row.code.value;
        let has_status = matches!(code, ErrorCode::Answer { .. });
        Self {
            status: code.status(),
            detail: code.detail().map(str::to_owned),
            when: row
                .when
                .iter()
                .filter_map(|when| Condition::new(&when.value))
                .collect(),
            specific: row.is_specific() || !has_status,
            meaning: row.meaning.value.clone(),
            verbs: row.responses.iter().map(|verb| verb.value).collect(),
        }
    }

    /// A row without a status applies to every answer that carries its code, since some vendors
    /// report errors with status 200.
    fn fits_status(&self, status: u16) -> bool {
        self.status.is_none_or(|pattern| pattern.matches(status))
    }

    fn fits(&self, answer: &impl Answer) -> bool {
        let has_code = |code: &String| answer.has_code(code);
        self.detail.as_ref().is_none_or(has_code)
            && self.when.iter().all(|when| match when {
                Condition::Header(name, value) => answer.has_header(name, value.as_deref()),
                Condition::Body(pointer, value) => answer.has_field(pointer, value.as_deref()),
            })
    }

    fn matched(&self) -> MatchedRow<'_> {
        MatchedRow {
            specific: self.specific,
            meaning: &self.meaning,
            verbs: &self.verbs,
        }
    }
}

impl Condition {
    fn new(condition: &model::Condition) -> Option<Self> {
        Some(match condition {
            model::Condition::Header { name, value } => {
                Self::Header(HeaderName::from_bytes(name.as_bytes()).ok()?, value.clone())
            }
            model::Condition::Body { pointer, value } => Self::Body(pointer.clone(), value.clone()),
        })
    }
}
