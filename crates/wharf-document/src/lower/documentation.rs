//! Documentation: links.

use wharf_diag::Spanned;

use super::context::{Context, spanned};
use crate::findings::not_filled_in::{self, Need};
use crate::model::Link;
use crate::parse::placeholder;
use crate::raw::{Section, Text, items};

/// Reads `[words](target)` and `words: target`.
pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Vec<Link> {
    let parts = section.parts.iter().flat_map(|part| &part.blocks);
    let mut links = Vec::new();
    for item in items(section.blocks.iter().chain(parts)) {
        // `words: target` and `words: <target>` are links too.
        let keyed = item
            .text
            .split_key()
            .filter(|(_, target)| match item.links.as_slice() {
                [] => true,
                [link] => link.text.as_str() == target.as_str(),
                _ => false,
            });
        if let Some((words, target)) = keyed {
            let target = item
                .links
                .first()
                .map_or_else(|| spanned(&target), |l| l.target.clone());
            links.push(read_link(context, &words, target));
            continue;
        }
        for link in &item.links {
            links.push(read_link(context, &link.text, link.target.clone()));
        }
    }
    links
}

pub(super) fn read_link(context: &mut Context<'_>, text: &Text, target: Spanned<String>) -> Link {
    let is_open = placeholder::is_link_placeholder(&target.value);
    if is_open {
        let what = format!("the link `{}`", text.as_str());
        context.report_at(target.span, |source, span| {
            not_filled_in::new(source, span, &what, Need::Read)
        });
    }
    Link {
        text: spanned(text),
        target: (!is_open).then_some(target),
    }
}
