//! Values: closed sets of words, and names that documents define: ids, operations, environments.

use gen_lsp_types::CompletionItemKind as Kind;
use wharf_document::model::{
    Fallback, JWT_ALGORITHMS, LimitMeaning, ReviewQuestion, SignatureAlgorithm, SignatureScheme,
};
use wharf_document::vocabulary::{self, Word};

use super::Offer;
use crate::place::{Place, Row, Slot};
use crate::view::View;

/// Statuses that are most often retried.
const RETRIED: [(&str, &str); 5] = [
    ("429", "Too many requests."),
    ("500", "The service failed."),
    ("502", "A gateway got no valid answer."),
    ("503", "The service cannot answer now."),
    ("504", "A gateway waited too long."),
];

/// Statuses of examples.
const EXAMPLE_STATUSES: [&str; 8] = ["200", "201", "202", "204", "400", "401", "404", "429"];

pub(super) fn at(view: &View<'_>, place: &Place<'_>) -> Vec<Offer> {
    let section = place.under.section.unwrap_or_default().to_ascii_lowercase();
    let part = place.under.part.unwrap_or_default().to_ascii_lowercase();
    match &place.slot {
        Slot::FrontmatterValue { key } => frontmatter(view, key),
        Slot::ItemValue { key } => {
            item_value(view, &section, &part, &key.to_ascii_lowercase(), place)
        }
        Slot::Cell { column, row } => {
            cell(view, &section, &column.to_ascii_lowercase(), row, place)
        }
        Slot::Info { before } => info(view, &part, before),
        Slot::YamlValue { key: "location" } => words(&vocabulary::LOCATIONS, Kind::EnumMember),
        Slot::JsonValue {
            key: "body_format",
            quoted,
        } => ["json", "form"]
            .map(|name| {
                let offer = Offer::new(name, Kind::EnumMember);
                if *quoted {
                    offer
                } else {
                    offer.writes(format!("\"{name}\""))
                }
            })
            .into(),
        Slot::AssignmentValue { name: "retry_on" } => RETRIED
            .map(|(status, about)| Offer::new(status, Kind::Value).about(about))
            .into(),
        _ => Vec::new(),
    }
}

fn words(words: &[Word], kind: Kind) -> Vec<Offer> {
    words.iter().map(|word| Offer::word(word, kind)).collect()
}

fn plain(names: &[&str]) -> Vec<Offer> {
    names
        .iter()
        .map(|name| Offer::new(*name, Kind::EnumMember))
        .collect()
}

/// Names of the environments, in lower case as they are called.
pub(super) fn environments(view: &View<'_>) -> Vec<String> {
    let environments = view.integration().map(|i| i.environments.as_slice());
    let environments = environments.unwrap_or_default().iter();
    environments
        .map(|environment| environment.name.value.to_lowercase())
        .collect()
}

/// Ids of the other integrations.
fn ids(view: &View<'_>) -> Vec<Offer> {
    let own = view.integration().map(|integration| &integration.id);
    view.beside()
        .filter(|(_, other)| Some(&other.id) != own)
        .map(|(_, other)| {
            Offer::new(other.id.as_str(), Kind::Reference).about(other.display_name())
        })
        .collect()
}

fn operations(integration: &wharf_document::Integration) -> Vec<Offer> {
    let operations = integration.operations.iter();
    operations
        .map(|operation| {
            let about = format!("{} {}", operation.shown_methods(), operation.path.value);
            Offer::new(operation.id.as_str(), Kind::Function).about(about)
        })
        .collect()
}

fn frontmatter(view: &View<'_>, key: &str) -> Vec<Offer> {
    match key {
        "type" => plain(&["tool"]),
        "subtype" => plain(&["integration"]),
        "active" | "deprecated" => plain(&["true", "false"]),
        "criticality" => words(&vocabulary::CRITICALITIES, Kind::EnumMember),
        "ship_factor" => (1..=10)
            .rev()
            .map(|n: u8| Offer::new(n.to_string(), Kind::Value))
            .collect(),
        "environment" => environments(view)
            .into_iter()
            .map(|name| Offer::new(name, Kind::EnumMember))
            .chain([Offer::new("all", Kind::EnumMember).about("The caller names one.")])
            .collect(),
        "supersedes" | "superseded_by" | "references" => ids(view),
        _ => Vec::new(),
    }
}

fn item_value(
    view: &View<'_>,
    section: &str,
    part: &str,
    key: &str,
    place: &Place<'_>,
) -> Vec<Offer> {
    match (section, part, key) {
        ("authentication", _, "type") => words(&vocabulary::AUTHENTICATION_TYPES, Kind::EnumMember),
        ("authentication", _, "algorithm") => plain(&JWT_ALGORITHMS),
        ("authentication", _, "grant") => {
            plain(&["client_credentials", "refresh_token", "jwt-bearer"])
        }
        ("webhooks", _, "scheme") => schemes(),
        ("webhooks", _, "algorithm") => plain(&SignatureAlgorithm::ALL.map(|(_, name)| name)),
        ("webhooks", _, "encoding") => plain(&["hex", "base64", "base64url"]),
        ("configuration", "optional features", _) => plain(&["enabled", "disabled"]),
        ("api endpoints", "limit headers", _) => plain(&LimitMeaning::ALL.map(|(_, words)| words)),
        ("dependencies", "our systems that use this", _) => {
            words(&vocabulary::DEPENDENT_WORDS, Kind::EnumMember)
        }
        ("disaster recovery", _, "fallback") => fallback(view, place),
        _ => Vec::new(),
    }
}

fn schemes() -> Vec<Offer> {
    let mut offers = plain(&SignatureScheme::NAMES);
    offers.push(
        Offer::new("Generic", Kind::EnumMember)
            .about("Spelled out with `Header`, `Algorithm`, `Signed content` and `Encoding`."),
    );
    offers.push(
        Offer::new("None", Kind::EnumMember)
            .about("The vendor does not sign; another proof may stand behind it in words."),
    );
    offers
}

/// Ids; behind `id@`, the environments of that integration.
fn fallback(view: &View<'_>, place: &Place<'_>) -> Vec<Offer> {
    let written = view.text()[place.word.range()].trim();
    let Some((id, _)) = written.split_once('@') else {
        return ids(view);
    };
    let Some((_, other)) = view.find(id) else {
        return Vec::new();
    };
    let environments = other.environments.iter();
    environments
        .map(|environment| {
            let name = format!("{id}@{}", environment.name.value.to_lowercase());
            Offer::new(name, Kind::EnumMember)
        })
        .collect()
}

/// Items of lists that hold names and no keys.
pub(super) fn items(view: &View<'_>, place: &Place<'_>) -> Vec<Offer> {
    let section = place.under.section.unwrap_or_default().to_ascii_lowercase();
    let part = place.under.part.unwrap_or_default().to_ascii_lowercase();
    match (section.as_str(), part.as_str()) {
        ("dependencies", "this depends on") => {
            let mut offers = ids(view);
            offers.extend(words(&vocabulary::PROBED_WORDS, Kind::Keyword));
            offers
        }
        ("review checklist", _) => ReviewQuestion::ALL
            .map(|(_, words)| Offer::new(words, Kind::Text))
            .into(),
        _ => Vec::new(),
    }
}

fn cell(
    view: &View<'_>,
    section: &str,
    column: &str,
    row: &Row<'_>,
    place: &Place<'_>,
) -> Vec<Offer> {
    match (section, column) {
        ("api endpoints", "method") => words(&vocabulary::METHODS, Kind::EnumMember),
        ("api endpoints", "idempotent") => plain(&["yes", "no", "with Idempotency-Key"]),
        ("error handling", "response") => words(&vocabulary::VERBS, Kind::Function),
        ("service details", "status") => words(&vocabulary::ENVIRONMENT_STATUSES, Kind::EnumMember),
        ("webhooks", "target") => target(view, row, place),
        ("webhooks", "payload") => mappings(view),
        ("disaster recovery", "operation") => {
            view.integration().map(operations).unwrap_or_default()
        }
        ("disaster recovery", "fallback operation") => {
            let mut offers = fallback_of(view).map(operations).unwrap_or_default();
            // What has the same id comes first.
            let own = row.cell("Operation").unwrap_or_default();
            offers.sort_by_key(|offer| offer.name != own);
            offers.push(Offer::new("none", Kind::Keyword).about("The operation has no fallback."));
            offers
        }
        ("disaster recovery", "environment") => environment_offers(environments(view)),
        ("disaster recovery", "fallback environment") => {
            let other = fallback_of(view).map(|other| other.environments.as_slice());
            let names = other.unwrap_or_default().iter();
            environment_offers(names.map(|e| e.name.value.to_lowercase()).collect())
        }
        _ => Vec::new(),
    }
}

fn environment_offers(names: Vec<String>) -> Vec<Offer> {
    let names = names.into_iter();
    names
        .map(|name| Offer::new(name, Kind::EnumMember))
        .collect()
}

fn fallback_of<'a>(view: &View<'a>) -> Option<&'a wharf_document::Integration> {
    match &view.integration()?.recovery.fallback.as_ref()?.value {
        Fallback::Integration { id, .. } => view.find(id.as_str()).map(|(_, other)| other),
        Fallback::Words(_) => None,
    }
}

/// Ids; behind an id, its operations.
fn target(view: &View<'_>, row: &Row<'_>, place: &Place<'_>) -> Vec<Offer> {
    let line = crate::place::line_of(view.text(), place.word.start);
    let before = &view.text()[line.start..place.word.start];
    let is_first = before.trim_end().ends_with(['|', '`']);
    let id = row
        .cell("Target")
        .and_then(|cell| cell.split_whitespace().next());
    match id {
        Some(id) if !is_first => {
            let found = view.find(id).map(|(_, other)| operations(other));
            found.unwrap_or_default()
        }
        _ => ids(view),
    }
}

fn mappings(view: &View<'_>) -> Vec<Offer> {
    let mappings = view
        .integration()
        .map(|integration| integration.webhooks.mappings.as_slice());
    let mappings = mappings.unwrap_or_default().iter();
    mappings
        .map(|mapping| Offer::new(mapping.name.value.as_str(), Kind::Function))
        .collect()
}

/// Words behind an opening fence.
fn info(view: &View<'_>, part: &str, before: &[&str]) -> Vec<Offer> {
    match (part, before) {
        ("examples", []) => words(&vocabulary::EXAMPLE_KINDS, Kind::Keyword),
        ("examples", [_]) => view.integration().map(operations).unwrap_or_default(),
        ("examples", [_, _]) => plain(&EXAMPLE_STATUSES),
        ("mappings", []) => plain(&["jq"]),
        ("credential storage", []) => plain(&["yaml"]),
        ("required settings", []) => plain(&["json"]),
        ("retry strategy", []) => plain(&["python"]),
        _ => Vec::new(),
    }
}
