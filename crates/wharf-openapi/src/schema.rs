//! Values made from schemas. The same schema always gives the same value.
//!
//! Schemas of `OpenAPI` 3.0, `OpenAPI` 3.1 and Swagger 2.0 are read alike, by what they hold.
//! `pattern`, `not`, `if` and `uniqueItems` are not followed: the values are plausible, not
//! proved valid.

mod scalar;

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::{Tree, reference};

/// Values in one body; beyond that optional properties are left out.
const MAX_VALUES: usize = 4_096;

/// Nesting of values; deeper ones are empty.
const MAX_DEPTH: usize = 24;

/// Schemas that are read inside one another, references and members of unions included.
const MAX_NESTED_SCHEMAS: usize = 128;

/// Nesting up to which optional properties are filled in. Tried from the first; the next is
/// taken when the body gets too large.
const OPTIONAL_DEPTHS: [usize; 4] = [4, 3, 2, 1];

/// Items of a list whose `minItems` asks for more.
const MAX_ITEMS: u64 = 16;

/// A value of a schema, the same each time. `None` where there is none, as for `false` or a
/// reference to nothing.
///
/// What the description shows as an example is taken where it fits. Past some thousand values,
/// properties that are not required are left out.
pub fn generate(tree: &Tree<'_>, schema: &Rc<Value>) -> Option<Value> {
    let mut value = None;
    for optional_depth in OPTIONAL_DEPTHS {
        let mut generator = Generator {
            tree,
            following: Vec::new(),
            values_left: MAX_VALUES,
            nested_schemas: 0,
            optional_depth,
            ran_out: false,
        };
        value = generator.value(schema, "", 0);
        if !generator.ran_out {
            break;
        }
    }
    value
}

/// Makes one value.
struct Generator<'t, 'a> {
    tree: &'t Tree<'a>,
    /// References that are being followed, to see cycles.
    following: Vec<String>,
    values_left: usize,
    nested_schemas: usize,
    optional_depth: usize,
    ran_out: bool,
}

impl Generator<'_, '_> {
    fn value(&mut self, schema: &Value, name: &str, depth: usize) -> Option<Value> {
        if self.nested_schemas >= MAX_NESTED_SCHEMAS {
            self.ran_out = true;
            return schema.as_object().map(smallest);
        }
        self.nested_schemas += 1;
        let value = self.value_inside(schema, name, depth);
        self.nested_schemas -= 1;
        value
    }

    fn value_inside(&mut self, schema: &Value, name: &str, depth: usize) -> Option<Value> {
        let Value::Object(fields) = schema else {
            return (schema != &Value::Bool(false)).then(|| Value::Object(Map::new()));
        };
        if let Some(target) = reference(schema) {
            return self.followed(target, name, depth);
        }
        if depth >= MAX_DEPTH || self.values_left == 0 {
            self.ran_out = true;
            return Some(smallest(fields));
        }
        self.values_left -= 1;
        if let Some(shown) = shown(fields) {
            self.values_left = self.values_left.saturating_sub(count(&shown));
            return Some(shown);
        }
        let value = self.composed(fields, name, depth);
        if value.is_none() && is_nullable(fields) {
            return Some(Value::Null);
        }
        value
    }

    /// A reference that is being followed already is a cycle and has no value here.
    fn followed(&mut self, target: &str, name: &str, depth: usize) -> Option<Value> {
        if self.following.iter().any(|open| open == target) {
            return None;
        }
        let schema = self.tree.follow(target)?;
        self.following.push(target.to_owned());
        let value = self.value(&schema, name, depth);
        self.following.pop();
        value
    }

    /// The schema's own type together with `allOf` and one member of `oneOf` or `anyOf`.
    fn composed(&mut self, fields: &Map<String, Value>, name: &str, depth: usize) -> Option<Value> {
        let all = members(fields, "allOf");
        let union = ["oneOf", "anyOf"]
            .into_iter()
            .map(|name| members(fields, name))
            .find(|members| !members.is_empty())
            .unwrap_or_default();
        let kind = kind(fields);
        if all.is_empty() && union.is_empty() {
            return Some(self.typed(fields, kind.unwrap_or(Kind::Any), name, depth));
        }
        let mut whole: Option<Value> = None;
        for member in all {
            let part = self.value(member, name, depth);
            whole = combine(whole, part);
        }
        if let Some((member, part)) = self.first_of(union, name, depth) {
            whole = combine(whole, Some(part));
            if let Some(Value::Object(whole)) = &mut whole {
                set_discriminator(fields, member, whole);
            }
        }
        // Beside `allOf` and its kin a schema's own properties count, its bare type does not.
        if whole.is_none() || fields.contains_key("properties") {
            let own = kind.map(|kind| self.typed(fields, kind, name, depth));
            whole = combine(whole, own);
        }
        whole
    }

    /// The first member that has a value other than `null`.
    fn first_of<'s>(
        &mut self,
        union: &'s [Value],
        name: &str,
        depth: usize,
    ) -> Option<(&'s Value, Value)> {
        union.iter().find_map(|member| {
            let value = self.value(member, name, depth)?;
            (!value.is_null()).then_some((member, value))
        })
    }

    fn typed(
        &mut self,
        fields: &Map<String, Value>,
        kind: Kind,
        name: &str,
        depth: usize,
    ) -> Value {
        match kind {
            Kind::Object => self.object(fields, depth),
            Kind::Array => self.array(fields, name, depth),
            Kind::String => Value::String(scalar::string(fields, name)),
            Kind::Integer => scalar::integer(fields, name),
            Kind::Number => scalar::number(fields),
            Kind::Boolean => Value::Bool(true),
            Kind::Null => Value::Null,
            Kind::Any => Value::Object(Map::new()),
        }
    }

    fn object(&mut self, fields: &Map<String, Value>, depth: usize) -> Value {
        let required: Vec<&str> = fields
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut object = Map::new();
        let properties = fields.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            let is_required = required.contains(&name.as_str());
            let is_superfluous =
                depth >= self.optional_depth || self.ran_out || is_true(schema, "deprecated");
            // What is only ever written is never in an answer.
            if (is_superfluous && !is_required) || is_true(schema, "writeOnly") {
                continue;
            }
            match self.value(schema, name, depth + 1) {
                Some(value) => {
                    object.insert(name.clone(), value);
                }
                None if is_required => {
                    object.insert(name.clone(), self.smallest_of(schema));
                }
                None => {}
            }
        }
        if object.is_empty()
            && depth < self.optional_depth
            && let Some(schema @ Value::Object(members)) = fields.get("additionalProperties")
            && !members.is_empty()
            && let Some(value) = self.value(schema, "key", depth + 1)
        {
            object.insert("key".to_owned(), value);
        }
        Value::Object(object)
    }

    fn array(&mut self, fields: &Map<String, Value>, name: &str, depth: usize) -> Value {
        let bound = |name| fields.get(name).and_then(Value::as_u64);
        let prefix = members(fields, "prefixItems");
        let wanted = bound("minItems")
            .unwrap_or(0)
            .max(1)
            .min(bound("maxItems").unwrap_or(u64::MAX))
            .min(MAX_ITEMS);
        let mut items = Vec::new();
        for member in prefix {
            items.extend(self.value(member, name, depth + 1));
        }
        if let Some(item) = fields.get("items").filter(|item| item.is_object()) {
            while (items.len() as u64) < wanted {
                let Some(value) = self.value(item, name, depth + 1) else {
                    break;
                };
                items.push(value);
            }
        }
        Value::Array(items)
    }

    /// For a required property in a cycle: the least value of its type.
    fn smallest_of(&self, schema: &Value) -> Value {
        let resolved = self.tree.resolve(&Rc::new(schema.clone()));
        match resolved.as_deref() {
            Some(Value::Object(fields)) => smallest(fields),
            _ => Value::Null,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
    Null,
    Any,
}

/// The type as written, the first that is not `null` of several, or what the keywords imply.
fn kind(fields: &Map<String, Value>) -> Option<Kind> {
    let named = match fields.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names
                .clone()
                .find(|name| *name != "null")
                .or_else(|| names.next())
        }
        _ => None,
    };
    match named {
        Some("object") => Some(Kind::Object),
        Some("array") => Some(Kind::Array),
        // Swagger 2.0 has `file` for bytes.
        Some("string" | "file") => Some(Kind::String),
        Some("integer") => Some(Kind::Integer),
        Some("number") => Some(Kind::Number),
        Some("boolean") => Some(Kind::Boolean),
        Some("null") => Some(Kind::Null),
        Some(_) | None => implied(fields),
    }
}

fn implied(fields: &Map<String, Value>) -> Option<Kind> {
    let has = |names: &[&str]| names.iter().any(|name| fields.contains_key(*name));
    if has(&["properties", "additionalProperties", "required"]) {
        Some(Kind::Object)
    } else if has(&["items", "prefixItems", "minItems"]) {
        Some(Kind::Array)
    } else if has(&["format", "minLength", "maxLength", "pattern"]) {
        Some(Kind::String)
    } else if has(&["minimum", "maximum", "multipleOf"]) {
        Some(Kind::Number)
    } else {
        None
    }
}

/// What the schema itself shows: `const`, examples, `default`, `enum`.
fn shown(fields: &Map<String, Value>) -> Option<Value> {
    if let Some(value) = fields.get("const") {
        return Some(value.clone());
    }
    let examples = fields.get("examples").and_then(Value::as_array);
    let choices = fields.get("enum").and_then(Value::as_array);
    let candidates = fields
        .get("example")
        .into_iter()
        .chain(examples.into_iter().flatten())
        .chain(fields.get("default"))
        .chain(choices.into_iter().flatten());
    candidates
        .filter(|value| !value.is_null())
        .find(|value| fits(fields, value) && choices.is_none_or(|all| all.contains(value)))
        .cloned()
        .or_else(|| choices?.first().cloned())
}

/// Whether an example has the type that its schema names; many published ones do not.
fn fits(fields: &Map<String, Value>, value: &Value) -> bool {
    let Some(kind) = kind(fields) else {
        return true;
    };
    match kind {
        Kind::Object => value.as_object().is_some_and(|object| !object.is_empty()),
        Kind::Array => value.as_array().is_some_and(|array| !array.is_empty()),
        Kind::String => value.is_string(),
        Kind::Integer => value.is_i64() || value.is_u64(),
        Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Null | Kind::Any => true,
    }
}

fn smallest(fields: &Map<String, Value>) -> Value {
    if is_nullable(fields) {
        return Value::Null;
    }
    match kind(fields) {
        Some(Kind::Array) => Value::Array(Vec::new()),
        Some(Kind::String) => shown(fields).unwrap_or_else(|| Value::String(String::new())),
        Some(Kind::Integer | Kind::Number) => Value::from(0),
        Some(Kind::Boolean) => Value::Bool(false),
        Some(Kind::Null) => Value::Null,
        Some(Kind::Object | Kind::Any) | None => Value::Object(Map::new()),
    }
}

/// `nullable` of `OpenAPI` 3.0, its forerunner in Swagger 2.0, or `null` among the types.
fn is_nullable(fields: &Map<String, Value>) -> bool {
    let flag = |name| fields.get(name) == Some(&Value::Bool(true));
    let is_null = |value: &Value| value.as_str() == Some("null");
    flag("nullable")
        || flag("x-nullable")
        || fields
            .get("type")
            .and_then(Value::as_array)
            .is_some_and(|names| names.iter().any(is_null))
        || ["oneOf", "anyOf"].into_iter().any(|name| {
            members(fields, name)
                .iter()
                .any(|member| member.get("type").is_some_and(is_null))
        })
}

fn is_true(schema: &Value, name: &str) -> bool {
    schema.get(name) == Some(&Value::Bool(true))
}

fn members<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    fields
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Objects join, the later's members win; of other values the first stays.
fn combine(whole: Option<Value>, part: Option<Value>) -> Option<Value> {
    match (whole, part) {
        (Some(Value::Object(mut whole)), Some(Value::Object(part))) => {
            whole.extend(part);
            Some(Value::Object(whole))
        }
        // An empty object is what a member without a type gives.
        (Some(Value::Object(whole)), Some(part)) if whole.is_empty() => Some(part),
        (Some(whole), _) => Some(whole),
        (None, part) => part,
    }
}

/// Makes the discriminating property name the member that was taken.
fn set_discriminator(fields: &Map<String, Value>, member: &Value, object: &mut Map<String, Value>) {
    let Some(discriminator) = fields.get("discriminator") else {
        return;
    };
    let (Some(property), Some(target)) = (
        discriminator.get("propertyName").and_then(Value::as_str),
        reference(member),
    ) else {
        return;
    };
    let mapped = discriminator
        .get("mapping")
        .and_then(Value::as_object)
        .and_then(|mapping| mapping.iter().find(|(_, to)| to.as_str() == Some(target)))
        .map(|(name, _)| name.as_str());
    let implied = target.rsplit('/').next();
    if let Some(name) = mapped.or(implied) {
        object.insert(property.to_owned(), Value::String(name.to_owned()));
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
