//! Where a credential goes in a request, and which part of it fills which hole.

mod stored;

use std::collections::{HashMap, HashSet};

use crate::model::{AuthenticationType, Integration, Placement, Template, TemplatePart};

pub(crate) use stored::{names, place, steps};

/// The placements of a document, or its type's usual ones where it leaves them open.
///
/// The types API Key, `OAuth2` and JWT are sent as `Authorization: Bearer`, with the fields `api_key`,
/// `access_token` and `token`, or for a JWT that is exchanged the `access_token`; Basic takes
/// `username` and `password`. Empty for the type None and
/// where the type is not known.
pub fn effective_placements(integration: &Integration) -> Vec<Placement> {
    let Some(authentication) = &integration.authentication else {
        return Vec::new();
    };
    let kind = authentication.kind.as_ref().map(|kind| kind.value);
    if kind == Some(AuthenticationType::None) {
        return Vec::new();
    }
    if !authentication.placements.is_empty() {
        let placements = authentication.placements.iter();
        return placements
            .map(|placement| placement.value.clone())
            .collect();
    }
    match kind {
        Some(AuthenticationType::ApiKey) => vec![bearer("api_key")],
        Some(AuthenticationType::OAuth2) => vec![bearer("access_token")],
        Some(AuthenticationType::Jwt) => {
            vec![bearer(authentication.made_field().unwrap_or("token"))]
        }
        Some(AuthenticationType::Basic) => vec![Placement::Basic {
            username: field("username"),
            password: field("password"),
        }],
        Some(AuthenticationType::None) | None => Vec::new(),
    }
}

/// The fields that the placements name, each once, in the order of their first use.
pub fn credential_fields(placements: &[Placement]) -> Vec<&str> {
    let templates = placements.iter().flat_map(|placement| match placement {
        Placement::Header { value, .. } | Placement::Query { value, .. } => vec![value],
        Placement::Basic { username, password } => vec![username, password],
    });
    distinct(templates.flat_map(Template::fields))
}

/// Each once, in the order of its first use.
fn distinct<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    let names = names.into_iter();
    names.filter(|name| seen.insert(*name)).collect()
}

/// Which of the store's names fills each field; `None` where no name does.
///
/// `names` are the variables of `ENV_VARIABLES`, or the keys of a JSON object in a file; a file
/// that holds one plain value has the single name `""`. A name fills a field when, case aside, it
/// is the field or ends with `_` and the field; the whole name goes before an ending, and the
/// earlier of two endings before the later. One field and one name belong together whatever they
/// are called.
pub fn fill_fields<'field, 'name>(
    fields: &[&'field str],
    names: &[&'name str],
) -> Vec<(&'field str, Option<&'name str>)> {
    let distinct = distinct(fields.iter().copied());
    if let ([field], [name]) = (distinct.as_slice(), names) {
        return vec![(field, Some(name))];
    }
    let names_of = Names::new(&distinct, names);
    distinct
        .into_iter()
        .map(|field| (field, names_of.of(field)))
        .collect()
}

/// Names of a store, in lower case, by what they may fill. A document may have many fields and
/// many names, so they are not compared one by one.
struct Names<'name> {
    whole: HashMap<String, &'name str>,
    /// By what stands behind an `_`.
    endings: HashMap<String, &'name str>,
}

impl<'name> Names<'name> {
    fn new(fields: &[&str], names: &[&'name str]) -> Self {
        // Of the many endings that a name may have, those as long as a field are kept.
        let lengths: HashSet<_> = fields.iter().map(|field| field.len()).collect();
        let (mut whole, mut endings) = (HashMap::new(), HashMap::new());
        for name in names {
            let lower = name.to_ascii_lowercase();
            for (at, _) in lower.match_indices('_') {
                let ending = &lower[at + 1..];
                if lengths.contains(&ending.len()) && !endings.contains_key(ending) {
                    endings.insert(ending.to_owned(), *name);
                }
            }
            whole.entry(lower).or_insert(*name);
        }
        Self { whole, endings }
    }

    fn of(&self, field: &str) -> Option<&'name str> {
        let field = field.to_ascii_lowercase();
        let found = self.whole.get(&field);
        found.or_else(|| self.endings.get(&field)).copied()
    }
}

fn bearer(name: &str) -> Placement {
    Placement::Header {
        name: "authorization".to_owned(),
        value: Template {
            parts: vec![
                TemplatePart::Literal("Bearer ".to_owned()),
                TemplatePart::Field(name.to_owned()),
            ],
        },
    }
}

fn field(name: &str) -> Template {
    Template {
        parts: vec![TemplatePart::Field(name.to_owned())],
    }
}

#[cfg(test)]
mod tests;
