//! Vendors that offer HTTP/2 and ask for HTTP/1.1 then, and what their good-byes and resets tell.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::{body, eventually, send};
use super::wire::{Secured, Vendor, Wire, client, goodbye, reset};
use crate::SendErrorKind;
use crate::client::Limits;

const NO_ERROR: u8 = 0;
const ENHANCE_YOUR_CALM: u8 = 11;
const HTTP_1_1_REQUIRED: u8 = 13;

/// Answers each request over HTTP/1.1.
async fn serve_http1(mut stream: Secured) -> Option<()> {
    let mut said = Vec::new();
    while stream.read_buf(&mut said).await.ok()? > 0 {
        if said.ends_with(b"\r\n\r\n") {
            said.clear();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nold";
            stream.write_all(answer).await.ok()?;
        }
    }
    None
}

/// lysine-dev/okhttp#5100, hyperium/hyper#2469, dotnet/runtime#133317: such a vendor could not be
/// called at all.
#[tokio::test]
async fn a_vendor_that_asks_for_http1_is_spoken_to_in_http1() {
    for by_goodbye in [false, true] {
        let vendor = Vendor::start(&["h2", "http/1.1"], move |_, stream| {
            Box::pin(async move {
                if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                    return serve_http1(stream).await;
                }
                let mut wire = Wire::greet(stream, &[]).await?;
                loop {
                    let asked = wire.request().await?;
                    if by_goodbye {
                        wire.send(goodbye(0, HTTP_1_1_REQUIRED)).await?;
                    } else {
                        wire.send(reset(asked, HTTP_1_1_REQUIRED)).await?;
                    }
                }
            })
        })
        .await;
        let client = client(Limits::default());
        // It never acted on it, and whoever may repeat a call does.
        let error = send(&client, &vendor.origin).await.0.err().unwrap();
        assert_eq!(error.kind, SendErrorKind::Refused, "{error:?}");
        for _ in 0..3 {
            assert_eq!(body(send(&client, &vendor.origin).await.0).await, "old");
        }
        assert_eq!(vendor.connections(), 2);
        eventually("the first to end", || client.open_connections() == 1).await;
    }
}

/// httpwg/http2-spec#475: of two good-byes the second one counts.
#[tokio::test]
async fn a_second_goodbye_tells_what_was_not_processed() {
    let vendor = Vendor::start(&["h2"], |number, stream| {
        Box::pin(async move {
            let mut wire = Wire::greet(stream, &[]).await?;
            if number > 0 {
                return wire.serve("new").await;
            }
            let first = wire.request().await?;
            wire.request().await?;
            // That it will go, and a moment later how far it came.
            wire.send(goodbye(i32::MAX.unsigned_abs(), NO_ERROR))
                .await?;
            wire.idle(Duration::from_millis(100)).await;
            wire.send(goodbye(first, NO_ERROR)).await?;
            wire.answer(first, "first").await?;
            wire.idle(Duration::from_secs(60)).await;
            None
        })
    })
    .await;
    let client = client(Limits::default());
    let ask = || {
        let (client, origin) = (client.clone(), vendor.origin.clone());
        tokio::spawn(async move { send(&client, &origin).await.0 })
    };
    let (first, second) = (ask(), ask());
    let (mut answered, mut refused) = (0, 0);
    for asked in [first.await.unwrap(), second.await.unwrap()] {
        match asked {
            Ok(reply) => {
                assert_eq!(body(Ok(reply)).await, "first");
                answered += 1;
            }
            Err(error) => {
                assert_eq!(error.kind, SendErrorKind::Refused, "{error:?}");
                refused += 1;
            }
        }
    }
    assert_eq!((answered, refused), (1, 1));
    assert_eq!(body(send(&client, &vendor.origin).await.0).await, "new");
    eventually("the first to end", || client.open_connections() == 1).await;
}

/// dotnet/corefx#39013: what a good-bye takes in may have been acted on, whatever its reason.
#[tokio::test]
async fn a_goodbye_in_anger_does_not_make_what_it_takes_in_repeatable() {
    let vendor = Vendor::start(&["h2"], |_, stream| {
        Box::pin(async move {
            let mut wire = Wire::greet(stream, &[]).await?;
            let asked = wire.request().await?;
            wire.send(goodbye(asked, ENHANCE_YOUR_CALM)).await
        })
    })
    .await;
    let client = client(Limits::default());
    let error = send(&client, &vendor.origin).await.0.err().unwrap();
    assert_eq!((error.kind, error.wrote), (SendErrorKind::Closed, true));
}
