//! What Wharf proves itself with, read from where the settings say it is.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::error::VaultError;
use super::settings::ProofPlace;
use crate::stores::aside;
use crate::stores::file::{ReadProblem, Stamp, read_bytes};
use crate::value::{self, ValueProblem};
use crate::variables::Variables;

/// Reads proofs.
#[derive(Clone)]
pub(super) struct Proofs {
    pub(super) variables: Arc<dyn Variables>,
}

impl Proofs {
    /// What a file looks like from outside now; variables never change. Files are looked at aside.
    pub(super) async fn stamp(&self, place: &ProofPlace) -> Option<Stamp> {
        let ProofPlace::File(path) = place else {
            return None;
        };
        let path = path.clone();
        aside(move || Stamp::of(&path)).await?
    }

    /// Reads one. `what` it is, in words. Files are read aside.
    pub(super) async fn read(
        &self,
        what: &'static str,
        place: &ProofPlace,
    ) -> Result<SecretString, VaultError> {
        let missing = |problem| VaultError::ProofMissing {
            what,
            place: place.clone(),
            problem,
        };
        let unusable = |problem| VaultError::ProofUnusable {
            what,
            place: place.clone(),
            problem,
        };
        let text = match place {
            ProofPlace::Variable(name) => match self.variables.get(name) {
                Some(text) => text,
                None if self.variables.is_not_text(name) => {
                    return Err(unusable(ValueProblem::NotText));
                }
                None => return Err(missing("the variable is not set")),
            },
            ProofPlace::File(path) => {
                let path = path.clone();
                let read = aside(move || read_bytes(&path)).await;
                let read = read.ok_or_else(|| missing("wharf ends"))?;
                let (bytes, _) = read.map_err(|problem| {
                    missing(match problem {
                        ReadProblem::Missing => "there is no such file",
                        ReadProblem::Loop => "the file is a link that leads to links only",
                        ReadProblem::NotRegular => "it is not a regular file",
                        ReadProblem::TooLarge => "the file is larger than 64 KiB",
                        ReadProblem::Unreadable(error)
                            if error.kind() == std::io::ErrorKind::PermissionDenied =>
                        {
                            "the file may not be read by the user that runs wharf"
                        }
                        ReadProblem::Unreadable(_) => "the file cannot be read",
                    })
                })?;
                let text = std::str::from_utf8(&bytes);
                let text = text.map_err(|_| unusable(ValueProblem::NotText))?;
                SecretString::from(text.trim_ascii_end())
            }
        };
        value::check(text.expose_secret()).map_err(unusable)?;
        Ok(text)
    }
}
