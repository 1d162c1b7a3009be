//! Requests that are given up while others go on over the same connection.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::super::{body, eventually, send};
use super::wire::{DATA, HEADERS, RST_STREAM, Vendor, Wire, client, frame, head};
use crate::client::Limits;

/// Answers to so many requests are dropped at once, beside one that is wanted: together as many as
/// share a connection.
const DROPPED: usize = 99;

/// Sends so many frames of each dropped answer, as if it had not heard yet that nobody wants them.
/// The first request of all is answered when the end is rung in.
async fn goes_on(
    mut wire: Wire,
    number: usize,
    frames_each: usize,
    end: Arc<Notify>,
) -> Option<()> {
    let mut wanted = None;
    if number == 0 {
        wanted = Some(wire.request().await?);
    }
    let (mut flowing, mut dropped) = (BTreeSet::new(), Vec::new());
    loop {
        let frame = tokio::select! {
            frame = wire.frame() => frame?,
            () = end.notified(), if wanted.is_some() => {
                wire.answer(wanted.take()?, "wanted").await?;
                continue;
            }
        };
        if frame.kind == HEADERS {
            wire.send(head(frame.stream)).await?;
            flowing.insert(frame.stream);
        } else if frame.kind == RST_STREAM && flowing.remove(&frame.stream) {
            dropped.extend(self::frame(DATA, 0, frame.stream, b"late"));
            if flowing.is_empty() {
                wire.send(dropped.repeat(frames_each)).await?;
                dropped.clear();
            }
        }
    }
}

async fn assert_survives(rounds: usize, frames_each: usize) {
    let end = Arc::new(Notify::new());
    let ending = Arc::clone(&end);
    let vendor = Vendor::start(&["h2"], move |number, stream| {
        let end = Arc::clone(&ending);
        Box::pin(async move {
            let wire = Wire::greet(stream, &[]).await?;
            goes_on(wire, number, frames_each, end).await
        })
    })
    .await;
    let client = client(Limits::default());
    let (asking, origin) = (client.clone(), vendor.origin.clone());
    let wanted = tokio::spawn(async move { body(send(&asking, &origin).await.0).await });
    eventually("the first request", || client.open_connections() == 1).await;
    for _ in 0..rounds {
        let mut dropped = Vec::new();
        for _ in 0..DROPPED {
            dropped.push(send(&client, &vendor.origin).await.0.unwrap());
        }
        drop(dropped);
        // What is said of this round is said before the next one begins.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    end.notify_one();
    assert_eq!(wanted.await.unwrap(), "wanted");
    // One that has had very many of them is left, in time.
    assert_eq!(vendor.connections(), 1 + rounds / 11);
}

/// hyperium/h2#856, hyperium/hyper#4021, hyperium/hyper-util#277: what came behind cancelled
/// requests was counted as faults of the other side, and cost all others on the connection theirs.
#[tokio::test]
async fn callers_that_leave_again_and_again_cost_nobody_an_answer() {
    assert_survives(12, 8).await;
}
