//! Shows what a document became, one line for each thing.

mod operating;

use std::fmt::Write as _;
use std::time::Duration;

use wharf_diag::Spanned;
use wharf_document::model::{
    Claim, CredentialStore, DefaultEnvironment, ExampleBody, Frontmatter, Idempotence, Operation,
    Placement, RateLimit, Settings, Template, TemplatePart, Weight,
};
use wharf_document::{Integration, effective_placements};

use operating::{costs, dependencies, monitoring, recovery, roadmap, webhooks};

/// What a document became. What is absent is not shown.
pub(crate) fn show_model(integration: &Integration) -> String {
    let mut lines = Vec::new();
    frontmatter(&mut lines, &integration.frontmatter);
    let service = &integration.service;
    for (name, value) in [
        ("purpose", &service.purpose),
        ("category", &service.category),
        ("vendor", &service.vendor),
    ] {
        lines.extend(
            value
                .as_ref()
                .map(|value| format!("{name} {}", value.value)),
        );
    }
    if let Some(contract) = &service.contract {
        let end = contract.end.map(|end| format!(" until {}", end.value));
        lines.push(format!(
            "contract {}{}",
            contract.terms.value,
            end.unwrap_or_default()
        ));
    }
    for environment in &integration.environments {
        let endpoint = environment.endpoint.as_ref();
        let connection = environment.connection.as_ref();
        let endpoint = endpoint
            .map(|endpoint| endpoint.value.to_string())
            .or_else(|| connection.map(|connection| format!("({})", connection.value)))
            .unwrap_or_else(|| "-".to_owned());
        let active = if environment.is_active() {
            "active"
        } else {
            "idle"
        };
        lines.push(format!(
            "environment {} {endpoint} {active}",
            environment.name.value
        ));
    }
    authentication(&mut lines, integration);
    configuration(&mut lines, integration);
    lines.extend(integration.operations.iter().map(operation));
    for header in &integration.limit_headers {
        let group = header.group.as_ref();
        lines.push(format!(
            "limit-header {} {:?}{}",
            header.source.value,
            header.meaning.value,
            group.map_or_else(String::new, |group| format!(" of {}", group.value))
        ));
    }
    webhooks(&mut lines, &integration.webhooks);
    for row in &integration.errors {
        let when: String = row
            .when
            .iter()
            .map(|when| format!(" when {}", when.value))
            .collect();
        let verbs: Vec<_> = row
            .responses
            .iter()
            .map(|verb| verb.value.as_str())
            .collect();
        lines.push(format!(
            "error {}{when}: {}",
            row.code.value,
            verbs.join(", ")
        ));
    }
    let retry = &integration.retry;
    lines.extend(
        retry
            .delays
            .as_ref()
            .map(|d| format!("retry delays {:?}", d.value)),
    );
    lines.extend(retry.max_retries.map(|m| format!("retry max {}", m.value)));
    lines.extend(
        retry
            .retry_on
            .as_ref()
            .map(|r| format!("retry on {:?}", r.value)),
    );
    monitoring(&mut lines, &integration.monitoring);
    dependencies(&mut lines, &integration.dependencies);
    costs(&mut lines, &integration.costs);
    roadmap(&mut lines, &integration.roadmap);
    recovery(&mut lines, &integration.recovery);
    for link in &integration.documentation {
        let target = link.target.as_ref().map_or("-", |target| &target.value);
        lines.push(format!("link {} {target}", link.text.value));
    }
    people(&mut lines, integration);
    for unread in &integration.unread {
        lines.push(format!("unread {}", unread.value));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn people(lines: &mut Vec<String>, integration: &Integration) {
    for (kind, contacts) in [
        ("internal", &integration.contacts.internal),
        ("vendor", &integration.contacts.vendor),
    ] {
        for contact in contacts {
            let value = shown(contact.value.as_ref());
            lines.push(format!("contact {kind} {}: {value}", contact.role.value));
        }
    }
    for (kind, notes) in [
        ("issue", &integration.notes.known_issues),
        ("tip", &integration.notes.tips),
    ] {
        for note in notes {
            lines.push(format!(
                "{kind} {}: {}",
                shown(note.topic.as_ref()),
                shown(note.text.as_ref())
            ));
        }
    }
    for item in &integration.review {
        lines.push(format!(
            "review {:?} {} {}",
            item.question, item.task.done, item.task.text.value
        ));
    }
}

fn shown(text: Option<&Spanned<String>>) -> &str {
    text.map_or("-", |text| text.value.as_str())
}

fn frontmatter(lines: &mut Vec<String>, frontmatter: &Frontmatter) {
    let mut add = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{name} {value}")));
    };
    let text = |value: &Option<Spanned<String>>| value.as_ref().map(|value| value.value.clone());
    add("title", text(&frontmatter.title));
    for tag in &frontmatter.tags {
        add("tag", Some(tag.value.clone()));
    }
    add(
        "created",
        frontmatter.created.map(|date| date.value.to_string()),
    );
    add(
        "modified",
        frontmatter.modified.map(|date| date.value.to_string()),
    );
    add(
        "version",
        frontmatter.version.map(|version| version.value.to_string()),
    );
    add(
        "ship-factor",
        frontmatter
            .ship_factor
            .map(|factor| factor.value.to_string()),
    );
    add(
        "active",
        frontmatter.active.map(|active| active.value.to_string()),
    );
    let default = frontmatter.environment.as_ref();
    add(
        "default-environment",
        default.map(|environment| match &environment.value {
            DefaultEnvironment::All => "(all)".to_owned(),
            DefaultEnvironment::Named(name) => name.clone(),
        }),
    );
    add(
        "cost",
        frontmatter.cost.as_ref().map(|cost| cost.value.to_string()),
    );
    add(
        "criticality",
        frontmatter.criticality.map(|c| format!("{:?}", c.value)),
    );
    add(
        "deprecated",
        frontmatter.deprecated.map(|d| d.value.to_string()),
    );
    add("deprecated-reason", text(&frontmatter.deprecated_reason));
    add(
        "deprecated-date",
        frontmatter.deprecated_date.map(|d| d.value.to_string()),
    );
    for id in &frontmatter.supersedes {
        add("supersedes", Some(id.value.to_string()));
    }
    for id in &frontmatter.superseded_by {
        add("superseded-by", Some(id.value.to_string()));
    }
    for reference in &frontmatter.references {
        add("reference", Some(format!("{:?}", reference.value)));
    }
    for key in &frontmatter.unknown {
        add("unknown-key", Some(key.value.clone()));
    }
}

fn authentication(lines: &mut Vec<String>, integration: &Integration) {
    if let Some(authentication) = &integration.authentication {
        let kind = authentication.kind.map(|kind| format!("{:?}", kind.value));
        lines.push(format!("authentication {}", kind.as_deref().unwrap_or("-")));
        for (name, value) in [
            ("version-header", &authentication.version_header),
            ("rotation", &authentication.rotation),
            ("permissions", &authentication.permissions),
            ("audience", &authentication.audience),
            ("algorithm", &authentication.algorithm),
        ] {
            lines.extend(
                value
                    .as_ref()
                    .map(|value| format!("{name} {}", value.value)),
            );
        }
        lines.extend(
            authentication
                .rotation_period
                .map(|period| format!("rotation-period {:?}", period.value)),
        );
        let grant = authentication.grant;
        lines.extend(grant.map(|grant| format!("grant {}", grant.value)));
        let token_url = authentication.token_url.as_ref();
        lines.extend(token_url.map(|url| format!("token-url {}", url.value)));
        for scope in &authentication.scopes {
            lines.push(format!("scope {}", scope.value));
        }
        for (name, claim) in &authentication.claims {
            let claim = match &claim.value {
                Claim::Text(template) => holes(template),
                Claim::FromNow(seconds) => format!("now {seconds:+} s"),
            };
            lines.push(format!("claim {} {claim}", name.value));
        }
        let minting = &authentication.minting;
        let client = minting.client_authentication.as_ref();
        lines.extend(client.map(|client| format!("client {:?}", client.value)));
        let request = minting.token_request.as_ref();
        lines.extend(request.map(|request| format!("token-request {}", request.value)));
        for (name, value) in [
            ("token-field", &minting.token_field),
            ("expiry-field", &minting.expiry_field),
            ("signing-key", &minting.signing_key),
            ("authority", &authentication.tls.authority),
            ("certificate", &authentication.tls.certificate),
            ("key", &authentication.tls.key),
        ] {
            lines.extend(
                value
                    .as_ref()
                    .map(|value| format!("{name} {}", value.value)),
            );
        }
        let key_id = minting.key_id.as_ref();
        lines.extend(key_id.map(|id| format!("key-id {}", holes(&id.value))));
        let rotate_with = authentication.rotate_with.as_ref();
        lines.extend(rotate_with.map(|found| format!("rotate-with {}", found.value)));
    }
    for placement in effective_placements(integration) {
        lines.push(match placement {
            Placement::Header { name, value } => format!("sends header {name}: {}", holes(&value)),
            Placement::Query { name, value } => format!("sends query {name}={}", holes(&value)),
            Placement::Basic { username, password } => {
                format!("sends basic {}:{}", holes(&username), holes(&password))
            }
        });
    }
    for credential in &integration.credentials {
        let store = match &credential.store.value {
            CredentialStore::AwsSecretsManager { path } => format!("aws {}", path.value),
            CredentialStore::HashicorpVault { path } => format!("vault {}", path.value),
            CredentialStore::File { path } => format!("file {}", path.value),
            CredentialStore::EnvVariables { variables } => {
                let names: Vec<_> = variables.iter().map(|name| name.value.as_str()).collect();
                format!("env {}", names.join(" "))
            }
        };
        let rotation = credential
            .rotation
            .map(|r| format!(" rotation {:?}", r.value));
        let rotated = credential.rotated.map(|r| format!(" rotated {}", r.value));
        let environment = &credential.environment.value;
        lines.push(format!(
            "credential {environment} {store}{}{}",
            rotation.unwrap_or_default(),
            rotated.unwrap_or_default()
        ));
    }
}

fn configuration(lines: &mut Vec<String>, integration: &Integration) {
    let configuration = &integration.configuration;
    settings(lines, &configuration.settings, "");
    for own in &configuration.by_environment {
        let end = format!(" in {}", own.environment.value);
        settings(lines, &own.settings, &end);
    }
    for (name, value) in &configuration.other {
        lines.push(format!("setting ({}) {}", name.value, value.value));
    }
    for feature in &configuration.features {
        let enabled = feature.enabled.map(|enabled| enabled.value);
        let reason = feature.reason.as_ref().map_or("-", |reason| &reason.value);
        lines.push(format!(
            "feature {} {enabled:?} {reason}",
            feature.name.value
        ));
    }
}

fn settings(lines: &mut Vec<String>, settings: &Settings, end: &str) {
    let mut add = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("setting {name} {value}{end}")));
    };
    let text = |value: &Option<Spanned<String>>| value.as_ref().map(|value| value.value.clone());
    let time = |value: Option<Spanned<Duration>>| value.map(|value| format!("{:?}", value.value));
    add("api_version", text(&settings.api_version));
    add("timeout", time(settings.timeout));
    add("connect_timeout", time(settings.connect_timeout));
    add(
        "retry_attempts",
        settings
            .retry_attempts
            .map(|number| number.value.to_string()),
    );
    add("rate_limit", rates(&settings.rate_limits));
    add("webhook_url", text(&settings.webhook_url));
    add(
        "max_concurrency",
        settings
            .max_concurrency
            .map(|number| number.value.to_string()),
    );
    add("max_wait", time(settings.max_wait));
    add("cache_ttl", time(settings.cache_ttl));
    add(
        "max_body",
        settings.max_body.map(|size| size.value.0.to_string()),
    );
    add("idempotency_header", text(&settings.idempotency_header));
    add(
        "body_format",
        settings
            .body_format
            .map(|format| format!("{:?}", format.value)),
    );
}

fn operation(operation: &Operation) -> String {
    let method = operation.shown_methods();
    let mut line = format!(
        "operation {} {method} {}",
        operation.id, operation.path.value
    );
    let limits = rates(&operation.rate_limits).map(|rates| format!(" limit {rates}"));
    line.extend(limits);
    line.extend(operation.cache.map(|cache| {
        format!(
            " cache {:?}{}",
            cache.value.fresh,
            if cache.value.shared { " shared" } else { "" }
        )
    }));
    line.extend(
        operation
            .timeout
            .map(|timeout| format!(" timeout {:?}", timeout.value)),
    );
    line.extend(
        operation
            .hedge
            .map(|hedge| format!(" hedge {:?}", hedge.value)),
    );
    line.extend(operation.weight.as_ref().map(|weight| match &weight.value {
        Weight::Fixed(count) => format!(" weight {count}"),
        Weight::Field(pointer) => format!(" weight {pointer}"),
    }));
    line.extend(operation.idempotent.as_ref().map(|i| match &i.value {
        Idempotence::Always => " idempotent true".to_owned(),
        Idempotence::Never => " idempotent false".to_owned(),
        Idempotence::WithKey(header) => format!(" idempotent with {header}"),
    }));
    for cost in &operation.costs {
        write!(line, " cost {}", cost.value).unwrap();
    }
    for example in &operation.examples {
        let (kind, text) = match &example.body {
            ExampleBody::Json(text) => ("json", text),
            ExampleBody::EventStream(text) => ("sse", text),
            ExampleBody::Text(text) => ("text", text),
        };
        let words: Vec<_> = text.split_whitespace().collect();
        write!(line, " example {kind} {}", words.join(" ")).unwrap();
    }
    line
}

fn rates(rates: &[Spanned<RateLimit>]) -> Option<String> {
    let rates: Vec<_> = rates.iter().map(|rate| rate.value.to_string()).collect();
    (!rates.is_empty()).then(|| rates.join(" and "))
}

fn holes(template: &Template) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal(text) => text.clone(),
        TemplatePart::Field(name) => format!("{{{name}}}"),
    };
    template.parts.iter().map(part).collect()
}
