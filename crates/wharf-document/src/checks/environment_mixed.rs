//! WH222: a name in one environment says that it belongs to another.

use wharf_diag::{Code, Diagnostic, Page, Severity, Span, Spanned};

use crate::findings::Findings;
use crate::model::{BaseUrl, Connection, DefaultEnvironment, Environment, Integration, TokenUrl};
use crate::parse::url;

pub(crate) const CODE: Code = Code {
    id: "WH222",
    slug: "environment-mixed",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("environment_mixed.md"),
};

/// Words for what is real.
const PRODUCTION: [&str; 4] = ["production", "prod", "live", "prd"];

/// Words for what is not.
const TRIAL: [&str; 18] = [
    "staging",
    "stage",
    "stg",
    "sandbox",
    "development",
    "develop",
    "dev",
    "test",
    "testing",
    "tst",
    "qa",
    "uat",
    "preview",
    "preprod",
    "preproduction",
    "nonprod",
    "acceptance",
    "demo",
];

/// Which side a name stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Production,
    Trial,
}

/// Looks at hosts, paths and variables of every environment.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    for environment in &integration.environments {
        let name = &environment.name.value;
        let Some(side) = side(name) else {
            continue;
        };
        if let Some(endpoint) = &environment.endpoint {
            // Of a path only whole segments count: `/prod/v2`, not `/test-results`.
            let BaseUrl { host, path, .. } = &endpoint.value;
            let segments = path
                .split('/')
                .filter(|segment| words(segment).count() == 1);
            let segments = segments.filter(|segment| !segment.contains(['-', '_', '.']));
            let place = format!("{host}/{}", segments.collect::<Vec<_>>().join("/"));
            report(findings, endpoint.span, &place, side, name, "endpoint");
        }
        if let Some(connection) = &environment.connection {
            // Databases of one server are told apart by name.
            let Connection { host, path, .. } = &connection.value;
            let place = format!("{}{path}", host.as_deref().unwrap_or_default());
            report(findings, connection.span, &place, side, name, "endpoint");
        }
    }
    token_url(findings, integration);
    webhook_url(findings, integration);
    for credential in &integration.credentials {
        let name = &credential.environment.value;
        let Some(side) = side(name) else {
            continue;
        };
        for (_, place) in crate::credential::names(&credential.store.value) {
            report(findings, place.span, &place.value, side, name, "credential");
        }
    }
}

/// One address of tokens serves every environment.
fn token_url(findings: &mut Findings<'_>, integration: &Integration) {
    let authentication = integration.authentication.as_ref();
    let Some(token_url) = authentication.and_then(|a| a.token_url.as_ref()) else {
        return;
    };
    let TokenUrl::Address(address) = &token_url.value else {
        return;
    };
    // `login.live.com` says nothing.
    let is_live = |(word, _): &(&str, Side)| word.eq_ignore_ascii_case("live");
    if words(&address.host).any(|word| is_live(&word)) {
        return;
    }
    let used =
        |environment: &&Environment| environment.is_active() && environment.endpoint.is_some();
    for environment in integration.environments.iter().filter(used) {
        let name = &environment.name.value;
        if let Some(side) = side(name) {
            report(
                findings,
                token_url.span,
                &address.host,
                side,
                name,
                "`Token URL`",
            );
        }
    }
}

/// The vendor sends webhooks to one address, which belongs to the default environment; or to one
/// of each environment.
fn webhook_url(findings: &mut Findings<'_>, integration: &Integration) {
    let configuration = &integration.configuration;
    let default = integration.frontmatter.environment.as_ref();
    if let Some(DefaultEnvironment::Named(name)) = default.map(|default| &default.value) {
        address_of_webhooks(findings, name, configuration.settings.webhook_url.as_ref());
    }
    for own in &configuration.by_environment {
        let name = &own.environment.value;
        address_of_webhooks(findings, name, own.settings.webhook_url.as_ref());
    }
}

fn address_of_webhooks(findings: &mut Findings<'_>, name: &str, written: Option<&Spanned<String>>) {
    let Some(written) = written else {
        return;
    };
    if let (Some(side), Ok(address)) = (side(name), url::parse(&written.value)) {
        report(
            findings,
            written.span,
            &address.host,
            side,
            name,
            "`webhook_url`",
        );
    }
}

fn report(
    findings: &mut Findings<'_>,
    span: Span,
    written: &str,
    side: Side,
    environment: &str,
    what: &str,
) {
    let Some((word, _)) = words(written).find(|(_, found)| *found != side) else {
        return;
    };
    // `prod-test` says both, so it says nothing.
    if words(written).any(|(_, found)| found == side) {
        return;
    }
    let message = format!("the {what} of `{environment}` says `{word}`");
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, findings.source, span)
        .with_label(format!("used by `{environment}`"))
        .with_help("check that it belongs here, and rename it if it does");
    findings.report(diagnostic);
}

/// The side that a name stands on, if it stands on one only.
fn side(name: &str) -> Option<Side> {
    let mut sides = words(name).map(|(_, side)| side);
    let first = sides.next()?;
    sides.all(|side| side == first).then_some(first)
}

/// The words in a name that tell a side.
fn words(name: &str) -> impl Iterator<Item = (&str, Side)> {
    let mut before = "";
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(move |word| {
            // `pre-production` and `non-prod` are none.
            let denied = ["pre", "non"]
                .iter()
                .any(|no| before.eq_ignore_ascii_case(no));
            before = word;
            // `prod2`, `stg-1`
            let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
            let is = |known: &[&str]| known.iter().any(|k| word.eq_ignore_ascii_case(k));
            if is(&PRODUCTION) {
                Some((
                    word,
                    if denied {
                        Side::Trial
                    } else {
                        Side::Production
                    },
                ))
            } else if is(&TRIAL) {
                Some((word, Side::Trial))
            } else {
                None
            }
        })
}
