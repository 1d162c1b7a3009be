//! Credentials in AWS Secrets Manager, or in what speaks as it does.
//!
//! All places share the keys (`keys.rs`), which come from where AWS's own libraries take them
//! (`sources.rs`). A place is a name or an ARN; an ARN names its region itself.

mod error;
mod keys;
mod manager;
mod neighbours;
mod profiles;
mod settings;
mod sources;
mod sts;
mod wire;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use wharf_diag::Spanned;

use crate::credential::Credential;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::stores::members::{self, Members};
use crate::stores::remote::Base;
use crate::stores::{Fetched, Fetching, Identity, Place, Version, Versioning, as_text, missing};
use crate::value::{self, ValueProblem};
use crate::variables::Variables;

pub use error::{AwsAsked, AwsError, AwsPathProblem};
use keys::{Pass, Purse};
pub(crate) use manager::Stage;
use manager::{Kept, Target};
use profiles::Files;
pub use settings::AwsSettings;
use settings::{Effective, is_region, of_region};
use sources::{Search, Sources};
use wire::Wire;

/// Longest name or ARN, by AWS's own bound.
const LONGEST_PATH: usize = 2_048;

/// Secrets Manager, and the keys for it.
pub(crate) struct Aws {
    wire: Wire,
    purse: Purse,
    /// Of the settings or the variables.
    region: Option<String>,
    /// Of the profile, read once: the region of a program does not change under it.
    profile_region: OnceCell<String>,
    endpoint: Result<Option<Base>, AwsError>,
    timeout: Duration,
}

impl Aws {
    /// Says nothing of what is wrong with the settings before somebody needs it.
    pub(crate) fn new(
        settings: &AwsSettings,
        variables: Arc<dyn Variables>,
        exchange: Arc<dyn Exchange>,
    ) -> Self {
        let effective = Effective::of(settings, variables.as_ref());
        let sources = Sources {
            files: Files::of(variables.as_ref()),
            profile: settings.profile.clone(),
            role_arn: settings.role_arn.clone(),
            sts: effective.sts,
            variables,
        };
        Self {
            wire: Wire::new(exchange, effective.trust),
            purse: Purse::new(sources),
            region: effective.region,
            profile_region: OnceCell::new(),
            endpoint: effective.manager,
            timeout: effective.timeout,
        }
    }

    /// The region of a secret: its ARN's, else that of the settings, the variables or the profile.
    async fn region_of(&self, secret: &Secret) -> Result<String, AwsError> {
        let path = || secret.shown();
        let written = secret.arn_region.clone().or_else(|| self.region.clone());
        let region = if let Some(region) = written {
            region
        } else {
            let read = self.profile_region.get_or_try_init(|| async {
                let region = self.purse.sources.region().await?;
                region.ok_or_else(|| AwsError::NoRegion { path: path() })
            });
            read.await?.clone()
        };
        if is_region(&region) {
            Ok(region)
        } else {
            Err(AwsError::RegionUnusable { path: path() })
        }
    }
}

/// A secret that a document names.
pub(crate) struct Secret {
    aws: Arc<Aws>,
    /// As the document has it, and as it is sent.
    path: String,
    problem: Option<AwsPathProblem>,
    arn_region: Option<String>,
    /// Of the value that was read last: it tells when that was made, which a later question may not.
    read: Mutex<Option<Version>>,
    /// That the version may not be read was said.
    is_told: AtomicBool,
}

impl Secret {
    pub(crate) fn new(written: &Spanned<String>, aws: Arc<Aws>) -> Self {
        let path = written.value.clone();
        let (problem, arn_region) = match arn_region(&path) {
            Ok(region) => (None, region),
            Err(problem) => (Some(problem), None),
        };
        Self {
            aws,
            path,
            problem,
            arn_region,
            read: Mutex::default(),
            is_told: AtomicBool::new(false),
        }
    }

    fn shown(&self) -> String {
        self.path.escape_debug().to_string()
    }

    /// The value of each field, of the version that has the stage.
    pub(crate) async fn fetch_stage(
        &self,
        fields: &[String],
        stage: Stage,
    ) -> Result<Fetched, Error> {
        let deadline = Instant::now() + self.aws.timeout;
        let wire = &self.aws.wire;
        let ask = |target: Arc<Target>, pass: Arc<Pass>| async move {
            let kept = target.value(wire, &pass, stage, deadline).await?;
            Ok((kept, target.at.clone()))
        };
        let (Kept { text, version }, at) = self.asked(deadline, ask).await?;
        let values = values(&text, &as_text(fields), &at)?;
        if stage == Stage::Current {
            *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(version.clone());
        }
        Ok(Fetched {
            credential: Credential::new(values, Vec::new()),
            version: Some(version),
            life: None,
        })
    }

    async fn ask_version(&self) -> Result<Option<Version>, Error> {
        let deadline = Instant::now() + self.aws.timeout;
        let wire = &self.aws.wire;
        let ask = |target: Arc<Target>, pass: Arc<Pass>| async move {
            match target.described(wire, &pass, deadline).await {
                Err(AwsError::Denied { .. }) => target.listed(wire, &pass, deadline).await,
                outcome => outcome,
            }
        };
        match self.asked(deadline, ask).await {
            Ok(version) => Ok(version.map(|version| self.as_read(version))),
            Err(AwsError::Denied { at, .. }) => {
                if !self.is_told.swap(true, Ordering::Relaxed) {
                    tracing::info!(
                        "the keys allow neither secretsmanager:DescribeSecret nor \
                         secretsmanager:ListSecretVersionIds on {at}, so a change is seen later, when \
                         the secret itself is read again"
                    );
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The version that was read, where it is this one: its date is the version's own.
    fn as_read(&self, version: Version) -> Version {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let same = read.as_ref().filter(|read| read.id == version.id);
        same.cloned().unwrap_or(version)
    }

    /// Asks with the keys, and once more with others where the first ones were refused.
    async fn asked<T, F>(
        &self,
        deadline: Instant,
        what: impl Fn(Arc<Target>, Arc<Pass>) -> F,
    ) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, AwsError>>,
    {
        if let Some(problem) = self.problem {
            let path = self.shown();
            return Err(AwsError::PathUnusable { path, problem });
        }
        let Aws {
            wire,
            purse,
            endpoint,
            ..
        } = &*self.aws;
        let region = self.aws.region_of(self).await?;
        let own = endpoint.as_ref().map_err(AwsError::clone)?.as_ref();
        let of_region = || Base::known(of_region("secretsmanager", &region));
        let target = Arc::new(Target {
            path: self.path.clone(),
            region: region.clone(),
            endpoint: own.cloned().unwrap_or_else(of_region),
            at: AwsAsked::secret(&self.shown(), &region, own.map(Base::as_str)),
        });
        let search = Search {
            wire,
            region: &region,
            deadline,
        };
        let pass = purse.pass(search).await?;
        let refused = match what(Arc::clone(&target), Arc::clone(&pass)).await {
            Err(error @ AwsError::KeysRefused { .. }) => error,
            outcome => return outcome,
        };
        let Some(other) = purse.refused(&pass, search).await? else {
            return Err(refused);
        };
        let outcome = what(target, other).await;
        if outcome.is_ok() {
            purse.accepted();
        }
        outcome
    }
}

impl Place for Secret {
    fn identity(&self) -> Identity {
        Identity::new("AWS_SECRETS_MANAGER", [self.path.clone()])
    }

    fn describe(&self) -> String {
        format!("at {} in AWS Secrets Manager", self.path)
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn fetch<'a>(&'a self, fields: &'a [String]) -> Fetching<'a> {
        Box::pin(self.fetch_stage(fields, Stage::Current))
    }

    fn version(&self) -> Versioning<'_> {
        Box::pin(self.ask_version())
    }
}

/// The region of an ARN; `None` of a name.
fn arn_region(path: &str) -> Result<Option<String>, AwsPathProblem> {
    if path.is_empty() || path.len() > LONGEST_PATH {
        return Err(AwsPathProblem::Length);
    }
    // Those of names, and the `:` of ARNs.
    let is_known = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-:!".contains(&b);
    if !path.bytes().all(is_known) {
        return Err(AwsPathProblem::Character);
    }
    if !path.starts_with("arn:") {
        return Ok(None);
    }
    let parts: Vec<_> = path.split(':').collect();
    match parts[..] {
        [_, _, "secretsmanager", region, _, "secret", name] if !name.is_empty() => {
            Ok(Some(region.to_owned()))
        }
        _ => Err(AwsPathProblem::Arn),
    }
}

/// The value of each field: from a JSON object of texts, or one value for one field.
fn values(
    text: &SecretString,
    fields: &[&str],
    at: &AwsAsked,
) -> Result<BTreeMap<String, SecretString>, Error> {
    let text = text.expose_secret();
    let store = || format!("the {at}");
    let unusable = |member: Option<&str>, problem: ValueProblem| {
        Error::Aws(AwsError::ValueUnusable {
            at: at.clone(),
            member: member.map(str::to_owned),
            problem,
        })
    };
    if text.trim_start().starts_with('{') {
        let members: Members = serde_json::from_str(text).map_err(|error| AwsError::NotJson {
            at: at.clone(),
            line: error.line(),
            column: error.column(),
        })?;
        return members::fill(&members, fields, store, |name, problem| {
            unusable(Some(name), problem)
        });
    }
    let value = text.trim_end_matches(['\r', '\n']);
    value::check(value).map_err(|problem| unusable(None, problem))?;
    if let Some(&field) = fields.get(1) {
        return Err(missing(field, &store(), &[]));
    }
    let fields = fields.iter();
    Ok(fields
        .map(|&field| (field.to_owned(), SecretString::from(value)))
        .collect())
}

#[cfg(test)]
mod tests;
