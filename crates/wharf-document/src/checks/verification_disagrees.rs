//! WH651: the keys of the Verification list do not fit together.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Integration, SignatureAlgorithm, SignatureScheme, Verification};
use crate::parse::duration::shown;

pub(crate) const CODE: Code = Code {
    id: "WH651",
    slug: "verification-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("verification_disagrees.md"),
};

/// What the vendors' own documents say of their schemes: the algorithm and the header, in lower
/// case, that carries the signature.
const SCHEMES: [(&str, SignatureAlgorithm, &str); 10] = [
    ("Stripe", SignatureAlgorithm::HmacSha256, "stripe-signature"),
    (
        "GitHub",
        SignatureAlgorithm::HmacSha256,
        "x-hub-signature-256",
    ),
    ("Slack", SignatureAlgorithm::HmacSha256, "x-slack-signature"),
    (
        "Shopify",
        SignatureAlgorithm::HmacSha256,
        "x-shopify-hmac-sha256",
    ),
    ("Twilio", SignatureAlgorithm::HmacSha1, "x-twilio-signature"),
    (
        "Discord",
        SignatureAlgorithm::Ed25519,
        "x-signature-ed25519",
    ),
    (
        "PayPal",
        SignatureAlgorithm::RsaSha256,
        "paypal-transmission-sig",
    ),
    (
        "Sentry",
        SignatureAlgorithm::HmacSha256,
        "sentry-hook-signature",
    ),
    ("Svix", SignatureAlgorithm::HmacSha256, "svix-signature"),
    ("Vercel", SignatureAlgorithm::HmacSha1, "x-vercel-signature"),
];

/// Compares the scheme with what is spelled out beside it, and looks for the time that the
/// tolerance bounds.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(verification) = &integration.webhooks.verification else {
        return;
    };
    spelled_out(findings, verification);
    let (Some(tolerance), Some(scheme)) = (verification.tolerance, &verification.scheme) else {
        return;
    };
    let (place, label) = match (&scheme.value, &verification.signed_content) {
        (SignatureScheme::Unsigned(_), _) => (scheme.span, "nothing is signed"),
        (SignatureScheme::Generic, Some(signed)) if !signed.value.contains("{timestamp}") => {
            (signed.span, "holds no `{timestamp}`")
        }
        _ => return,
    };
    let age = shown(tolerance.value);
    disagree(
        findings,
        CODE,
        format!("signatures are good for {age}, and none tells its age"),
        (tolerance.span, "largest age of a signature"),
        (place, label),
        "the smallest change: sign `{timestamp}.{body}` where the vendor does, or take `Tolerance` out",
    );
}

/// A scheme by name has an algorithm and a header of its own.
fn spelled_out(findings: &mut Findings<'_>, verification: &Verification) {
    let Some(scheme) = &verification.scheme else {
        return;
    };
    let SignatureScheme::Named(name) = scheme.value else {
        return;
    };
    let Some((_, algorithm, header)) = SCHEMES.iter().find(|(known, ..)| *known == name) else {
        return;
    };
    let written = verification
        .algorithm
        .filter(|written| written.value != *algorithm);
    let place = written.map(|written| (written.span, "algorithm"));
    let other = verification.header.as_ref();
    let other = other.filter(|written| written.value != *header);
    let Some((place, what)) = place.or(other.map(|written| (written.span, "header"))) else {
        return;
    };
    disagree(
        findings,
        CODE,
        format!("the scheme of {name} has another {what}"),
        (place, &format!("not that of {name}")),
        (scheme.span, "decides how webhooks are verified"),
        &format!(
            "{name} signs with {} in `{header}`; the smallest change: take `Header` and `Algorithm` out, \
             or write `Scheme: Generic`",
            SignatureAlgorithm::ALL
                .iter()
                .find(|(known, _)| known == algorithm)
                .map_or("", |(_, words)| words)
        ),
    );
}
