//! Names of the sections about running the service: webhooks, monitoring, costs and what follows.

use super::{Part, Section, Word, word};

/// Columns of Incoming.
pub const INCOMING_COLUMNS: [Word; 5] = [
    word("Event", "The vendor's name of the event."),
    word(
        "Endpoint",
        "A path on our side. Two services may not share one.",
    ),
    word(
        "Handler",
        "A name such as `handleRefund()`; its address stands in `wharf.toml`.",
    ),
    word(
        "Order by",
        "A JSON pointer: events with one value there are delivered in their order.",
    ),
    word(
        "Mapping",
        "The name of a `jq` block that makes the handler's body. Without it, the body as it came.",
    ),
];

/// Columns of Outgoing.
pub const OUTGOING_COLUMNS: [Word; 4] = [
    word("Trigger", "What sets it off, such as `user.signup`."),
    word(
        "Target",
        "An address, or the id of an integration and an operation: `slack post-message`.",
    ),
    word("Payload", "Words, or the name of a mapping."),
    word(
        "Secret",
        "Names of the variables with the signing secrets; several while one is replaced.",
    ),
];

/// Keys of Verification.
pub const VERIFICATION_KEYS: [Word; 14] = [
    word(
        "Scheme",
        "How the vendor signs: a vendor's name, `Generic` or `None`.",
    ),
    word("Header", "The header that carries the signature."),
    word("Algorithm", "How the signature is made."),
    word(
        "Signed content",
        "What is signed: a template of `{body}`, `{timestamp}`, `{id}` and `{url}`.",
    ),
    word(
        "Encoding",
        "How the signature is written, such as `hex after sha256=`.",
    ),
    word("Tolerance", "The largest age of a signature."),
    word(
        "Timestamp header",
        "The header with the time that is signed, for `Generic`.",
    ),
    word(
        "Secret",
        "The name of a variable, several names, or one for each environment: `production: A, sandbox: B`.",
    ),
    word(
        "Public URL",
        "Our address as the vendor calls it, where the signature covers it. `webhook_url` where nothing is said.",
    ),
    word(
        "Items",
        "A JSON pointer to the list of events, where one request holds many. `/` for the whole body.",
    ),
    word(
        "Event type",
        "Where the type of the event stands: a JSON pointer, or `header X-Event`.",
    ),
    word(
        "Event id",
        "Where the id of the event stands. It tells a repeat from a new event.",
    ),
    word(
        "Respond",
        "The status, and the vendor's handshake in words.",
    ),
    word(
        "Handshake",
        "How a vendor's test request is answered: `/challenge`, or `204 when /type = 0`. May repeat.",
    ),
];

/// Keys of Health Checks.
pub const HEALTH_KEYS: [Word; 5] = [
    word(
        "Endpoint",
        "What is asked: `GET /health`, `TCP`, or `none, because …`.",
    ),
    word("Frequency", "How often."),
    word("Timeout", "How long an answer may take."),
    word(
        "Alert threshold",
        "Failures in a row until somebody is told.",
    ),
    word(
        "Expect",
        "What the answer must have: `200, header x = y, /status = ok`. Below 400 where nothing is said.",
    ),
];

/// Known items of Key Metrics.
pub const METRICS: [Word; 4] = [
    word(
        "API response time",
        "An objective for the time of a call, such as `< 500ms p95`.",
    ),
    word(
        "Error rate",
        "An objective for failed calls, such as `< 1%`.",
    ),
    word(
        "Availability",
        "An objective for the time in service, such as `> 99.9%`.",
    ),
    word(
        "Usage",
        "The share of the quota that may be used: `< 80% of quota`.",
    ),
];

/// Words of Our Systems That Use This.
pub const DEPENDENT_WORDS: [Word; 3] = [
    word("Critical path", "The system stops without the service."),
    word("Nice to have", "The system goes on without the service."),
    word("Batch processing", "The system can wait."),
];

/// Words of This Depends On that probes check.
pub const PROBED_WORDS: [Word; 4] = [
    word("Network", "Whether the service can be reached."),
    word("DNS", "Whether its name is resolved."),
    word("SSL", "Whether its certificate is valid, and for how long."),
    word("TLS", "Whether its certificate is valid, and for how long."),
];

/// Keys of Pricing Model.
pub const COST_KEYS: [Word; 5] = [
    word(
        "Base",
        "A price per period. It has to agree with `cost` of the frontmatter.",
    ),
    word("Overage", "A price per use. May repeat."),
    word("Current usage", "A percentage, or words."),
    word("Projected monthly", "Money."),
    word(
        "Budget",
        "The most per period, such as `$500/month`. `, hard`: calls above it are refused.",
    ),
];

/// Keys of Version Roadmap.
pub const ROADMAP_KEYS: [Word; 3] = [
    word(
        "Current",
        "The version in use, and until when: `v2 (until 2027-12-31)`.",
    ),
    word(
        "Next",
        "The next version, and from when on: `v3 (available 2027-06-01)`.",
    ),
    word(
        "Migration deadline",
        "The day by which the next version has to be in use.",
    ),
];

/// Keys of Backup Service.
pub const BACKUP_KEYS: [Word; 4] = [
    word("Primary", "This service."),
    word(
        "Fallback",
        "The id of another integration, `id@environment`, or words.",
    ),
    word("Cache", "The largest age of an answer during an outage."),
    word("Manual", "What people do when nothing else works."),
];

/// Columns of the table that maps operations to those of the fallback.
pub const FALLBACK_OPERATION_COLUMNS: [Word; 2] = [
    word("Operation", "An operation of this document."),
    word(
        "Fallback operation",
        "The operation of the fallback; `none` where it has none.",
    ),
];

/// Columns of the table that maps environments to those of the fallback.
pub const FALLBACK_ENVIRONMENT_COLUMNS: [Word; 2] = [
    word("Environment", "An environment of this document."),
    word("Fallback environment", "The environment of the fallback."),
];

/// Keys of the internal contacts.
pub const CONTACT_KEYS: [Word; 3] = [
    word(
        "Owner",
        "Who answers for the integration. Alerts go here first.",
    ),
    word("Technical", "Who knows how it works."),
    word("Business", "Who decides about it."),
];

/// Keys of the vendor's contacts.
pub const VENDOR_KEYS: [Word; 3] = [
    word("Support", "Where questions go."),
    word("Account Manager", "Who is in charge of us there."),
    word("Emergency", "Whom to call in an outage."),
];

pub(super) const WEBHOOKS: Section = Section {
    name: "Webhooks",
    about: "What the vendor sends to us, and what we send.",
    parts: &[
        Part {
            name: "Incoming",
            about: "One row for each event that the vendor sends.",
            columns: &[&INCOMING_COLUMNS],
            ..Part::EMPTY
        },
        Part {
            name: "Verification",
            about: "How a webhook proves that the vendor sent it.",
            keys: &VERIFICATION_KEYS,
            ..Part::EMPTY
        },
        Part {
            name: "Outgoing",
            about: "One row for each event of ours that is passed on.",
            columns: &[&OUTGOING_COLUMNS],
            ..Part::EMPTY
        },
        Part {
            name: "Mappings",
            about: "Blocks `jq NAME` that turn one object into another.",
            ..Part::EMPTY
        },
    ],
};

pub(super) const MONITORING: Section = Section {
    name: "Monitoring",
    about: "How the service is watched, and what is expected of it.",
    parts: &[
        Part {
            name: "Health Checks",
            about: "What is asked, how often, and when somebody is told.",
            keys: &HEALTH_KEYS,
            ..Part::EMPTY
        },
        Part {
            name: "Key Metrics",
            about: "Objectives, such as `Error rate: < 1%`.",
            keys: &METRICS,
            ..Part::EMPTY
        },
        Part {
            name: "Dashboards",
            about: "Links.",
            ..Part::EMPTY
        },
    ],
};

pub(super) const DEPENDENCIES: Section = Section {
    name: "Dependencies",
    about: "Who uses the service, and what it needs itself.",
    parts: &[
        Part {
            name: "Our Systems That Use This",
            about: "Items such as `shop: Critical path, deadline 10s`.",
            ..Part::EMPTY
        },
        Part {
            name: "This Depends On",
            about: "What probes check, and ids of other integrations.",
            ..Part::EMPTY
        },
    ],
};

pub(super) const COSTS: Section = Section {
    name: "Costs",
    about: "What the service costs, and what may be saved.",
    parts: &[
        Part {
            name: "Pricing Model",
            about: "Prices and usage.",
            keys: &COST_KEYS,
            ..Part::EMPTY
        },
        Part {
            name: "Optimization Opportunities",
            about: "A task list.",
            ..Part::EMPTY
        },
    ],
};

pub(super) const MIGRATION: Section = Section {
    name: "Migration/Upgrade Path",
    about: "Versions of the vendor's API and their dates.",
    parts: &[
        Part {
            name: "Version Roadmap",
            about: "The current version, the next, and the deadline.",
            keys: &ROADMAP_KEYS,
            ..Part::EMPTY
        },
        Part {
            name: "Migration Steps",
            about: "A numbered list.",
            ..Part::EMPTY
        },
    ],
};

pub(super) const DISASTER_RECOVERY: Section = Section {
    name: "Disaster Recovery",
    about: "What happens in an outage.",
    parts: &[
        Part {
            name: "Backup Service",
            about: "The fallback and the cache, and tables that map operations and environments.",
            keys: &BACKUP_KEYS,
            columns: &[&FALLBACK_OPERATION_COLUMNS, &FALLBACK_ENVIRONMENT_COLUMNS],
            ..Part::EMPTY
        },
        Part {
            name: "Outage Procedure",
            about: "Steps in their order: detect, check, switch, notify, document.",
            ..Part::EMPTY
        },
    ],
};

pub(super) const CONTACTS: Section = Section {
    name: "Contacts",
    about: "Who is told.",
    parts: &[
        Part {
            name: "Internal",
            about: "People on our side.",
            keys: &CONTACT_KEYS,
            ..Part::EMPTY
        },
        Part {
            name: "Vendor",
            about: "People on the vendor's side.",
            keys: &VENDOR_KEYS,
            ..Part::EMPTY
        },
    ],
};

pub(super) const DOCUMENTATION: Section = Section {
    name: "Documentation",
    about: "Links. An OpenAPI link to a file beside the document is compared with the operations.",
    parts: &[],
};

pub(super) const NOTES: Section = Section {
    name: "Notes",
    about: "What people should know.",
    parts: &[
        Part {
            name: "Known Issues",
            about: "A list. `Not confirmed:` marks what no source confirmed.",
            ..Part::EMPTY
        },
        Part {
            name: "Tips",
            about: "A list.",
            ..Part::EMPTY
        },
    ],
};

pub(super) const REVIEW_CHECKLIST: Section = Section {
    name: "Review Checklist",
    about: "The eight questions of a review, as a task list.",
    parts: &[],
};
