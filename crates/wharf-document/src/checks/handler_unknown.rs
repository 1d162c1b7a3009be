//! WH706: a handler of webhooks has no address.

use wharf_diag::{Code, Diagnostic, Page, Severity, closest};

use crate::model::{Integration, handler_name};
use crate::together::Surroundings;

pub(crate) const CODE: Code = Code {
    id: "WH706",
    slug: "handler-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("handler_unknown.md"),
};

/// Looks up every handler among those that the settings give an address.
pub(super) fn check(integration: &Integration, around: &Surroundings) -> Vec<Diagnostic> {
    let Some(handlers) = &around.handlers else {
        return Vec::new();
    };
    let known: Vec<_> = handlers.iter().map(|name| handler_name(name)).collect();
    let rows = integration.webhooks.incoming.iter();
    rows.filter_map(|row| row.handler.as_ref())
        .filter(|handler| !known.contains(&handler.value.as_str()))
        .map(|handler| {
            let name = &handler.value;
            let message = format!("the handler `{name}` has no address");
            let source = &integration.source;
            let found = Diagnostic::new(CODE, Severity::Error, message, source, handler.span);
            match closest(name, known.iter().copied()) {
                Some(meant) => found.with_help(format!("did you mean `{meant}`?")),
                None => found.with_help(format!(
                    "add `{name} = \"http://…\"` under `[handlers]` in `wharf.toml`"
                )),
            }
        })
        .collect()
}
