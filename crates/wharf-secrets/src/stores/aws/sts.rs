//! Keys that AWS's token service gives for a role.

use std::path::Path;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method};
use percent_encoding::utf8_percent_encode;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use super::error::{AwsAsked, AwsError};
use super::profiles::Role;
use super::settings::of_region;
use super::sources::{Found, Search, Sources};
use super::wire::{Answer, Request, Signer, element};
use crate::sign::aws4::{Aws4, AwsKeys, ENCODED};
use crate::stores::remote::Base;

const NO_KEYS: &str = "has no AccessKeyId, SecretAccessKey, SessionToken and Expiration";

/// Names of sessions where nothing gives one.
const SESSION: &str = "wharf";

const OF_WEB_IDENTITY: &str = "the web identity's role";
const OF_ROLE: &str = "the assumed role";

impl Sources {
    pub(super) async fn web_identity(
        &self,
        role: &Role,
        file: &Path,
        search: Search<'_>,
    ) -> Result<Found, AwsError> {
        let token = self
            .token_of("the file of the web identity's token", file)
            .await?;
        let fields = [("WebIdentityToken", token.expose_secret())];
        let answer = self
            .ask_sts("AssumeRoleWithWebIdentity", role, &fields, None, search)
            .await?;
        let remedy = "let the role trust this identity provider and this service account, and look \
                      whether the token in AWS_WEB_IDENTITY_TOKEN_FILE is replaced before it ends";
        of_sts(&answer, OF_WEB_IDENTITY, remedy)
    }

    pub(super) async fn assume(
        &self,
        role: &Role,
        with: &Found,
        search: Search<'_>,
    ) -> Result<Found, AwsError> {
        let signer = (&with.keys, with.source_name);
        let answer = self
            .ask_sts("AssumeRole", role, &[], Some(signer), search)
            .await?;
        let remedy = "let the role trust whose keys these are, and allow those `sts:AssumeRole`";
        let found = of_sts(&answer, OF_ROLE, remedy)?;
        Ok(Found {
            is_of_files: with.is_of_files,
            ..found
        })
    }

    async fn ask_sts(
        &self,
        action: &str,
        role: &Role,
        fields: &[(&str, &str)],
        signer: Option<(&AwsKeys, &'static str)>,
        search: Search<'_>,
    ) -> Result<Answer, AwsError> {
        let Search {
            wire,
            region,
            deadline,
        } = search;
        let at = AwsAsked::role(&role.arn, region);
        let endpoint = self.sts.as_ref().map_err(AwsError::clone)?.clone();
        let endpoint = endpoint.unwrap_or_else(|| Base::known(of_region("sts", region)));
        let mut all = vec![
            ("Action", action),
            ("Version", "2011-06-15"),
            ("RoleArn", &role.arn),
            (
                "RoleSessionName",
                role.session.as_deref().unwrap_or(SESSION),
            ),
        ];
        all.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
        all.extend(
            role.duration_seconds
                .as_deref()
                .map(|s| ("DurationSeconds", s)),
        );
        all.extend_from_slice(fields);
        let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
        let all = all
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)));
        let body = all.collect::<Vec<_>>().join("&");
        let mut headers = HeaderMap::new();
        let form = "application/x-www-form-urlencoded";
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(form));
        let request = Request {
            method: Method::POST,
            url: endpoint.url("").ok_or(AwsError::EndpointUnusable {
                place: "AWS_ENDPOINT_URL_STS",
            })?,
            headers,
            body: SecretSlice::from(body.into_bytes()),
            signed: signer.map(|(keys, source_name)| Signer {
                keys,
                source_name,
                aws: Aws4 {
                    region,
                    service: "sts",
                },
            }),
            attempt: None,
            at,
        };
        wire.send(&request, deadline).await
    }
}

/// Keys that STS gave.
fn of_sts(
    answer: &Answer,
    source_name: &'static str,
    remedy: &'static str,
) -> Result<Found, AwsError> {
    if answer.status != 200 {
        let code = answer.code();
        let code = code.ok_or_else(|| answer.is_not_aws("names no error"))?;
        return Err(AwsError::RoleRefused {
            at: answer.at.clone(),
            status: answer.status,
            code,
            remedy,
        });
    }
    let text = answer.text().unwrap_or_default();
    let part = |name: &str| element(text, name).filter(|text| !text.is_empty());
    let parts = (
        part("AccessKeyId"),
        part("SecretAccessKey"),
        part("SessionToken"),
    );
    let (Some(id), Some(secret), Some(token)) = parts else {
        return Err(answer.is_not_aws(NO_KEYS));
    };
    let token = SecretString::from(token);
    let keys = AwsKeys::new(id, SecretString::from(secret), Some(&token));
    let expires = part("Expiration").and_then(|text| text.parse().ok());
    let (Ok(keys), Some(expires)) = (keys, expires) else {
        return Err(answer.is_not_aws(NO_KEYS));
    };
    Ok(Found {
        expires: Some(expires),
        ..Found::lasting(keys, source_name)
    })
}
