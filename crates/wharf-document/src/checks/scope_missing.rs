//! WH679: an operation needs a scope that `Scopes` does not ask for.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;
use crate::prose::{Kind, Prose, has, plain};
use crate::raw::{Text, same_name};

pub(crate) const CODE: Code = Code {
    id: "WH679",
    slug: "scope-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("scope_missing.md"),
};

/// Words that tell why a scope is not asked for.
const EXPLAINED: [&str; 18] = [
    "includes", "include", "included", "covers", "cover", "implies", "contains", "contain",
    "grants", "holds", "brings", "comes", "part of", "not", "yet", "another", "own", "separate",
];

/// Most rows that are compared.
const MOST_ROWS: usize = 1_000;

/// Signs between the parts of a scope.
const JOINTS: [char; 5] = ['.', ':', '/', '-', '_'];

/// Compares the column of scopes with `Scopes`.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let asked: Vec<_> = authentication
        .scopes
        .iter()
        .map(|scope| scope.value.as_str())
        .collect();
    let (Some(first), Some(last)) = (authentication.scopes.first(), authentication.scopes.last())
    else {
        return;
    };
    let needed = needed(prose);
    let tokens = || needed.iter().flat_map(|(_, scopes)| scopes);
    // Permissions in words are no scopes.
    let is_one_language = tokens().any(|scope| asked.contains(&scope.as_str()));
    for (name, scopes) in needed.iter().take(MOST_ROWS) {
        let is_asked = |scope: &Text| asked.iter().any(|asked| gives(asked, scope.as_str()));
        let Some(missing) = scopes.first().filter(|_| !scopes.iter().any(is_asked)) else {
            continue;
        };
        let scope = missing.as_str();
        let is_kin = asked
            .iter()
            .any(|asked| family(asked) == family(scope) && asked.contains(JOINTS));
        if !(is_one_language || is_kin) || is_explained(prose, scope) {
            continue;
        }
        disagree(
            findings,
            CODE,
            format!(
                "`{}` needs the scope `{scope}`, and `Scopes` does not ask for it",
                name.as_str()
            ),
            (missing.span(), "needed for this operation"),
            (first.span.to(last.span), "what a token is asked for"),
            &format!("the smallest change: add `{scope}` to `Scopes`"),
        );
        return;
    }
}

/// The name of each operation and the scopes of which it needs one; a cell that needs several
/// makes one entry for each.
fn needed(prose: &Prose<'_>) -> Vec<(Text, Vec<Text>)> {
    let mut needed = Vec::new();
    for table in prose.tables("API Endpoints") {
        let find =
            |is: &dyn Fn(&str) -> bool| table.header.iter().position(|text| is(text.as_str()));
        let names = find(&|header| same_name(header, "Operation"));
        let words = ["scope", "scopes", "permission", "permissions"];
        let scopes = find(&|header| has(&plain(header), &words));
        let (Some(names), Some(scopes)) = (names, scopes) else {
            continue;
        };
        for row in &table.rows {
            let (Some(name), Some(cell)) = (row.cells.get(names), row.cells.get(scopes)) else {
                continue;
            };
            for all in cell.split_on(&[",", " and ", "+", ";", "&"]) {
                let any = all.split_on(&[" or ", " | ", " / "]);
                let is_scope = |text: &Text| {
                    text.as_str().starts_with(char::is_alphanumeric) && !text.as_str().contains(' ')
                };
                let is_none = ["none", "any", "no", "n/a", "all"]
                    .iter()
                    .any(|word| same_name(all.as_str(), word));
                if !is_none && !any.is_empty() && any.iter().all(is_scope) {
                    needed.push((name.clone(), any));
                }
            }
        }
    }
    needed
}

/// Whether a scope that is asked for is another, or is said by its name to hold it: `checks`,
/// `checks.*`, `checks.all` and `admin` hold `checks.read`.
fn gives(asked: &str, needed: &str) -> bool {
    let end = |scope: &str| scope.rsplit('/').next().unwrap_or(scope).to_lowercase();
    let (asked, needed) = (
        if asked.contains("://") {
            end(asked)
        } else {
            asked.to_lowercase()
        },
        needed.to_lowercase(),
    );
    let needed = if needed.contains("://") {
        end(&needed)
    } else {
        needed
    };
    if asked == needed || asked == "*" {
        return true;
    }
    let broad = ["*", "all", "admin", "full", "manage", "full_access"];
    let is_broad = |part: &str| broad.contains(&part);
    let stem = asked.rsplit_once(JOINTS).filter(|(_, last)| is_broad(last));
    let stem = stem.map_or(asked.as_str(), |(stem, _)| stem);
    is_broad(stem)
        || needed
            .strip_prefix(stem)
            .is_some_and(|rest| rest.starts_with(JOINTS))
}

/// The first part of a scope.
fn family(scope: &str) -> &str {
    scope.split(JOINTS).next().unwrap_or(scope)
}

/// Whether the document tells of the scope why it is not asked for.
fn is_explained(prose: &Prose<'_>, scope: &str) -> bool {
    prose.sentences.iter().any(|sentence| {
        let is_cell = sentence.kind == Kind::Cell && sentence.text.as_str() == scope;
        !is_cell && sentence.text.as_str().contains(scope) && sentence.has(&EXPLAINED)
    })
}
