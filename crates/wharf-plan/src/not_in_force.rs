//! What a document says that is read and checked, and that nothing obeys yet.
//!
//! Whoever writes `rate_limit` believes that it holds. What is shown about a document and what is
//! told at a start come from this list, so that nothing looks as if it ran. Whoever makes a part
//! run takes it out of here, and with it out of every place that shows it.

use wharf_diag::Span;
use wharf_document::Integration;
use wharf_document::model::{LimitMeaning, Operation, Verb};

/// A part of documents that nothing obeys yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `rate_limit` and column `Rate Limit`.
    RateLimit,
    /// `max_concurrency`, and what the vendor's answers say about calls at one time.
    Concurrency,
    /// `max_wait`, and the deadlines of systems that wait.
    Wait,
    /// Column `Weight`.
    Weight,
    /// Column `Hedge`.
    Hedge,
    /// `cache_ttl`, column `Cache`, `Use cache`, and `Cache` of Disaster Recovery.
    Cache,
    /// `Fallback`, in Common Errors and in Disaster Recovery, with its tables.
    Fallback,
    /// Column `Cost`.
    Cost,
    /// `Budget`.
    Budget,
    /// `Rotation`, `rotation`, `rotated` and `Rotate with`.
    Rotation,
    /// Keys about a token that is fetched or signed.
    Token,
    /// TLS in both directions.
    TlsCertificate,
    /// `Incoming` and `Verification`, and where the vendor sends to.
    IncomingWebhook,
    /// `Outgoing`.
    OutgoingWebhook,
    /// `Mappings`, and the columns that name one.
    Mapping,
    /// `Health Checks`.
    HealthCheck,
    /// `Key Metrics`.
    Objective,
    /// `Outage Procedure`.
    Outage,
    /// `Migration Steps`.
    Migration,
    /// `Optional Features`.
    Feature,
    /// `Review Checklist`.
    Review,
}

impl Part {
    /// Every part with the words for it.
    pub const ALL: [(Self, &'static str); 21] = [
        (Self::RateLimit, "rate limits"),
        (Self::Concurrency, "concurrency"),
        (Self::Wait, "waiting for a limit"),
        (Self::Weight, "weights of calls"),
        (Self::Hedge, "hedging"),
        (Self::Cache, "cache"),
        (Self::Fallback, "fallback"),
        (Self::Cost, "costs of calls"),
        (Self::Budget, "budgets"),
        (Self::Rotation, "rotation"),
        (Self::Token, "making tokens"),
        (Self::TlsCertificate, "TLS certificates of a document"),
        (Self::IncomingWebhook, "incoming webhooks"),
        (Self::OutgoingWebhook, "outgoing webhooks"),
        (Self::Mapping, "mappings"),
        (Self::HealthCheck, "health checks"),
        (Self::Objective, "objectives"),
        (Self::Outage, "outage procedure"),
        (Self::Migration, "migration steps"),
        (Self::Feature, "optional features"),
        (Self::Review, "review"),
    ];

    /// The words for people.
    pub fn as_str(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(part, _)| *part == self)
            .map_or("", |(_, words)| words)
    }

    /// The part that a response of Common Errors belongs to.
    pub const fn of_verb(verb: Verb) -> Option<Self> {
        match verb {
            Verb::Fallback => Some(Self::Fallback),
            Verb::UseCache => Some(Self::Cache),
            Verb::RotateKey
            | Verb::RefreshToken
            | Verb::Backoff
            | Verb::Retry
            | Verb::Alert
            | Verb::Fail
            | Verb::Ignore => None,
        }
    }
}

/// One place that says something nothing obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInForce {
    /// What it is about.
    pub part: Part,
    /// Where it stands in the document.
    pub span: Span,
}

/// Every such place of a document, in its order.
pub fn not_in_force(integration: &Integration) -> Vec<NotInForce> {
    let mut list = List::default();
    limits(&mut list, integration);
    for operation in &integration.operations {
        of_operation(&mut list, operation);
    }
    credentials(&mut list, integration);
    webhooks(&mut list, integration);
    monitoring(&mut list, integration);
    recovery(&mut list, integration);
    list.add(
        Part::Budget,
        integration.costs.budget.as_ref().map(|found| found.span),
    );
    let steps = integration.roadmap.step_texts();
    list.add(Part::Migration, steps.map(|step| step.span));
    let features = integration.configuration.features.iter();
    list.add(Part::Feature, features.map(|feature| feature.name.span));
    let questions = integration
        .review
        .iter()
        .filter(|item| item.question.is_some());
    list.add(Part::Review, questions.map(|item| item.task.text.span));
    list.0.sort_by_key(|found| (found.span.start, found.part));
    list.0
}

#[derive(Default)]
struct List(Vec<NotInForce>);

impl List {
    fn add(&mut self, part: Part, spans: impl IntoIterator<Item = Span>) {
        let found = spans.into_iter().map(|span| NotInForce { part, span });
        self.0.extend(found);
    }
}

fn limits(list: &mut List, integration: &Integration) {
    for settings in integration.configuration.all() {
        let rates = settings.rate_limits.iter();
        list.add(Part::RateLimit, rates.map(|rate| rate.span));
        let concurrency = settings.max_concurrency.map(|found| found.span);
        list.add(Part::Concurrency, concurrency);
        list.add(Part::Wait, settings.max_wait.map(|found| found.span));
        list.add(Part::Cache, settings.cache_ttl.map(|found| found.span));
    }
    let told = integration.limit_headers.iter();
    let told = told.filter(|told| told.meaning.value == LimitMeaning::ConcurrentRemaining);
    list.add(Part::Concurrency, told.map(|told| told.meaning.span));
    let systems = integration.dependencies.systems.iter();
    list.add(
        Part::Wait,
        systems.filter_map(|system| Some(system.deadline?.span)),
    );
    let verbs = integration.errors.iter().flat_map(|row| &row.responses);
    for verb in verbs {
        if let Some(part) = Part::of_verb(verb.value) {
            list.add(part, [verb.span]);
        }
    }
}

fn of_operation(list: &mut List, operation: &Operation) {
    let rates = operation.rate_limits.iter();
    list.add(Part::RateLimit, rates.map(|rate| rate.span));
    list.add(
        Part::Weight,
        operation.weight.as_ref().map(|found| found.span),
    );
    list.add(Part::Cache, operation.cache.map(|found| found.span));
    list.add(Part::Hedge, operation.hedge.map(|found| found.span));
    list.add(Part::Cost, operation.costs.iter().map(|cost| cost.span));
}

fn credentials(list: &mut List, integration: &Integration) {
    for credential in &integration.credentials {
        list.add(Part::Rotation, credential.rotation.map(|found| found.span));
        list.add(Part::Rotation, credential.rotated.map(|found| found.span));
    }
    let Some(found) = &integration.authentication else {
        return;
    };
    list.add(
        Part::Rotation,
        found.rotation.as_ref().map(|found| found.span),
    );
    let rotate_with = found.rotate_with.as_ref();
    list.add(Part::Rotation, rotate_with.map(|found| found.span));
    let minting = &found.minting;
    let texts = [
        &found.audience,
        &found.algorithm,
        &minting.token_field,
        &minting.expiry_field,
        &minting.signing_key,
    ];
    let texts = texts.into_iter().flatten();
    list.add(Part::Token, texts.map(|text| text.span));
    list.add(
        Part::Token,
        found.token_url.as_ref().map(|found| found.span),
    );
    list.add(Part::Token, found.scopes.iter().map(|scope| scope.span));
    list.add(Part::Token, found.claims.iter().map(|(name, _)| name.span));
    let request = minting.token_request.as_ref();
    list.add(Part::Token, request.map(|found| found.span));
    list.add(Part::Token, found.grant.map(|grant| grant.span));
    let key_id = minting.key_id.as_ref();
    list.add(Part::Token, key_id.map(|id| id.span));
    let client = minting.client_authentication.as_ref();
    list.add(Part::Token, client.map(|found| found.span));
    let tls = [&found.tls.authority, &found.tls.certificate, &found.tls.key];
    let tls = tls.into_iter().flatten();
    list.add(Part::TlsCertificate, tls.map(|field| field.span));
}

fn webhooks(list: &mut List, integration: &Integration) {
    let webhooks = &integration.webhooks;
    let settings = integration.configuration.all();
    let urls = settings.filter_map(|settings| settings.webhook_url.as_ref());
    list.add(Part::IncomingWebhook, urls.map(|url| url.span));
    for row in &webhooks.incoming {
        list.add(Part::IncomingWebhook, [row.event.span]);
        list.add(Part::Mapping, row.mapping.as_ref().map(|name| name.span));
    }
    let verification = webhooks.verification.as_ref();
    list.add(Part::IncomingWebhook, verification.map(|found| found.span));
    let outgoing = webhooks.outgoing.iter();
    list.add(Part::OutgoingWebhook, outgoing.map(|row| row.trigger.span));
    let mappings = webhooks.mappings.iter();
    list.add(Part::Mapping, mappings.map(|mapping| mapping.name.span));
}

fn monitoring(list: &mut List, integration: &Integration) {
    let health = &integration.monitoring.health;
    let probe = health.probe.as_ref().map(|found| found.span);
    let times = [health.interval, health.timeout].map(|time| time.map(|found| found.span));
    let threshold = health.threshold.map(|found| found.span);
    let keys = [probe, threshold].into_iter().chain(times).flatten();
    list.add(Part::HealthCheck, keys);
    list.add(
        Part::HealthCheck,
        health.expect.iter().map(|found| found.span),
    );
    let objectives = integration.monitoring.objectives.iter();
    let objectives = objectives.filter(|objective| objective.comparison.is_some());
    list.add(
        Part::Objective,
        objectives.map(|objective| objective.name.span),
    );
}

fn recovery(list: &mut List, integration: &Integration) {
    let recovery = &integration.recovery;
    list.add(
        Part::Fallback,
        recovery.fallback.as_ref().map(|found| found.span),
    );
    let operations = recovery.operations.iter();
    list.add(Part::Fallback, operations.map(|row| row.operation.span));
    let environments = recovery.environments.iter();
    list.add(Part::Fallback, environments.map(|row| row.environment.span));
    list.add(Part::Cache, recovery.cache.map(|found| found.span));
    let procedure = recovery.procedure.iter();
    list.add(Part::Outage, procedure.map(|(words, _)| words.span));
}

#[cfg(test)]
mod tests;
