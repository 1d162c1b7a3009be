//! WH222: a name in one environment says that it belongs to another.

use wharf_diag::{Code, Diagnostic, Page, Severity, Span};

use crate::lower::Context;
use crate::model::{Connection, Integration};

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
const TRIAL: [&str; 13] = [
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
];

/// Which side a name stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Production,
    Trial,
}

/// Looks at hosts, paths and variables of every environment.
pub(super) fn check(context: &mut Context<'_>, integration: &Integration) {
    for environment in &integration.environments {
        let name = &environment.name.value;
        let Some(side) = side(name) else {
            continue;
        };
        if let Some(endpoint) = &environment.endpoint {
            let host = &endpoint.value.host;
            report(context, endpoint.span, host, side, name, "endpoint");
        }
        if let Some(connection) = &environment.connection {
            // Databases of one server are told apart by name.
            let Connection { host, path, .. } = &connection.value;
            let place = format!("{}{path}", host.as_deref().unwrap_or_default());
            report(context, connection.span, &place, side, name, "endpoint");
        }
    }
    for credential in &integration.credentials {
        let name = &credential.environment.value;
        let Some(side) = side(name) else {
            continue;
        };
        for (_, place) in super::credential_shared::names(&credential.store.value) {
            report(context, place.span, &place.value, side, name, "credential");
        }
    }
}

fn report(
    context: &mut Context<'_>,
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
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, message, context.source, span)
        .with_label(format!("used by `{environment}`"))
        .with_help("check that it belongs here, and rename it if it does");
    context.report(diagnostic);
}

/// The side that a name stands on, if it stands on one only.
fn side(name: &str) -> Option<Side> {
    let mut sides = words(name).map(|(_, side)| side);
    let first = sides.next()?;
    sides.all(|side| side == first).then_some(first)
}

/// The words in a name that tell a side.
fn words(name: &str) -> impl Iterator<Item = (&str, Side)> {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| {
            let is = |known: &[&str]| known.iter().any(|k| word.eq_ignore_ascii_case(k));
            if is(&PRODUCTION) {
                Some((word, Side::Production))
            } else if is(&TRIAL) {
                Some((word, Side::Trial))
            } else {
                None
            }
        })
}
