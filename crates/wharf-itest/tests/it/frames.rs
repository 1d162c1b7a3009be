//! Answers over HTTP/2 in frames that cost more than they carry.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::sync::Notify;
use wharf_net::{Client, Connector, Limits, Origin, Reply, ReplyError, SendError};

use crate::support::eventually;
use crate::support::frames::{Frames, Progress, answer_in_frames};
use crate::support::process::anonymous_bytes;
use crate::support::tls::{Authority, Streamed, TlsVendor};

/// What README allows one call over HTTP/2 whose answer is not read, and its connection.
const ALLOWED_BYTES: u64 = WINDOW_BYTES as u64 + (2 << 20);

/// For what the vendor of the test itself and the allocator hold beside it.
const ROOM_BYTES: u64 = 2 << 20;

/// The window of a stream, in bytes.
const WINDOW_BYTES: usize = 512 * 1024;

async fn vendor(authority: &Authority, frames: Frames) -> (TlsVendor, Progress) {
    let progress = Progress::default();
    let told = progress.clone();
    let config = authority.loopback(&["h2"]);
    let vendor = TlsVendor::start(config, move |stream, _| {
        answer_in_frames(stream, frames, told.clone())
    })
    .await;
    (vendor, progress)
}

type TestClient = Client<Full<Bytes>>;

async fn ask(client: &TestClient, vendor: &TlsVendor) -> Reply<Full<Bytes>> {
    ask_for("/", client, vendor).await.unwrap()
}

async fn ask_for(
    path: &str,
    client: &TestClient,
    vendor: &TlsVendor,
) -> Result<Reply<Full<Bytes>>, SendError> {
    let origin = Origin::new(true, "127.0.0.1", vendor.port()).unwrap();
    let request = Request::get(path).body(Full::default()).unwrap();
    let client = client.clone();
    // In a task, as calls are in the gateway: the runtime polls tasks in the order in which they
    // were woken, and the test's own future far less often than those.
    let asking = tokio::spawn(async move {
        let patience = Duration::from_secs(10);
        let handed_over = AtomicBool::new(false);
        client.send(&origin, request, patience, &handed_over).await
    });
    asking.await.unwrap()
}

/// Has an answer sent that nobody reads, looks at the memory, and reads it then.
async fn assert_bounded(frames: Frames) {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let (vendor, progress) = vendor(&authority, frames).await;
    let client = Client::new(Connector::new(), Limits::default());
    // Once, so that what is needed only once is there.
    drop(ask(&client, &vendor).await);
    let before = anonymous_bytes();
    let unread = ask(&client, &vendor).await;
    // The vendor waits, or is through.
    let most = frames.count.min(WINDOW_BYTES / frames.bytes_each);
    let came = eventually("all frames to be read that may come", || {
        let read = progress.read_frames();
        (read == most).then_some(read).ok_or(read)
    })
    .await;
    // What h2 once took for its entries it keeps, so this is the most that there was.
    let growth = anonymous_bytes().saturating_sub(before);
    assert!(
        growth < ALLOWED_BYTES + ROOM_BYTES,
        "{came} frames took {} KiB",
        growth >> 10
    );
    // The vendor is not cut off for its manners, and nothing of the answer is lost.
    let body = unread.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body.len(), frames.count * frames.bytes_each);
    assert!(body.iter().all(|byte| *byte == b'x'));
    assert_eq!(vendor.secured(), 1);
}

// The window counts bytes, and an entry in h2's buffer is 250 times as large as a frame of one.
#[tokio::test]
async fn an_unread_answer_in_frames_of_one_byte_stays_within_the_bound() {
    assert_bounded(Frames {
        count: 200_000,
        bytes_each: 1,
        filler_bytes: 0,
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_fills_its_window_with_small_frames_waits_and_stays_whole() {
    let frames = Frames {
        count: 50_000,
        bytes_each: 16,
        filler_bytes: 0,
    };
    assert!(frames.count * frames.bytes_each > WINDOW_BYTES);
    assert_bounded(frames).await;
}

// A frame that is kept as it was read keeps what stood beside it as well.
#[tokio::test]
async fn small_frames_do_not_hold_on_to_what_came_with_them() {
    assert_bounded(Frames {
        count: 4_000,
        bytes_each: 1,
        filler_bytes: 16_384,
    })
    .await;
}

fn hollow(count: usize) -> Frames {
    Frames {
        count,
        bytes_each: 0,
        filler_bytes: 0,
    }
}

// h2 takes a hundred of them in the life of a connection, however many calls it has.
#[tokio::test]
async fn a_vendor_that_sends_an_empty_frame_in_each_answer_loses_no_call() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let (vendor, _) = vendor(&authority, hollow(1)).await;
    let client = Client::new(Connector::new(), Limits::default());
    for call in 0..450 {
        let body = ask(&client, &vendor).await.into_body().collect().await;
        assert!(body.is_ok(), "{call}");
    }
    assert_eq!(vendor.secured(), 1);
}

// They count for no window.
#[tokio::test]
async fn empty_frames_without_end_cost_their_connection_and_nothing_more() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    for (count, whole) in [(40_000, true), (1_000_000, false)] {
        let (vendor, _) = vendor(&authority, hollow(count)).await;
        let client = Client::new(Connector::new(), Limits::default());
        let before = anonymous_bytes();
        for calls in 1..=2 {
            let body = ask(&client, &vendor).await.into_body().collect().await;
            assert_eq!(body.is_ok(), whole, "{count}");
            if let Err(error) = body {
                assert!(matches!(error, ReplyError::Flood), "{error:?}");
            }
            let connections = if whole { 1 } else { calls };
            assert_eq!(vendor.secured(), connections);
        }
        let growth = anonymous_bytes().saturating_sub(before);
        assert!(growth < ALLOWED_BYTES + ROOM_BYTES, "{} KiB", growth >> 10);
    }
}

/// Declares more than it sends, or waits until it is let go.
async fn short_or_long(request: Streamed, mut answer: SendResponse<Bytes>, finish: Arc<Notify>) {
    if request.uri().path() == "/long" {
        let mut stream = answer.send_response(Response::new(()), false).unwrap();
        finish.notified().await;
        let _ = stream.send_data(Bytes::from_static(b"well considered"), true);
        return;
    }
    let head = Response::builder().header("content-length", 5).body(());
    let mut stream = answer.send_response(head.unwrap(), false).unwrap();
    let _ = stream.send_data(Bytes::from_static(b"x"), true);
}

// h2 takes a thousand of them in the life of a connection, and ends all of its calls then.
#[tokio::test]
async fn answers_that_break_the_protocol_do_not_cost_others_theirs() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let finish = Arc::new(Notify::new());
    let finishes = Arc::clone(&finish);
    let vendor = TlsVendor::http2(authority.loopback(&["h2"]), move |request, answer| {
        short_or_long(request, answer, Arc::clone(&finishes))
    })
    .await;
    let client = Client::new(Connector::new(), Limits::default());
    let long = ask_for("/long", &client, &vendor).await.unwrap();
    for call in 0..1_100 {
        let asked = ask_for("/short", &client, &vendor).await;
        let is_whole = match asked {
            Ok(reply) => reply.into_body().collect().await.is_ok(),
            Err(_) => false,
        };
        assert!(!is_whole, "{call}");
    }
    assert_eq!(vendor.secured(), 3);
    finish.notify_one();
    let body = long.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "well considered");
}
