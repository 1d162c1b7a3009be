//! Whether the right made-up credential arrived in the right place.
//!
//! Messages name the place and, where it can be told, whose credential it was. They never hold
//! what arrived or what was expected, although all of it is made up: the simulator is used to
//! show that the program keeps secrets out of everything it writes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use wharf_document::model::{Placement, Template, TemplatePart};

use crate::form;
use crate::{Error, VendorEnvironment};

/// Shorter values are too common to tell whose credential they are.
const MIN_TELLING_BYTES: usize = 8;

/// What an environment expects. Has no `Debug`, so that the values stay inside.
pub(crate) struct Expected {
    places: Vec<ExpectedPlace>,
    fields: Vec<String>,
}

struct ExpectedPlace {
    place: Place,
    value: String,
}

enum Place {
    Header(String),
    Query(String),
    /// The value is `user:password`, before encoding.
    Basic,
}

/// The owner of a credential that arrived in the wrong environment.
pub(crate) struct Owner<'a> {
    /// The integration's id.
    pub(crate) integration: &'a str,
    /// The environment's name.
    pub(crate) environment: &'a str,
    /// What that environment expects.
    pub(crate) expected: &'a Expected,
}

impl Expected {
    /// Renders every placement with the environment's fields.
    pub(crate) fn new(
        placements: &[Placement],
        environment: &VendorEnvironment,
        integration: &str,
    ) -> Result<Self, Error> {
        let render = |template: &Template| render(template, environment, integration);
        let places = placements
            .iter()
            .map(|placement| {
                Ok(match placement {
                    Placement::Header { name, value } => ExpectedPlace {
                        place: Place::Header(name.clone()),
                        value: render(value)?,
                    },
                    Placement::Query { name, value } => ExpectedPlace {
                        place: Place::Query(name.clone()),
                        value: render(value)?,
                    },
                    Placement::Basic { username, password } => ExpectedPlace {
                        place: Place::Basic,
                        value: format!("{}:{}", render(username)?, render(password)?),
                    },
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            places,
            fields: environment.fields.values().cloned().collect(),
        })
    }

    /// Names of query parameters that carry a credential and must not be shown.
    pub(crate) fn is_query_credential(&self, name: &str) -> bool {
        self.places
            .iter()
            .any(|place| matches!(&place.place, Place::Query(query) if query == name))
    }

    /// Checks every place. The error is a sentence for the caller, without a full stop.
    pub(crate) fn check<'a>(
        &self,
        headers: &HeaderMap,
        query: &str,
        others: impl Iterator<Item = Owner<'a>>,
    ) -> Result<(), String> {
        let Some((place, reason, arrived)) = self.places.iter().find_map(|place| {
            place
                .check(headers, query)
                .err()
                .map(|wrong| (place, wrong.reason, wrong.arrived))
        }) else {
            return Ok(());
        };
        let name = place.name();
        let arrived = arrived.unwrap_or_default();
        if let Some(owner) = self.owner(&arrived, others) {
            return Err(format!(
                "{name} carries the credential of environment `{}` of `{}`",
                owner.environment, owner.integration
            ));
        }
        if contains_telling(&arrived, &self.fields) {
            return Err(format!(
                "{name} carries the right credential in the wrong form; compare the \
                 Authentication section"
            ));
        }
        Err(format!("{name} {reason}"))
    }

    fn owner<'a>(
        &self,
        arrived: &str,
        mut others: impl Iterator<Item = Owner<'a>>,
    ) -> Option<Owner<'a>> {
        others.find(|other| {
            // Fields that both share, such as a fixed user name, tell nothing.
            let own = other
                .expected
                .fields
                .iter()
                .filter(|field| !self.fields.contains(field));
            contains_telling(arrived, own)
        })
    }
}

fn contains_telling<'a>(arrived: &str, fields: impl IntoIterator<Item = &'a String>) -> bool {
    fields
        .into_iter()
        .any(|field| field.len() >= MIN_TELLING_BYTES && arrived.contains(field.as_str()))
}

struct Wrong {
    reason: &'static str,
    arrived: Option<String>,
}

impl Wrong {
    const MISSING: Self = Self {
        reason: "is missing",
        arrived: None,
    };
    const REPEATED: Self = Self {
        reason: "arrived more than once",
        arrived: None,
    };

    fn other(arrived: String) -> Self {
        Self {
            reason: "does not carry the credential of this environment",
            arrived: Some(arrived),
        }
    }
}

impl ExpectedPlace {
    fn name(&self) -> String {
        match &self.place {
            Place::Header(name) => format!("header `{name}`"),
            Place::Query(name) => format!("query parameter `{name}`"),
            Place::Basic => "header `authorization` (Basic)".to_owned(),
        }
    }

    fn check(&self, headers: &HeaderMap, query: &str) -> Result<(), Wrong> {
        let arrived = match &self.place {
            Place::Header(name) => only(
                headers
                    .get_all(name.as_str())
                    .iter()
                    .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            )?,
            Place::Query(name) => only(
                form::pairs(query)
                    .filter(|(key, _)| key == name)
                    .map(|(_, value)| value),
            )?,
            Place::Basic => only(
                headers
                    .get_all(AUTHORIZATION)
                    .iter()
                    .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            )
            .map(|header| decode_basic(&header).unwrap_or(header))?,
        };
        if arrived == self.value {
            Ok(())
        } else {
            Err(Wrong::other(arrived))
        }
    }
}

fn only(mut values: impl Iterator<Item = String>) -> Result<String, Wrong> {
    let first = values.next().ok_or(Wrong::MISSING)?;
    if values.next().is_some() {
        return Err(Wrong::REPEATED);
    }
    Ok(first)
}

fn decode_basic(header: &str) -> Option<String> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    String::from_utf8(bytes).ok()
}

fn render(
    template: &Template,
    environment: &VendorEnvironment,
    integration: &str,
) -> Result<String, Error> {
    let mut text = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Literal(literal) => text.push_str(literal),
            TemplatePart::Field(field) => {
                let value = environment
                    .fields
                    .get(field)
                    .ok_or_else(|| Error::MissingField {
                        integration: integration.to_owned(),
                        environment: environment.name.clone(),
                        field: field.clone(),
                    })?;
                text.push_str(value);
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
