//! What is told of running with the service: events, health, costs, what comes, what to do.

use std::time::Duration;

use wharf_diag::Spanned;
use wharf_document::model::{
    Costs, Dependencies, MigrationStep, Monitoring, Probe, Recovery, Roadmap, WebhookTarget,
    Webhooks,
};

use super::shown;

pub(super) fn webhooks(lines: &mut Vec<String>, webhooks: &Webhooks) {
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

pub(super) fn monitoring(lines: &mut Vec<String>, monitoring: &Monitoring) {
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

pub(super) fn dependencies(lines: &mut Vec<String>, dependencies: &Dependencies) {
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

pub(super) fn costs(lines: &mut Vec<String>, costs: &Costs) {
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

pub(super) fn roadmap(lines: &mut Vec<String>, roadmap: &Roadmap) {
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

pub(super) fn recovery(lines: &mut Vec<String>, recovery: &Recovery) {
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
