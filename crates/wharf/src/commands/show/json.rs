//! A document as JSON; `docs/json.md` tells every field.

use serde_json::{Value, json};
use wharf_diag::Spanned;
use wharf_document::Integration;
use wharf_document::model::{Contact, Feature, Link, Note, Price, Version, Weight};
use wharf_plan::{EffectiveSettings, Setting};
use wharf_workspace::Workspace;
use wharf_workspace::settings::Handler;

use super::errors::{self, Retried};
use super::{force, places};
use crate::deadline;

/// Everything about a document.
pub(super) fn document(
    integration: &Integration,
    workspace: &Workspace,
    handlers: &[(&str, &Handler)],
) -> Value {
    let effective = wharf_plan::effective(integration);
    let settings = |settings: &[Setting]| -> Value {
        let settings = settings.iter();
        settings.map(|found| setting(integration, found)).collect()
    };
    json!({
        "version": 1,
        "id": integration.id.as_str(),
        "file": integration.source.name(),
        "name": integration.display_name(),
        "overview": overview(integration),
        "environments": environments(integration),
        "authentication": authentication(integration, &effective),
        "credentials": credentials(integration),
        "settings": settings(&effective.integration),
        "environment_settings": effective
            .environments
            .iter()
            .map(|own| json!({
                "environment": own.environment.value,
                "settings": settings(&own.settings),
            }))
            .collect::<Value>(),
        "not_in_force": force::json(integration),
        "features": integration.configuration.features.iter().map(feature).collect::<Value>(),
        "operations": integration
            .operations
            .iter()
            .zip(&effective.operations)
            .map(|(operation, held)| json!({
                "id": operation.id,
                "name": operation.name.value,
                "method": operation.shown_methods(),
                "path": operation.path.value.to_string(),
                "cost": places::costs(operation),
                "weight": operation.weight.as_ref().map(|weight| match &weight.value {
                    Weight::Fixed(count) => json!(count),
                    Weight::Field(pointer) => json!(pointer),
                }),
                "hedge_seconds": seconds(operation.hedge),
                "settings": settings(&held.settings),
            }))
            .collect::<Value>(),
        "limit_headers": integration
            .limit_headers
            .iter()
            .map(|header| json!({
                "header": header.source.value.to_string(),
                "meaning": header.meaning.value.as_str(),
                "group": header.group.as_ref().map(|group| &group.value),
            }))
            .collect::<Value>(),
        "errors": errors(integration),
        "webhooks": webhooks(integration, handlers),
        "monitoring": monitoring(integration),
        "dependencies": dependencies(integration, workspace),
        "costs": costs(integration),
        "roadmap": roadmap(integration),
        "recovery": recovery(integration),
        "contacts": {
            "internal": contacts(&integration.contacts.internal),
            "vendor": contacts(&integration.contacts.vendor),
        },
        "links": integration.documentation.iter().map(link).collect::<Value>(),
        "notes": {
            "known_issues": notes(&integration.notes.known_issues),
            "tips": notes(&integration.notes.tips),
        },
        "sections": integration.sections.iter().map(|name| &name.value).collect::<Vec<_>>(),
    })
}

/// One feature switch.
pub(super) fn feature(feature: &Feature) -> Value {
    json!({
        "name": feature.name.value,
        "enabled": feature.enabled.map(|enabled| enabled.value),
        "reason": text(feature.reason.as_ref()),
    })
}

fn text(value: Option<&Spanned<String>>) -> Option<&str> {
    value.map(|found| found.value.as_str())
}

fn seconds(duration: Option<Spanned<std::time::Duration>>) -> Option<f64> {
    duration.map(|found| found.value.as_secs_f64())
}

fn price(price: &Spanned<Price>) -> String {
    price.value.to_string()
}

fn overview(integration: &Integration) -> Value {
    let frontmatter = &integration.frontmatter;
    let service = &integration.service;
    let contract = service.contract.as_ref();
    let deadlines = deadline::of(integration);
    json!({
        "purpose": text(service.purpose.as_ref()),
        "category": text(service.category.as_ref()),
        "vendor": text(service.vendor.as_ref()),
        "contract": contract.map(|contract| &contract.terms.value),
        "tags": frontmatter.tags.iter().map(|tag| &tag.value).collect::<Vec<_>>(),
        "created": frontmatter.created.map(|moment| moment.value.to_string()),
        "modified": frontmatter.modified.map(|moment| moment.value.to_string()),
        "revision": frontmatter.version.map(|version| version.value),
        "ship_factor": frontmatter.ship_factor.map(|factor| factor.value),
        "criticality": frontmatter.criticality.map(|found| found.value.as_str()),
        "cost": frontmatter.cost.as_ref().map(price),
        "active": integration.is_active(),
        "deprecated": integration.is_deprecated(),
        "deprecated_date": frontmatter.deprecated_date.map(|day| day.value.to_string()),
        "deprecated_reason": text(frontmatter.deprecated_reason.as_ref()),
        "deadlines": deadlines.iter().map(deadline::Deadline::json).collect::<Value>(),
    })
}

fn environments(integration: &Integration) -> Value {
    let default = integration.default_environment();
    let environments = integration.environments.iter().enumerate();
    let rows = environments.map(|(index, environment)| {
        json!({
            "name": environment.name.value.to_lowercase(),
            "default": Some(index) == default,
            "endpoint": environment.endpoint.as_ref().map(|url| url.value.to_string()),
            "connection": places::connection(environment),
            "active": environment.is_active(),
            "status": text(environment.status.as_ref()),
            "notes": text(environment.notes.as_ref()),
        })
    });
    rows.collect()
}

fn authentication(integration: &Integration, effective: &EffectiveSettings) -> Option<Value> {
    let found = integration.authentication.as_ref()?;
    Some(json!({
        "type": found.kind.map(|kind| places::authentication(kind.value)),
        "placements": places::sent_as(effective),
        "version_header": text(found.version_header.as_ref()),
        "rotation": text(found.rotation.as_ref()),
        "permissions": text(found.permissions.as_ref()),
        "token_url": found.token_url.as_ref().map(|url| url.value.to_string()),
        "grant": found.grant.map(|grant| grant.value.as_str()),
        "scopes": found.scopes.iter().map(|scope| &scope.value).collect::<Vec<_>>(),
        "audience": text(found.audience.as_ref()),
        "algorithm": text(found.algorithm.as_ref()),
        "claims": places::claims(found),
        "client_authentication": places::client_authentication(found),
        "token_request": found.minting.token_request.as_ref().map(|one| one.value.to_string()),
        "token_field": text(found.minting.token_field.as_ref()),
        "expiry_field": text(found.minting.expiry_field.as_ref()),
        "signing_key": text(found.minting.signing_key.as_ref()),
        "key_id": found.minting.key_id.as_ref().map(|id| id.value.to_string()),
        "tls_fields": places::tls_fields(found),
        "rotate_with": found.rotate_with.as_ref().map(|one| one.value.to_string()),
    }))
}

fn credentials(integration: &Integration) -> Value {
    let credentials = integration.credentials.iter();
    let rows = credentials.map(|credential| {
        let (location, names) = places::store(&credential.store.value);
        json!({
            "environment": credential.environment.value.to_lowercase(),
            "location": location,
            "names": names,
            "rotation_seconds": seconds(credential.rotation),
            "rotated": credential.rotated.map(|day| day.value.to_string()),
            "place": places::place(integration, credential.store.span),
        })
    });
    rows.collect()
}

fn setting(integration: &Integration, setting: &Setting) -> Value {
    let origins = setting.places.iter().map(|place| {
        json!({
            "words": place.words,
            "place": places::place(integration, place.span),
            "wins": place.wins,
        })
    });
    json!({
        "name": setting.name,
        "value": setting.value,
        "reason": setting.reason,
        "in_force": setting.not_in_force.is_none(),
        "origins": origins.collect::<Value>(),
    })
}

fn errors(integration: &Integration) -> Value {
    let outcomes = errors::outcomes(integration).into_iter();
    let rows = outcomes.map(|outcome| {
        json!({
            "code": outcome.code,
            "meaning": outcome.meaning,
            "retried": outcome.retried != Retried::None,
            "responses": outcome.responses,
            "happens": outcome.happens,
        })
    });
    rows.collect()
}

fn webhooks(integration: &Integration, handlers: &[(&str, &Handler)]) -> Value {
    let webhooks = &integration.webhooks;
    let incoming = webhooks.incoming.iter().map(|row| {
        json!({
            "event": row.event.value,
            "endpoint": text(row.endpoint.as_ref()),
            "handler": text(row.handler.as_ref()),
            "order_by": text(row.order_by.as_ref()),
            "mapping": text(row.mapping.as_ref()),
        })
    });
    let verification = webhooks.verification.as_ref().map(|found| {
        json!({
            "scheme": found.scheme.as_ref().map(|scheme| places::scheme(&scheme.value)),
            "secret": places::joined(&found.secrets),
            "tolerance_seconds": seconds(found.tolerance),
            "items": places::items(found),
            "public_url": text(found.public_url.as_ref()),
            "handshakes": found.handshakes.iter().map(|one| one.value.to_string()).collect::<Vec<_>>(),
        })
    });
    let outgoing = webhooks.outgoing.iter().map(|row| {
        json!({
            "trigger": row.trigger.value,
            "target": row.target.as_ref().map(|target| places::target(&target.value)),
            "payload": text(row.payload.as_ref()),
            "secrets": row.secrets.iter().map(|name| &name.value).collect::<Vec<_>>(),
        })
    });
    let handlers = handlers.iter().map(|(name, handler)| {
        json!({
            "name": name,
            "url": handler.url,
            "secret": handler.secret.as_ref().map(ToString::to_string),
            "rate": handler.rate.as_ref().map(ToString::to_string),
        })
    });
    json!({
        "incoming": incoming.collect::<Value>(),
        "handlers": handlers.collect::<Value>(),
        "verification": verification,
        "outgoing": outgoing.collect::<Value>(),
    })
}

fn monitoring(integration: &Integration) -> Value {
    let monitoring = &integration.monitoring;
    let health = &monitoring.health;
    let objectives = monitoring.objectives.iter().map(|objective| {
        let comparison = objective.comparison.as_ref();
        json!({
            "name": objective.name.value,
            "bound": comparison.map(|found| found.value.to_string()),
        })
    });
    json!({
        "probe": health.probe.as_ref().map(|probe| places::probe(&probe.value)),
        "interval_seconds": seconds(health.interval),
        "timeout_seconds": seconds(health.timeout),
        "expect": health.expect.iter().map(|one| one.value.to_string()).collect::<Vec<_>>(),
        "alert_threshold": health.threshold.map(|threshold| threshold.value),
        "objectives": objectives.collect::<Value>(),
        "dashboards": monitoring.dashboards.iter().map(link).collect::<Value>(),
    })
}

fn dependencies(integration: &Integration, workspace: &Workspace) -> Value {
    let systems = integration.dependencies.systems.iter().map(|system| {
        json!({
            "name": system.name.value,
            "importance": text(system.importance.as_ref()),
            "deadline_seconds": seconds(system.deadline),
        })
    });
    let needs = integration.dependencies.needs.iter();
    json!({
        "systems": systems.collect::<Value>(),
        "needs": needs.map(|need| places::need(&need.value)).collect::<Vec<_>>(),
        "needed_by": needed_by(integration, workspace),
    })
}

/// Ids of the documents that name this one.
pub(super) fn needed_by<'a>(integration: &Integration, workspace: &'a Workspace) -> Vec<&'a str> {
    let others = workspace.integrations().filter(|other| {
        let named = wharf_document::named_ids(other);
        other.id != integration.id && named.iter().any(|(id, _)| **id == integration.id)
    });
    others.map(|other| other.id.as_str()).collect()
}

fn costs(integration: &Integration) -> Value {
    let costs = &integration.costs;
    json!({
        "base": costs.base.as_ref().map(price),
        "overage": costs.overage.iter().map(price).collect::<Vec<_>>(),
        "overage_words": text(costs.overage_words.as_ref()),
        "current_usage": text(costs.current_usage.as_ref()),
        "budget": costs.budget.as_ref().map(|budget| budget.value.to_string()),
        "projected_monthly": costs.projected_monthly.as_ref().map(|sum| sum.value.to_string()),
    })
}

fn roadmap(integration: &Integration) -> Value {
    let roadmap = &integration.roadmap;
    let version = |version: &Version| {
        json!({
            "name": version.name.value,
            "date": version.date.map(|day| day.value.to_string()),
        })
    };
    json!({
        "current": roadmap.current.as_ref().map(version),
        "next": roadmap.next.as_ref().map(version),
        "migration_deadline": roadmap.deadline.map(|day| day.value.to_string()),
        "steps": roadmap.step_texts().map(|step| &step.value).collect::<Vec<_>>(),
    })
}

fn recovery(integration: &Integration) -> Value {
    let recovery = &integration.recovery;
    let operations = recovery.operations.iter().map(|row| {
        json!({
            "operation": row.operation.value,
            "fallback": text(row.fallback.as_ref()),
        })
    });
    let steps = recovery.procedure.iter().map(|(words, step)| {
        json!({
            "does": places::step(step),
            "words": words.value,
        })
    });
    json!({
        "fallback": recovery.fallback.as_ref().map(|found| places::fallback(&found.value)),
        "cache_seconds": seconds(recovery.cache),
        "manual": text(recovery.manual.as_ref()),
        "operations": operations.collect::<Value>(),
        "procedure": steps.collect::<Value>(),
    })
}

fn contacts(contacts: &[Contact]) -> Value {
    let contacts = contacts.iter();
    let rows = contacts.map(
        |contact| json!({ "role": contact.role.value, "value": text(contact.value.as_ref()) }),
    );
    rows.collect()
}

fn link(link: &Link) -> Value {
    json!({ "text": link.text.value, "target": text(link.target.as_ref()) })
}

fn notes(notes: &[Note]) -> Value {
    let notes = notes.iter();
    let rows = notes.map(
        |note| json!({ "topic": text(note.topic.as_ref()), "text": text(note.text.as_ref()) }),
    );
    rows.collect()
}
