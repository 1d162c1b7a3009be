//! The questions to AWS Secrets Manager: for a value, and for a version without it.
//!
//! The protocol is "AWS JSON 1.1": one address, the operation in a header, JSON both ways.

use std::collections::HashMap;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method};
use jiff::{SignedDuration, SignedDurationRound, Timestamp, Unit};
use secrecy::{SecretSlice, SecretString};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::error::{AwsAsked, AwsError};
use super::keys::Pass;
use super::wire::{Answer, Request, Signer, Wire};
use crate::sign::aws4::Aws4;
use crate::stores::Version;
use crate::stores::remote::{Base, SecretText};

const NO_VALUE: &str = "has no VersionId with a SecretString or a SecretBinary";
const NO_VERSIONS: &str = "has no versions with their stages";

/// Most versions in one answer, by AWS's own bound; those with a stage come first, and have at most 20.
const MOST_VERSIONS: u32 = 100;

/// The name under which a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "a rotation asks for the versions before and behind"
    )
)]
pub(crate) enum Stage {
    /// The one in use.
    Current,
    /// The next one, while a rotation is under way.
    Pending,
    /// The one before.
    Previous,
}

impl Stage {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Current => "AWSCURRENT",
            Self::Pending => "AWSPENDING",
            Self::Previous => "AWSPREVIOUS",
        }
    }
}

/// A secret, and where it is asked for.
pub(super) struct Target {
    pub(super) path: String,
    pub(super) region: String,
    pub(super) endpoint: Base,
    pub(super) at: AwsAsked,
}

/// What a secret holds.
pub(super) struct Kept {
    pub(super) text: SecretString,
    pub(super) version: Version,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    version_id: String,
    secret_string: Option<SecretText>,
    secret_binary: Option<IgnoredAny>,
    created_date: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    version_ids_to_stages: Option<HashMap<String, Vec<String>>>,
    last_changed_date: Option<f64>,
    deleted_date: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    versions: Vec<OneVersion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneVersion {
    version_id: String,
    #[serde(default)]
    version_stages: Vec<String>,
    created_date: Option<f64>,
}

impl Target {
    /// The value of a stage.
    pub(super) async fn value(
        &self,
        wire: &Wire,
        pass: &Pass,
        stage: Stage,
        deadline: Instant,
    ) -> Result<Kept, AwsError> {
        let terms = json!({"SecretId": self.path, "VersionStage": stage.name()});
        let answer = self
            .ask("GetSecretValue", &terms, wire, pass, deadline)
            .await?;
        if answer.status >= 300 {
            return Err(refusal(&answer, stage));
        }
        let given: Given = answer.read(NO_VALUE)?;
        let version = Version {
            id: given.version_id,
            made_at: given.created_date.and_then(moment),
        };
        match (given.secret_string, given.secret_binary) {
            (Some(text), _) => Ok(Kept {
                text: text.0,
                version,
            }),
            (None, Some(_)) => Err(AwsError::Binary { at: answer.at }),
            (None, None) => Err(answer.is_not_aws(NO_VALUE)),
        }
    }

    /// The version that is in use, and when the secret last changed. `None`: no version is.
    pub(super) async fn described(
        &self,
        wire: &Wire,
        pass: &Pass,
        deadline: Instant,
    ) -> Result<Option<Version>, AwsError> {
        let terms = json!({"SecretId": self.path});
        let answer = self
            .ask("DescribeSecret", &terms, wire, pass, deadline)
            .await?;
        if answer.status >= 300 {
            return Err(refusal(&answer, Stage::Current));
        }
        let described: Described = answer.read(NO_VERSIONS)?;
        if described.deleted_date.is_some() {
            return Err(AwsError::Deleted { at: answer.at });
        }
        let made_at = described.last_changed_date.and_then(moment);
        let versions = described.version_ids_to_stages.unwrap_or_default();
        let current = versions.into_iter().find(|(_, stages)| is_current(stages));
        Ok(current.map(|(id, _)| Version { id, made_at }))
    }

    /// The same for who may list versions and not describe the secret.
    pub(super) async fn listed(
        &self,
        wire: &Wire,
        pass: &Pass,
        deadline: Instant,
    ) -> Result<Option<Version>, AwsError> {
        let terms = json!({"SecretId": self.path, "MaxResults": MOST_VERSIONS});
        let answer = self
            .ask("ListSecretVersionIds", &terms, wire, pass, deadline)
            .await?;
        if answer.status >= 300 {
            return Err(refusal(&answer, Stage::Current));
        }
        let listed: Listed = answer.read(NO_VERSIONS)?;
        let mut versions = listed.versions.into_iter();
        let current = versions.find(|version| is_current(&version.version_stages));
        Ok(current.map(|version| Version {
            id: version.version_id,
            made_at: version.created_date.and_then(moment),
        }))
    }

    async fn ask(
        &self,
        operation: &str,
        terms: &Value,
        wire: &Wire,
        pass: &Pass,
        deadline: Instant,
    ) -> Result<Answer, AwsError> {
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/x-amz-json-1.1");
        headers.insert(CONTENT_TYPE, json);
        let target = HeaderValue::from_str(&format!("secretsmanager.{operation}"));
        headers
            .extend(target.map(|target| (http::HeaderName::from_static("x-amz-target"), target)));
        let url = self.endpoint.url("").ok_or(AwsError::EndpointUnusable {
            place: "`[secrets.aws] endpoint`",
        })?;
        let request = Request {
            method: Method::POST,
            url,
            headers,
            body: SecretSlice::from(terms.to_string().into_bytes()),
            signed: Some(Signer {
                keys: &pass.keys,
                source_name: pass.source_name,
                aws: Aws4 {
                    region: &self.region,
                    service: "secretsmanager",
                },
            }),
            attempt: None,
            at: self.at.clone(),
        };
        wire.send(&request, deadline).await
    }
}

/// What an answer without success means.
fn refusal(answer: &Answer, stage: Stage) -> AwsError {
    let (at, status) = (answer.at.clone(), answer.status);
    let Some(code) = answer.code() else {
        return answer.is_not_aws("names no error");
    };
    match code.as_str() {
        "ResourceNotFoundException"
            if answer.says(&["staging label", "VersionStage", "SecretVersion"]) =>
        {
            let stage = stage.name();
            AwsError::NoVersion { at, stage }
        }
        "ResourceNotFoundException" => AwsError::NotFound { at },
        // The word is the same for all that a secret's state forbids.
        "InvalidRequestException" if answer.says(&["marked for deletion", "marked deleted"]) => {
            AwsError::Deleted { at }
        }
        "DecryptionFailure" | "DecryptionFailureException" => AwsError::DecryptionFailed { at },
        "AccessDeniedException" | "AccessDenied" | "NotAuthorized" => {
            AwsError::Denied { at, status, code }
        }
        _ => AwsError::Refused { at, status, code },
    }
}

fn is_current(stages: &[String]) -> bool {
    stages.iter().any(|stage| stage == Stage::Current.name())
}

/// Seconds since 1970, as AWS's JSON has times.
fn moment(seconds: f64) -> Option<Timestamp> {
    let since = SignedDuration::try_from_secs_f64(seconds).ok()?;
    // What stands behind the thousandths is of the number's form alone.
    let thousandths = SignedDurationRound::new().smallest(Unit::Millisecond);
    let since = since.round(thousandths).ok()?;
    Timestamp::from_duration(since).ok()
}
