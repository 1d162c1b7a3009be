//! WH661: a JWT is never valid, by its own claims.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Claim, Integration};

pub(crate) const CODE: Code = Code {
    id: "WH661",
    slug: "claims-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("claims_disagree.md"),
};

/// Compares the end of the token with its beginning (RFC 7519, 4.1.4 and 4.1.5), and with the
/// moment of signing.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let claim = |name: &str| {
        let mut claims = authentication.claims.iter();
        let (_, claim) = claims.find(|(found, _)| found.value == name)?;
        match claim.value {
            Claim::FromNow(seconds) => Some((seconds, claim.span)),
            Claim::Text(_) => None,
        }
    };
    let Some((end, place)) = claim("exp") else {
        return;
    };
    for (name, word) in [("nbf", "valid"), ("iat", "issued")] {
        let Some((begin, other)) = claim(name).filter(|(begin, _)| *begin >= end) else {
            continue;
        };
        disagree(
            findings,
            CODE,
            format!("the token ends {end} s from its signing and is {word} from {begin} s on"),
            (place, &format!("ends after {end} s")),
            (other, &format!("{word} after {begin} s")),
            &format!("`{name}` {begin} ≥ `exp` {end}; `exp` has to be the later one"),
        );
        return;
    }
}
