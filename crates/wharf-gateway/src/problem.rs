//! Errors made by us, as problem documents (RFC 9457).

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};
use serde::Serialize;
use wharf_net::serve::problem;
use wharf_net::serve::{Refusal, RefusalKind};
use wharf_policy::fault::Fault;
use wharf_policy::retry::Sent;

use crate::counts::Source;
use crate::headers::{WHARF_ATTEMPTS, WHARF_SOURCE};
use crate::media_type::MediaType;

/// A stable name for each kind of refusal; part of the public interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Code {
    RequestInvalid,
    VersionNotSupported,
    UrlTooLong,
    HeadTooLarge,
    HeadTimeout,
    UnknownCaller,
    MethodNotAllowed,
    UpgradeNotSupported,
    PathNotAllowed,
    BadTimeout,
    UnknownIntegration,
    UnknownEnvironment,
    EnvironmentNeeded,
    EnvironmentUnclear,
    IntegrationInactive,
    EnvironmentNotConfigured,
    EnvironmentNotHttp,
    CredentialUnavailable,
    RequestTooLarge,
    RequestBroken,
    RequestStalled,
    DescriptorsExhausted,
    VendorUnreachable,
    VendorClosed,
    VendorInvalid,
    VendorTruncated,
    AnswerTooLarge,
    AttemptTimeout,
    DeadlineExceeded,
}

impl Code {
    /// All codes, which `docs/problems.md` explains.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 29] = [
        Self::RequestInvalid,
        Self::VersionNotSupported,
        Self::UrlTooLong,
        Self::HeadTooLarge,
        Self::HeadTimeout,
        Self::UnknownCaller,
        Self::MethodNotAllowed,
        Self::UpgradeNotSupported,
        Self::PathNotAllowed,
        Self::BadTimeout,
        Self::UnknownIntegration,
        Self::UnknownEnvironment,
        Self::EnvironmentNeeded,
        Self::EnvironmentUnclear,
        Self::IntegrationInactive,
        Self::EnvironmentNotConfigured,
        Self::EnvironmentNotHttp,
        Self::CredentialUnavailable,
        Self::RequestTooLarge,
        Self::RequestBroken,
        Self::RequestStalled,
        Self::DescriptorsExhausted,
        Self::VendorUnreachable,
        Self::VendorClosed,
        Self::VendorInvalid,
        Self::VendorTruncated,
        Self::AnswerTooLarge,
        Self::AttemptTimeout,
        Self::DeadlineExceeded,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::RequestInvalid => "request_invalid",
            Self::VersionNotSupported => "version_not_supported",
            Self::UrlTooLong => "url_too_long",
            Self::HeadTooLarge => "head_too_large",
            Self::HeadTimeout => "head_timeout",
            Self::UnknownCaller => "unknown_caller",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::UpgradeNotSupported => "upgrade_not_supported",
            Self::PathNotAllowed => "path_not_allowed",
            Self::BadTimeout => "bad_timeout",
            Self::UnknownIntegration => "unknown_integration",
            Self::UnknownEnvironment => "unknown_environment",
            Self::EnvironmentNeeded => "environment_needed",
            Self::EnvironmentUnclear => "environment_unclear",
            Self::IntegrationInactive => "integration_inactive",
            Self::EnvironmentNotConfigured => "environment_not_configured",
            Self::EnvironmentNotHttp => "environment_not_http",
            Self::CredentialUnavailable => "credential_unavailable",
            Self::RequestTooLarge => "request_too_large",
            Self::RequestBroken => "request_broken",
            Self::RequestStalled => "request_stalled",
            Self::DescriptorsExhausted => "descriptors_exhausted",
            Self::VendorUnreachable => "vendor_unreachable",
            Self::VendorClosed => "vendor_closed",
            Self::VendorInvalid => "vendor_invalid",
            Self::VendorTruncated => "vendor_truncated",
            Self::AnswerTooLarge => "answer_too_large",
            Self::AttemptTimeout => "attempt_timeout",
            Self::DeadlineExceeded => "deadline_exceeded",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::RequestInvalid => "The request is not valid HTTP",
            Self::VersionNotSupported => "The version of HTTP is not supported",
            Self::UrlTooLong => "The URL is too long",
            Self::HeadTooLarge => "The head of the request is too large",
            Self::HeadTimeout => "The head of the request took too long",
            Self::UnknownCaller => "The caller is not known",
            Self::MethodNotAllowed => "The method is not allowed",
            Self::UpgradeNotSupported => "Connections cannot be upgraded",
            Self::PathNotAllowed => "The path is not allowed",
            Self::BadTimeout => "Wharf-Timeout cannot be read",
            Self::UnknownIntegration => "There is no such integration",
            Self::UnknownEnvironment => "There is no such environment",
            Self::EnvironmentNeeded => "The call must name an environment",
            Self::EnvironmentUnclear => "The call names two environments",
            Self::IntegrationInactive => "The integration is not active",
            Self::EnvironmentNotConfigured => "The environment has no endpoint",
            Self::EnvironmentNotHttp => "The environment cannot be called over HTTP",
            Self::CredentialUnavailable => "The credential is not available",
            Self::RequestTooLarge => "The request body is too large",
            Self::RequestBroken => "The request body broke off",
            Self::RequestStalled => "The request body stopped coming",
            Self::DescriptorsExhausted => "Wharf has no file descriptor left",
            Self::VendorUnreachable => "The vendor cannot be reached",
            Self::VendorClosed => "The vendor closed the connection",
            Self::VendorInvalid => "The vendor's answer is not valid HTTP",
            Self::VendorTruncated => "The vendor's answer broke off",
            Self::AnswerTooLarge => "The vendor's answer is too large",
            Self::AttemptTimeout => "The vendor's answer did not come in time",
            Self::DeadlineExceeded => "The call's deadline passed",
        }
    }

    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::VersionNotSupported => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::UrlTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::HeadTimeout | Self::RequestStalled => StatusCode::REQUEST_TIMEOUT,
            Self::UnknownCaller => StatusCode::UNAUTHORIZED,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestInvalid
            | Self::PathNotAllowed
            | Self::BadTimeout
            | Self::EnvironmentNeeded
            | Self::EnvironmentUnclear
            | Self::RequestBroken => StatusCode::BAD_REQUEST,
            Self::UnknownIntegration | Self::UnknownEnvironment => StatusCode::NOT_FOUND,
            Self::IntegrationInactive => StatusCode::FORBIDDEN,
            Self::EnvironmentNotConfigured
            | Self::CredentialUnavailable
            | Self::DescriptorsExhausted => StatusCode::SERVICE_UNAVAILABLE,
            Self::EnvironmentNotHttp | Self::UpgradeNotSupported => StatusCode::NOT_IMPLEMENTED,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::VendorUnreachable
            | Self::VendorClosed
            | Self::VendorInvalid
            | Self::VendorTruncated
            | Self::AnswerTooLarge => StatusCode::BAD_GATEWAY,
            Self::AttemptTimeout | Self::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    pub(crate) const fn fault(self) -> Fault {
        match self {
            Self::RequestInvalid
            | Self::VersionNotSupported
            | Self::UrlTooLong
            | Self::HeadTooLarge
            | Self::HeadTimeout
            | Self::UnknownCaller
            | Self::MethodNotAllowed
            | Self::UpgradeNotSupported
            | Self::PathNotAllowed
            | Self::BadTimeout
            | Self::UnknownIntegration
            | Self::UnknownEnvironment
            | Self::EnvironmentNeeded
            | Self::EnvironmentUnclear
            | Self::EnvironmentNotHttp
            | Self::RequestTooLarge
            | Self::RequestBroken
            | Self::RequestStalled
            | Self::DeadlineExceeded => Fault::Caller,
            Self::IntegrationInactive
            | Self::EnvironmentNotConfigured
            | Self::DescriptorsExhausted => Fault::Wharf,
            Self::CredentialUnavailable => Fault::Credential,
            Self::VendorUnreachable | Self::VendorClosed => Fault::Network,
            Self::VendorInvalid
            | Self::VendorTruncated
            | Self::AnswerTooLarge
            | Self::AttemptTimeout => Fault::Vendor,
        }
    }
}

/// A refusal or failure on its way to the caller. Its text never holds a secret.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    /// What happened and what to do.
    pub(crate) detail: String,
    pub(crate) sent: Sent,
    /// Whether sending the same request again can do no harm.
    pub(crate) retry_safe: bool,
    /// Whole seconds after which another try makes sense, rounded up.
    pub(crate) retry_after_seconds: Option<u64>,
}

/// What a caller has to know beside the members that all problem documents have.
#[derive(Serialize)]
struct Extra {
    fault: &'static str,
    sent: &'static str,
    retry_safe: bool,
    attempts: u32,
}

impl Problem {
    /// A refusal before anything was sent.
    pub(crate) fn refused(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            sent: Sent::Nothing,
            retry_safe: true,
            retry_after_seconds: None,
        }
    }

    /// The answer to the caller, without the headers that every reply gets.
    pub(crate) fn response(&self, attempts: u32, media_type: MediaType) -> Response<Bytes> {
        let document = problem::Problem {
            status: self.code.status(),
            code: self.code.as_str(),
            title: self.code.title(),
            detail: &self.detail,
            extra: Extra {
                fault: self.code.fault().as_str(),
                sent: self.sent.as_str(),
                retry_safe: self.retry_safe,
                attempts,
            },
        };
        let mut response = document.response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, media_type.header());
        if self.code == Code::UnknownCaller {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"wharf\""),
            );
        }
        if self.code == Code::MethodNotAllowed {
            // Methods of a vendor's own pass too; required with this status (RFC 9110, 15.5.6).
            headers.insert(
                ALLOW,
                HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
            );
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The answer to what never became a call, whole, and its code.
pub(crate) fn refusal(refusal: &Refusal) -> (&'static str, Response<Bytes>) {
    let code = match refusal.kind {
        RefusalKind::Malformed => Code::RequestInvalid,
        RefusalKind::Version => Code::VersionNotSupported,
        RefusalKind::TargetTooLong => Code::UrlTooLong,
        RefusalKind::HeadTooLarge => Code::HeadTooLarge,
        RefusalKind::HeadTimeout => Code::HeadTimeout,
    };
    let mut response =
        Problem::refused(code, refusal.detail.as_str()).response(0, MediaType::Problem);
    let headers = response.headers_mut();
    headers.insert(
        WHARF_SOURCE,
        HeaderValue::from_static(Source::Wharf.as_str()),
    );
    headers.insert(WHARF_ATTEMPTS, HeaderValue::from(0));
    (code.as_str(), response)
}

#[cfg(test)]
mod tests;
