//! Why AWS Secrets Manager did not give a secret.

use std::fmt;
use std::path::PathBuf;

use crate::exchange::{ANSWER_LIMIT_BYTES, Failure};
use crate::sign::aws4::AwsKeysProblem;
use crate::value::ValueProblem;

/// What was asked of AWS, and where: for people. Holds no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct AwsAsked(Box<str>);

impl AwsAsked {
    pub(super) fn secret(path: &str, region: &str, endpoint: Option<&str>) -> Self {
        let at = endpoint.map(|endpoint| format!(" at {endpoint}"));
        let at = at.unwrap_or_default();
        Self(format!("secret `{path}` in AWS Secrets Manager{at}, region {region}").into())
    }

    pub(super) fn role(arn: &str, region: &str) -> Self {
        let arn = arn.escape_debug();
        Self(format!("role `{arn}` at AWS STS, region {region}").into())
    }

    pub(super) fn source(what: &str, host: &str) -> Self {
        Self(format!("keys at {what} ({host})").into())
    }
}

impl fmt::Display for AwsAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AwsAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AwsAsked({self})")
    }
}

/// What is wrong with a path in AWS Secrets Manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwsPathProblem {
    /// Nothing in it, or more than 2,048 characters.
    #[error("is empty or longer than any name")]
    Length,
    /// A character that no name has.
    #[error("has a character that no name of a secret has")]
    Character,
    /// An ARN of something else, or with something behind the name.
    #[error("is no ARN of a secret, which ends with the secret's name")]
    Arn,
}

/// Why AWS Secrets Manager did not give a secret: where, what, and what to do. Never a value, a key, a
/// token or a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwsError {
    /// Nothing says in which region a secret is.
    #[error(
        "it is not known in which AWS region the secret `{path}` is; set `region` under \
         `[secrets.aws]` in wharf.toml, or the environment variable AWS_REGION, or name the secret by \
         its ARN"
    )]
    NoRegion {
        /// The document's path.
        path: String,
    },
    /// What says so cannot be a region.
    #[error(
        "the AWS region of the secret `{path}` cannot be one; write it like `eu-west-1`, under \
         `[secrets.aws]` in wharf.toml or in AWS_REGION"
    )]
    RegionUnusable {
        /// The document's path.
        path: String,
    },
    /// The address of a service is none. It is not shown, since it may hold a password.
    #[error(
        "the address of AWS in {place} cannot be used; write it like `https://secrets.internal`, \
         without a user, a password or a query"
    )]
    EndpointUnusable {
        /// Where it stands.
        place: &'static str,
    },
    /// The document's path leads to no secret.
    #[error(
        "the path `{path}` in AWS Secrets Manager {problem}; write the secret's name, like \
         `/prod/service-name/credentials`, or its ARN"
    )]
    PathUnusable {
        /// The path.
        path: String,
        /// What is wrong with it.
        problem: AwsPathProblem,
    },
    /// No source has keys.
    #[error(
        "there are no keys for AWS: none in the environment, in the profile `{profile}` or of a \
         container, and {instance}; give this machine or container a role, or set AWS_ACCESS_KEY_ID \
         and AWS_SECRET_ACCESS_KEY"
    )]
    NoKeys {
        /// The profile that was looked at.
        profile: String,
        /// Why the instance gave none.
        instance: String,
    },
    /// A source has one of two things that belong together.
    #[error("{place} has {has} without {lacks}, which belong together; add it, or take both out")]
    Incomplete {
        /// Where they stand.
        place: String,
        /// What is there.
        has: &'static str,
        /// What is not.
        lacks: &'static str,
    },
    /// Keys that cannot be sent.
    #[error("the keys for AWS in {place} cannot be used: {problem}; put them there anew")]
    KeysUnusable {
        /// Where they stand.
        place: String,
        /// What is wrong with them.
        problem: AwsKeysProblem,
    },
    /// A file of AWS's own, or one with a token, cannot be read.
    #[error("{what} {} {problem}", path.display())]
    FileUnusable {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        problem: &'static str,
    },
    /// A profile that was named is in no file.
    #[error(
        "there is no profile `{profile}` in {} or {}; correct `profile` under `[secrets.aws]` in \
         wharf.toml, AWS_PROFILE or `source_profile`",
        config.display(),
        credentials.display()
    )]
    ProfileMissing {
        /// Its name.
        profile: String,
        /// The file of settings.
        config: PathBuf,
        /// The file of keys.
        credentials: PathBuf,
    },
    /// A profile says something that leads to no keys.
    #[error("the profile `{profile}` {problem}")]
    ProfileUnusable {
        /// Its name.
        profile: String,
        /// What is wrong with it, and what to do.
        problem: &'static str,
    },
    /// The address of a container's keys may not be asked.
    #[error(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI (or its relative form) cannot be used; without https \
         only this machine, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 are asked for keys"
    )]
    ContainerAddress,
    /// A source of keys refused.
    #[error("{at} are not given (status {status}); {remedy}")]
    SourceRefused {
        /// What was asked.
        at: AwsAsked,
        /// The answer's status.
        status: u16,
        /// What to do.
        remedy: &'static str,
    },
    /// A role was not given.
    #[error("{at} is refused (status {status}, {code}); {remedy}")]
    RoleRefused {
        /// What was asked.
        at: AwsAsked,
        /// The answer's status.
        status: u16,
        /// AWS's own word.
        code: String,
        /// What to do.
        remedy: &'static str,
    },
    /// There is no answer.
    #[error(
        "no answer about {at}: {failure}; check the region, the network and the certificate, or raise \
         `timeout_seconds` under `[secrets.aws]`"
    )]
    NoAnswer {
        /// What was asked.
        at: AwsAsked,
        /// Why.
        failure: Failure,
    },
    /// The answer is longer than any of AWS's.
    #[error(
        "the answer about {at} is longer than {ANSWER_LIMIT_BYTES} bytes, which is none of AWS's; \
         check the endpoint"
    )]
    TooLong {
        /// What was asked.
        at: AwsAsked,
    },
    /// The server sends somewhere else.
    #[error(
        "the answer about {at} leads to another place, and Wharf follows none with what it signed; \
         correct the endpoint"
    )]
    Redirected {
        /// What was asked.
        at: AwsAsked,
    },
    /// The answer is none of AWS's.
    #[error(
        "the answer about {at} (status {status}) is none of AWS's: it {what}; check that the endpoint \
         leads there and not to a proxy or a login page"
    )]
    NotAws {
        /// What was asked.
        at: AwsAsked,
        /// The answer's status.
        status: u16,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The service cannot answer now.
    #[error("no answer about {at} (status {status}): the service failed; it is asked again")]
    Unavailable {
        /// What was asked.
        at: AwsAsked,
        /// The answer's status.
        status: u16,
    },
    /// More requests came than it takes.
    #[error(
        "no answer about {at} (status {status}): more requests come from this account than are \
         taken; it is asked again, more slowly"
    )]
    Throttled {
        /// What was asked.
        at: AwsAsked,
        /// The answer's status.
        status: u16,
    },
    /// The keys are not accepted.
    #[error(
        "{at} is refused (status {status}, {code}): the keys from {source_name} have ended, were \
         taken back or are wrong{}; put others there",
        clock(*skew_seconds)
    )]
    KeysRefused {
        /// What was asked.
        at: AwsAsked,
        /// The answer's status.
        status: u16,
        /// AWS's own word.
        code: String,
        /// Where the keys came from.
        source_name: &'static str,
        /// How far the server's clock is ahead of this machine's, where that is more than a minute.
        skew_seconds: Option<i64>,
    },
    /// The keys do not allow it.
    #[error(
        "AWS refuses to give {at} (status {status}, {code}); allow its reader the action \
         `secretsmanager:GetSecretValue` on it, and `kms:Decrypt` where a key of your own seals it, \
         or change `path` of this environment under Credential Storage"
    )]
    Denied {
        /// What was asked.
        at: AwsAsked,
        /// The answer's status.
        status: u16,
        /// AWS's own word.
        code: String,
    },
    /// There is no such secret.
    #[error(
        "there is no {at}; put one there, or change `path` of this environment under Credential \
         Storage (a name is taken as it is written, a slash at its start too)"
    )]
    NotFound {
        /// What was asked.
        at: AwsAsked,
    },
    /// No version has the stage.
    #[error("no version of {at} has the stage {stage}; put a value there")]
    NoVersion {
        /// What was asked.
        at: AwsAsked,
        /// `AWSCURRENT` and so on.
        stage: &'static str,
    },
    /// Somebody deleted it, and it can be restored for some days.
    #[error("{at} is marked for deletion; restore it, or change `path` of this environment")]
    Deleted {
        /// What was asked.
        at: AwsAsked,
    },
    /// The key that seals it is gone or switched off.
    #[error(
        "{at} cannot be opened by AWS: its KMS key is switched off, deleted or not allowed; look at \
         that key"
    )]
    DecryptionFailed {
        /// What was asked.
        at: AwsAsked,
    },
    /// Bytes that are no text.
    #[error(
        "{at} holds bytes (SecretBinary), which cannot be sent as a credential; store a text or a \
         JSON object of texts (SecretString)"
    )]
    Binary {
        /// What was asked.
        at: AwsAsked,
    },
    /// It starts like a JSON object and is none.
    #[error(
        "{at} is not valid JSON at line {line}, column {column}; correct it, or store one value \
         alone"
    )]
    NotJson {
        /// Where the secret is.
        at: AwsAsked,
        /// Line from 1.
        line: usize,
        /// Column from 1.
        column: usize,
    },
    /// The secret, or a member of it, cannot be sent.
    #[error(
        "{}{at} {problem}; store the credential there as a text of visible ASCII on one line",
        member.as_ref().map(|name| format!("member `{name}` of ")).unwrap_or_default()
    )]
    ValueUnusable {
        /// Where the secret is.
        at: AwsAsked,
        /// Name of the member, where it is a JSON object.
        member: Option<String>,
        /// What is wrong with it.
        problem: ValueProblem,
    },
    /// It is refused for another reason.
    #[error("AWS refuses {at} (status {status}, {code}); look the word up in AWS's documentation")]
    Refused {
        /// What was asked.
        at: AwsAsked,
        /// The answer's status.
        status: u16,
        /// AWS's own word.
        code: String,
    },
}

fn clock(skew_seconds: Option<i64>) -> String {
    match skew_seconds {
        Some(seconds) => {
            let way = if seconds > 0 { "ahead of" } else { "behind" };
            let seconds = seconds.unsigned_abs();
            format!(", or the clock is: AWS's is {seconds} s {way} this machine's")
        }
        None => String::new(),
    }
}
