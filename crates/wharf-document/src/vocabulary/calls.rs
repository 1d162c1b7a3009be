//! Names of Configuration, API Endpoints and Error Handling.

use super::{Part, Section, Word, word};

/// Keys of Required Settings.
pub const SETTINGS: [Word; 12] = [
    word(
        "api_version",
        "The vendor's API version, sent in the `Version header` where one is named.",
    ),
    word(
        "timeout",
        "Bound of one attempt. 30 s where the document says nothing.",
    ),
    word(
        "retry_attempts",
        "Retries after the first attempt. With `max_retries`, the smaller wins.",
    ),
    word(
        "rate_limit",
        "One rate over all operations, or a list. Every rate that matches holds.",
    ),
    word("webhook_url", "Where the vendor sends webhooks."),
    word(
        "connect_timeout",
        "Bound of connecting, TLS included. 10 s where the document says nothing.",
    ),
    word("max_concurrency", "Calls that are under way at one time."),
    word("max_wait", "The longest time a call waits for a limit."),
    word(
        "cache_ttl",
        "How long answers may be used again. A row's `Cache` goes before it.",
    ),
    word(
        "max_body",
        "The largest body in either direction, such as `10 MiB`.",
    ),
    word(
        "idempotency_header",
        "The header whose key makes a request safe to repeat.",
    ),
    word(
        "body_format",
        "`json` or `form`: how `wharf call` writes a body.",
    ),
];

/// Columns of API Endpoints.
pub const ENDPOINT_COLUMNS: [Word; 10] = [
    word(
        "Operation",
        "The name. Its id is the name in lower case with dashes.",
    ),
    word("Method", "The HTTP method, or several: `GET, POST`."),
    word(
        "Endpoint",
        "A path below the base URL. `:id` or `{id}` is a parameter, `{path...}` the rest of a path.",
    ),
    word(
        "Rate Limit",
        "Rates of this operation. They hold beside the global ones.",
    ),
    word(
        "Weight",
        "What one call counts in the limits: a number, or a pointer into the answer.",
    ),
    word(
        "Cache",
        "How long an answer may be used again. `5m shared`: by all callers.",
    ),
    word(
        "Timeout",
        "Bound of one attempt of this operation. It goes before the setting `timeout`.",
    ),
    word(
        "Hedge",
        "After this delay a safe request is sent a second time.",
    ),
    word(
        "Idempotent",
        "`yes`: the vendor treats a repeat as one, so it may be retried. `with HEADER`: where the call carries a key in it.",
    ),
    word(
        "Cost",
        "What one call costs: `$2 per 1M tokens at /usage/output_tokens, most /max_tokens`.",
    ),
];

/// Methods of API Endpoints.
pub const METHODS: [Word; 7] = [
    word("GET", "Reads. Safe to repeat."),
    word("HEAD", "Reads the headers. Safe to repeat."),
    word(
        "POST",
        "Creates or acts. Repeated only with an idempotency key, or where nothing was sent.",
    ),
    word("PUT", "Replaces. Safe to repeat."),
    word(
        "PATCH",
        "Changes. Repeated only with an idempotency key, or where nothing was sent.",
    ),
    word("DELETE", "Removes. Safe to repeat."),
    word("OPTIONS", "Asks what is possible. Safe to repeat."),
];

/// Kinds of examples.
pub const EXAMPLE_KINDS: [Word; 3] = [
    word("json", "An answer as JSON."),
    word("sse", "An answer as a stream of events."),
    word("text", "An answer as plain text."),
];

/// Columns of Common Errors.
pub const ERROR_COLUMNS: [Word; 4] = [
    word(
        "Error Code",
        "A status, a class such as `5xx`, the vendor's own code, a status and a code, `timeout` or `unreachable`.",
    ),
    word(
        "When",
        "What else the answer must have: `header retry-after`, or `/error/code = THROTTLED`.",
    ),
    word("Meaning", "What it means, for people."),
    word(
        "Response",
        "What is done, joined by `+` or `,`. The order is fixed: the credential, then retries, then the rest.",
    ),
];

/// Responses of Common Errors.
pub const VERBS: [Word; 9] = [
    word(
        "Rotate key",
        "Fetch the credential again, and repeat the call once where it changed and that is safe.",
    ),
    word(
        "Refresh token",
        "Fetch the credential again, and repeat the call once where it changed and that is safe. No token is made yet.",
    ),
    word(
        "Backoff",
        "The vendor asks for time. Repeats nothing by itself.",
    ),
    word("Retry", "Try again where that is safe."),
    word("Alert", "Tell somebody."),
    word("Fallback", "Call the fallback of Disaster Recovery."),
    word("Use cache", "Answer from the cache."),
    word("Fail", "Return the error as it came."),
    word(
        "Ignore",
        "Return the error as it came, and do not count it as one.",
    ),
];

/// Names of the Retry Strategy block.
pub const RETRY_NAMES: [Word; 3] = [
    word("retry_delays", "Delay before each retry. The last repeats."),
    word(
        "max_retries",
        "Retries after the first attempt. With `retry_attempts`, the smaller wins.",
    ),
    word(
        "retry_on",
        "Statuses that are retried before their row of Common Errors applies.",
    ),
];

pub(super) const CONFIGURATION: Section = Section {
    name: "Configuration",
    about: "Settings of every call, and switches of features.",
    parts: &[
        Part {
            name: "Required Settings",
            about: "Timeout, retries, limits and versions, as one JSON object.",
            block: Some(("json", &SETTINGS)),
            ..Part::EMPTY
        },
        Part {
            name: "Optional Features",
            about: "Items such as `name: enabled - reason`.",
            ..Part::EMPTY
        },
    ],
};

pub(super) const API_ENDPOINTS: Section = Section {
    name: "API Endpoints",
    about: "One row for each operation. Calls outside of the table are allowed and counted.",
    parts: &[
        Part {
            name: "",
            about: "The table of operations.",
            columns: &[&ENDPOINT_COLUMNS],
            ..Part::EMPTY
        },
        Part {
            name: "Limit headers",
            about: "The vendor's headers that tell about limits, and what each means.",
            ..Part::EMPTY
        },
        Part {
            name: "Examples",
            about: "Answers of the vendor, in blocks named `json OPERATION-ID`, or a link to a file of such blocks. The simulator answers with them.",
            ..Part::EMPTY
        },
    ],
};

pub(super) const ERROR_HANDLING: Section = Section {
    name: "Error Handling",
    about: "What happens when a call fails. `retry_on` goes first, then the row of Common Errors.",
    parts: &[
        Part {
            name: "Common Errors",
            about: "One row for each error, with the responses to it.",
            columns: &[&ERROR_COLUMNS],
            ..Part::EMPTY
        },
        Part {
            name: "Retry Strategy",
            about: "How often, when and on which statuses a call is repeated.",
            block: Some(("python", &RETRY_NAMES)),
            ..Part::EMPTY
        },
    ],
};
