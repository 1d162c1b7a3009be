//! AWS's own two files: profiles by name, and what each of them leads to.
//!
//! The form is that of the AWS SDKs and Tools reference guide, "Shared config and credentials files".

use std::collections::HashMap;
use std::path::PathBuf;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::error::AwsError;
use crate::sign::aws4::AwsKeys;
use crate::stores::file::{ReadProblem, Stamp, read_bytes};
use crate::stores::remote::variable;
use crate::variables::Variables;

/// Longest way from a profile to keys. AWS sets none.
const MOST_ROLES: usize = 8;

/// Where the two files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) config: PathBuf,
    pub(super) credentials: PathBuf,
}

/// Both files as one.
#[derive(Default)]
pub(super) struct Profiles {
    by_name: HashMap<String, Profile>,
    /// Where they were read from, for errors.
    files: Option<Files>,
}

type Profile = HashMap<String, Zeroizing<String>>;

/// Which of the files a text is of: they name profiles differently.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Config,
    Credentials,
}

/// The way from a profile to keys.
pub(super) struct Way {
    pub(super) start: Start,
    /// Roles in the order in which they are assumed.
    pub(super) roles: Vec<Role>,
}

/// Where a way begins.
pub(super) enum Start {
    Keys(AwsKeys),
    Environment,
    Container,
    Instance,
    WebIdentity { role: Role, file: PathBuf },
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) duration_seconds: Option<String>,
}

impl Role {
    pub(super) fn new(arn: &str, session: Option<String>) -> Self {
        Self {
            arn: arn.to_owned(),
            session,
            external_id: None,
            duration_seconds: None,
        }
    }
}

impl Files {
    /// Where the variables say; else in the folder of the user.
    pub(super) fn of(variables: &dyn Variables) -> Self {
        let home = variable(variables, "HOME").map(PathBuf::from);
        let place = |name: &str, file: &str| match variable(variables, name) {
            Some(written) => match (written.strip_prefix("~/"), &home) {
                (Some(below), Some(home)) => home.join(below),
                _ => PathBuf::from(written),
            },
            None => home.clone().unwrap_or_default().join(".aws").join(file),
        };
        Self {
            config: place("AWS_CONFIG_FILE", "config"),
            credentials: place("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        }
    }

    /// What they look like from outside. It may block.
    pub(super) fn stamps(&self) -> [Option<Stamp>; 2] {
        [Stamp::of(&self.config), Stamp::of(&self.credentials)]
    }

    /// Reads both; one that is not there has nothing in it. It may block.
    pub(super) fn read(&self) -> Result<Profiles, AwsError> {
        let mut profiles = Profiles {
            files: Some(self.clone()),
            ..Profiles::default()
        };
        let files = [
            (Kind::Config, "AWS's file of settings", &self.config),
            (Kind::Credentials, "AWS's file of keys", &self.credentials),
        ];
        for (kind, what, path) in files {
            let unusable = |problem| AwsError::FileUnusable {
                what,
                path: path.clone(),
                problem,
            };
            let bytes = match read_bytes(path) {
                Ok((bytes, _)) => bytes,
                Err(ReadProblem::Missing) => continue,
                Err(problem) => return Err(unusable(told(&problem))),
            };
            let text = std::str::from_utf8(&bytes);
            let text = text.map_err(|_| unusable("is not UTF-8; write it anew"))?;
            profiles.add(text, kind);
        }
        Ok(profiles)
    }
}

/// What is wrong with a file, and what to do.
pub(super) fn told(problem: &ReadProblem) -> &'static str {
    match problem {
        ReadProblem::Missing => "does not exist; create it, or correct the variable that names it",
        ReadProblem::Loop => "is a link that leads to links only; let it lead to a file",
        ReadProblem::NotRegular => "is not a regular file; name one",
        ReadProblem::TooLarge => "is larger than 64 KiB; keep only what is needed in it",
        ReadProblem::Unreadable(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            "may not be read by the user that runs wharf; allow it"
        }
        ReadProblem::Unreadable(_) => "cannot be read; look at the disk or share that it is on",
    }
}

impl Profiles {
    /// Adds what a text says. Of two values of one name, the later counts. What is no profile and no
    /// setting is passed over, as AWS's libraries do.
    fn add(&mut self, text: &str, kind: Kind) {
        let mut current: Option<String> = None;
        for line in text.trim_start_matches('\u{feff}').lines() {
            // An indented line belongs to a setting of several lines, and none of those is read.
            if line.starts_with([' ', '\t', '#', ';']) || line.trim().is_empty() {
                continue;
            }
            if let Some(header) = line.strip_prefix('[') {
                let header = header.split_once(']').map(|(name, _)| name.trim());
                current = header.and_then(|name| profile_name(name, kind));
                if let Some(name) = &current {
                    self.by_name.entry(name.clone()).or_default();
                }
                continue;
            }
            let (Some(profile), Some((name, value))) = (&current, line.split_once('=')) else {
                continue;
            };
            let value = without_comment(value).trim();
            if let Some(profile) = self.by_name.get_mut(profile) {
                let name = name.trim().to_ascii_lowercase();
                profile.insert(name, Zeroizing::new(value.to_owned()));
            }
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// A setting of a profile, if it is set and not to nothing.
    pub(super) fn get(&self, profile: &str, name: &str) -> Option<&str> {
        let value = self.by_name.get(profile)?.get(name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// The error of a profile that is not there.
    pub(super) fn missing(&self, profile: &str) -> AwsError {
        let files = self.files.as_ref();
        AwsError::ProfileMissing {
            profile: profile.escape_debug().to_string(),
            config: files.map(|files| files.config.clone()).unwrap_or_default(),
            credentials: files.map_or_else(PathBuf::new, |files| files.credentials.clone()),
        }
    }

    /// The way to the keys of a profile, which is there. `None`: it says nothing of keys.
    pub(super) fn way(&self, head: &str) -> Result<Option<Way>, AwsError> {
        let mut roles = Vec::new();
        let mut seen = vec![head.to_owned()];
        let mut name = head.to_owned();
        loop {
            let get = |key: &str| self.get(&name, key);
            let unusable = |problem| AwsError::ProfileUnusable {
                profile: name.escape_debug().to_string(),
                problem,
            };
            // A profile that another one takes keys from gives its keys where it has some, whatever
            // else it says; so one may name itself.
            let has_keys =
                get("aws_access_key_id").is_some() || get("aws_secret_access_key").is_some();
            let is_source = !roles.is_empty();
            let arn = get("role_arn").filter(|_| !(is_source && has_keys));
            let Some(arn) = arn else {
                let start = self.start(&name)?;
                if start.is_none() && is_source {
                    return Err(unusable(
                        "is named by `source_profile` and has no keys; add `aws_access_key_id` and \
                         `aws_secret_access_key` to it",
                    ));
                }
                roles.reverse();
                return Ok(start.map(|start| Way { start, roles }));
            };
            if get("mfa_serial").is_some() {
                return Err(unusable(
                    "needs a person with a second factor (`mfa_serial`); name one that does not",
                ));
            }
            let role = Role {
                external_id: get("external_id").map(str::to_owned),
                duration_seconds: get("duration_seconds").map(str::to_owned),
                ..Role::new(arn, get("role_session_name").map(str::to_owned))
            };
            let source = get("source_profile");
            let start = match (
                source,
                get("credential_source"),
                get("web_identity_token_file"),
            ) {
                (Some(_), Some(_), _) => {
                    return Err(unusable(
                        "has `source_profile` and `credential_source`; take one of them out",
                    ));
                }
                (None, Some("Environment"), _) => Start::Environment,
                (None, Some("EcsContainer"), _) => Start::Container,
                (None, Some("Ec2InstanceMetadata"), _) => Start::Instance,
                (None, Some(_), _) => {
                    return Err(unusable(
                        "has a `credential_source` that is none of Environment, EcsContainer and \
                         Ec2InstanceMetadata; write one of these",
                    ));
                }
                (None, None, Some(file)) => {
                    let start = Start::WebIdentity {
                        role,
                        file: PathBuf::from(file),
                    };
                    roles.reverse();
                    return Ok(Some(Way { start, roles }));
                }
                (None, None, None) => {
                    return Err(unusable(
                        "has `role_arn` and nothing to assume the role with; add `source_profile`, \
                         `credential_source` or `web_identity_token_file`",
                    ));
                }
                (Some(source), None, _) => {
                    if !self.has(source) {
                        return Err(self.missing(source));
                    }
                    let has_keys = self.get(source, "aws_access_key_id").is_some();
                    let is_loop = seen.iter().any(|seen| seen == source) && !has_keys;
                    if is_loop || roles.len() >= MOST_ROLES {
                        return Err(unusable(
                            "leads by `source_profile` in a circle, or over too many others; let it \
                             lead to one with keys",
                        ));
                    }
                    let source = source.to_owned();
                    roles.push(role);
                    seen.push(source.clone());
                    name = source;
                    continue;
                }
            };
            roles.push(role);
            roles.reverse();
            return Ok(Some(Way { start, roles }));
        }
    }

    /// The keys that a profile itself has.
    fn start(&self, name: &str) -> Result<Option<Start>, AwsError> {
        let get = |key: &str| self.get(name, key);
        let place = || format!("profile `{}`", name.escape_debug());
        let pair = (get("aws_access_key_id"), get("aws_secret_access_key"));
        if let Some(keys) = pair_of(pair, get("aws_session_token"), place)? {
            return Ok(Some(Start::Keys(keys)));
        }
        let others = [
            "credential_process",
            "sso_session",
            "sso_start_url",
            "login_session",
        ];
        if others.iter().any(|name| get(name).is_some()) {
            return Err(AwsError::ProfileUnusable {
                profile: name.escape_debug().to_string(),
                problem: "gets its keys from a program or from a person's login, which Wharf does not \
                          start; name a profile with keys or with a role",
            });
        }
        Ok(None)
    }
}

/// Keys of two texts that belong together. `place` is where they stand.
pub(super) fn pair_of(
    pair: (Option<&str>, Option<&str>),
    token: Option<&str>,
    place: impl Fn() -> String,
) -> Result<Option<AwsKeys>, AwsError> {
    let (id, secret) = ("an access key id", "a secret access key");
    let incomplete = |has, lacks| AwsError::Incomplete {
        place: place(),
        has,
        lacks,
    };
    match pair {
        (None, None) => Ok(None),
        (Some(_), None) => Err(incomplete(id, secret)),
        (None, Some(_)) => Err(incomplete(secret, id)),
        (Some(id), Some(secret)) => {
            let token = token.map(SecretString::from);
            let keys = AwsKeys::new(id, SecretString::from(secret), token.as_ref());
            keys.map(Some).map_err(|problem| AwsError::KeysUnusable {
                place: place(),
                problem,
            })
        }
    }
}

/// The profile that a header names. In the file of settings all but `default` are called so.
fn profile_name(header: &str, kind: Kind) -> Option<String> {
    let rest = header.strip_prefix("profile");
    let named = rest.filter(|rest| rest.starts_with([' ', '\t']));
    let name = match (kind, named) {
        (Kind::Config, Some(name)) => name.trim(),
        (Kind::Config, None) if header == "default" => header,
        (Kind::Config, None) => return None,
        (Kind::Credentials, _) => header,
    };
    let quoted = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    let name = quoted.unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// A `#` or a `;` behind a space begins a comment. Within a word it may be a part of a key.
fn without_comment(value: &str) -> &str {
    let is_start =
        |(at, c): &(usize, char)| matches!(c, '#' | ';') && value[..*at].ends_with([' ', '\t']);
    let comment = value.char_indices().find(is_start);
    comment.map_or(value, |(at, _)| &value[..at])
}

#[cfg(test)]
mod tests;
