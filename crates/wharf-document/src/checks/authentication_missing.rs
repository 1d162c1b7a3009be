//! Calls that go out without a credential, where nobody said that they should.

use crate::findings::{Findings, authentication_missing};
use crate::model::Integration;
use crate::raw::document_place;

pub(super) use crate::findings::authentication_missing::PAGE;

/// Looks for the section where there is something to call.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    if integration.authentication.is_none() && !integration.environments.is_empty() {
        findings.report_at(document_place(findings.source), authentication_missing::new);
    }
}
