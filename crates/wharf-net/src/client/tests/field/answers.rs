//! Answers over HTTP/2 that have a length and no body.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use tokio::time::timeout;

use super::wire::{DATA, END_STREAM, Vendor, Wire, client, frame, head_with_length};
use crate::client::Limits;

/// Status codes by their numbers in HPACK's static table (RFC 7541, appendix A).
const STATUS_200: u8 = 0x88;
const STATUS_204: u8 = 0x89;
const STATUS_304: u8 = 0x8b;

/// hyperium/h2#490, h2o/h2o#3218, apple/servicetalk#1360, helidon-io/helidon#12546: the length of
/// what is not there was waited for, or its absence taken for a fault.
#[tokio::test]
async fn a_length_without_a_body_is_no_broken_answer() {
    for (method, status) in [
        (Method::HEAD, STATUS_200),
        (Method::GET, STATUS_304),
        (Method::GET, STATUS_204),
    ] {
        for ends_at_once in [false, true] {
            let vendor = Vendor::start(&["h2"], move |_, stream| {
                Box::pin(async move {
                    let mut wire = Wire::greet(stream, &[]).await?;
                    loop {
                        let asked = wire.request().await?;
                        let mut head = head_with_length(asked, status, "1488324");
                        if ends_at_once {
                            head[4] |= END_STREAM;
                            wire.send(head).await?;
                        } else {
                            let end = frame(DATA, END_STREAM, asked, &[]);
                            wire.send([head, end].concat()).await?;
                        }
                    }
                })
            })
            .await;
            let client = client(Limits::default());
            for _ in 0..3 {
                let request = Request::builder().method(method.clone()).uri("/x");
                let request = request.body(Full::<Bytes>::default()).unwrap();
                let (patience, handed_over) = (Duration::from_secs(5), AtomicBool::new(false));
                let sending = client.send(&vendor.origin, request, patience, &handed_over);
                let reply = timeout(patience, sending).await.unwrap().unwrap();
                assert_eq!(reply.headers()["content-length"], "1488324");
                let body = timeout(patience, reply.into_body().collect()).await;
                let what = format!("{method} {status:#x} {ends_at_once}");
                let body = body.expect(&what).expect(&what);
                assert!(body.to_bytes().is_empty(), "{what}");
            }
            assert_eq!(vendor.connections(), 1);
        }
    }
}
