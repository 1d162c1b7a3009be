//! Where a credential goes in a request, and which part of it fills which hole.

use crate::model::{AuthenticationType, Integration, Placement, Template, TemplatePart};

/// The placements of a document, or its type's usual ones where it leaves them open.
///
/// The types API Key, `OAuth2` and JWT are sent as `Authorization: Bearer`, with the fields `api_key`,
/// `access_token` and `token`; Basic takes `username` and `password`. Empty for the type None and
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
        Some(AuthenticationType::Jwt) => vec![bearer("token")],
        Some(AuthenticationType::Basic) => vec![Placement::Basic {
            username: field("username"),
            password: field("password"),
        }],
        Some(AuthenticationType::None) | None => Vec::new(),
    }
}

/// The fields that the placements name, each once, in the order of their first use.
pub fn credential_fields(placements: &[Placement]) -> Vec<&str> {
    let mut fields: Vec<&str> = Vec::new();
    let templates = placements.iter().flat_map(|placement| match placement {
        Placement::Header { value, .. } | Placement::Query { value, .. } => vec![value],
        Placement::Basic { username, password } => vec![username, password],
    });
    for name in templates.flat_map(Template::fields) {
        if !fields.contains(&name) {
            fields.push(name);
        }
    }
    fields
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
    let mut distinct: Vec<&str> = Vec::new();
    for field in fields {
        if !distinct.contains(field) {
            distinct.push(field);
        }
    }
    if let ([field], [name]) = (distinct.as_slice(), names) {
        return vec![(field, Some(name))];
    }
    distinct
        .into_iter()
        .map(|field| (field, name_of(field, names)))
        .collect()
}

fn name_of<'name>(field: &str, names: &[&'name str]) -> Option<&'name str> {
    let field = field.to_ascii_lowercase();
    let ending = format!("_{field}");
    let is_whole = |name: &&&str| name.to_ascii_lowercase() == field;
    let has_ending = |name: &&&str| name.to_ascii_lowercase().ends_with(&ending);
    names
        .iter()
        .find(is_whole)
        .or_else(|| names.iter().find(has_ending))
        .copied()
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
