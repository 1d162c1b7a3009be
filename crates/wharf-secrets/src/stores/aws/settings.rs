//! Where AWS Secrets Manager is, and whose keys open it: the settings, and the variables of AWS's own
//! libraries where those say nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::error::AwsError;
use crate::exchange::TrustFile;
use crate::stores::remote::{Base, DEFAULT_TIMEOUT, variable};
use crate::variables::Variables;

/// Longest name of a region, which is a part of a host's name.
const LONGEST_REGION: usize = 32;

/// Ends of hosts' names by the first letters of a region; everywhere else it is `amazonaws.com`.
const ENDS: [(&str, &str); 6] = [
    ("cn-", "amazonaws.com.cn"),
    ("eusc-", "amazonaws.eu"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
];

/// `[secrets.aws]` of the settings. Every part may be left out. Holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwsSettings {
    /// `eu-west-1`. Default: the variables `AWS_REGION` and `AWS_DEFAULT_REGION`, then the profile's.
    /// A path that is an ARN names its own.
    pub region: Option<String>,
    /// The profile in AWS's own files. Keys in the environment do not count where it is named.
    /// Default: `AWS_PROFILE`, else `default`.
    pub profile: Option<String>,
    /// `https://vpce-….secretsmanager.eu-west-1.vpce.amazonaws.com`. Default:
    /// `AWS_ENDPOINT_URL_SECRETS_MANAGER`, `AWS_ENDPOINT_URL`, then the region's.
    pub endpoint: Option<String>,
    /// Time for one fetch, with finding keys and with repetitions. Default: 5 s.
    pub timeout: Option<Duration>,
    /// A role that is assumed with the keys that are found. Default: none.
    pub role_arn: Option<String>,
}

/// Settings and variables together: what holds.
pub(super) struct Effective {
    /// Of the settings, else of the variables.
    pub(super) region: Option<String>,
    pub(super) manager: Result<Option<Base>, AwsError>,
    pub(super) sts: Result<Option<Base>, AwsError>,
    pub(super) trust: Option<Arc<TrustFile>>,
    pub(super) timeout: Duration,
}

impl Effective {
    pub(super) fn of(settings: &AwsSettings, variables: &dyn Variables) -> Self {
        let first = |names: &[&'static str]| {
            let found = names.iter().find_map(|name| {
                let value = variable(variables, name)?;
                Some(endpoint(&value, name))
            });
            found.transpose()
        };
        let manager = match &settings.endpoint {
            Some(text) => endpoint(text, "`[secrets.aws] endpoint`").map(Some),
            None => first(&["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"]),
        };
        let region = settings.region.clone();
        let region = region.or_else(|| variable(variables, "AWS_REGION"));
        Self {
            region: region.or_else(|| variable(variables, "AWS_DEFAULT_REGION")),
            manager,
            sts: first(&["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"]),
            trust: variable(variables, "AWS_CA_BUNDLE")
                .map(|file| Arc::new(TrustFile(PathBuf::from(file)))),
            timeout: settings.timeout.unwrap_or(DEFAULT_TIMEOUT),
        }
    }
}

/// `place` is where it stands, for an error: the address itself may hold a password.
fn endpoint(text: &str, place: &'static str) -> Result<Base, AwsError> {
    Base::read(text).ok_or(AwsError::EndpointUnusable { place })
}

/// The address of a service in a region, which is checked.
pub(super) fn of_region(service: &str, region: &str) -> String {
    let end = ENDS.iter().find(|(start, _)| region.starts_with(start));
    let end = end.map_or("amazonaws.com", |(_, end)| end);
    format!("https://{service}.{region}.{end}")
}

/// Whether a text can be a region. It becomes a part of a host's name.
pub(super) fn is_region(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.len() <= LONGEST_REGION
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(is_part)
}
