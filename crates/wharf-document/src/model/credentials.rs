//! The entries of Credential Storage, found by the name of their environment.

use std::collections::HashMap;
use std::ops::Deref;

use super::CredentialReference;

/// So many entries are compared one after the other; more are looked up.
const FEW: usize = 8;

/// The entries in the document's order. Reads as a slice of them.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    entries: Vec<CredentialReference>,
    /// Place of the first entry of an environment, by its name in lower case (ASCII), where they are
    /// many. A document may have thousands of environments, and each asks for its entry.
    places: HashMap<String, usize>,
}

impl Credentials {
    /// The first entry of an environment; names compare without regard to the case of ASCII
    /// letters. Takes the same time however many there are.
    pub fn of(&self, environment: &str) -> Option<&CredentialReference> {
        if self.entries.len() <= FEW {
            let mut entries = self.entries.iter();
            return entries.find(|entry| {
                let name = &entry.environment.value;
                name.eq_ignore_ascii_case(environment)
            });
        }
        let place = self.places.get(&environment.to_ascii_lowercase())?;
        self.entries.get(*place)
    }
}

impl From<Vec<CredentialReference>> for Credentials {
    fn from(entries: Vec<CredentialReference>) -> Self {
        if entries.len() <= FEW {
            let places = HashMap::new();
            return Self { entries, places };
        }
        let mut places = HashMap::with_capacity(entries.len());
        for (place, entry) in entries.iter().enumerate() {
            let name = entry.environment.value.to_ascii_lowercase();
            places.entry(name).or_insert(place);
        }
        Self { entries, places }
    }
}

impl FromIterator<CredentialReference> for Credentials {
    fn from_iter<T: IntoIterator<Item = CredentialReference>>(entries: T) -> Self {
        Vec::from_iter(entries).into()
    }
}

impl Deref for Credentials {
    type Target = [CredentialReference];

    fn deref(&self) -> &Self::Target {
        &self.entries
    }
}

impl<'a> IntoIterator for &'a Credentials {
    type Item = &'a CredentialReference;
    type IntoIter = std::slice::Iter<'a, CredentialReference>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests;
