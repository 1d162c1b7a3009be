//! API Endpoints: the Limit headers part, what the vendor says about its limits in its answers.

use wharf_diag::Spanned;

use super::context::Context;
use super::list;
use crate::checks::header_not_read;
use crate::model::{LimitHeader, LimitMeaning};
use crate::parse::template::is_header_name;
use crate::raw::Section;

const PART: &str = "Limit headers";

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Vec<LimitHeader> {
    let blocks = list::blocks(section, PART, false);
    let mut headers = Vec::new();
    for entry in list::entries(context, &blocks, &[], &[]) {
        let name = entry.key.trimmed();
        if !is_header_name(name.as_str()) {
            context.report_at(name.span(), |source, span| {
                let why = header_not_read::ODD_SIGN;
                header_not_read::new(source, span, "the limit header", why)
            });
            continue;
        }
        let what = format!("the meaning of {}", entry.what());
        let Some(meaning) = context.one_of(&entry.value, &what, &LimitMeaning::ALL) else {
            continue;
        };
        headers.push(LimitHeader {
            name: Spanned::new(name.as_str().to_ascii_lowercase(), name.span()),
            meaning,
        });
    }
    headers
}
