//! The Common Errors table, ready to be asked about an answer.

use wharf_document::model::{ErrorRow, StatusPattern, Verb};

/// Rows of Common Errors in order of precedence: rows that name the vendor's own code first,
/// then exact statuses, then classes.
#[derive(Debug, Default)]
pub struct ErrorTable {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    status: Option<StatusPattern>,
    detail: Option<String>,
    meaning: String,
    verbs: Vec<Verb>,
}

/// What the table says about one answer.
#[derive(Clone, Copy, Debug)]
pub struct MatchedRow<'a> {
    /// The vendor's own code, when the row names one.
    pub detail: Option<&'a str>,
    /// The second cell.
    pub meaning: &'a str,
    /// The third cell, left to right.
    pub verbs: &'a [Verb],
}

impl ErrorTable {
    pub(crate) fn new(rows: &[ErrorRow]) -> Self {
        let mut rows: Vec<Row> = rows
            .iter()
            .map(|row| Row {
                status: row.code.value.status,
                detail: row.code.value.detail.clone(),
                meaning: row.meaning.value.clone(),
                verbs: row.responses.iter().map(|verb| verb.value).collect(),
            })
            .collect();
        rows.sort_by_key(|row| {
            let class = !matches!(row.status, Some(StatusPattern::Exact(_)));
            (row.detail.is_none(), class)
        });
        Self { rows }
    }

    /// Whether a row that fits this status can only be told from others by the vendor's code,
    /// so that the body has to be looked at.
    pub fn needs_detail(&self, status: u16) -> bool {
        self.rows
            .iter()
            .any(|row| row.detail.is_some() && row.fits_status(status))
    }

    /// Whether a row asks for a fresh credential, with which the call is made once more.
    pub fn asks_for_another_credential(&self) -> bool {
        let fresh = |verb: &Verb| matches!(verb, Verb::RotateKey | Verb::RefreshToken);
        self.rows.iter().any(|row| row.verbs.iter().any(fresh))
    }

    /// The row for an answer. `details` are the codes found in its body.
    pub fn find(&self, status: u16, details: &[String]) -> Option<MatchedRow<'_>> {
        let row = self.rows.iter().find(|row| {
            row.fits_status(status)
                && row
                    .detail
                    .as_ref()
                    .is_none_or(|detail| details.contains(detail))
        })?;
        Some(MatchedRow {
            detail: row.detail.as_deref(),
            meaning: &row.meaning,
            verbs: &row.verbs,
        })
    }
}

impl Row {
    /// A row without a status applies to every answer that carries its code, since some vendors
    /// report errors with status 200.
    fn fits_status(&self, status: u16) -> bool {
        self.status.is_none_or(|pattern| pattern.matches(status))
    }
}
