//! WH677: a step or the probe calls what the table of operations does not list.

use wharf_diag::{Code, Page, Span};

use super::{disagree, named};
use crate::findings::Findings;
use crate::model::{Integration, Method, Probe};
use crate::parse::call;
use crate::prose::{Kind, Prose, Sentence, has};

pub(crate) const CODE: Code = Code {
    id: "WH677",
    slug: "operation-not-listed",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("operation_not_listed.md"),
};

/// Most calls that are looked up in one document.
const MOST_CALLS: usize = 500;

/// Words of the names of parts that tell people what to call.
const RUNBOOKS: [&str; 9] = [
    "runbook",
    "playbook",
    "procedure",
    "drill",
    "rollback",
    "incident",
    "outage",
    "recovery",
    "smoke",
];

/// What takes from a sentence that it calls the operation, or tells why the table has it not.
const EXPLAINED: [&str; 14] = [
    "never",
    "no longer",
    "do not",
    "does not exist",
    "instead of",
    "removed",
    "was",
    "were",
    "gone",
    "not listed",
    "not in the table",
    "unlisted",
    "beside the table",
    "not one of ours",
];

/// Only calls that go through the gateway have to be in the table, whatever the document says.
const THROUGH_GATEWAY: [&str; 5] = [
    "through the gateway",
    "via the gateway",
    "through wharf",
    "via wharf",
    "wharf call",
];

/// Looks up what the steps and the health check call.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let Some(first) = integration.operations.first() else {
        return;
    };
    let table = (first.name.span, "the table begins here");
    let claim = prose.told().find(|sentence| is_claim(sentence));
    let claim = claim.map(|claim| (claim.span(), "nothing else is called"));
    if let (Some(claim), Some(probe)) = (claim, &integration.monitoring.health.probe)
        && let Probe::Http { method, path } = &probe.value
    {
        look_up(
            findings,
            integration,
            prose,
            (*method, &path.to_string()),
            probe.span,
            claim,
        );
    }
    let mut left = MOST_CALLS;
    for sentence in prose.sentences.iter().filter(|said| tells_to_call(said)) {
        let is_refused = sentence.has(&THROUGH_GATEWAY);
        let Some(claim) = claim.or(is_refused.then_some(table)) else {
            continue;
        };
        for found in call::find(sentence.text.as_str()).into_iter().take(left) {
            left -= 1;
            let place = sentence.text.span_of(found.range);
            look_up(
                findings,
                integration,
                prose,
                (found.method, found.target),
                place,
                claim,
            );
        }
    }
}

fn tells_to_call(sentence: &Sentence) -> bool {
    let text = sentence.text.as_str();
    if sentence.kind == Kind::Cell || !text.contains('/') && !text.contains("wharf") {
        return false;
    }
    let is_runbook = |name: &str| RUNBOOKS.iter().any(|word| name.contains(word));
    let is_here = is_runbook(&sentence.section) || is_runbook(&sentence.part);
    is_here && !sentence.has(&EXPLAINED)
}

fn look_up(
    findings: &mut Findings<'_>,
    integration: &Integration,
    prose: &Prose<'_>,
    (method, target): (Method, &str),
    place: Span,
    claim: (Span, &str),
) {
    let Some(paths) = named::paths(integration, target) else {
        return;
    };
    // What stands beside the table about the path may tell why it is not in it.
    let is_told = || {
        let mut beside = prose.told().filter(|said| said.is_in("API Endpoints"));
        beside.any(|said| said.text.as_str().contains(target) && said.span() != place)
    };
    if named::called(integration, method, &paths).is_some()
        || named::is_beside_operations(integration, &paths)
        || is_told()
    {
        return;
    }
    disagree(
        findings,
        CODE,
        format!("`{method} {target}` is called, and the table of operations does not list it"),
        (place, "no row has it"),
        claim,
        "the smallest change: add a row for it, or call an operation that is listed",
    );
}

/// Whether a sentence beside the table says that nothing else is called.
fn is_claim(sentence: &Sentence) -> bool {
    const USED: [&str; 9] = [
        "called",
        "call",
        "used",
        "use",
        "sent",
        "made",
        "make",
        "needed",
        "requested",
    ];
    const BESIDES: [&str; 4] = [
        "besides these",
        "apart from these",
        "other than these",
        "beyond these",
    ];
    const PARTLY: [&str; 15] = [
        "except",
        "besides",
        "apart from",
        "other than",
        "most",
        "almost",
        "nearly",
        "not all",
        "not every",
        "incomplete",
        "not complete",
        "some",
        "but",
        "usually",
        "header",
    ];
    const NO_OTHER: [&str; 10] = [
        "nothing else",
        "no other endpoint",
        "no other endpoints",
        "no other operation",
        "no other operations",
        "no other call",
        "no other calls",
        "no others",
        "no other path",
        "no other paths",
    ];
    const ONLY: [&str; 10] = [
        "only these",
        "only those",
        "only the following",
        "only the endpoints",
        "only the operations",
        "only what",
        "only call",
        "only use",
        "call only",
        "use only",
    ];
    const HERE: [&str; 8] = [
        "these",
        "those",
        "this table",
        "listed",
        "here",
        "below",
        "above",
        "following",
    ];
    const WHOLE: [&str; 14] = [
        "is complete",
        "is the complete",
        "is exhaustive",
        "complete list",
        "full list",
        "exhaustive list",
        "lists all",
        "lists every",
        "holds all",
        "holds every",
        "has all",
        "names all",
        "names every",
        "shows all",
    ];
    let words = sentence.plain();
    if !sentence.is_in("API Endpoints") || has(words, &["retried", "cached"]) {
        return false;
    }
    if has(words, &BESIDES) && has(words, &["no", "none", "nothing"]) {
        return has(words, &USED);
    }
    if has(words, &PARTLY) {
        return false;
    }
    has(words, &NO_OTHER) && has(words, &USED)
        || has(words, &ONLY) && has(words, &HERE) && has(words, &USED)
        || has(words, &WHOLE) && is_about_operations(words)
        || is_all_of_them(words)
}

fn is_about_operations(words: &str) -> bool {
    let nouns = [
        "endpoints",
        "endpoint",
        "operations",
        "operation",
        "calls",
        "call",
        "paths",
    ];
    has(words, &nouns)
        || has(words, &["we use", "list", "table"]) && !has(words, &["headers", "errors"])
}

/// `These are all endpoints that we call`, `all that we call`.
fn is_all_of_them(words: &str) -> bool {
    const NOUNS: [&str; 7] = [
        "endpoints",
        "operations",
        "calls",
        "requests",
        "paths",
        "that",
        "we",
    ];
    let uses = [
        "we call",
        "we use",
        "we make",
        "we need",
        "that are called",
        "that are used",
        "of ours",
    ];
    [
        "are all",
        "is all",
        "are the only",
        "is every",
        "are everything",
    ]
    .iter()
    .any(|found| {
        let Some((_, behind)) = words.split_once(&format!(" {found} ")) else {
            return false;
        };
        let next = behind
            .split_whitespace()
            .find(|word| !["the", "of", "our"].contains(word));
        next.is_some_and(|next| NOUNS.contains(&next)) && has(words, &uses)
    })
}
