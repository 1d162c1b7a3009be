//! Where keys for AWS come from, in the order of AWS's own libraries: the environment, a web identity,
//! a profile, a container, the instance.
//!
//! A source that is set up and fails is an error. To go on to the next one would be to act as somebody
//! else.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::error::AwsError;
use super::profiles::{Files, Role, Start, pair_of, told};
use super::wire::Wire;
use crate::sign::aws4::AwsKeys;
use crate::stores::aside;
use crate::stores::file::read_bytes;
use crate::stores::remote::{Base, variable};
use crate::variables::Variables;

pub(super) const OF_ENVIRONMENT: &str = "the environment";
const OF_PROFILE: &str = "the profile";

/// All that sources are found by.
pub(super) struct Sources {
    pub(super) variables: Arc<dyn Variables>,
    pub(super) files: Files,
    /// The profile of the settings.
    pub(super) profile: Option<String>,
    /// Assumed with what is found.
    pub(super) role_arn: Option<String>,
    pub(super) sts: Result<Option<Base>, AwsError>,
}

/// A search for keys.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) wire: &'a Wire,
    /// The region whose STS is asked.
    pub(super) region: &'a str,
    pub(super) deadline: Instant,
}

/// What was found.
pub(super) struct Found {
    pub(super) keys: AwsKeys,
    /// `None`: they have no end.
    pub(super) expires: Option<Timestamp>,
    pub(super) source_name: &'static str,
    /// They depend on AWS's files.
    pub(super) is_of_files: bool,
}

impl Sources {
    /// The profile that holds, and whether somebody named it.
    pub(super) fn profile(&self) -> (String, bool) {
        let named = self.profile.clone();
        let named = named.or_else(|| self.variable("AWS_PROFILE"));
        let is_named = named.is_some();
        (named.unwrap_or_else(|| "default".to_owned()), is_named)
    }

    /// The region of that profile. Files are read aside.
    pub(super) async fn region(&self) -> Result<Option<String>, AwsError> {
        let (files, profile) = (self.files.clone(), self.profile().0);
        let read = aside(move || {
            let profiles = files.read()?;
            Ok(profiles.get(&profile, "region").map(str::to_owned))
        });
        read.await.unwrap_or(Ok(None))
    }

    /// Looks for keys.
    pub(super) async fn find(&self, search: Search<'_>) -> Result<Found, AwsError> {
        let found = self.base(search).await?;
        match &self.role_arn {
            Some(arn) => {
                self.assume(&Role::new(arn, self.session()), &found, search)
                    .await
            }
            None => Ok(found),
        }
    }

    async fn base(&self, search: Search<'_>) -> Result<Found, AwsError> {
        // Who names a profile in the settings means it, whatever else the environment has.
        if self.profile.is_none() {
            if let Some(found) = self.environment()? {
                return Ok(found);
            }
            let token_file = self.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
            match (token_file, self.variable("AWS_ROLE_ARN")) {
                (Some(file), Some(arn)) => {
                    let role = Role::new(&arn, self.session());
                    return self.web_identity(&role, Path::new(&file), search).await;
                }
                (Some(_), None) => {
                    return Err(AwsError::Incomplete {
                        place: OF_ENVIRONMENT.to_owned(),
                        has: "AWS_WEB_IDENTITY_TOKEN_FILE",
                        lacks: "AWS_ROLE_ARN",
                    });
                }
                (None, _) => {}
            }
        }
        if let Some(found) = self.of_profile(search).await? {
            return Ok(found);
        }
        if let Some(found) = self.container(search).await? {
            return Ok(found);
        }
        let nothing = |instance| AwsError::NoKeys {
            profile: self.profile().0.escape_debug().to_string(),
            instance,
        };
        if self.is_instance_off() {
            let off = "AWS_EC2_METADATA_DISABLED switches the instance's off";
            return Err(nothing(off.to_owned()));
        }
        self.instance(search).await.map_err(|error| match error {
            AwsError::NoAnswer { failure, .. } => {
                nothing(format!("no instance service answers ({failure})"))
            }
            other => other,
        })
    }

    pub(super) fn variable(&self, name: &str) -> Option<String> {
        variable(self.variables.as_ref(), name)
    }

    fn session(&self) -> Option<String> {
        self.variable("AWS_ROLE_SESSION_NAME")
    }

    fn is_instance_off(&self) -> bool {
        let switch = self.variable("AWS_EC2_METADATA_DISABLED");
        switch.is_some_and(|switch| switch.eq_ignore_ascii_case("true"))
    }

    fn environment(&self) -> Result<Option<Found>, AwsError> {
        let text = |name: &str| {
            let value = self.variables.get(name)?;
            let text = Zeroizing::new(value.expose_secret().to_owned());
            (!text.is_empty()).then_some(text)
        };
        let names = [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ];
        let texts = names.map(text);
        let [id, secret, token] = texts
            .each_ref()
            .map(|text| text.as_deref().map(String::as_str));
        let keys = pair_of((id, secret), token, || OF_ENVIRONMENT.to_owned())?;
        Ok(keys.map(|keys| Found::lasting(keys, OF_ENVIRONMENT)))
    }

    async fn of_profile(&self, search: Search<'_>) -> Result<Option<Found>, AwsError> {
        let (files, (profile, is_named)) = (self.files.clone(), self.profile());
        let read = aside(move || {
            let profiles = files.read()?;
            if profiles.has(&profile) {
                return profiles.way(&profile);
            }
            if is_named {
                return Err(profiles.missing(&profile));
            }
            Ok(None)
        });
        let Some(way) = read.await.unwrap_or(Ok(None))? else {
            return Ok(None);
        };
        let unusable = |problem| AwsError::ProfileUnusable {
            profile: self.profile().0.escape_debug().to_string(),
            problem,
        };
        let mut found = match way.start {
            Start::Keys(keys) => Found::lasting(keys, OF_PROFILE),
            Start::Environment => self.environment()?.ok_or_else(|| {
                unusable("takes keys from the environment, which has none; set AWS_ACCESS_KEY_ID")
            })?,
            Start::Container => self.container(search).await?.ok_or_else(|| {
                unusable("takes keys from a container's role, and no variable says where it is")
            })?,
            Start::Instance => self.instance(search).await?,
            Start::WebIdentity { role, file } => self.web_identity(&role, &file, search).await?,
        };
        for role in &way.roles {
            found = self.assume(role, &found, search).await?;
        }
        found.is_of_files = true;
        Ok(Some(found))
    }

    /// Reads a file with a token, each time: it is replaced while it is used.
    pub(super) async fn token_of(
        &self,
        what: &'static str,
        path: &Path,
    ) -> Result<SecretString, AwsError> {
        let place = path.to_owned();
        let unusable = |problem| AwsError::FileUnusable {
            what,
            path: path.to_owned(),
            problem,
        };
        let read = aside(move || read_bytes(&place)).await;
        let read = read.ok_or_else(|| unusable("was not read, since wharf ends"))?;
        let (bytes, _) = read.map_err(|problem| unusable(told(&problem)))?;
        let text = std::str::from_utf8(&bytes)
            .map(str::trim_ascii)
            .unwrap_or_default();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            return Err(unusable("has no token in it; look at what writes it"));
        }
        Ok(SecretString::from(text))
    }
}

impl Found {
    pub(super) fn lasting(keys: AwsKeys, source_name: &'static str) -> Self {
        Self {
            keys,
            expires: None,
            source_name,
            is_of_files: false,
        }
    }
}
