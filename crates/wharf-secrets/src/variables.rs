//! The environment as a value: read once, through a trait, so that tests bring their own.

use std::collections::HashMap;
use std::fmt;

use secrecy::SecretString;

/// Environment variables as they were at one moment.
pub trait Variables: Send + Sync {
    /// The value of a variable. `None` when it is not set or not UTF-8.
    fn get(&self, name: &str) -> Option<SecretString>;

    /// Whether the variable is set to something that is not UTF-8.
    fn is_not_text(&self, name: &str) -> bool {
        let _ = name;
        false
    }
}

/// The variables of this process at the time of [`ProcessVariables::read`].
pub struct ProcessVariables {
    /// `None` stands for a value that is not UTF-8.
    values: HashMap<String, Option<SecretString>>,
}

impl ProcessVariables {
    /// Takes a snapshot of the process environment.
    ///
    /// Variables whose name is not UTF-8 are left out: no document can name them.
    pub fn read() -> Self {
        let values = std::env::vars_os()
            .filter_map(|(name, value)| {
                let name = name.into_string().ok()?;
                Some((name, value.into_string().ok().map(SecretString::from)))
            })
            .collect();
        Self { values }
    }
}

impl Variables for ProcessVariables {
    fn get(&self, name: &str) -> Option<SecretString> {
        self.values.get(name)?.clone()
    }

    fn is_not_text(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(None))
    }
}

impl fmt::Debug for ProcessVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessVariables")
            .field("count", &self.values.len())
            .finish()
    }
}

/// Variables that are given, for simulation and tests.
#[derive(Clone, Default)]
pub struct FixedVariables(HashMap<String, SecretString>);

impl FixedVariables {
    /// No variable is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable; an earlier value of the name is replaced.
    pub fn set(&mut self, name: impl Into<String>, value: SecretString) {
        self.0.insert(name.into(), value);
    }
}

impl<Name: Into<String>> FromIterator<(Name, SecretString)> for FixedVariables {
    fn from_iter<Items: IntoIterator<Item = (Name, SecretString)>>(items: Items) -> Self {
        Self(
            items
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }
}

impl Variables for FixedVariables {
    fn get(&self, name: &str) -> Option<SecretString> {
        self.0.get(name).cloned()
    }
}

impl fmt::Debug for FixedVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.0.keys().collect();
        names.sort();
        f.debug_tuple("FixedVariables").field(&names).finish()
    }
}

#[cfg(test)]
mod tests;
