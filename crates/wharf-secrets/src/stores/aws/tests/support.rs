//! A scripted AWS, and what a test asks it with.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;
use wharf_diag::Spanned;
use wharf_document::model::CredentialStore;

use crate::error::Error;
use crate::exchange::{Ask, Asking, Exchange, Failure, Said};
use crate::resolver::Resolver;
use crate::stores::aws::{Aws, AwsError, AwsSettings, Secret, Stage};
use crate::stores::{Fetched, Place, Version};
use crate::variables::FixedVariables;

pub(super) const PATH: &str = "/prod/service-name/credentials";
pub(super) const CANARY: &str = "canary-0aa1bb2cc3";
pub(super) const SECRET_KEY: &str = "canary-5ec4e7aaaa";
pub(super) const ARN: &str =
    "arn:aws:secretsmanager:ap-south-1:123456789012:secret:prod/service-AbCdEf";

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Host, and what is asked: the operation, the action, or the path.
    pub(super) line: String,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    pub(super) timeout: Duration,
    pub(super) has_trust: bool,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The id of the key that it was signed with.
    pub(super) fn key_id(&self) -> &str {
        let credential = self.header("authorization").split("Credential=").nth(1);
        credential.map_or("", |rest| rest.split('/').next().unwrap())
    }
}

pub(super) type Reply = Result<Said, Failure>;

/// Answers by a function, and keeps what was asked.
pub(super) struct Script {
    answers: Box<dyn Fn(&Seen) -> Reply + Send + Sync>,
    seen: Mutex<Vec<Seen>>,
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script")
    }
}

impl Script {
    pub(super) fn new(answers: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            answers: Box::new(answers),
            seen: Mutex::default(),
        })
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// How many requests had these words in their line.
    pub(super) fn count(&self, words: &str) -> usize {
        let lines = self.lines();
        lines.iter().filter(|line| line.contains(words)).count()
    }
}

impl Exchange for Script {
    fn ask(&self, ask: Ask) -> Asking<'_> {
        let body = String::from_utf8(ask.body.expose_secret().to_vec()).unwrap();
        let target = ask.headers.get("x-amz-target");
        let target = target.map(|target| target.to_str().unwrap());
        let action = body
            .strip_prefix("Action=")
            .and_then(|rest| rest.split('&').next());
        let host = ask.url.host().unwrap();
        let what = target.map(|target| target.trim_start_matches("secretsmanager."));
        let what = what.or(action).unwrap_or(ask.url.path());
        let seen = Seen {
            line: format!("{} {host} {what}", ask.method),
            url: ask.url.to_string(),
            headers: ask.headers.clone(),
            body,
            timeout: ask.timeout,
            has_trust: ask.trust.is_some(),
        };
        self.seen.lock().unwrap().push(seen.clone());
        Box::pin(async move {
            // As a network does, so that others come between.
            tokio::task::yield_now().await;
            let answer = (self.answers)(&seen);
            if let Err(Failure::Timeout(most)) = answer {
                tokio::time::sleep(most.min(seen.timeout)).await;
            }
            answer
        })
    }
}

pub(super) fn said(status: u16, headers: &[(&'static str, &str)], body: &str) -> Said {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    Said {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        body: SecretSlice::from(body.as_bytes().to_vec()),
    }
}

/// A secret with this text in it.
pub(super) fn value_of(text: &str, version: &str) -> Said {
    let body = json!({"ARN": ARN, "Name": PATH, "VersionId": version, "SecretString": text,
        "VersionStages": ["AWSCURRENT"], "CreatedDate": 1_767_323_045.678});
    said(200, &[], &body.to_string())
}

/// A secret with one API key.
pub(super) fn value() -> Said {
    value_of(&json!({"api_key": CANARY}).to_string(), "v-1")
}

pub(super) fn error(status: u16, kind: &str, message: &str) -> Said {
    let body = json!({"__type": kind, "Message": message});
    said(status, &[], &body.to_string())
}

/// What STS answers.
pub(super) fn role(id: &str, seconds: i64) -> Said {
    let ends = in_seconds(seconds);
    said(
        200,
        &[],
        &format!(
            "<R xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Result><Credentials>\
             <AccessKeyId>{id}</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>\
             <SessionToken>canary-70ce/+==</SessionToken><Expiration>{ends}</Expiration>\
             </Credentials></Result></R>"
        ),
    )
}

/// What containers and instances answer.
pub(super) fn given(id: &str, seconds: i64) -> Said {
    let body: Value = json!({"Code": "Success", "AccessKeyId": id, "SecretAccessKey": SECRET_KEY,
        "Token": "canary-70ce", "Expiration": in_seconds(seconds)});
    said(200, &[], &body.to_string())
}

fn in_seconds(seconds: i64) -> String {
    let ends = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    ends.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The service of an instance with a role.
pub(super) fn instance(seen: &Seen, id: &str, seconds: i64) -> Said {
    match seen.line.split(' ').nth(2).unwrap() {
        "/latest/api/token" => said(200, &[], "canary-1257"),
        "/latest/meta-data/iam/security-credentials/" => said(200, &[], "billing-role\n"),
        "/latest/meta-data/iam/security-credentials/billing-role" => given(id, seconds),
        _ => said(404, &[], ""),
    }
}

/// A store that is set up: a folder of a user, settings and variables.
pub(super) struct Bench {
    pub(super) home: TempDir,
    pub(super) settings: AwsSettings,
    pub(super) variables: FixedVariables,
}

impl Bench {
    /// With a region, and without keys.
    pub(super) fn bare() -> Self {
        let home = TempDir::new().unwrap();
        let bench = Self {
            settings: AwsSettings::default(),
            variables: FixedVariables::new(),
            home,
        };
        let folder = bench.home.path().display().to_string();
        bench.set("HOME", &folder).set("AWS_REGION", "eu-west-1")
    }

    /// With keys in the environment.
    pub(super) fn new() -> Self {
        Self::bare()
            .set("AWS_ACCESS_KEY_ID", "AKIDENV")
            .set("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.set(name, SecretString::from(value));
        self
    }

    pub(super) fn settings(mut self, change: impl FnOnce(&mut AwsSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Writes a file below the folder of the user.
    pub(super) fn file(self, name: &str, text: &str) -> Self {
        self.write(name, text);
        self
    }

    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(super) fn resolver(&self, exchange: Arc<dyn Exchange>) -> Resolver {
        Resolver::new(
            Arc::new(self.variables.clone()),
            PathBuf::from("/workspace"),
        )
        .through(exchange)
        .with_aws(self.settings.clone())
    }

    pub(super) fn place(&self, exchange: Arc<dyn Exchange>, path: &str) -> Box<dyn Place> {
        place(&self.resolver(exchange), path)
    }

    /// The same, of which a stage can be asked for.
    pub(super) fn secret(&self, exchange: Arc<dyn Exchange>, path: &str) -> Secret {
        let variables = Arc::new(self.variables.clone());
        let aws = Aws::new(&self.settings, variables, exchange);
        Secret::new(&spanned(path), Arc::new(aws))
    }
}

fn spanned(path: &str) -> Spanned<String> {
    Spanned::new(path.to_owned(), wharf_diag::Span::default())
}

pub(super) fn place(resolver: &Resolver, path: &str) -> Box<dyn Place> {
    let path = spanned(path);
    resolver.place(&CredentialStore::AwsSecretsManager { path })
}

pub(super) async fn fetch(
    place: &(dyn Place + 'static),
    fields: &[&str],
) -> Result<Fetched, Error> {
    place.fetch_needed(&names(fields)).await
}

/// The field `api_key`.
pub(super) async fn key(place: &(dyn Place + 'static)) -> Result<String, AwsError> {
    let fetched = fetch(place, &["api_key"]).await.map_err(aws)?;
    Ok(shown(&fetched, "api_key"))
}

/// The field `api_key` of a stage.
pub(super) async fn key_of(secret: &Secret, stage: Stage) -> Result<String, AwsError> {
    let fetched = secret.fetch_stage(&names(&["api_key"]), stage).await;
    Ok(shown(&fetched.map_err(aws)?, "api_key"))
}

pub(super) async fn version(place: &(dyn Place + 'static)) -> Result<Option<Version>, AwsError> {
    place.version().await.map_err(aws)
}

pub(super) fn shown(fetched: &Fetched, field: &str) -> String {
    let value = fetched.credential.get(field).unwrap();
    value.expose_secret().to_owned()
}

fn names(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| (*field).to_owned()).collect()
}

/// The error of a fetch, which must hold nothing that is secret.
pub(super) fn aws(error: Error) -> AwsError {
    let text = format!("{error} {error:?}");
    assert!(!text.contains("canary-"), "{text}");
    match error {
        Error::Aws(error) => error,
        other => panic!("{other:?}"),
    }
}
