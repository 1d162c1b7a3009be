//! WH630: something is used that the document does not give.

use wharf_diag::{Code, Diagnostic, Page, Remark, Severity, Span};

use crate::findings::Findings;
use crate::model::{AuthenticationType, Criticality, Integration, SignatureScheme, Step, Verb};
use crate::raw::document_place;
use crate::raw::same_name;

pub(crate) const CODE: Code = Code {
    id: "WH630",
    slug: "need-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("need_missing.md"),
};

/// Finds what one part uses and no other part gives.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    fallback(findings, integration);
    cache(findings, integration);
    token(findings, integration);
    verification(findings, integration);
    sections(findings, integration);
}

fn report(findings: &mut Findings<'_>, place: Span, message: String, help: impl Into<Remark>) {
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, findings.source, place)
        .with_label("needs it")
        .with_help(help);
    findings.report(diagnostic);
}

/// The first place that uses a verb.
fn verb_place(integration: &Integration, verb: Verb) -> Option<Span> {
    let mut verbs = integration.errors.iter().flat_map(|row| &row.responses);
    verbs.find(|used| used.value == verb).map(|used| used.span)
}

/// A fallback that is not filled in yet has already been told.
fn fallback(findings: &mut Findings<'_>, integration: &Integration) {
    let recovery = &integration.recovery;
    if recovery.fallback.is_some() || recovery.fallback_open {
        return;
    }
    let step = recovery
        .procedure
        .iter()
        .find(|(_, step)| matches!(step, Step::SwitchToFallback { .. }))
        .map(|(words, _)| words.span);
    if let Some(place) = verb_place(integration, Verb::Fallback).or(step) {
        report(
            findings,
            place,
            "the fallback is used, and Disaster Recovery names none".to_owned(),
            "name it as `Fallback` under Backup Service, or take this out",
        );
    }
}

fn cache(findings: &mut Findings<'_>, integration: &Integration) {
    let used = verb_place(integration, Verb::UseCache);
    if let (Some(place), Some(denied)) = (used, integration.recovery.cache_denied) {
        let message = "the cache is used, and Backup Service says that there is none";
        let found = Diagnostic::new(CODE, Severity::Warning, message, findings.source, place)
            .with_label("needs it")
            .with_secondary(findings.source, denied, "no answer is kept for an outage")
            .with_help("give `Cache` a longest age under Backup Service, or take this out");
        findings.report(found);
        return;
    }
    // A cache that could not be read has already been told.
    let is_given = integration.recovery.cache.is_some()
        || integration.recovery.cache_open
        || integration.configuration.settings.cache_ttl.is_some()
        || integration.operations.iter().any(|o| o.cache.is_some());
    if is_given {
        return;
    }
    if let Some(place) = used {
        report(
            findings,
            place,
            "the cache is used, and the document allows no answer to be kept".to_owned(),
            "give `Cache` under Backup Service or in the table of operations, or take this out",
        );
    }
}

fn token(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let Some(kind) = authentication.kind else {
        return;
    };
    let is_minted = matches!(
        kind.value,
        AuthenticationType::OAuth2 | AuthenticationType::Jwt
    );
    if kind.value == AuthenticationType::OAuth2
        && authentication.token_url.is_none()
        && !authentication.token_url_open
        && authentication.making().is_none()
        && authentication.placements.is_empty()
    {
        report(
            findings,
            kind.span,
            "OAuth2 needs the address of the token endpoint".to_owned(),
            "add `Token URL` to the Method list",
        );
    }
    if !is_minted && let Some(place) = verb_place(integration, Verb::RefreshToken) {
        report(
            findings,
            place,
            "there is no token to refresh: the type is neither OAuth2 nor JWT".to_owned(),
            "write `Rotate key` to fetch the credential again",
        );
    }
}

/// Incoming webhooks are taken only with a proof of who sent them.
fn verification(findings: &mut Findings<'_>, integration: &Integration) {
    let webhooks = &integration.webhooks;
    let Some(first) = webhooks.incoming.first() else {
        return;
    };
    let Some(verification) = &webhooks.verification else {
        report(
            findings,
            first.event.span,
            "incoming webhooks need a proof of who sent them".to_owned(),
            "add a Verification list with `Scheme` and `Secret`; `Scheme: None, …` names another proof",
        );
        return;
    };
    let Some(scheme) = &verification.scheme else {
        return;
    };
    let missing: &[(&str, bool)] = match scheme.value {
        SignatureScheme::Unsigned(_) => &[],
        SignatureScheme::Named(_) => &[("Secret", verification.secrets.is_empty())],
        SignatureScheme::Generic => &[
            ("Header", verification.header.is_none()),
            ("Algorithm", verification.algorithm.is_none()),
            ("Signed content", verification.signed_content.is_none()),
            ("Encoding", verification.encoding.is_none()),
            ("Secret", verification.secrets.is_empty()),
        ],
    };
    let names: Vec<_> = missing
        .iter()
        .filter(|(name, is_missing)| *is_missing && !is_written(integration, name))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if !names.is_empty() {
        report(
            findings,
            scheme.span,
            format!("the scheme needs {}", names.join(", ")),
            "add it to the Verification list",
        );
    }
}

/// Whether a key stands in the Verification list with a value that could not be taken; that has
/// been told already.
fn is_written(integration: &Integration, key: &str) -> bool {
    let Some(verification) = &integration.webhooks.verification else {
        return false;
    };
    verification
        .keys
        .iter()
        .any(|written| same_name(written, key))
}

fn sections(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(criticality) = integration.frontmatter.criticality else {
        return;
    };
    if criticality.value != Criticality::High {
        return;
    }
    for name in ["Disaster Recovery", "Contacts"] {
        let is_there = integration
            .sections
            .iter()
            .any(|section| same_name(&section.value, name));
        if !is_there {
            let place = if criticality.span.is_empty() {
                document_place(findings.source)
            } else {
                criticality.span
            };
            report(
                findings,
                place,
                format!("a service of high criticality needs the section {name}"),
                "add the section; `wharf new` shows what it holds",
            );
        }
    }
}
