//! A description's text with access to single parts of it.
//!
//! JSON is indexed level by level and only the parts that are asked for become values, so a
//! description of many megabytes costs little more than its text. YAML has to be read whole.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::text::{SyntaxError, Text, yaml_options};
use crate::{Description, Method, NotRead};

/// Steps of one chain of references; a longer one leads nowhere.
const MAX_REFERENCE_STEPS: usize = 32;

/// Values in one YAML description, those that anchors repeat included: all of them are kept.
const MOST_YAML_VALUES: usize = 2_000_000;

/// One description; its parts are read when they are asked for.
pub struct Tree<'a> {
    text: &'a str,
    source: Source<'a>,
    /// Parts that were asked for, by their JSON pointer.
    parts: RefCell<HashMap<String, Option<Rc<Value>>>>,
}

/// Which specification a description follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `swagger: "2.0"`.
    Swagger2,
    /// `openapi: 3.x`. What differs between 3.0 and 3.1 is read by its form.
    OpenApi3,
}

enum Source<'a> {
    Json {
        root: Rc<Level<'a>>,
        /// Objects that were walked through, by their JSON pointer.
        levels: RefCell<HashMap<String, Option<Rc<Level<'a>>>>>,
    },
    Yaml(Value),
}

type Level<'a> = BTreeMap<String, &'a RawValue>;

impl<'a> Tree<'a> {
    /// Reads JSON where the text begins with `{`, else YAML.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let (text, source) = match Text::of(text) {
            Text::Json(text) => {
                let root = serde_json::from_str(text).map_err(|e| SyntaxError(e.to_string()))?;
                let source = Source::Json {
                    root: Rc::new(root),
                    levels: RefCell::default(),
                };
                (text, source)
            }
            Text::Yaml(text) => {
                let options = yaml_options(MOST_YAML_VALUES);
                let root = serde_saphyr::from_str_with_options(text, options)
                    .map_err(|e| SyntaxError(e.to_string()))?;
                (text, Source::Yaml(root))
            }
        };
        Ok(Self {
            text,
            source,
            parts: RefCell::default(),
        })
    }

    /// The part at a path of keys and list indices.
    pub fn get(&self, path: &[&str]) -> Option<Rc<Value>> {
        let pointer = pointer(path);
        if let Some(known) = self.parts.borrow().get(&pointer) {
            return known.clone();
        }
        let part = match &self.source {
            Source::Json { .. } => self.read_json(path),
            Source::Yaml(root) => root.pointer(&pointer).cloned(),
        }
        .map(Rc::new);
        self.parts.borrow_mut().insert(pointer, part.clone());
        part
    }

    /// Which specification it follows; `None` for anything else, Google's documents included.
    pub fn dialect(&self) -> Option<Dialect> {
        let starts = |key, start| {
            let value = self.get(&[key])?;
            let is_there = match &*value {
                Value::String(text) => text.starts_with(start),
                other => other.to_string().starts_with(start),
            };
            is_there.then_some(())
        };
        let openapi = starts("openapi", "3.").map(|()| Dialect::OpenApi3);
        openapi.or_else(|| starts("swagger", "2").map(|()| Dialect::Swagger2))
    }

    /// The whole of an operation; it stands in the path's item, or where the item refers to.
    pub fn operation(&self, path: &str, method: Method) -> Option<Rc<Value>> {
        let name = method.as_str().to_ascii_lowercase();
        let item = self.get(&["paths", path])?;
        let own = item.get(&name).cloned();
        let operation = own.or_else(|| self.resolve(&item)?.get(&name).cloned())?;
        Some(Rc::new(operation))
    }

    /// Whether a word stands anywhere in the description.
    pub fn mentions(&self, word: &str) -> bool {
        self.text.contains(word)
    }

    /// The operations of the description, without their details.
    pub fn description(&self) -> Result<Description, NotRead> {
        match &self.source {
            Source::Json { .. } => Description::read(self.text),
            Source::Yaml(root) => Description::of_value(root),
        }
    }

    /// The part a reference such as `#/components/schemas/User` leads to.
    ///
    /// References into other files lead nowhere: they are not read.
    pub fn follow(&self, reference: &str) -> Option<Rc<Value>> {
        let path = reference.strip_prefix("#/")?;
        let keys: Vec<String> = path
            .split('/')
            .map(|key| {
                percent_encoding::percent_decode_str(key)
                    .decode_utf8_lossy()
                    .replace("~1", "/")
                    .replace("~0", "~")
            })
            .collect();
        self.get(&keys.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The value itself, or what it refers to, over as many references as it takes.
    pub fn resolve(&self, value: &Rc<Value>) -> Option<Rc<Value>> {
        let mut value = Rc::clone(value);
        for _ in 0..MAX_REFERENCE_STEPS {
            let Some(reference) = reference(&value) else {
                return Some(value);
            };
            let next = self.follow(reference)?;
            value = next;
        }
        None
    }

    /// A member of an object, with references on the way to it followed.
    pub fn member(&self, object: &Value, name: &str) -> Option<Rc<Value>> {
        self.resolve(&Rc::new(object.get(name)?.clone()))
    }

    fn read_json(&self, path: &[&str]) -> Option<Value> {
        let (last, parents) = path.split_last()?;
        if let Some(level) = self.level(parents) {
            return serde_json::from_str(level.get(*last)?.get()).ok();
        }
        // There is a list on the way: read from there on as values.
        match &*self.get(parents)? {
            Value::Array(items) => items.get(last.parse::<usize>().ok()?).cloned(),
            parent => parent.get(*last).cloned(),
        }
    }

    /// The members of an object as unread text; `None` when it is no object.
    fn level(&self, path: &[&str]) -> Option<Rc<Level<'a>>> {
        let Source::Json { root, levels } = &self.source else {
            return None;
        };
        let Some((last, parents)) = path.split_last() else {
            return Some(Rc::clone(root));
        };
        let pointer = pointer(path);
        if let Some(known) = levels.borrow().get(&pointer) {
            return known.clone();
        }
        let level = self
            .level(parents)
            .and_then(|parent| serde_json::from_str(parent.get(*last)?.get()).ok())
            .map(Rc::new);
        levels.borrow_mut().insert(pointer, level.clone());
        level
    }
}

/// The target of `$ref`, if the value is a reference.
pub fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

fn pointer(path: &[&str]) -> String {
    path.iter().fold(String::new(), |mut pointer, key| {
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        pointer
    })
}

#[cfg(test)]
mod tests;
