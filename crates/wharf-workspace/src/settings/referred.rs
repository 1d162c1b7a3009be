//! What documents refer to in `wharf.toml`, as far as it can be read: a file with a mistake
//! elsewhere has its handlers still.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};
use wharf_diag::Span;
use wharf_document::Surroundings;
use wharf_document::model::handler_name;

/// The parts of a file that documents refer to. Nothing of a file that is no TOML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Referred {
    handlers: Option<BTreeMap<String, Span>>,
    secret_folders: Option<Vec<String>>,
}

impl Referred {
    /// Looks for them in a text.
    pub fn of(text: &str) -> Self {
        let Ok(file) = DeTable::parse(text) else {
            return Self::default();
        };
        let table = |name: &str| match file.get_ref().get(name)?.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        };
        let handlers = table("handlers").map(|handlers| {
            let names = handlers.keys();
            let places = names.map(|name| {
                let place = Span::from(name.span());
                (handler_name(name.get_ref()).to_owned(), place)
            });
            places.collect()
        });
        let folders = table("secrets").and_then(|secrets| {
            let DeValue::Array(folders) = secrets.get("folders")?.get_ref() else {
                return None;
            };
            let texts = folders.iter().map(|folder| match folder.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            });
            texts.collect()
        });
        Self {
            handlers,
            secret_folders: folders,
        }
    }

    /// Where handlers are named, by their names without brackets. `None`: there is no table of
    /// them.
    pub fn handlers(&self) -> Option<&BTreeMap<String, Span>> {
        self.handlers.as_ref()
    }

    /// What documents are compared with besides each other.
    pub fn surroundings(&self) -> Surroundings {
        let handlers = self.handlers.as_ref();
        Surroundings {
            handlers: handlers.map(|handlers| handlers.keys().cloned().collect()),
            secret_folders: self.secret_folders.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
