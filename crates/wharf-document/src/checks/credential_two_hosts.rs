//! WH708: two documents send one credential to different services.

use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::model::Integration;
use crate::together::{Index, sent};

pub(crate) const CODE: Code = Code {
    id: "WH708",
    slug: "credential-two-hosts",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("credential_two_hosts.md"),
};

/// Compares a document with the first one that sends the same credential somewhere.
pub(super) fn check(integration: &Integration, index: &Index<'_>) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for here in sent(integration) {
        let Some((first, there)) = index.sender(&here.credential) else {
            continue;
        };
        let is_told = |told: &Diagnostic| told.primary.span == here.span;
        if first.id == integration.id
            || site(there.host) == site(here.host)
            || diagnostics.iter().any(is_told)
        {
            continue;
        }
        let message = format!(
            "`{}` goes to {}, and in `{}` to {}",
            here.name, here.host, first.id, there.host
        );
        diagnostics.push(
            Diagnostic::new(
                CODE,
                Severity::Warning,
                message,
                &integration.source,
                here.span,
            )
            .with_secondary(&first.source, there.span, format!("of `{}`", first.id))
            .with_help("give each service a credential of its own"),
        );
    }
    diagnostics
}

/// What stands for whoever owns a host: its last two labels, or three where the second is as
/// short as in `co.uk`. Addresses and single names stand for themselves.
fn site(host: &str) -> &str {
    let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else {
        return host;
    };
    if is_address {
        return host;
    }
    // `co.uk`, `com.au`: registries, not owners.
    let cut = if last - second <= 4 {
        dots.next()
    } else {
        Some(second)
    };
    cut.map_or(host, |cut| &host[cut + 1..])
}

#[cfg(test)]
mod tests {
    use super::site;

    #[test]
    fn a_site_is_what_one_owner_has() {
        for (host, expected) in [
            ("api.stripe.com", "stripe.com"),
            ("stripe.com", "stripe.com"),
            ("localhost", "localhost"),
            ("a.b.example.co.uk", "example.co.uk"),
            ("example.co.uk", "example.co.uk"),
            ("127.0.0.1", "127.0.0.1"),
            ("10.0.0.1", "10.0.0.1"),
            ("[::1]", "[::1]"),
            ("", ""),
        ] {
            assert_eq!(site(host), expected, "{host}");
        }
    }
}
