//! What the service is, and how it is reached.

use wharf_document::Integration;
use wharf_plan::EffectiveSettings;

use super::page::{Page, Pairs, duration, or_nothing, pair, text};
use crate::commands::show::places;
use crate::deadline;
use crate::table::Column;

pub(super) fn overview(integration: &Integration) -> Pairs {
    let frontmatter = &integration.frontmatter;
    let service = &integration.service;
    let tags: Vec<_> = frontmatter
        .tags
        .iter()
        .map(|tag| tag.value.as_str())
        .collect();
    let state = match (integration.is_deprecated(), integration.is_active()) {
        (true, _) => {
            let date = frontmatter
                .deprecated_date
                .map(|day| format!(" since {}", day.value));
            let reason = text(frontmatter.deprecated_reason.as_ref());
            let reason = reason.map(|reason| format!(": {reason}"));
            format!(
                "deprecated{}{}",
                date.unwrap_or_default(),
                reason.unwrap_or_default()
            )
        }
        (false, true) => "active".to_owned(),
        (false, false) => "not active: calls are refused".to_owned(),
    };
    let contract = service
        .contract
        .as_ref()
        .map(|contract| &contract.terms.value);
    let deadlines: Vec<_> = deadline::of(integration)
        .iter()
        .map(|deadline| format!("{} {}", deadline.day.value, deadline.what.as_str()))
        .collect();
    let deadlines = (!deadlines.is_empty()).then(|| deadlines.join(", "));
    let pairs = [
        pair("file", Some(integration.source.name())),
        pair("purpose", text(service.purpose.as_ref())),
        pair("category", text(service.category.as_ref())),
        pair("vendor", text(service.vendor.as_ref())),
        pair("contract", contract),
        pair("state", Some(state)),
        pair(
            "criticality",
            frontmatter.criticality.map(|found| found.value.as_str()),
        ),
        pair(
            "ship factor",
            frontmatter.ship_factor.map(|factor| factor.value),
        ),
        pair("cost", frontmatter.cost.as_ref().map(|cost| &cost.value)),
        pair("deadlines", deadlines),
        pair("tags", (!tags.is_empty()).then(|| tags.join(", "))),
        pair("revision", frontmatter.version.map(|version| version.value)),
        pair("modified", frontmatter.modified.map(|moment| moment.value)),
    ];
    pairs.into_iter().flatten().collect()
}

pub(super) fn authentication(integration: &Integration, effective: &EffectiveSettings) -> Pairs {
    let Some(found) = &integration.authentication else {
        return Vec::new();
    };
    let sent_as = places::sent_as(effective).into_iter();
    let scopes: Vec<_> = found
        .scopes
        .iter()
        .map(|scope| scope.value.as_str())
        .collect();
    let kind = found.kind.map(|kind| places::authentication(kind.value));
    let rest = [
        pair("version header", text(found.version_header.as_ref())),
        pair("token from", found.token_url.as_ref().map(|url| &url.value)),
        pair("grant", found.grant.map(|grant| grant.value)),
        pair("scopes", (!scopes.is_empty()).then(|| scopes.join(" "))),
        pair("audience", text(found.audience.as_ref())),
        pair("algorithm", text(found.algorithm.as_ref())),
        pair("claims", places::claims(found)),
        pair("signed with", text(found.minting.signing_key.as_ref())),
        pair("key id", found.minting.key_id.as_ref().map(|id| &id.value)),
        pair("client sent as", places::client_authentication(found)),
        pair(
            "token request",
            found.minting.token_request.as_ref().map(|one| &one.value),
        ),
        pair("token stands at", text(found.minting.token_field.as_ref())),
        pair("its end at", text(found.minting.expiry_field.as_ref())),
        pair("TLS with", places::tls_fields(found)),
        pair(
            "renewed with",
            found.rotate_with.as_ref().map(|one| &one.value),
        ),
        pair("rotation", text(found.rotation.as_ref())),
        pair("permissions", text(found.permissions.as_ref())),
    ];
    pair("type", kind)
        .into_iter()
        .chain(sent_as.map(|words| ("sent as".to_owned(), words)))
        .chain(rest.into_iter().flatten())
        .collect()
}

impl Page {
    pub(super) fn environments(&mut self, integration: &Integration) {
        let default = integration.default_environment();
        let rows: Vec<_> = integration
            .environments
            .iter()
            .enumerate()
            .map(|(index, environment)| {
                let mark = if Some(index) == default { "*" } else { "" };
                let url = environment.endpoint.as_ref();
                let url = url.map(|url| url.value.to_string());
                // What does not speak HTTP is reached by its own clients.
                let endpoint = url.or_else(|| places::connection(environment));
                vec![
                    format!("{}{mark}", environment.name.value.to_lowercase()),
                    or_nothing(endpoint),
                    or_nothing(text(environment.status.as_ref())),
                    text(environment.notes.as_ref())
                        .unwrap_or_default()
                        .to_owned(),
                ]
            })
            .collect();
        let columns = [
            Column::whole("NAME", 0),
            Column::whole("ENDPOINT", 0),
            Column::words("STATUS", 6, 2),
            Column::words("NOTES", 10, 1),
        ];
        self.table("Environments (* is the default)", &columns, &rows);
    }

    pub(super) fn credentials(&mut self, integration: &Integration) {
        let rows: Vec<_> = integration
            .credentials
            .iter()
            .map(|credential| {
                let (location, names) = places::store(&credential.store.value);
                vec![
                    credential.environment.value.to_lowercase(),
                    location.to_owned(),
                    names.join(", "),
                    or_nothing(duration(credential.rotation)),
                    or_nothing(credential.rotated.map(|day| day.value)),
                    places::place(integration, credential.store.span),
                ]
            })
            .collect();
        let columns = [
            Column::whole("ENVIRONMENT", 0),
            Column::whole("LOCATION", 0),
            Column::words("NAMES", 12, 0),
            Column::whole("ROTATION", 3),
            Column::whole("ROTATED", 2),
            Column::whole("PLACE", 1),
        ];
        self.table("Credentials (where they are)", &columns, &rows);
    }
}
