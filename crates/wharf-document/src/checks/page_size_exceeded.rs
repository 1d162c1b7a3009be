//! WH685: a call asks for more in one page than the vendor gives.

use wharf_diag::{Code, Page};

use super::{disagree, named};
use crate::findings::Findings;
use crate::model::{Integration, Operation};
use crate::parse::{call, words};
use crate::prose::{Kind, Prose, Sentence, has, plain};
use crate::raw::Stretch;

pub(crate) const CODE: Code = Code {
    id: "WH685",
    slug: "page-size-exceeded",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("page_size_exceeded.md"),
};

/// Parameters that ask for so many in one page, in lower case and without signs.
const PARAMETERS: [&str; 16] = [
    "limit",
    "perpage",
    "pagesize",
    "first",
    "maxresults",
    "max",
    "count",
    "size",
    "top",
    "take",
    "rows",
    "pagelimit",
    "maxitems",
    "resultsperpage",
    "maxpagesize",
    "last",
];

/// What is one page.
const PAGES: [&str; 18] = [
    "page",
    "per page",
    "page size",
    "page sizes",
    "one answer",
    "an answer",
    "one response",
    "a response",
    "one call",
    "one request",
    "at a time",
    "at once",
    "per call",
    "per request",
    "per answer",
    "per response",
    "page limit",
    "pages",
];

/// What bounds it.
const BOUND: [&str; 12] = [
    "at most",
    "up to",
    "max",
    "maximum",
    "no more than",
    "not more than",
    "largest",
    "limit",
    "never more than",
    "most",
    "highest",
    "capped",
];

/// What tells that such a call is not one to make.
const REFUSED: [&str; 10] = [
    "refused", "refuses", "error", "never", "not", "too", "fails", "instead", "until", "was",
];

struct Bound<'a> {
    most: u64,
    text: Stretch<'a>,
    /// The operations that it is for; all others where there are none.
    of: Vec<&'a Operation>,
}

/// Compares the bounds with the calls of prose and of blocks of commands.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let bounds: Vec<_> = prose
        .told()
        .filter_map(|said| bound(integration, said))
        .collect();
    if bounds.is_empty() {
        return;
    }
    let calls = prose
        .sentences
        .iter()
        .filter(|said| said.kind != Kind::Cell && !said.has(&REFUSED));
    for sentence in calls {
        for found in call::find(sentence.text.as_str()) {
            let Some((name, asked)) = asked(found.query) else {
                continue;
            };
            let paths = named::paths(integration, found.target).unwrap_or_default();
            let Some(operation) = named::called(integration, found.method, &paths) else {
                continue;
            };
            let is_own = |bound: &&Bound<'_>| bound.of.iter().any(|one| one.id == operation.id);
            let own = bounds.iter().find(is_own);
            let general = || bounds.iter().find(|bound| bound.of.is_empty());
            let Some(bound) = own.or_else(general).filter(|bound| asked > bound.most) else {
                continue;
            };
            let most = bound.most;
            let place = sentence.text.span_of(found.range);
            disagree(
                findings,
                CODE,
                format!("`{name}={asked}` asks for more than the {most} of one page"),
                (place, &format!("asks for {asked}")),
                (bound.text.span(), &format!("at most {most}")),
                &format!("{asked} > {most}; the smallest change: `{name}={most}`"),
            );
            return;
        }
    }
}

/// `List jobs: at most 100 in one page`, `The page size of jobs is 100 at most`.
fn bound<'a>(integration: &'a Integration, sentence: &Sentence<'a>) -> Option<Bound<'a>> {
    let sections = ["API Endpoints", "Notes", "Configuration"];
    if !sections.iter().any(|section| sentence.is_in(section))
        || !sentence.has(&BOUND)
        || sentence.has(&["until", "was", "we ask", "by default", "default"])
    {
        return None;
    }
    let around = format!("{}{}", plain(&sentence.part), sentence.plain());
    let is_pages = has(&around, &PAGES);
    let clauses = sentence.clauses();
    let bounded = clauses.iter().find_map(|clause| {
        let words = plain(clause.as_str());
        let text = without_groups(clause.as_str());
        // `One answer holds 25 at most`: the first number is not the bound.
        let (first, range) = words::find_count(&text)?;
        let behind = || words::find_count(&text[range.end..]).map(|(most, _)| most);
        let most = if first > 1 { Some(first) } else { behind() };
        most.filter(|_| has(&words, &BOUND))
    });
    let most = bounded.filter(|_| is_pages)?;
    let mut of = named::operations(integration, sentence.plain());
    // The name itself goes before words that stand in a path.
    if let Some((key, _)) = sentence.text.split_key() {
        let key = plain(key.as_str());
        let keys: Vec<_> = key.split_whitespace().collect();
        let is_key = |one: &&&Operation| named::holds(&keys, &plain(&one.name.value));
        let named: Vec<_> = of.iter().filter(is_key).copied().collect();
        if !named.is_empty() {
            of = named;
        }
    }
    Some(Bound {
        most,
        text: sentence.text,
        of,
    })
}

/// `1,000` as `1000`.
fn without_groups(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let is_digit = |at: usize| signs.get(at).is_some_and(char::is_ascii_digit);
    let kept = (0..signs.len()).filter(|at| {
        let is_group =
            signs[*at] == ',' && *at > 0 && is_digit(at - 1) && (1..4).all(|n| is_digit(at + n));
        !is_group
    });
    kept.map(|at| signs[at]).collect()
}

/// The parameter of a query that asks for so many.
fn asked(query: &str) -> Option<(&str, u64)> {
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let is_size = PARAMETERS.contains(&plain.to_lowercase().as_str());
        let digits = value.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number = digits.parse().ok()?;
        is_size.then_some((name, number))
    })
}
