//! Credentials in environment variables.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use wharf_diag::Spanned;

use crate::credential::Credential;
use crate::error::Error;
use crate::resolver::Resolver;
use crate::stores::{Fetched, Fetching, Identity, Place, as_text, assign};
use crate::value::{self, ValueProblem};
use crate::variables::Variables;

/// The variables that a document names.
pub(crate) struct Env {
    variables: Arc<dyn Variables>,
    names: Vec<String>,
}

impl Env {
    pub(super) fn new(names: &[Spanned<String>], resolver: &Resolver) -> Self {
        Self {
            variables: resolver.variables(),
            names: names.iter().map(|name| name.value.clone()).collect(),
        }
    }
}

impl Place for Env {
    fn identity(&self) -> Identity {
        Identity::new("ENV_VARIABLES", self.names.as_slice())
    }

    fn describe(&self) -> String {
        format!("in {}", self.names.join(", "))
    }

    fn fetch<'a>(&'a self, fields: &'a [String]) -> Fetching<'a> {
        let (names, fields) = (as_text(&self.names), as_text(fields));
        let fetched = fetch(self.variables.as_ref(), &names, &fields);
        Box::pin(ready(fetched.map(Fetched::from)))
    }
}

/// The value of each field from the variable that fills it.
fn fetch(variables: &dyn Variables, names: &[&str], fields: &[&str]) -> Result<Credential, Error> {
    let mut values = BTreeMap::new();
    for (field, name) in assign(fields, names, || "the variables of this environment".into())? {
        values.insert(field.to_owned(), variable(variables, name)?);
    }
    Ok(Credential::new(values, Vec::new()))
}

fn variable(variables: &dyn Variables, name: &str) -> Result<SecretString, Error> {
    let unusable = |problem| Error::VariableUnusable {
        variable: name.to_owned(),
        problem,
    };
    let Some(value) = variables.get(name) else {
        return Err(if variables.is_not_text(name) {
            unusable(ValueProblem::NotText)
        } else {
            Error::VariableMissing {
                variable: name.to_owned(),
            }
        });
    };
    value::check(value.expose_secret()).map_err(unusable)?;
    Ok(value)
}
