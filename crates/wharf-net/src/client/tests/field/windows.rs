//! Room that answers take in the windows of their connection, and give back.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::timeout;

use super::super::{body, send};
use super::wire::{
    DATA, END_STREAM, HEADERS, PADDED, RST_STREAM, Secured, Vendor, WINDOW_UPDATE, Wire, client,
    frame, head,
};
use crate::client::Limits;

/// A window is so large until more is given (RFC 9113, 6.9.2).
const FIRST_BYTES: usize = 65_535;

/// What a stream of the client takes, and its connection.
const STREAM_BYTES: usize = 512 * 1024;
const CONNECTION_BYTES: usize = 100 * STREAM_BYTES;

const PIECE_BYTES: usize = 16 * 1024;

/// Sends as a server does that keeps to the windows.
struct Sender {
    wire: Wire,
    connection_bytes: usize,
    stream_bytes: usize,
    asked: VecDeque<u32>,
    /// The last stream that is not wanted any more.
    reset: u32,
}

impl Sender {
    async fn greet(stream: Secured) -> Option<Self> {
        Some(Self {
            wire: Wire::greet(stream, &[]).await?,
            connection_bytes: FIRST_BYTES,
            stream_bytes: 0,
            asked: VecDeque::new(),
            reset: 0,
        })
    }

    /// Takes in a frame.
    async fn take(&mut self) -> Option<()> {
        let frame = self.wire.frame().await?;
        match frame.kind {
            HEADERS => self.asked.push_back(frame.stream),
            RST_STREAM => self.reset = frame.stream,
            WINDOW_UPDATE => {
                let more = u32::from_be_bytes(frame.payload[..4].try_into().unwrap()) as usize;
                if frame.stream == 0 {
                    self.connection_bytes += more;
                } else {
                    self.stream_bytes += more;
                }
            }
            _ => {}
        }
        Some(())
    }

    /// Begins an answer to the next request.
    async fn begin(&mut self) -> Option<u32> {
        while self.asked.is_empty() {
            self.take().await?;
        }
        let asked = self.asked.pop_front()?;
        self.stream_bytes = STREAM_BYTES;
        self.wire.send(head(asked)).await?;
        Some(asked)
    }

    /// Sends a frame of data, once there is room for it and while it is wanted.
    async fn data(&mut self, flags: u8, stream: u32, payload: &[u8]) -> Option<()> {
        while self.reset != stream && self.connection_bytes.min(self.stream_bytes) < payload.len() {
            self.take().await?;
        }
        if self.reset == stream {
            return Some(());
        }
        self.connection_bytes -= payload.len();
        self.stream_bytes -= payload.len();
        self.wire.send(frame(DATA, flags, stream, payload)).await
    }
}

/// JuliaWeb/HTTP.jl#1371, python-hyper/h2#1210, curl/curl#11052, apache/pekko-http#1259: what came
/// of answers that nobody read stayed counted, until nothing more could come.
#[tokio::test]
async fn answers_that_are_dropped_give_their_room_back() {
    let vendor = Vendor::start(&["h2"], |_, stream| {
        Box::pin(async move {
            let mut sender = Sender::greet(stream).await?;
            loop {
                let asked = sender.begin().await?;
                for _ in 0..STREAM_BYTES / PIECE_BYTES {
                    sender.data(0, asked, &[b'x'; PIECE_BYTES]).await?;
                }
                while sender.reset != asked {
                    sender.take().await?;
                }
            }
        })
    })
    .await;
    let client = client(Limits::default());
    for answer in 0..CONNECTION_BYTES / STREAM_BYTES + 10 {
        let asked = timeout(Duration::from_secs(10), send(&client, &vendor.origin)).await;
        let mut body = asked.expect("an answer").0.unwrap().into_body();
        // Some are dropped with all they hold, and some before it came.
        if answer % 2 == 0 {
            let piece = http_body_util::BodyExt::frame(&mut body);
            let piece = timeout(Duration::from_secs(10), piece).await;
            assert!(
                piece.expect("room for a piece").unwrap().is_ok(),
                "{answer}"
            );
        }
    }
    assert_eq!(vendor.connections(), 1);
}

/// grpc/grpc-go#1076, netty/netty#5434, nitely/nim-hyperx#25, 3redronin/mu-server#184: padding
/// takes room too, also where there is nothing else in a frame.
#[tokio::test]
async fn padding_gives_its_room_back() {
    let vendor = Vendor::start(&["h2"], |_, stream| {
        Box::pin(async move {
            let mut sender = Sender::greet(stream).await?;
            let asked = sender.begin().await?;
            let mut padded = vec![255, b'x'];
            padded.extend([0; 255]);
            let empty = [&[255][..], &[0; 255]].concat();
            for number in 0..2 * STREAM_BYTES / padded.len() {
                sender.data(PADDED, asked, &padded).await?;
                // h2 takes a hundred of these in the life of a connection.
                if number < 90 {
                    sender.data(PADDED, asked, &empty).await?;
                }
            }
            sender.data(END_STREAM, asked, b"end").await?;
            sender.wire.idle(Duration::from_secs(60)).await;
            None
        })
    })
    .await;
    let client = client(Limits::default());
    let reading = async { body(send(&client, &vendor.origin).await.0).await };
    let body = timeout(Duration::from_secs(20), reading).await;
    let body = body.expect("room for all of it");
    assert_eq!(body.len(), 2 * STREAM_BYTES / 257 + 3);
}
