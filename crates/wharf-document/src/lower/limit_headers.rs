//! API Endpoints: the Limit headers part, what the vendor says about its limits in its answers.

use wharf_diag::Spanned;

use super::context::Context;
use super::list;
use crate::checks::not_filled_in::Need;
use crate::checks::{header_not_read, unknown_word};
use crate::model::{LimitHeader, LimitMeaning};
use crate::parse::template::is_header_name;
use crate::raw::{Section, same_name};

const PART: &str = "Limit headers";

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Vec<LimitHeader> {
    let blocks = list::blocks(section, PART, false);
    let mut headers = Vec::new();
    for entry in list::entries(context, &blocks, &[], &[]) {
        let name = entry.key.trimmed();
        if !is_header_name(name.as_str()) {
            context.report_at(name.span(), |source, span| {
                let why = "the name holds a sign that no header may have";
                header_not_read::new(source, span, "the limit header", why)
            });
            continue;
        }
        let what = format!("the meaning of {}", entry.what());
        let Some(text) = context.given(&entry.value, &what, Need::Used) else {
            continue;
        };
        let known = LimitMeaning::ALL
            .iter()
            .find(|(_, words)| same_name(words, text.as_str()));
        let Some((meaning, _)) = known else {
            let words: Vec<_> = LimitMeaning::ALL.iter().map(|(_, words)| *words).collect();
            context.report_at(text.span(), |source, span| {
                unknown_word::new(source, span, &what, text.as_str(), &words)
            });
            continue;
        };
        headers.push(LimitHeader {
            name: Spanned::new(name.as_str().to_ascii_lowercase(), name.span()),
            meaning: Spanned::new(*meaning, text.span()),
        });
    }
    headers
}
