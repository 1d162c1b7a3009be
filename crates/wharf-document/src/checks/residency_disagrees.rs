//! WH676: data has to stay in one region, and an environment is in another.

use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::model::{Environment, Integration};
use crate::parse::place::{self, Region};
use crate::parse::words::says;

pub(crate) const CODE: Code = Code {
    id: "WH676",
    slug: "residency-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("residency_disagrees.md"),
};

/// What residency is called.
const NAMES: [&str; 10] = [
    "data residency",
    "residency",
    "data location",
    "data region",
    "location of data",
    "data stays in",
    "data stays",
    "datenhaltung",
    "hosting region",
    "personal data",
];

/// What is kept in a region.
const DATA: [&str; 14] = [
    "data",
    "files",
    "records",
    "documents",
    "content",
    "contents",
    "backups",
    "recordings",
    "messages",
    "customers",
    "customer",
    "personal",
    "everything",
    "daten",
];

/// How a statement says that it is.
const KEPT: [&str; 15] = [
    "stay in",
    "stay within",
    "stays in",
    "stays within",
    "remain in",
    "remain within",
    "remains in",
    "remains within",
    "kept in",
    "kept within",
    "stored in",
    "stored within",
    "held in",
    "held within",
    "bleiben in",
];

/// What makes it a duty, and not what is done with some of it.
const DUTIES: [&str; 9] = [
    "has to", "have to", "must", "may only", "only", "never", "always", "required", "müssen",
];

/// Words of other environments.
const ELSEWHERE: [&str; 6] = ["sandbox", "staging", "test", "trial", "copies", "copy"];

/// Words that leave something out or open.
const OPEN: [&str; 20] = [
    "none",
    "nothing",
    "except",
    "unless",
    "apart from",
    "or",
    "preferred",
    "preferably",
    "planned",
    "from",
    "moving",
    "mostly",
    "not",
    "backup",
    "backups",
    "failover",
    "support",
    "metadata",
    "standard contractual clauses",
    "scc",
];

/// Compares the region of the residency with the hosts and the notes of environments of production;
/// of all in use, where the line says so.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let residency = said
        .statements
        .iter()
        .find_map(|statement| residency(statement));
    let Some((region, place, is_of_all)) = residency else {
        return;
    };
    for environment in &integration.environments {
        let name = environment.name.value.to_lowercase();
        let is_production = ["prod", "live"].iter().any(|word| name.starts_with(word));
        if !environment.is_active() || !is_production && !is_of_all {
            continue;
        }
        let Some((other, at)) = region_of(environment).filter(|(other, _)| *other != region) else {
            continue;
        };
        let (region, other) = (region.as_str(), other.as_str());
        disagree(
            findings,
            CODE,
            format!(
                "data has to stay in {region}, and `{}` is in {other}",
                environment.name.value
            ),
            (at, &format!("in {other}")),
            (place, &format!("{region} only")),
            &format!(
                "{other} ≠ {region}; use the vendor's host for {region}, or name the exception"
            ),
        );
    }
}

/// The one region that a statement promises, and whether for every environment.
fn residency(statement: &Statement<'_>) -> Option<(Region, Span, bool)> {
    let is_told = statement.is_about(&DATA)
        && statement.says(&KEPT)
        && statement.says(&DUTIES)
        && !statement.says(&ELSEWHERE);
    if !is_told && !statement.is_about(&NAMES) {
        return None;
    }
    let text = statement.value.as_str();
    let of_all = [
        "every environment",
        "all environments",
        "each environment",
        "everywhere",
    ];
    // What is told of another environment is behind a semicolon or in a sentence of its own.
    let own = text.split([';']).next().unwrap_or(text);
    if says(own, &OPEN) {
        return None;
    }
    match place::in_words(own).as_slice() {
        [only] => Some((*only, statement.value.span(), says(text, &of_all))),
        _ => None,
    }
}

/// The one region that the host of an environment names, else its notes.
fn region_of(environment: &Environment) -> Option<(Region, Span)> {
    let host = environment
        .endpoint
        .as_ref()
        .map(|endpoint| (endpoint.value.host.as_str(), endpoint.span));
    let connection = environment.connection.as_ref();
    let connection = connection
        .and_then(|connection| Some((connection.value.host.as_deref()?, connection.span)));
    if let Some((host, span)) = host.or(connection)
        && let [only] = place::in_host(host).as_slice()
    {
        return Some((*only, span));
    }
    let notes = environment.notes.as_ref()?;
    let is_open = says(
        &notes.value,
        &[
            "not",
            "for",
            "users",
            "customers",
            "team",
            "invoices",
            "formerly",
            "failover",
            "backup",
            "mirror",
            "support",
            "billing",
            "was",
            "until",
        ],
    );
    match place::in_words(&notes.value).as_slice() {
        [only] if !is_open => Some((*only, notes.span)),
        _ => None,
    }
}
