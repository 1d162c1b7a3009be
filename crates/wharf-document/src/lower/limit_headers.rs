//! API Endpoints: the Limit headers part, what the vendor says about its limits in its answers.

use wharf_diag::Spanned;

use super::context::{Context, Seen, spanned};
use super::list;
use crate::findings::header_not_read;
use crate::model::{LimitHeader, LimitMeaning, LimitSource};
use crate::parse::condition;
use crate::parse::template::is_header_name;
use crate::raw::{Section, Text, items};

const PART: &str = "Limit headers";

/// Why an item that names no meaning is refused.
const NO_MEANING: &str = "no `:` with a meaning stands behind it";

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Vec<LimitHeader> {
    let blocks = list::blocks(section, PART, false);
    let mut headers = Vec::new();
    let mut seen = Seen::new();
    for item in items(blocks) {
        // The name of a header holds no colon.
        let split = item.text.split_first_colon(is_header_name);
        let Some((key, value)) = split.or_else(|| item.text.split_key()) else {
            if !item.text.is_empty() {
                context.report_at(item.text.span(), |source, span| {
                    header_not_read::new(source, span, "the limit header", NO_MEANING)
                });
            }
            continue;
        };
        if !context.is_new(&mut seen, &key, "key") {
            continue;
        }
        let Some(source) = place(context, &key) else {
            continue;
        };
        let what = format!("the meaning of `{}`", key.as_str());
        let (words, group) = group(&value);
        let Some(meaning) = context.one_of(&words, &what, &LimitMeaning::ALL) else {
            continue;
        };
        headers.push(LimitHeader {
            source,
            meaning,
            group: group.map(|group| spanned(&group)),
        });
    }
    headers
}

/// A header, or a JSON pointer into the body.
fn place(context: &mut Context<'_>, key: &Text) -> Option<Spanned<LimitSource>> {
    let text = key.as_str();
    let source = if text.starts_with('/') {
        condition::pointer(text).map(LimitSource::Pointer)
    } else if is_header_name(text) {
        Ok(LimitSource::Header(text.to_ascii_lowercase()))
    } else {
        Err(header_not_read::ODD_SIGN.to_owned())
    };
    context.value(key, source, |source, span, why| {
        header_not_read::new(source, span, "the limit header", why)
    })
}

/// Splits the meaning from the name of the quota behind it: `remaining, tokens`.
fn group(value: &Text) -> (Text, Option<Text>) {
    let text = value.as_str();
    match text.rfind(',') {
        Some(comma) => {
            let group = value.part(comma + 1..text.len()).trimmed();
            let words = value.part(0..comma).trimmed();
            (words, (!group.is_empty()).then_some(group))
        }
        None => (value.clone(), None),
    }
}
