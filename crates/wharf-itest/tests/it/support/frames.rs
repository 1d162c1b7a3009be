//! A vendor that writes HTTP/2 frame by frame, as no server does that wishes its client well.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{Notify, mpsc};

use super::tls::Secured;

/// Types of frames (RFC 9113, 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
/// A type that nobody knows is passed over (RFC 9113, 5.5).
const UNKNOWN: u8 = 0x77;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

/// `:status: 200`, by its number in HPACK's static table (RFC 7541, appendix A).
const STATUS_200: u8 = 0x88;

/// What the vendor answers each request with.
#[derive(Clone, Copy)]
pub(crate) struct Frames {
    /// DATA frames, each of so many bytes.
    pub(crate) count: usize,
    pub(crate) bytes_each: usize,
    /// Behind each of them, a frame of this length that means nothing.
    pub(crate) filler_bytes: usize,
}

/// How far the last answer is.
#[derive(Clone, Default)]
pub(crate) struct Progress(Arc<Counts>);

#[derive(Default)]
struct Counts {
    written: AtomicUsize,
    read: AtomicUsize,
}

impl Progress {
    /// DATA frames of it that the other side has read, when the vendor last had to wait.
    pub(crate) fn read_frames(&self) -> usize {
        self.0.read.load(Ordering::SeqCst)
    }
}

/// What the other side lets us send, in bytes.
#[derive(Default)]
struct Windows {
    connection: usize,
    /// Of the stream that is answered.
    stream: usize,
    /// Of a new stream.
    initial: usize,
    /// The last stream whose answer is not wanted any more.
    reset: u32,
}

#[derive(Default)]
struct Flow {
    windows: Mutex<Windows>,
    opened: Notify,
}

/// Answers the requests of a connection one after the other. Windows are respected.
pub(crate) async fn answer_in_frames(stream: Secured, frames: Frames, progress: Progress) {
    let (reading, mut writing) = tokio::io::split(stream);
    let flow = Arc::new(Flow::default());
    {
        let mut windows = flow.windows.lock().unwrap();
        (windows.connection, windows.initial) = (65_535, 65_535);
    }
    let (asked, mut requests) = mpsc::unbounded_channel();
    let taking = read(reading, Arc::clone(&flow), progress.clone(), asked);
    let answering = async {
        writing.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
        writing.write_all(&frame(SETTINGS, ACK, 0, &[])).await?;
        while let Some(stream) = requests.recv().await {
            let head = frame(HEADERS, END_HEADERS, stream, &[STATUS_200]);
            writing.write_all(&head).await?;
            write(&mut writing, &flow, stream, frames, &progress).await?;
        }
        std::io::Result::Ok(())
    };
    tokio::select! { _ = taking => {}, _ = answering => {} }
}

async fn read(
    mut reading: ReadHalf<Secured>,
    flow: Arc<Flow>,
    progress: Progress,
    asked: mpsc::UnboundedSender<u32>,
) -> std::io::Result<()> {
    let mut preface = [0; 24];
    reading.read_exact(&mut preface).await?;
    loop {
        let mut head = [0; 9];
        reading.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        reading.read_exact(&mut payload).await?;
        let stream = u32::from_be_bytes(stream);
        let mut windows = flow.windows.lock().unwrap();
        match kind {
            SETTINGS if flags & ACK == 0 => {
                for setting in payload.chunks_exact(6) {
                    let value = u32::from_be_bytes(setting[2..].try_into().unwrap());
                    if setting[..2] == [0, 4] {
                        windows.initial = value as usize;
                    }
                }
            }
            HEADERS => {
                windows.stream = windows.initial;
                let _ = asked.send(stream);
            }
            // Pings are answered in the order of what stood before them.
            PING if flags & ACK != 0 => {
                let written = progress.0.written.load(Ordering::SeqCst);
                progress.0.read.store(written, Ordering::SeqCst);
            }
            RST_STREAM => windows.reset = stream,
            WINDOW_UPDATE => {
                let more = u32::from_be_bytes(payload[..4].try_into().unwrap()) as usize;
                if stream == 0 {
                    windows.connection += more;
                } else {
                    windows.stream += more;
                }
            }
            _ => {}
        }
        drop(windows);
        flow.opened.notify_one();
    }
}

async fn write(
    writing: &mut WriteHalf<Secured>,
    flow: &Flow,
    stream: u32,
    frames: Frames,
    progress: &Progress,
) -> std::io::Result<()> {
    let mut one = frame(DATA, 0, stream, &vec![b'x'; frames.bytes_each]);
    if frames.filler_bytes > 0 {
        one.extend(frame(UNKNOWN, 0, 0, &vec![0; frames.filler_bytes]));
    }
    // So many at a time as make a piece that is worth a write.
    let most = (16_384 / one.len()).max(1);
    progress.0.written.store(0, Ordering::SeqCst);
    progress.0.read.store(0, Ordering::SeqCst);
    let ping = frame(PING, 0, 0, &[0; 8]);
    let mut left = frames.count;
    while left > 0 {
        let now = {
            let mut windows = flow.windows.lock().unwrap();
            if windows.reset == stream {
                return Ok(());
            }
            let room = windows.connection.min(windows.stream);
            let fits = room.checked_div(frames.bytes_each).unwrap_or(most);
            let now = fits.min(most).min(left);
            windows.connection -= now * frames.bytes_each;
            windows.stream -= now * frames.bytes_each;
            now
        };
        if now == 0 {
            writing.write_all(&ping).await?;
            writing.flush().await?;
            flow.opened.notified().await;
            continue;
        }
        writing.write_all(&one.repeat(now)).await?;
        writing.flush().await?;
        progress.0.written.fetch_add(now, Ordering::SeqCst);
        left -= now;
    }
    writing.write_all(&ping).await?;
    writing
        .write_all(&frame(DATA, END_STREAM, stream, &[]))
        .await?;
    writing.flush().await
}

/// A frame (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}
