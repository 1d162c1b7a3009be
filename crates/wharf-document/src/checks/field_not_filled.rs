//! WH213: no variable of a credential fills a field of the request.

use std::collections::HashMap;
use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use crate::credential::{credential_fields, effective_placements, fill_fields};
use crate::findings::Findings;
use crate::model::{AuthenticationType, CredentialStore, Integration};

pub(crate) const CODE: Code = Code {
    id: "WH213",
    slug: "field-not-filled",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("field_not_filled.md"),
};

/// Fields without a variable that are told of one credential: each of many credentials may lack
/// each of many fields.
const MOST_UNFILLED: usize = 100;

/// Every field of the request, or of the request for its token, has to be filled by a variable.
///
/// Only names in the document can be compared; files and stores show theirs at run time.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let kind = authentication.kind.map(|kind| kind.value);
    if kind == Some(AuthenticationType::OAuth2)
        && authentication.making().is_none()
        && authentication.placements.is_empty()
    {
        // What is missing is the address of the token endpoint, and WH630 tells that.
        return;
    }
    let made = authentication.made_field();
    let placements = effective_placements(integration);
    let mut fields = credential_fields(&placements);
    fields.retain(|field| Some(*field) != made);
    fields.extend(authentication.token_fields());
    let mut places: HashMap<&str, Span> = HashMap::new();
    let key = authentication.minting.signing_key.iter();
    places.extend(key.map(|field| (field.value.as_str(), field.span)));
    for (_, claim) in &authentication.claims {
        places.extend(claim.value.fields().map(|field| (field, claim.span)));
    }
    for placement in &authentication.placements {
        for field in credential_fields(std::slice::from_ref(&placement.value)) {
            places.entry(field).or_insert(placement.span);
        }
    }
    for credential in &integration.credentials {
        let CredentialStore::EnvVariables { variables } = &credential.store.value else {
            continue;
        };
        let names: Vec<_> = variables.iter().map(|name| name.value.as_str()).collect();
        let place = variables
            .iter()
            .map(|name| name.span)
            .reduce(Span::to)
            .unwrap_or(credential.store.span);
        let filled = fill_fields(&fields, &names).into_iter();
        let unfilled = filled.filter(|(_, name)| name.is_none());
        for (field, _) in unfilled.take(MOST_UNFILLED) {
            let at = places.get(field).copied();
            let environment = &credential.environment.value;
            findings.report_at(place, |source, span| {
                new(source, span, environment, field, at)
            });
        }
    }
}

/// `span` covers the variables, `placement` the place that names the field, if it is written.
fn new(
    source: &Arc<SourceText>,
    span: Span,
    environment: &str,
    field: &str,
    placement: Option<Span>,
) -> Diagnostic {
    let message = format!("nothing in the credential for `{environment}` fills `{{{field}}}`");
    let diagnostic = Diagnostic::new(CODE, Severity::Error, message, source, span).with_help(
        format!("name a variable that ends with `_{}`", field.to_uppercase()),
    );
    match placement {
        Some(placement) => diagnostic.with_secondary(source, placement, "needed here"),
        None => diagnostic,
    }
}
