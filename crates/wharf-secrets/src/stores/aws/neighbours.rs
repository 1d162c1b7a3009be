//! Keys that the services beside a container or an instance give.

use std::path::PathBuf;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::Deserialize;
use tokio::time::Instant;

use super::error::{AwsAsked, AwsError};
use super::sources::{Found, OF_ENVIRONMENT, Search, Sources};
use super::wire::{Answer, Request};
use crate::sign::aws4::AwsKeys;
use crate::stores::remote::SecretText;

/// For one attempt at the service of an instance, which is on the same machine.
const INSTANCE_ATTEMPT: Duration = Duration::from_secs(1);

/// For all of it: where nobody answers there, this is no instance.
const INSTANCE_TOTAL: Duration = Duration::from_secs(2);

/// Seconds that the token of an instance's service is good for: as long as the two questions take.
const INSTANCE_TOKEN_SECONDS: HeaderValue = HeaderValue::from_static("60");

/// Hosts that are asked for a container's keys without TLS, beside this machine itself: those of ECS
/// and EKS.
const CONTAINER_HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

const NO_KEYS: &str = "has no AccessKeyId, SecretAccessKey and Expiration";

pub(super) const OF_INSTANCE: &str = "the instance's role";
const OF_CONTAINER: &str = "the container's role";

/// What containers and instances answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    code: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<SecretText>,
    token: Option<SecretText>,
    expiration: Option<String>,
}

impl Sources {
    pub(super) async fn container(&self, search: Search<'_>) -> Result<Option<Found>, AwsError> {
        let relative = self.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        let url = match relative {
            Some(path) => {
                let path = path.trim_start_matches('/');
                format!("http://169.254.170.2/{path}")
            }
            None => match self.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
                Some(url) => url,
                None => return Ok(None),
            },
        };
        let url: Uri = url.parse().map_err(|_| AwsError::ContainerAddress)?;
        let host = url.host().filter(|_| may_be_asked(&url));
        let host = host.ok_or(AwsError::ContainerAddress)?;
        let token = match self.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            Some(file) => {
                let what = "the file of the token for the container's role";
                Some(self.token_of(what, &PathBuf::from(file)).await?)
            }
            None => self.variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
        };
        let mut headers = accepting_json();
        if let Some(token) = token.filter(|token| !token.expose_secret().is_empty()) {
            let value = HeaderValue::from_str(token.expose_secret());
            let mut value = value.map_err(|_| AwsError::Incomplete {
                place: OF_ENVIRONMENT.to_owned(),
                has: "the address of a container's keys",
                lacks: "a token that can be sent in AWS_CONTAINER_AUTHORIZATION_TOKEN",
            })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let at = AwsAsked::source("the container's service", host);
        let request = get(url, headers, at, None);
        let answer = search.wire.send(&request, search.deadline).await?;
        let remedy = "give the task or the pod a role, and look at the log of its agent";
        of_service(&answer, OF_CONTAINER, "the container's service", remedy).map(Some)
    }

    pub(super) async fn instance(&self, search: Search<'_>) -> Result<Found, AwsError> {
        let endpoint = self.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
        let mode = self.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
        let default = match mode {
            Some(mode) if mode.eq_ignore_ascii_case("ipv6") => "http://[fd00:ec2::254]",
            _ => "http://169.254.169.254",
        };
        let endpoint = endpoint.as_deref().unwrap_or(default).trim_end_matches('/');
        let url = |path: &str| {
            let url: Option<Uri> = format!("{endpoint}/latest/{path}").parse().ok();
            url.filter(|url| url.host().is_some())
                .ok_or(AwsError::EndpointUnusable {
                    place: "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                })
        };
        let deadline = search.deadline.min(Instant::now() + INSTANCE_TOTAL);
        let shown = url("")?;
        let at = AwsAsked::source("the instance's service", shown.host().unwrap_or_default());
        let remedy = "give the instance a role; in a container, raise the hop limit of its metadata \
                      service to 2";
        let mut headers = HeaderMap::new();
        let seconds = "x-aws-ec2-metadata-token-ttl-seconds";
        headers.insert(seconds, INSTANCE_TOKEN_SECONDS);
        let attempt = Some(INSTANCE_ATTEMPT);
        let mut request = get(url("api/token")?, headers, at.clone(), attempt);
        request.method = Method::PUT;
        let answer = search.wire.send(&request, deadline).await?;
        let token = answer.text().filter(|_| answer.status == 200);
        let token = token.and_then(|token| HeaderValue::from_str(token.trim()).ok());
        let mut token = token
            .filter(|token| !token.is_empty())
            .ok_or_else(|| refused(&answer, remedy))?;
        token.set_sensitive(true);
        let mut headers = accepting_json();
        headers.insert("x-aws-ec2-metadata-token", token);
        let roles = url("meta-data/iam/security-credentials/")?;
        let request = get(roles, headers.clone(), at.clone(), attempt);
        let answer = search.wire.send(&request, deadline).await?;
        let role = answer.text().filter(|_| answer.status == 200);
        let role = role.and_then(|text| text.lines().next()).map(str::trim);
        let is_name = |role: &&str| {
            let is_part = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b);
            !role.is_empty() && role.len() <= 128 && role.bytes().all(is_part)
        };
        let role = role
            .filter(is_name)
            .ok_or_else(|| refused(&answer, remedy))?;
        let keys = url(&format!("meta-data/iam/security-credentials/{role}"))?;
        let answer = search
            .wire
            .send(&get(keys, headers, at, attempt), deadline)
            .await?;
        of_service(&answer, OF_INSTANCE, "the instance's service", remedy)
    }
}

fn accepting_json() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers
}

fn get<'a>(url: Uri, headers: HeaderMap, at: AwsAsked, attempt: Option<Duration>) -> Request<'a> {
    Request {
        method: Method::GET,
        url,
        headers,
        body: SecretSlice::from(Vec::new()),
        signed: None,
        attempt,
        at,
    }
}

/// Whether an address may be asked for a container's keys. In the clear, only neighbours are.
fn may_be_asked(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<std::net::IpAddr> = bare.parse().ok();
    let is_own = host == "localhost" || address.is_some_and(|address| address.is_loopback());
    match url.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_own || CONTAINER_HOSTS.contains(&host),
        _ => false,
    }
}

fn refused(answer: &Answer, remedy: &'static str) -> AwsError {
    AwsError::SourceRefused {
        at: answer.at.clone(),
        status: answer.status,
        remedy,
    }
}

/// Keys that a container's or an instance's service gave.
fn of_service(
    answer: &Answer,
    source_name: &'static str,
    place: &str,
    remedy: &'static str,
) -> Result<Found, AwsError> {
    if answer.status != 200 {
        return Err(refused(answer, remedy));
    }
    let given: Given = answer.read(NO_KEYS)?;
    if given.code.is_some_and(|code| code != "Success") {
        return Err(refused(answer, remedy));
    }
    let secret = given.secret_access_key.map(|secret| secret.0);
    let (Some(id), Some(secret)) = (given.access_key_id, secret) else {
        return Err(answer.is_not_aws(NO_KEYS));
    };
    let token = given.token.map(|token| token.0);
    let expires = match given.expiration.map(|text| text.parse::<Timestamp>()) {
        None => None,
        Some(Ok(expires)) => Some(expires),
        Some(Err(_)) => return Err(answer.is_not_aws(NO_KEYS)),
    };
    let keys = AwsKeys::new(&id, secret, token.as_ref());
    let keys = keys.map_err(|problem| AwsError::KeysUnusable {
        place: place.to_owned(),
        problem,
    })?;
    Ok(Found {
        expires,
        ..Found::lasting(keys, source_name)
    })
}
