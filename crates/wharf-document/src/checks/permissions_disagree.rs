//! WH653: operations write, and the credential may only read.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::lower::Context;
use crate::model::{Integration, Method, Operation};

pub(crate) const CODE: Code = Code {
    id: "WH653",
    slug: "permissions-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("permissions_disagree.md"),
};

/// Words of permissions that allow more than reading.
const MORE: [&str; 10] = [
    "write", "writing", "create", "change", "send", "full", "delete", "update", "except", "admin",
];

/// First words of operations that change something.
const CHANGES: [&str; 12] = [
    "create", "add", "insert", "send", "delete", "remove", "update", "change", "set", "publish",
    "cancel", "refund",
];

/// Compares what the credential may do with what the operations do.
pub(super) fn check(context: &mut Context<'_>, integration: &Integration) {
    let authentication = integration.authentication.as_ref();
    let Some(permissions) = authentication.and_then(|a| a.permissions.as_ref()) else {
        return;
    };
    let text = permissions.value.to_lowercase();
    let reads_only = [
        "read-only",
        "read only",
        "readonly",
        "reading only",
        "only read",
    ]
    .iter()
    .any(|words| text.contains(words));
    let says_more = text
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| MORE.contains(&word));
    if !reads_only || says_more {
        return;
    }
    let Some(operation) = integration.operations.iter().find(|o| changes(o)) else {
        return;
    };
    let (name, method) = (&operation.name.value, operation.method.value);
    disagree(
        context,
        CODE,
        format!("the credential may only read, and `{name}` is a {method}"),
        (permissions.span, "reads only"),
        (operation.method.span, "changes something"),
        "the smallest change: name what the credential may write, or take the operation out",
    );
}

fn changes(operation: &Operation) -> bool {
    match operation.method.value {
        Method::Put | Method::Patch | Method::Delete => true,
        Method::Post => {
            let first = operation.id.split('-').next().unwrap_or_default();
            CHANGES.contains(&first)
        }
        _ => false,
    }
}
