//! Reads the spec files and shows what a document became, one line for each thing.

// Each test program uses its own part of this file.
#![allow(dead_code, reason = "shared by several test programs")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails the test"
)]

pub(crate) mod mutate;
pub(crate) mod survive;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use wharf_diag::{Severity, SourceText, Spanned};
use wharf_document::model::{
    Claim, Costs, CredentialStore, DefaultEnvironment, Dependencies, ExampleBody, Frontmatter,
    Idempotence, MigrationStep, Monitoring, Operation, Placement, Probe, RateLimit, Recovery,
    Roadmap, Settings, Template, TemplatePart, WebhookTarget, Webhooks, Weight,
};
use wharf_document::{
    Integration, IntegrationId, Loaded, check_dates, effective_placements, load, suppress,
};

/// Put before a fragment, so that it is a document.
pub(crate) const FRONTMATTER: &str =
    "---\ntitle: \"[Integration] Example\"\ntype: tool\nsubtype: integration\n---\n";

const ENVIRONMENTS: &str = "\n## Service Details\n\n| Environment | Endpoint |\n|---|---|\n\
                            | Production | https://api.example.org |\n";

const AUTHENTICATION: &str = "\n## Authentication\n\n- Type: None\n";

/// The codes of what is found in a text on a day, infos aside.
pub(crate) fn codes_on(text: &str, today: &str) -> BTreeSet<&'static str> {
    survives_odd_letters(text);
    let (_, loaded) = read(text);
    let mut found = loaded.diagnostics;
    found.extend(check_dates(
        &loaded.integration.unwrap(),
        today.parse().unwrap(),
    ));
    let found = found.iter().filter(|d| d.severity != Severity::Info);
    found.map(|diagnostic| diagnostic.code.id).collect()
}

/// Whatever is read in a text, it is read where it stands: also behind letters whose small form has
/// more bytes (U+0130) or fewer (U+212A, U+1E9E), one character or none.
pub(crate) fn survives_odd_letters(text: &str) {
    for odd in ["\u{130}\u{130}\u{130} ", "\u{212a}\u{1e9e}\u{212a} "] {
        for mark in [": ", "| ", "- ", "`", " "] {
            survive::loads(&text.replace(mark, &format!("{mark}{odd}")));
        }
    }
}

/// A text with some passages written in another way; each stands there once.
pub(crate) fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from} stands there once");
        text = text.replace(from, to);
    }
    text
}

/// One case of a spec file.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) document: String,
    /// Lines of the file that were put before the document that stands in the spec.
    pub(crate) lines_before: usize,
    pub(crate) diagnostics: Option<String>,
    pub(crate) model: Option<String>,
}

/// All cases below `tests/spec`, in the order of their files.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in spec_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        cases.extend(parse(&name, &fs::read_to_string(&path).unwrap()));
    }
    assert!(!cases.is_empty(), "there are no spec files");
    cases
}

/// The documents of the catalog, each with its path.
pub(crate) fn catalog() -> Vec<(PathBuf, String)> {
    let paths = spec_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog"));
    let texts = paths.into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    });
    let documents = texts.filter(|(_, text)| wharf_document::is_integration(text));
    let catalog: Vec<_> = documents.collect();
    assert!(!catalog.is_empty(), "there is no catalog");
    catalog
}

/// The template between the fences of the seed, or `None` where the seed is absent.
pub(crate) fn template() -> Option<String> {
    let shared = std::env::var_os("WHARF_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let seed = fs::read_to_string(shared.join("seed/integrations-readme.md")).ok()?;
    let start = seed.find("```markdown\n").unwrap() + "```markdown\n".len();
    let end = seed.find("\n```\n\n## Integration Categories").unwrap() + 1;
    Some(seed[start..end].to_owned())
}

/// The spec files below a folder.
pub(crate) fn spec_files(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            paths.extend(spec_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}

/// Splits a spec file at its level-two headings outside of blocks.
pub(crate) fn parse(file: &str, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut fence: Option<(String, String)> = None;
    let mut block = String::new();
    for line in text.lines() {
        if let Some((mark, kind)) = &fence {
            if line == mark {
                let case = cases.last_mut().expect("a block stands below a heading");
                take_block(case, kind, std::mem::take(&mut block));
                fence = None;
            } else {
                block.push_str(line);
                block.push('\n');
            }
        } else if line.starts_with("```") {
            let mark: String = line.chars().take_while(|c| *c == '`').collect();
            let kind = line[mark.len()..].to_owned();
            fence = Some((mark, kind));
        } else if let Some(name) = line.strip_prefix("## ") {
            cases.push(Case {
                file: file.to_owned(),
                name: name.to_owned(),
                document: String::new(),
                lines_before: 0,
                diagnostics: None,
                model: None,
            });
        }
    }
    assert!(fence.is_none(), "{file}: a block is not closed");
    for case in &cases {
        let asks = case.diagnostics.is_some() || case.model.is_some();
        assert!(
            asks && !case.document.is_empty(),
            "{file}: {} asks nothing",
            case.name
        );
    }
    cases
}

fn take_block(case: &mut Case, kind: &str, block: String) {
    match kind {
        "markdown" if block.starts_with("---") => case.document = block,
        "markdown" => {
            let mut document = format!("{FRONTMATTER}{block}");
            for (heading, text) in [
                ("## Service Details", ENVIRONMENTS),
                ("## Authentication", AUTHENTICATION),
            ] {
                if !document.to_lowercase().contains(&heading.to_lowercase()) {
                    document.push_str(text);
                }
            }
            case.lines_before = FRONTMATTER.lines().count();
            case.document = document;
        }
        "diagnostics" => case.diagnostics = Some(block),
        "model" => case.model = Some(block),
        other => panic!("{}: unknown block `{other}`", case.name),
    }
}

/// Loads a text as the document `example`, without the findings that its comments leave out.
pub(crate) fn read(text: &str) -> (Arc<SourceText>, Loaded) {
    let source = Arc::new(SourceText::new("example.md", text));
    let id = IntegrationId::new("example").unwrap();
    let mut loaded = load(&id, &source);
    let found = std::mem::take(&mut loaded.diagnostics);
    loaded.diagnostics = suppress(&source, found, |_| true).kept;
    (source, loaded)
}

/// One line for each finding: place, severity, code and message.
pub(crate) fn show_diagnostics(loaded: &Loaded, lines_before: usize) -> String {
    let mut text = String::new();
    for diagnostic in &loaded.diagnostics {
        let start = diagnostic.primary.start();
        let end = diagnostic.primary.end();
        let lines = if end.line == start.line {
            format!("{}-{}", start.column, end.column)
        } else {
            format!(
                "{}-{}:{}",
                start.column,
                end.line.saturating_sub(lines_before),
                end.column
            )
        };
        writeln!(
            text,
            "{}:{lines} {} {} {}",
            start.line.saturating_sub(lines_before),
            diagnostic.severity,
            diagnostic.code.slug,
            diagnostic.message
        )
        .unwrap();
    }
    text
}

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

fn webhooks(lines: &mut Vec<String>, webhooks: &Webhooks) {
    for row in &webhooks.incoming {
        let (endpoint, handler) = (shown(row.endpoint.as_ref()), shown(row.handler.as_ref()));
        let order = row.order_by.as_ref();
        let order = order.map_or_else(String::new, |by| format!(" by {}", by.value));
        let mapping = row.mapping.as_ref();
        let mapping = mapping.map_or_else(String::new, |name| format!(" as {}", name.value));
        lines.push(format!(
            "incoming {} {endpoint} {handler}{order}{mapping}",
            row.event.value
        ));
    }
    if let Some(verification) = &webhooks.verification {
        let mut add = |name: &str, value: Option<String>| {
            lines.extend(value.map(|value| format!("verification {name} {value}")));
        };
        let text = |value: &Option<Spanned<String>>| value.as_ref().map(|v| v.value.clone());
        let debug = |value: Option<&dyn std::fmt::Debug>| value.map(|value| format!("{value:?}"));
        let v = verification;
        add("scheme", debug(v.scheme.as_ref().map(|s| &s.value as _)));
        add("header", text(&v.header));
        add(
            "algorithm",
            debug(v.algorithm.as_ref().map(|s| &s.value as _)),
        );
        add("signed-content", text(&v.signed_content));
        add(
            "encoding",
            debug(v.encoding.as_ref().map(|s| &s.value as _)),
        );
        add(
            "tolerance",
            debug(v.tolerance.as_ref().map(|s| &s.value as _)),
        );
        add("timestamp-header", text(&v.timestamp_header));
        for secret in &v.secrets {
            add("secret", Some(secret.to_string()));
        }
        add("public-url", text(&v.public_url));
        add(
            "items",
            v.items.as_ref().map(|items| format!("{:?}", items.value)),
        );
        for handshake in &v.handshakes {
            add("answers", Some(handshake.value.to_string()));
        }
        add(
            "event-type",
            debug(v.event_type.as_ref().map(|s| &s.value as _)),
        );
        add(
            "event-id",
            debug(v.event_id.as_ref().map(|s| &s.value as _)),
        );
        add(
            "respond",
            v.respond_status.map(|status| status.value.to_string()),
        );
        add("handshake", text(&v.handshake));
    }
    for row in &webhooks.outgoing {
        let target = row.target.as_ref().map(|target| match &target.value {
            WebhookTarget::Url(url) => url.clone(),
            WebhookTarget::Operation {
                integration,
                operation,
            } => format!("{integration} {operation}"),
        });
        let secrets: String = row
            .secrets
            .iter()
            .map(|secret| format!(" signed {}", secret.value))
            .collect();
        lines.push(format!(
            "outgoing {} {} {}{secrets}",
            row.trigger.value,
            target.as_deref().unwrap_or("-"),
            shown(row.payload.as_ref())
        ));
    }
    for mapping in &webhooks.mappings {
        let words: Vec<_> = mapping.program.split_whitespace().collect();
        lines.push(format!(
            "mapping {} {}",
            mapping.name.value,
            words.join(" ")
        ));
    }
}

fn monitoring(lines: &mut Vec<String>, monitoring: &Monitoring) {
    let health = &monitoring.health;
    lines.extend(health.probe.as_ref().map(|probe| match &probe.value {
        Probe::Tcp => "probe TCP".to_owned(),
        Probe::Http { method, path } => format!("probe {method} {path}"),
    }));
    for expected in &health.expect {
        lines.push(format!("probe expects {}", expected.value));
    }
    let time = |value: Duration| format!("{value:?}");
    lines.extend(
        health
            .interval
            .map(|i| format!("probe every {}", time(i.value))),
    );
    lines.extend(
        health
            .timeout
            .map(|t| format!("probe timeout {}", time(t.value))),
    );
    lines.extend(
        health
            .threshold
            .map(|t| format!("probe threshold {}", t.value)),
    );
    for objective in &monitoring.objectives {
        let comparison = objective.comparison.map(|c| c.value.to_string());
        lines.push(format!(
            "objective {:?} {} {}",
            objective.metric,
            objective.name.value,
            comparison.as_deref().unwrap_or("-")
        ));
    }
    for link in &monitoring.dashboards {
        lines.push(format!(
            "dashboard {} {}",
            link.text.value,
            shown(link.target.as_ref())
        ));
    }
}

fn dependencies(lines: &mut Vec<String>, dependencies: &Dependencies) {
    for system in &dependencies.systems {
        let deadline = system.deadline.map(|d| format!(" deadline {:?}", d.value));
        lines.push(format!(
            "system {}: {}{}",
            system.name.value,
            shown(system.importance.as_ref()),
            deadline.unwrap_or_default()
        ));
    }
    for need in &dependencies.needs {
        lines.push(format!("needs {:?}", need.value));
    }
}

fn costs(lines: &mut Vec<String>, costs: &Costs) {
    lines.extend(
        costs
            .base
            .as_ref()
            .map(|base| format!("base {}", base.value)),
    );
    for price in &costs.overage {
        lines.push(format!("overage {}", price.value));
    }
    for (name, text) in [
        ("overage-words", &costs.overage_words),
        ("current-usage", &costs.current_usage),
    ] {
        lines.extend(text.as_ref().map(|text| format!("{name} {}", text.value)));
    }
    lines.extend(
        costs
            .projected_monthly
            .map(|sum| format!("projected {}", sum.value)),
    );
    lines.extend(
        costs
            .budget
            .as_ref()
            .map(|budget| format!("budget {}", budget.value)),
    );
    for task in &costs.opportunities {
        lines.push(format!("opportunity {} {}", task.done, task.text.value));
    }
}

fn roadmap(lines: &mut Vec<String>, roadmap: &Roadmap) {
    for (name, version) in [("current", &roadmap.current), ("next", &roadmap.next)] {
        lines.extend(version.as_ref().map(|version| {
            let date = version.date.map(|date| format!(" {}", date.value));
            format!("{name} {}{}", version.name.value, date.unwrap_or_default())
        }));
    }
    lines.extend(
        roadmap
            .deadline
            .map(|date| format!("deadline {}", date.value)),
    );
    for (text, step) in &roadmap.steps {
        let kind = match step {
            MigrationStep::Other => String::new(),
            step => format!(" ({step:?})"),
        };
        lines.push(format!("migration-step {}{kind}", text.value));
    }
}

fn recovery(lines: &mut Vec<String>, recovery: &Recovery) {
    lines.extend(
        recovery
            .primary
            .as_ref()
            .map(|p| format!("primary {}", p.value)),
    );
    lines.extend(
        recovery
            .fallback
            .as_ref()
            .map(|f| format!("fallback {:?}", f.value)),
    );
    lines.extend(
        recovery
            .cache
            .map(|c| format!("outage-cache {:?}", c.value)),
    );
    lines.extend(
        recovery
            .manual
            .as_ref()
            .map(|m| format!("manual {}", m.value)),
    );
    for row in &recovery.operations {
        lines.push(format!(
            "stands-in {} {}",
            row.operation.value,
            shown(row.fallback.as_ref())
        ));
    }
    for row in &recovery.environments {
        lines.push(format!(
            "stands-in-environment {} {}",
            row.environment.value, row.fallback.value
        ));
    }
    for (_, step) in &recovery.procedure {
        lines.push(format!("outage-step {step:?}"));
    }
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
            ("grant", &authentication.grant),
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
