//! Values with names, as a file or a store holds them, and which of them fills which field: one rule
//! for all places.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use wharf_document::fill_fields;

use super::{assign, missing};
use crate::error::Error;
use crate::value::{self, ValueProblem};

/// The members of a JSON object, in its order. Of two with one name, the later counts.
#[derive(Default)]
pub(crate) struct Members(Vec<(String, Member)>);

/// `None`: something else than a string. What it is stays unread.
struct Member(Option<SecretString>);

/// The value of each field. `store` names the place in words; `unusable` is what becomes of a member
/// that cannot be sent, given its name.
///
/// Members that are no strings are left aside, unless a field means one of them.
pub(crate) fn fill(
    members: &Members,
    fields: &[&str],
    store: impl Fn() -> String,
    unusable: impl Fn(&str, ValueProblem) -> Error,
) -> Result<BTreeMap<String, SecretString>, Error> {
    let (texts, others) = members.names();
    let has = |names: &[&str], field: &str| names.iter().any(|n| n.eq_ignore_ascii_case(field));
    let meant = fields.iter().find_map(|field| {
        let is_other = has(&others, field) && !has(&texts, field);
        is_other.then_some(*field)
    });
    if let Some(field) = meant {
        return Err(unusable(field, ValueProblem::NotString));
    }
    let assigned = assign(fields, &texts, &store).map_err(|error| {
        // Of what is missing, one that is there in another form is the likely reason.
        let mut filled = fill_fields(fields, &others).into_iter();
        match filled.find_map(|(_, name)| name) {
            Some(name) if texts.is_empty() => unusable(name, ValueProblem::NotString),
            _ => error,
        }
    })?;
    let mut values = BTreeMap::new();
    for (field, name) in assigned {
        // The names were taken from the members.
        let Some(text) = members.text(name) else {
            return Err(missing(field, &store(), &texts));
        };
        value::check(text.expose_secret()).map_err(|problem| unusable(name, problem))?;
        values.insert(field.to_owned(), text.clone());
    }
    Ok(values)
}

impl Members {
    /// Names of those that are strings, and of the others.
    fn names(&self) -> (Vec<&str>, Vec<&str>) {
        let (texts, others): (Vec<_>, Vec<_>) =
            self.0.iter().partition(|(_, member)| member.0.is_some());
        (names_of(texts), names_of(others))
    }

    fn text(&self, name: &str) -> Option<&SecretString> {
        let (_, member) = self.0.iter().find(|(known, _)| known == name)?;
        member.0.as_ref()
    }
}

fn names_of(members: Vec<&(String, Member)>) -> Vec<&str> {
    let names = members.into_iter().map(|(name, _)| name.as_str());
    names.collect()
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::<(String, Member)>::new();
                let mut places = std::collections::HashMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    let member = map.next_value()?;
                    if let Some(&at) = places.get(&name) {
                        members[at] = (name, member);
                    } else {
                        places.insert(name.clone(), members.len());
                        members.push((name, member));
                    }
                }
                Ok(Members(members))
            }
        }
        source.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(Value)
    }
}

/// Takes a string over without a copy that nobody clears, and passes over all else.
struct Value;

impl<'de> Visitor<'de> for Value {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Member, E> {
        Ok(Member(Some(SecretString::from(text))))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member, E> {
        Ok(Member(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Member, E> {
        Ok(Member(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Member, E> {
        Ok(Member(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Member, E> {
        Ok(Member(None))
    }

    fn visit_unit<E>(self) -> Result<Member, E> {
        Ok(Member(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member(None))
    }
}

#[cfg(test)]
mod tests;
