//! A document for a terminal: one block for each section that says anything.

use wharf_diag::Spanned;
use wharf_document::Integration;
use wharf_document::model::{Contact, Feature, Link, Note, Version};
use wharf_plan::{OperationSettings, Setting};

use super::{errors, force, json, places};
use crate::deadline;
use crate::settings::Handler;
use crate::table::{self, Column};
use crate::workspace::Workspace;

/// What stands for a value that is not given.
const NOTHING: &str = "-";

/// Everything about a document.
pub(super) fn document(
    integration: &Integration,
    workspace: &Workspace,
    handlers: &[(&str, &Handler)],
    width: Option<usize>,
) -> String {
    let effective = wharf_plan::effective(integration);
    let mut page = Page {
        text: format!("{} ({})\n", integration.display_name(), integration.id),
        width,
    };
    page.pairs("Overview", overview(integration));
    let heading = "Not in force yet (read and checked; nothing obeys it)";
    page.pairs(heading, force::pairs(integration));
    page.environments(integration);
    page.pairs("Authentication", authentication(integration));
    page.credentials(integration);
    let heading = "Settings that hold (* marks the place that wins)";
    page.settings(heading, integration, &effective.integration);
    for own in &effective.environments {
        let heading = format!("Other settings in {}", own.environment.value);
        page.settings(&heading, integration, &own.settings);
    }
    page.features(&integration.configuration.features);
    page.operations(integration, &effective.operations);
    page.errors(integration);
    page.webhooks(integration, handlers);
    page.monitoring(integration);
    page.dependencies(integration, workspace);
    page.pairs("Costs", costs(integration));
    page.pairs("Roadmap", roadmap(integration));
    let steps = integration.roadmap.step_texts();
    let steps: Vec<_> = steps.map(|step| step.value.clone()).collect();
    page.lines("Migration steps", &steps);
    page.recovery(integration);
    page.pairs(
        "Contacts: internal",
        contacts(&integration.contacts.internal),
    );
    page.pairs("Contacts: vendor", contacts(&integration.contacts.vendor));
    page.pairs("Links", links(&integration.documentation));
    page.pairs("Known issues", notes(&integration.notes.known_issues));
    page.pairs("Tips", notes(&integration.notes.tips));
    page.text
}

type Pairs = Vec<(String, String)>;

fn pair(name: &str, value: Option<impl ToString>) -> Option<(String, String)> {
    value.map(|value| (name.to_owned(), value.to_string()))
}

fn text(value: Option<&Spanned<String>>) -> Option<&str> {
    value.map(|found| found.value.as_str())
}

fn or_nothing(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

fn duration(value: Option<Spanned<std::time::Duration>>) -> Option<String> {
    value.map(|found| wharf_plan::shown(found.value))
}

struct Page {
    text: String,
    width: Option<usize>,
}

impl Page {
    fn heading(&mut self, heading: &str) {
        self.text += &format!("\n{heading}\n");
    }

    /// Names and values beside each other; nothing where there is no pair.
    fn pairs(&mut self, heading: &str, pairs: Pairs) {
        if pairs.is_empty() {
            return;
        }
        self.heading(heading);
        let widest = pairs.iter().map(|(name, _)| name.chars().count()).max();
        let widest = widest.unwrap_or(0).min(24);
        for (name, value) in pairs {
            self.text += &format!("  {name:<widest$}  {value}\n");
        }
    }

    fn lines(&mut self, heading: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.heading(heading);
        for (number, line) in (1..).zip(lines) {
            self.text += &format!("  {number}. {line}\n");
        }
    }

    fn table(&mut self, heading: &str, columns: &[Column], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        self.heading(heading);
        let width = self.width.map(|width| width.saturating_sub(2));
        for line in table::render(columns, rows, width).text.lines() {
            self.text += &format!("  {line}\n");
        }
    }

    fn environments(&mut self, integration: &Integration) {
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

    fn credentials(&mut self, integration: &Integration) {
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

    /// Each setting with its value and reason, and below it every place that takes part.
    fn settings(&mut self, heading: &str, integration: &Integration, settings: &[Setting]) {
        if settings.is_empty() {
            return;
        }
        self.heading(heading);
        let widest = |of: fn(&Setting) -> &str| {
            let widths = settings.iter().map(|found| of(found).chars().count());
            widths.max().unwrap_or(0).min(28)
        };
        let (names, values) = (widest(|found| found.name), widest(|found| &found.value));
        for setting in settings {
            let note = match setting.not_in_force {
                Some(_) => format!(" ({})", force::NOT_YET),
                None => String::new(),
            };
            self.text += &format!(
                "  {:<names$}  {:<values$}  {}{note}\n",
                setting.name, setting.value, setting.reason
            );
            for place in &setting.places {
                let mark = if place.wins { '*' } else { ' ' };
                let line = places::place(integration, place.span);
                self.text += &format!("  {:<names$}  {mark} {line}  {}\n", "", place.words);
            }
        }
    }

    fn features(&mut self, features: &[Feature]) {
        let rows: Vec<_> = features
            .iter()
            .map(|feature| {
                let state = match feature.enabled.map(|enabled| enabled.value) {
                    Some(true) => "enabled",
                    Some(false) => "disabled",
                    None => NOTHING,
                };
                vec![
                    feature.name.value.clone(),
                    state.to_owned(),
                    text(feature.reason.as_ref()).unwrap_or_default().to_owned(),
                ]
            })
            .collect();
        let columns = [
            Column::words("NAME", 12, 0),
            Column::whole("STATE", 0),
            Column::words("REASON", 12, 1),
        ];
        self.table("Features", &columns, &rows);
    }

    fn operations(&mut self, integration: &Integration, held: &[OperationSettings]) {
        let operations = integration.operations.iter().zip(held);
        let rows: Vec<_> = operations
            .map(|(operation, held)| {
                let value = |name: &str| {
                    let found = held.settings.iter().find(|setting| setting.name == name);
                    or_nothing(found.map(|setting| &setting.value))
                };
                vec![
                    operation.id.clone(),
                    places::request(operation),
                    value("rate limit"),
                    value("timeout of an attempt"),
                    value("longest possible call"),
                    value("may be repeated"),
                    value("cache"),
                    or_nothing(places::costs(operation)),
                ]
            })
            .collect();
        let columns = [
            Column::whole("ID", 0),
            Column::words("REQUEST", 20, 7),
            Column::whole("LIMIT", 6),
            Column::whole("TIMEOUT", 5),
            Column::whole("LONGEST", 2),
            Column::words("REPEATED", 10, 4),
            Column::whole("CACHE", 3),
            Column::whole("COST", 1),
        ];
        let heading =
            "Operations (with what holds for each; limit, cache and cost: not in force yet)";
        self.table(heading, &columns, &rows);
    }

    fn errors(&mut self, integration: &Integration) {
        let rows: Vec<_> = errors::outcomes(integration)
            .into_iter()
            .map(|outcome| vec![outcome.code, or_nothing(outcome.meaning), outcome.happens])
            .collect();
        let columns = [
            Column::whole("CODE", 0),
            Column::words("MEANING", 12, 1),
            Column::words("WHAT HAPPENS", 30, 0),
        ];
        self.table("Errors", &columns, &rows);
    }

    fn handlers(&mut self, handlers: &[(&str, &Handler)]) {
        let rows: Vec<_> = handlers
            .iter()
            .map(|(name, handler)| {
                vec![
                    (*name).to_owned(),
                    handler.url.clone(),
                    or_nothing(handler.secret.as_ref()),
                    or_nothing(handler.rate.as_ref()),
                ]
            })
            .collect();
        let columns = [
            Column::words("HANDLER", 8, 1),
            Column::words("ADDRESS", 12, 0),
            Column::words("SECRET IS IN", 12, 0),
            Column::words("RATE", 6, 2),
        ];
        self.table("Handlers in wharf.toml (not in force yet)", &columns, &rows);
    }

    fn webhooks(&mut self, integration: &Integration, handlers: &[(&str, &Handler)]) {
        let webhooks = &integration.webhooks;
        let rows: Vec<_> = webhooks
            .incoming
            .iter()
            .map(|row| {
                vec![
                    row.event.value.clone(),
                    or_nothing(text(row.endpoint.as_ref())),
                    or_nothing(text(row.handler.as_ref())),
                ]
            })
            .collect();
        let columns = [
            Column::words("EVENT", 12, 0),
            Column::words("ENDPOINT", 12, 0),
            Column::words("HANDLER", 8, 1),
        ];
        self.table("Incoming webhooks", &columns, &rows);
        self.handlers(handlers);
        if let Some(found) = &webhooks.verification {
            let scheme = found
                .scheme
                .as_ref()
                .map(|scheme| places::scheme(&scheme.value));
            let pairs = [
                pair("scheme", scheme),
                pair("secret is in", places::joined(&found.secrets)),
                pair("tolerance", duration(found.tolerance)),
                pair("events stand at", places::items(found)),
                pair("our address", text(found.public_url.as_ref())),
                pair(
                    "handshake",
                    places::joined(found.handshakes.iter().map(|one| &one.value)),
                ),
            ];
            self.pairs("Verification", pairs.into_iter().flatten().collect());
        }
        let rows: Vec<_> = webhooks
            .outgoing
            .iter()
            .map(|row| {
                let target = row.target.as_ref();
                vec![
                    row.trigger.value.clone(),
                    or_nothing(target.map(|target| places::target(&target.value))),
                    or_nothing(text(row.payload.as_ref())),
                ]
            })
            .collect();
        let columns = [
            Column::words("TRIGGER", 12, 0),
            Column::words("TARGET", 12, 0),
            Column::words("PAYLOAD", 8, 1),
        ];
        self.table("Outgoing webhooks", &columns, &rows);
    }

    fn monitoring(&mut self, integration: &Integration) {
        let monitoring = &integration.monitoring;
        let health = &monitoring.health;
        let probe = health
            .probe
            .as_ref()
            .map(|probe| places::probe(&probe.value));
        let health = [
            pair("probe", probe),
            pair("every", duration(health.interval)),
            pair("timeout", duration(health.timeout)),
            pair(
                "healthy with",
                places::joined(health.expect.iter().map(|one| &one.value)),
            ),
            pair(
                "alert after failures",
                health.threshold.map(|found| found.value),
            ),
        ];
        let objectives = monitoring.objectives.iter().filter_map(|objective| {
            let comparison = objective.comparison.as_ref()?;
            pair(&objective.name.value, Some(&comparison.value))
        });
        let pairs = health.into_iter().flatten().chain(objectives).collect();
        self.pairs("Monitoring", pairs);
        self.pairs("Dashboards", links(&monitoring.dashboards));
    }

    fn dependencies(&mut self, integration: &Integration, workspace: &Workspace) {
        let dependencies = &integration.dependencies;
        let systems = dependencies.systems.iter().map(|system| {
            let mut importance = or_nothing(text(system.importance.as_ref()));
            if let Some(deadline) = duration(system.deadline) {
                importance += &format!(" (waits {deadline})");
            }
            (system.name.value.clone(), importance)
        });
        self.pairs("Systems that use it", systems.collect());
        let needs: Vec<_> = dependencies
            .needs
            .iter()
            .map(|need| places::need(&need.value))
            .collect();
        let by = json::needed_by(integration, workspace);
        let pairs = [("needs", needs), ("named by", by)];
        let pairs = pairs.into_iter().filter(|(_, names)| !names.is_empty());
        let pairs = pairs.map(|(name, names)| (name.to_owned(), names.join(", ")));
        self.pairs("Dependencies", pairs.collect());
    }

    fn recovery(&mut self, integration: &Integration) {
        let recovery = &integration.recovery;
        let fallback = recovery.fallback.as_ref();
        let mut pairs: Pairs = [
            pair(
                "fallback",
                fallback.map(|found| places::fallback(&found.value)),
            ),
            pair("cache at most", duration(recovery.cache)),
            pair("by hand", text(recovery.manual.as_ref())),
        ]
        .into_iter()
        .flatten()
        .collect();
        pairs.extend(recovery.operations.iter().map(|row| {
            let fallback = text(row.fallback.as_ref()).unwrap_or("no fallback");
            (row.operation.value.clone(), format!("-> {fallback}"))
        }));
        self.pairs("Recovery", pairs);
        let steps: Vec<_> = recovery
            .procedure
            .iter()
            .map(|(words, _)| words.value.clone())
            .collect();
        self.lines("Outage procedure", &steps);
    }
}

fn overview(integration: &Integration) -> Pairs {
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

fn authentication(integration: &Integration) -> Pairs {
    let Some(found) = &integration.authentication else {
        return Vec::new();
    };
    let placements = places::placements(integration).into_iter();
    let scopes: Vec<_> = found
        .scopes
        .iter()
        .map(|scope| scope.value.as_str())
        .collect();
    let kind = found.kind.map(|kind| places::authentication(kind.value));
    let rest = [
        pair("version header", text(found.version_header.as_ref())),
        pair("token from", found.token_url.as_ref().map(|url| &url.value)),
        pair("grant", text(found.grant.as_ref())),
        pair("scopes", (!scopes.is_empty()).then(|| scopes.join(" "))),
        pair("audience", text(found.audience.as_ref())),
        pair("algorithm", text(found.algorithm.as_ref())),
        pair("claims", places::claims(found)),
        pair("signed with", text(found.minting.signing_key.as_ref())),
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
        .chain(placements.map(|placement| ("sent as".to_owned(), placement)))
        .chain(rest.into_iter().flatten())
        .collect()
}

fn costs(integration: &Integration) -> Pairs {
    let costs = &integration.costs;
    let overage = costs
        .overage
        .iter()
        .filter_map(|price| pair("overage", Some(&price.value)));
    let projected = costs.projected_monthly.as_ref().map(|sum| &sum.value);
    let rest = [
        pair("overage", text(costs.overage_words.as_ref())),
        pair("current usage", text(costs.current_usage.as_ref())),
        pair("projected monthly", projected),
        pair("budget", costs.budget.as_ref().map(|budget| &budget.value)),
    ];
    pair("base", costs.base.as_ref().map(|price| &price.value))
        .into_iter()
        .chain(overage)
        .chain(rest.into_iter().flatten())
        .collect()
}

fn roadmap(integration: &Integration) -> Pairs {
    let roadmap = &integration.roadmap;
    let version = |version: &Version, word: &str| match version.date {
        Some(day) => format!("{} ({word} {})", version.name.value, day.value),
        None => version.name.value.clone(),
    };
    let pairs = [
        pair(
            "current",
            roadmap
                .current
                .as_ref()
                .map(|found| version(found, "until")),
        ),
        pair(
            "next",
            roadmap.next.as_ref().map(|found| version(found, "from")),
        ),
        pair("migration deadline", roadmap.deadline.map(|day| day.value)),
    ];
    pairs.into_iter().flatten().collect()
}

fn contacts(contacts: &[Contact]) -> Pairs {
    let contacts = contacts.iter();
    let pairs =
        contacts.filter_map(|contact| pair(&contact.role.value, text(contact.value.as_ref())));
    pairs.collect()
}

fn links(links: &[Link]) -> Pairs {
    let links = links.iter();
    let pairs = links.filter_map(|link| pair(&link.text.value, text(link.target.as_ref())));
    pairs.collect()
}

fn notes(notes: &[Note]) -> Pairs {
    let notes = notes.iter();
    let pairs = notes.filter_map(|note| {
        let topic = text(note.topic.as_ref()).unwrap_or(NOTHING);
        pair(topic, text(note.text.as_ref()))
    });
    pairs.collect()
}
