//! WH653: operations write, and the credential may only read.

use wharf_diag::{Code, Page, Spanned};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Integration, Method, Operation};

pub(crate) const CODE: Code = Code {
    id: "WH653",
    slug: "permissions-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("permissions_disagree.md"),
};

/// What words of permissions begin with that allow more than reading.
const MORE: [&str; 15] = [
    "writ", "creat", "chang", "send", "full", "delet", "updat", "except", "admin", "edit", "modif",
    "manag", "publish", "refund", "cancel",
];

/// First words of operations that change something.
const CHANGES: [&str; 12] = [
    "create", "add", "insert", "send", "delete", "remove", "update", "change", "set", "publish",
    "cancel", "refund",
];

/// Compares what the credential may do with what the operations do.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
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
    let is_more = |word: &str| MORE.iter().any(|stem| word.starts_with(stem));
    // `nothing is ever changed with it` says no more.
    let says_more = text.split([';', ',', '.', '(']).any(|clause| {
        let is_denied = ["nothing", "never", "cannot", "not be "]
            .iter()
            .any(|denial| clause.contains(denial));
        let mut words = clause.split(|c: char| !c.is_alphanumeric());
        words.any(is_more) && !is_denied
    });
    if !reads_only || says_more {
        return;
    }
    let mut operations = integration.operations.iter();
    let changing = operations.find_map(|operation| Some((operation, changes(operation)?)));
    let Some((operation, method)) = changing else {
        return;
    };
    let (name, place) = (&operation.name.value, method.span);
    let method = method.value;
    disagree(
        findings,
        CODE,
        format!("the credential may only read, and `{name}` is a {method}"),
        (permissions.span, "reads only"),
        (place, "changes something"),
        "the smallest change: name what the credential may write, or take the operation out",
    );
}

/// The method that changes something.
fn changes(operation: &Operation) -> Option<Spanned<Method>> {
    let first = operation.id.split('-').next().unwrap_or_default();
    let says_change = CHANGES.contains(&first);
    let mut methods = operation.methods.iter().copied();
    methods.find(|method| match method.value {
        Method::Put | Method::Patch | Method::Delete => true,
        Method::Post => says_change,
        Method::Get | Method::Head | Method::Options => false,
    })
}
