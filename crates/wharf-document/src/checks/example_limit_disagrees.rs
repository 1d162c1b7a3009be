//! WH684: an example answer tells of a limit that the document does not have.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Integration, LimitMeaning, LimitSource};
use crate::prose::Prose;
use crate::raw::json::{self, Node};
use crate::raw::{CodeBlock, Text};

pub(crate) const CODE: Code = Code {
    id: "WH684",
    slug: "example-limit-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("example_limit_disagrees.md"),
};

/// Periods that a vendor may count the same limit over, in seconds.
const PERIODS: [f64; 7] = [1.0, 10.0, 60.0, 300.0, 3_600.0, 86_400.0, 2_592_000.0];

/// Compares the value at each place of a limit with the limits of the document.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let pointers = integration.limit_headers.iter().filter_map(|header| {
        let is_limit = header.meaning.value == LimitMeaning::Limit && header.group.is_none();
        match &header.source.value {
            LimitSource::Pointer(pointer) if is_limit => Some(pointer.as_str()),
            _ => None,
        }
    });
    for pointer in pointers {
        for block in prose
            .code("API Endpoints", "Examples")
            .filter(|block| is_json(block))
        {
            let Ok(answer) = json::parse(&block.text, findings.source.text()) else {
                continue;
            };
            let Some((value, place)) = number_at(&answer, pointer) else {
                continue;
            };
            let limits = integration
                .operations
                .iter()
                .flat_map(|one| &one.rate_limits);
            let all = integration.configuration.all();
            let limits: Vec<_> = limits.chain(all.flat_map(|own| &own.rate_limits)).collect();
            let is_one = |limit: &&&wharf_diag::Spanned<crate::model::RateLimit>| {
                says(
                    value,
                    limit.value.rate.count,
                    limit.value.rate.period.as_secs_f64(),
                ) || limit.value.burst.is_some_and(|burst| is_near(value, burst))
            };
            let Some(nearest) = limits
                .first()
                .filter(|_| !limits.iter().any(|limit| is_one(&limit)))
            else {
                continue;
            };
            let (limit, there) = (&nearest.value, nearest.span);
            disagree(
                findings,
                CODE,
                format!(
                    "an example tells of a limit of {value}, and no limit of the document comes to it"
                ),
                (place.span(), &format!("{value} at `{pointer}`")),
                (there, &format!("a limit is {limit}")),
                "the smallest change: write the limit that the vendor tells, or another example",
            );
            return;
        }
    }
}

fn is_json(block: &CodeBlock) -> bool {
    block.language().eq_ignore_ascii_case("json")
}

/// Whether a value is a limit, counted over its own period or another one that is usual.
fn says(value: f64, count: u64, seconds: f64) -> bool {
    is_near(value, count)
        || PERIODS.iter().any(|period| {
            let scaled = as_float(count) * period / seconds;
            scaled >= 1.0 && (value - scaled).abs() < 0.5
        })
}

fn is_near(value: f64, count: u64) -> bool {
    (value - as_float(count)).abs() < 0.5
}

#[expect(clippy::cast_precision_loss, reason = "no limit counts to 2^52")]
fn as_float(count: u64) -> f64 {
    count as f64
}

/// The number at a JSON pointer (RFC 6901).
fn number_at<'a>(answer: &'a Node, pointer: &str) -> Option<(f64, &'a Text)> {
    let mut node = answer;
    for part in pointer.strip_prefix('/')?.split('/') {
        let name = part.replace("~1", "/").replace("~0", "~");
        node = match node {
            Node::Object(entries, _) => &entries.iter().find(|(key, _)| key.as_str() == name)?.1,
            Node::Array(nodes, _) => nodes.get(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    match node {
        Node::Number(text) | Node::String(text) => Some((text.as_str().parse().ok()?, text)),
        _ => None,
    }
}
