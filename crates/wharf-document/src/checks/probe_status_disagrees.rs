//! WH678: the health check waits for another status than the operation answers with.

use wharf_diag::{Code, Page, Span};

use super::{disagree, named};
use crate::findings::Findings;
use crate::model::{Expectation, Integration, Operation, Probe, StatusPattern};
use crate::parse::{call, status};
use crate::prose::{Prose, Sentence, has, is_one_word, plain};
use crate::raw::{Stretch, Text};

pub(crate) const CODE: Code = Code {
    id: "WH678",
    slug: "probe-status-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("probe_status_disagrees.md"),
};

/// Words of a column or a part that holds statuses of success.
const NAMES: [&str; 11] = [
    "success",
    "status",
    "statuses",
    "returns",
    "answer",
    "answers",
    "response",
    "responses",
    "expected",
    "codes",
    "ok",
];

/// Words between an operation and the status that it answers with.
const ANSWERS: [&str; 10] = [
    "answers", "answer", "returns", "return", "responds", "gives", "sends", "success", "succeeds",
    "replies",
];

/// What makes a status that of some answers only.
const SOMETIMES: [&str; 10] = [
    "if",
    "when",
    "where",
    "unless",
    "otherwise",
    "without",
    "sometimes",
    "except",
    "until",
    "was",
];

/// Compares `Expect` with the statuses that the document gives the operation of the probe.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let health = &integration.monitoring.health;
    let Some(Probe::Http { method, path }) = health.probe.as_ref().map(|probe| &probe.value) else {
        return;
    };
    let expected = health.expect.iter().filter_map(|expected| {
        let Expectation::Status(status) = expected.value else {
            return None;
        };
        Some((status, expected.span))
    });
    let expected: Vec<_> = expected.collect();
    let Some(operation) = named::called(integration, *method, &[path.to_string()]) else {
        return;
    };
    // Another status than one of success is the answer to a probe without a credential.
    let is_plain = expected.iter().all(|(status, _)| is_success(*status));
    let is_explained = prose.sentences.iter().any(|sentence| {
        sentence.is_in("Monitoring")
            && sentence.has(&["without", "unauthenticated", "no key", "no token"])
    });
    let Some((first, place)) = expected
        .first()
        .copied()
        .filter(|_| is_plain && !is_explained)
    else {
        return;
    };
    let stated = stated(prose, operation);
    let Some((told, there)) = stated.first().copied() else {
        return;
    };
    let is_one = |(told, _): &(StatusPattern, Span)| {
        expected.iter().any(|(status, _)| overlap(*status, *told))
    };
    if stated.iter().any(is_one) {
        return;
    }
    let name = &operation.name.value;
    disagree(
        findings,
        CODE,
        format!("the health check waits for {first}, and `{name}` answers with {told}"),
        (place, "what the probe waits for"),
        (there, &format!("what `{name}` answers with")),
        &format!("{first} ≠ {told}; the smallest change: `Expect: {told}`"),
    );
}

fn is_success(status: StatusPattern) -> bool {
    match status {
        StatusPattern::Exact(status) => (200..400).contains(&status),
        StatusPattern::Class(digit) => matches!(digit, 2 | 3),
    }
}

fn overlap(left: StatusPattern, right: StatusPattern) -> bool {
    match (left, right) {
        (left, StatusPattern::Exact(status)) => left.matches(status),
        (StatusPattern::Exact(status), right) => right.matches(status),
        (StatusPattern::Class(left), StatusPattern::Class(right)) => left == right,
    }
}

/// The statuses of success of an operation: in the table, in lists and in sentences.
fn stated(prose: &Prose<'_>, operation: &Operation) -> Vec<(StatusPattern, Span)> {
    let mut found = Vec::new();
    for table in prose.tables("API Endpoints") {
        let columns = table.header.iter().zip(0..);
        let columns = columns.filter(|(header, _)| has(&plain(header.as_str()), &NAMES));
        let columns: Vec<usize> = columns.map(|(_, index)| index).collect();
        let own = |cell: &Text| cell.span() == operation.name.span;
        for row in table.rows.iter().filter(|row| row.cells.iter().any(own)) {
            let cells = columns.iter().filter_map(|index| row.cells.get(*index));
            found.extend(cells.flat_map(|cell| statuses(cell.whole())));
        }
    }
    let beside = prose
        .told()
        .filter(|sentence| sentence.is_in("API Endpoints"));
    for sentence in beside.filter(|sentence| !sentence.has(&SOMETIMES)) {
        if let Some(value) = value_for(sentence, operation) {
            found.extend(statuses(value));
        }
    }
    found
}

/// `List jobs, Get job: 200`, `List jobs answers with 200`, ``GET /jobs` returns 200``.
fn value_for<'a>(sentence: &Sentence<'a>, operation: &Operation) -> Option<Stretch<'a>> {
    let text = sentence.text;
    let is_list = has(&plain(&sentence.part), &NAMES);
    if let Some((key, value)) = text.split_key().filter(|_| is_list) {
        let is_own = |name: &Stretch<'_>| is_one_word(name.as_str(), &operation.name.value);
        return key
            .split_on(&[",", " and ", "/"])
            .iter()
            .any(is_own)
            .then_some(value);
    }
    let words: Vec<_> = sentence.plain().split_whitespace().collect();
    let is_called = call::find(text.as_str()).iter().any(|call| {
        named::is_path_of(&operation.path.value, call.target)
            && operation.methods().any(|known| known == call.method)
    });
    let is_named = is_called || named::holds(&words, &plain(&operation.name.value));
    (is_named && sentence.has(&ANSWERS)).then_some(text)
}

/// The statuses of success in a text.
fn statuses(text: Stretch<'_>) -> Vec<(StatusPattern, Span)> {
    let words = text.split(|value, at| {
        let is_word = value[at..].starts_with(|c: char| c.is_alphanumeric());
        usize::from(!is_word && value.is_char_boundary(at + 1))
    });
    let read = words.iter().filter_map(|word| {
        let status = status::pattern(word.as_str()).ok()?;
        Some((status, word.span()))
    });
    read.filter(|(status, _)| is_success(*status)).collect()
}
