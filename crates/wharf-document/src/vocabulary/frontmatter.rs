//! Names of the frontmatter.

use super::{Word, word};

/// Keys of the frontmatter.
pub const FRONTMATTER: [Word; 18] = [
    word(
        "title",
        "The name that is shown, usually `\"[Integration] Name\"`.",
    ),
    word(
        "type",
        "`tool`: with `subtype` it makes the file a document.",
    ),
    word(
        "subtype",
        "`integration`: with `type` it makes the file a document.",
    ),
    word("tags", "Words to search and group by."),
    word("created", "When the document was written, as RFC 3339."),
    word(
        "modified",
        "When its content last changed, as RFC 3339. Not before `created`.",
    ),
    word(
        "version",
        "The document's revision, from 1. Not the vendor's API version.",
    ),
    word(
        "ship_factor",
        "Priority, 1 to 10. 9 and 10 block a release, 7 and 8 are for this week, 5 and 6 for this cycle.",
    ),
    word(
        "active",
        "`false`: the document is shown and checked, and not called.",
    ),
    word(
        "environment",
        "The environment of calls that name none. With `all`, the caller names one.",
    ),
    word(
        "cost",
        "A price per period, such as `$20/month`. The Costs section has to agree.",
    ),
    word(
        "criticality",
        "How much an outage hurts: `high`, `medium` or `low`. It sets the severity of alerts.",
    ),
    word(
        "deprecated",
        "`true`: calls go on, and each answer carries a warning.",
    ),
    word(
        "deprecated_date",
        "Since when the document is deprecated, or from when on.",
    ),
    word(
        "deprecated_reason",
        "Why the document should not be used any more.",
    ),
    word("supersedes", "Ids of the documents that this one replaces."),
    word(
        "superseded_by",
        "The id of the document that replaces this one.",
    ),
    word("references", "Ids of related documents, and addresses."),
];

/// Values of `criticality`.
pub const CRITICALITIES: [Word; 3] = [
    word("high", "The business stops without the service."),
    word("medium", "The service is missed the same day."),
    word("low", "The service can wait."),
];
