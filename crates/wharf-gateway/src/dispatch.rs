//! Phase 6: send the request, and wait for the head of the answer.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout, timeout_at};
use wharf_net::{Client, Origin, ReplyError, SendError};
use wharf_policy::retry::Sent;

use crate::authorise::CredentialState;
use crate::body::OutgoingBody;

/// An answer whose declared length is at most this is read before the caller gets its head, so
/// that one that breaks off can still be answered for. In bytes.
pub(crate) const READ_AHEAD_BYTES: u64 = 64 * 1024;

/// The body of a vendor's answer.
pub(crate) enum VendorBody {
    /// Read to its end.
    Whole(Bytes),
    /// Still flowing; what was read ahead comes first.
    Flowing {
        head: Option<Bytes>,
        rest: wharf_net::ReplyBody<OutgoingBody>,
    },
}

impl VendorBody {
    /// The whole length in bytes, as the message was framed; `None` when only its end will tell.
    pub(crate) fn length_bytes(&self) -> Option<u64> {
        match self {
            Self::Whole(bytes) => Some(bytes.len() as u64),
            // What was read ahead no longer counts in what is left.
            Self::Flowing { head, rest } => {
                let head = head.as_ref().map_or(0, Bytes::len) as u64;
                rest.size_hint().exact()?.checked_add(head)
            }
        }
    }
}

/// An attempt that gave no usable answer.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) kind: BrokenKind,
    pub(crate) sent: Sent,
}

#[derive(Debug)]
pub(crate) enum BrokenKind {
    /// No answer came.
    Send(SendError),
    /// The time for one attempt, or what was left of the call's, was over before the answer, or
    /// the part of it that is read ahead, had come.
    Timeout(Duration),
    /// The answer's body broke off while it was read ahead.
    Truncated,
}

impl Broken {
    /// It broke after the head of the answer had come.
    const fn in_body(kind: BrokenKind) -> Self {
        Self {
            kind,
            sent: Sent::Maybe,
        }
    }

    /// What happened, with its causes; for messages and traces.
    pub(crate) fn reason(&self) -> String {
        match &self.kind {
            BrokenKind::Timeout(after) => {
                format!("no whole answer within {:.3} s", after.as_secs_f64())
            }
            BrokenKind::Truncated => "the answer broke off".to_owned(),
            BrokenKind::Send(error) => {
                let mut text = error.to_string();
                let mut cause = std::error::Error::source(error);
                while let Some(error) = cause {
                    text.push_str(": ");
                    text.push_str(&error.to_string());
                    cause = error.source();
                }
                text
            }
        }
    }
}

/// What every attempt of a call has in common.
pub(crate) struct Outgoing<'a> {
    pub(crate) client: &'a Client<OutgoingBody>,
    pub(crate) origin: &'a Origin,
    pub(crate) method: &'a Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) uri: &'a Uri,
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Instant,
}

/// Makes one attempt. `headers` of `outgoing` already hold the credential.
pub(crate) async fn attempt(
    outgoing: &Outgoing<'_>,
    body: OutgoingBody,
) -> Result<Response<VendorBody>, Broken> {
    let mut request = Request::new(body);
    *request.method_mut() = outgoing.method.clone();
    *request.uri_mut() = outgoing.uri.clone();
    *request.headers_mut() = outgoing.headers.clone();
    let started = Instant::now();
    let until = (started + outgoing.attempt_timeout).min(outgoing.deadline);
    let handed_over = AtomicBool::new(false);
    let sending = outgoing.client.send(
        outgoing.origin,
        request,
        outgoing.connect_timeout,
        &handed_over,
    );
    let response = match timeout_at(until, sending).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            return Err(Broken {
                sent: sent(&error),
                kind: BrokenKind::Send(error),
            });
        }
        Err(_) => {
            return Err(Broken {
                kind: BrokenKind::Timeout(until - started),
                sent: if handed_over.load(Ordering::Relaxed) {
                    Sent::Maybe
                } else {
                    Sent::Nothing
                },
            });
        }
    };
    read_ahead(response, started, until).await
}

fn sent(error: &SendError) -> Sent {
    match error.kind {
        wharf_net::SendErrorKind::Refused => Sent::NotProcessed,
        _ if error.wrote => Sent::Maybe,
        _ => Sent::Nothing,
    }
}

async fn read_ahead(
    response: Response<wharf_net::ReplyBody<OutgoingBody>>,
    started: Instant,
    until: Instant,
) -> Result<Response<VendorBody>, Broken> {
    let small = response
        .body()
        .size_hint()
        .exact()
        .is_some_and(|length| length <= READ_AHEAD_BYTES);
    let (head, mut body) = response.into_parts();
    if !small {
        return Ok(Response::from_parts(head, first_piece(body).await?));
    }
    match timeout_at(until, read_on(Bytes::new(), &mut body)).await {
        Ok(Ok((bytes, _))) => Ok(Response::from_parts(head, VendorBody::Whole(bytes))),
        Ok(Err(_)) => Err(Broken::in_body(BrokenKind::Truncated)),
        Err(_) => Err(Broken::in_body(BrokenKind::Timeout(until - started))),
    }
}

/// Takes what came together with the head, without waiting: where that is broken already, there
/// still is an answer to give.
async fn first_piece(mut rest: wharf_net::ReplyBody<OutgoingBody>) -> Result<VendorBody, Broken> {
    let at_hand = poll_fn(|cx| Poll::Ready(Pin::new(&mut rest).poll_frame(cx))).await;
    let head = match at_hand {
        Poll::Ready(Some(Err(_))) => return Err(Broken::in_body(BrokenKind::Truncated)),
        Poll::Ready(Some(Ok(frame))) => frame.into_data().ok(),
        Poll::Ready(None) => None,
        Poll::Pending => return Ok(VendorBody::Flowing { head: None, rest }),
    };
    Ok(match head {
        Some(_) => VendorBody::Flowing { head, rest },
        // The end, or trailers, which nobody looks for behind an empty body.
        None => VendorBody::Whole(Bytes::new()),
    })
}

/// Adds to `first` what comes, until the end or until there is more than may be read ahead; says
/// whether the end came.
async fn read_on(
    mut first: Bytes,
    body: &mut wharf_net::ReplyBody<OutgoingBody>,
) -> Result<(Bytes, bool), ReplyError> {
    let mut all = BytesMut::new();
    // `is_end_stream` is not asked: it holds also for a stream that is about to report an error.
    while (first.len() + all.len()) as u64 <= READ_AHEAD_BYTES {
        let Some(frame) = body.frame().await else {
            return Ok((joined(first, all), true));
        };
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        if first.is_empty() && all.is_empty() {
            first = data;
        } else {
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&data);
        }
    }
    Ok((joined(first, all), false))
}

/// `all` holds `first` too, once there is more than that.
fn joined(first: Bytes, all: BytesMut) -> Bytes {
    if all.is_empty() { first } else { all.freeze() }
}

/// Reads the beginning of a flowing answer, so that its error code can be found.
pub(crate) async fn peek(body: VendorBody, patience: Duration) -> Result<VendorBody, Broken> {
    let VendorBody::Flowing { head, mut rest } = body else {
        return Ok(body);
    };
    match timeout(patience, read_on(head.unwrap_or_default(), &mut rest)).await {
        Ok(Ok((bytes, true))) => Ok(VendorBody::Whole(bytes)),
        Ok(Ok((bytes, false))) => Ok(VendorBody::Flowing {
            head: Some(bytes),
            rest,
        }),
        Ok(Err(_)) => Err(Broken::in_body(BrokenKind::Truncated)),
        Err(_) => Err(Broken::in_body(BrokenKind::Timeout(patience))),
    }
}

/// The path and query a request has at the vendor. `query` is what the caller sent.
pub(crate) fn uri(
    base_path: &str,
    rest: &str,
    query: &str,
    credential: &CredentialState,
) -> Option<Uri> {
    let extra = credential.query();
    let length = base_path.len() + rest.len() + query.len() + extra.map_or(0, str::len) + 2;
    let mut target = BytesMut::with_capacity(length);
    target.extend_from_slice(base_path.as_bytes());
    target.extend_from_slice(rest.as_bytes());
    let mut separator = b"?";
    for part in [Some(query), extra]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
    {
        target.extend_from_slice(separator);
        target.extend_from_slice(part.as_bytes());
        separator = b"&";
    }
    let target = PathAndQuery::from_maybe_shared(target.freeze()).ok()?;
    Some(Uri::from(target))
}
