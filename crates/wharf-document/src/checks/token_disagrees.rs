//! WH690: what the Method list says about making a token cannot be followed, or is not used.

use wharf_diag::{Code, Diagnostic, Page, Severity, Span};

use crate::findings::Findings;
use crate::model::{Authentication, Integration, Making, Method};

pub(crate) const CODE: Code = Code {
    id: "WH690",
    slug: "token-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("token_disagrees.md"),
};

/// Looks for what making a token lacks, and for keys that it passes over.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let making = authentication.making();
    if let Some(making) = making {
        place(findings, authentication, making);
    }
    signing(findings, authentication, making);
    answer(findings, authentication, making);
}

fn report(findings: &mut Findings<'_>, place: Span, message: String, help: &'static str) {
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, findings.source, place)
        .with_label("cannot be followed")
        .with_help(help);
    findings.report(diagnostic);
}

fn unused(findings: &mut Findings<'_>, place: Span, key: &str, why: &str) {
    let message = format!("`{key}` is not used: {why}");
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, findings.source, place)
        .with_label("changes nothing")
        .with_help("take it out, or change `Type` and `Grant`");
    findings.report(diagnostic);
}

/// Where the token is asked for.
fn place(findings: &mut Findings<'_>, authentication: &Authentication, making: Making) {
    let request = authentication.minting.token_request.as_ref();
    let token_url = authentication.token_url.as_ref();
    if let (Some(url), Some(request)) = (token_url, request) {
        let message = "the token is asked for in two places";
        let found = Diagnostic::new(
            CODE,
            Severity::Warning,
            message,
            findings.source,
            request.span,
        )
        .with_label("cannot be followed")
        .with_secondary(findings.source, url.span, "the other place")
        .with_help("take one of `Token URL` and `Token request` out");
        findings.report(found);
    }
    if let (Making::Asked(_), Some(request)) = (making, request)
        && !matches!(
            request.value.method,
            Method::Post | Method::Put | Method::Patch
        )
    {
        let method = request.value.method;
        report(
            findings,
            request.span,
            format!("the form of the grant goes into a body, which {method} has not"),
            "write `POST`",
        );
    }
    let is_missing = token_url.is_none() && !authentication.token_url_open && request.is_none();
    if let Some(grant) = authentication.grant.filter(|_| is_missing) {
        report(
            findings,
            grant.span,
            format!("the grant `{}` has no place to be asked for", grant.value),
            "add `Token URL` to the Method list",
        );
    }
}

/// What signs a JWT, and what stands in it.
fn signing(findings: &mut Findings<'_>, authentication: &Authentication, making: Option<Making>) {
    let minting = &authentication.minting;
    let claims = authentication.claims.first();
    let keys = [
        (
            "Signing key",
            minting.signing_key.as_ref().map(|key| key.span),
        ),
        (
            "Algorithm",
            authentication.algorithm.as_ref().map(|name| name.span),
        ),
        ("Claims", claims.map(|(name, _)| name.span)),
        ("Key id", minting.key_id.as_ref().map(|id| id.span)),
    ];
    if !making.is_some_and(Making::signs) {
        // WH654 tells of a token beside a type that makes none.
        let is_told = making.is_none()
            && (authentication.token_url.is_some() || authentication.grant.is_some());
        for (key, span) in keys.into_iter().filter(|_| !is_told) {
            if let Some(span) = span {
                unused(findings, span, key, "no JWT is signed here");
            }
        }
        return;
    }
    if minting.signing_key.is_none() {
        let grant = authentication.grant.map(|grant| grant.span);
        let kind = authentication.kind.map(|kind| kind.span);
        let others = keys.into_iter().find_map(|(_, span)| span);
        let place = grant.or(others).or(kind).unwrap_or(authentication.span);
        report(
            findings,
            place,
            "a JWT is signed here, and no key for it is named".to_owned(),
            "name the field of the credential that holds it: `Signing key: {private_key}`",
        );
    }
}

/// What goes to the token endpoint, and what is read of its answer.
fn answer(findings: &mut Findings<'_>, authentication: &Authentication, making: Option<Making>) {
    let minting = &authentication.minting;
    let client = minting.client_authentication.map(|client| client.span);
    let why = match making {
        Some(Making::Asked(_)) => return,
        Some(Making::Presented) => {
            if let Some(span) = client {
                let why = "the JWT goes as bearer, and no client with it";
                unused(findings, span, "Client authentication", why);
            }
            return;
        }
        Some(Making::Signed) => "the JWT is sent itself, and no token is asked for",
        None => "no token is made here",
    };
    let pointers = [
        ("Token field", &minting.token_field),
        ("Expiry field", &minting.expiry_field),
    ];
    let pointers = pointers.map(|(key, pointer)| (key, pointer.as_ref().map(|found| found.span)));
    for (key, span) in [("Client authentication", client)]
        .into_iter()
        .chain(pointers)
    {
        if let Some(span) = span {
            unused(findings, span, key, why);
        }
    }
}
