//! WH654: the type of authentication and what stands beside it do not fit.

use wharf_diag::{Code, Page, Span};

use super::disagree;
use crate::findings::Findings;
use crate::model::{AuthenticationType, Integration, Placement, TemplatePart};

pub(crate) const CODE: Code = Code {
    id: "WH654",
    slug: "method-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("method_disagrees.md"),
};

/// Looks for what belongs to another type.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let Some(kind) = authentication.kind else {
        return;
    };
    let token = authentication.token_url.as_ref().map(|url| url.span);
    let token = token.or_else(|| authentication.grant.as_ref().map(|grant| grant.span));
    let found: Option<(Span, &str, &str)> = match kind.value {
        // A client certificate authorises calls, whatever stands in them.
        AuthenticationType::None if authentication.tls.certificate.is_some() => None,
        AuthenticationType::None => {
            let credential = integration.credentials.first();
            credential.map(|c| (c.environment.span, "names a credential", "API Key"))
        }
        AuthenticationType::ApiKey => token.map(|span| (span, "fetches a token", "OAuth2")),
        AuthenticationType::Basic => {
            let bearer = authentication.placements.iter();
            let mut bearer = bearer.filter(|placement| is_bearer(&placement.value));
            token
                .map(|span| (span, "fetches a token", "OAuth2"))
                .or_else(|| {
                    bearer
                        .next()
                        .map(|p| (p.span, "carries a bearer token", "API Key"))
                })
        }
        AuthenticationType::OAuth2 | AuthenticationType::Jwt => None,
    };
    let Some((place, label, meant)) = found else {
        return;
    };
    let written = findings.source.slice(kind.span).to_owned();
    disagree(
        findings,
        CODE,
        format!("the type is {written}, and the section {label}"),
        (kind.span, "how calls are authorised"),
        (place, label),
        &format!("the smallest change: write `Type: {meant}`, or take the other out"),
    );
}

/// `Authorization: Bearer …`
fn is_bearer(placement: &Placement) -> bool {
    let Placement::Header { name, value } = placement else {
        return false;
    };
    let starts = matches!(value.parts.first(), Some(TemplatePart::Literal(text))
        if text.trim_start().to_lowercase().starts_with("bearer"));
    name == "authorization" && starts
}
