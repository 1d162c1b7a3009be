//! A description's text with access to single parts of it.
//!
//! JSON is indexed level by level and only the parts that are asked for become values, so a
//! description of many megabytes costs little more than its text. YAML has to be read whole.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::Value;
use serde_json::value::RawValue;
use wharf_document::{Description, NotRead};

use super::Error;

/// Steps of one chain of references; a longer one leads nowhere.
const MAX_REFERENCE_STEPS: usize = 32;

/// One description.
pub(super) struct Tree<'a> {
    text: &'a str,
    source: Source<'a>,
    /// Parts that were asked for, by their JSON pointer.
    parts: RefCell<HashMap<String, Option<Rc<Value>>>>,
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
    pub(super) fn parse(text: &'a str) -> Result<Self, Error> {
        let text = text.trim_start_matches('\u{feff}');
        let source = if text.trim_start().starts_with('{') {
            let root = serde_json::from_str(text).map_err(|e| Error::Syntax(e.to_string()))?;
            Source::Json {
                root: Rc::new(root),
                levels: RefCell::default(),
            }
        } else {
            Source::Yaml(parse_yaml(text)?)
        };
        Ok(Self {
            text,
            source,
            parts: RefCell::default(),
        })
    }

    /// The part at a path of keys and list indices.
    pub(super) fn get(&self, path: &[&str]) -> Option<Rc<Value>> {
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

    /// Whether a word stands anywhere in the description.
    pub(super) fn mentions(&self, word: &str) -> bool {
        self.text.contains(word)
    }

    /// The operations of the description, without their details.
    pub(super) fn description(&self) -> Result<Description, NotRead> {
        match &self.source {
            Source::Json { .. } => Description::read(self.text),
            Source::Yaml(root) => Description::of_value(root),
        }
    }

    /// The part a reference such as `#/components/schemas/User` leads to.
    ///
    /// References into other files lead nowhere: they are not read.
    pub(super) fn follow(&self, reference: &str) -> Option<Rc<Value>> {
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
    pub(super) fn resolve(&self, value: &Rc<Value>) -> Option<Rc<Value>> {
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
    pub(super) fn member(&self, object: &Value, name: &str) -> Option<Rc<Value>> {
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
pub(super) fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

fn pointer(path: &[&str]) -> String {
    path.iter().fold(String::new(), |mut pointer, key| {
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        pointer
    })
}

/// Values in one YAML description, those that anchors repeat included.
const MAX_YAML_VALUES: usize = 2_000_000;

/// Nesting of values in a YAML description; JSON has the same bound.
const MAX_YAML_DEPTH: usize = 128;

fn parse_yaml(text: &str) -> Result<Value, Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MAX_YAML_VALUES,
            // Each list and object is two events.
            max_events: 2 * MAX_YAML_VALUES,
            max_depth: MAX_YAML_DEPTH,
            // One anchor may well be used everywhere; what it adds up to is bounded above.
            enforce_alias_anchor_ratio: false,
        },
        // Published descriptions do repeat keys; other readers take the last.
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|e| Error::Syntax(e.to_string()))
}

#[cfg(test)]
mod tests;
