//! Credentials in environment variables.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use crate::credential::Credential;
use crate::error::Error;
use crate::stores::assign;
use crate::value::{self, ValueProblem};
use crate::variables::Variables;

/// The value of each field from the variable that fills it.
pub(crate) fn fetch(
    variables: &dyn Variables,
    names: &[&str],
    fields: &[&str],
) -> Result<Credential, Error> {
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
