use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Our end and the other one.
async fn pair() -> (Corked, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (ours, theirs) = (ours.unwrap(), theirs.unwrap().0);
    ours.set_nodelay(true).unwrap();
    (Corked::new(ours), theirs)
}

/// Writes as long as the stream takes something, without waiting.
fn write_now(stream: &mut Corked, bytes: &[u8]) -> usize {
    let mut cx = Context::from_waker(Waker::noop());
    match Pin::new(stream).poll_write(&mut cx, bytes) {
        Poll::Ready(written) => written.unwrap(),
        Poll::Pending => 0,
    }
}

/// What has come, without waiting.
fn come(stream: &TcpStream) -> Vec<u8> {
    let mut buffer = vec![0; 64 * 1024];
    match stream.try_read(&mut buffer) {
        Ok(read) => buffer.truncate(read),
        Err(_) => buffer.clear(),
    }
    buffer
}

/// Has the system take as much as it does, past what is held.
fn fill(stream: &Corked) {
    while lock(&stream.0).stream.try_write(&[0; 4 * 1024]).is_ok() {}
}

/// Until `stream` has something to read.
async fn readable(stream: &TcpStream) {
    tokio::time::timeout(Duration::from_secs(5), stream.readable())
        .await
        .unwrap()
        .unwrap();
}

/// A worker that has begun.
async fn sends() -> tokio::task::JoinHandle<()> {
    let running = tokio::spawn(send_at_the_end_of_each());
    tokio::task::yield_now().await;
    assert!(holds());
    running
}

#[tokio::test]
async fn what_is_written_in_a_turn_leaves_at_its_end() {
    let running = sends().await;
    let (mut one, one_peer) = pair().await;
    let (mut two, two_peer) = pair().await;
    assert_eq!(write_now(&mut one, b"a"), 1);
    assert_eq!(write_now(&mut two, b"b"), 1);
    assert_eq!(write_now(&mut one, b"c"), 1);
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(come(&one_peer), b"", "the turn has not ended");
    readable(&one_peer).await;
    readable(&two_peer).await;
    assert_eq!(come(&one_peer), b"ac", "in one piece");
    assert_eq!(come(&two_peer), b"b");
    assert!(lock(&one.0).bytes.capacity() == 0, "its room is for others");
    running.abort();
}

#[tokio::test]
async fn without_a_worker_nothing_is_held() {
    let (mut ours, theirs) = pair().await;
    ours.write_all(b"at once").await.unwrap();
    assert!(lock(&ours.0).bytes.is_empty());
    readable(&theirs).await;
    assert_eq!(come(&theirs), b"at once");
}

#[tokio::test]
async fn what_is_large_goes_at_once_and_behind_what_is_held() {
    let running = sends().await;
    let (mut ours, mut theirs) = pair().await;
    write_now(&mut ours, b"first ");
    let large = vec![b'x'; MOST_HELD_BYTES + 1];
    let written = write_now(&mut ours, &large);
    assert!(written > 0);
    assert!(lock(&ours.0).bytes.is_empty());
    let mut first = [0; 7];
    theirs.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"first x");
    running.abort();
}

#[tokio::test]
async fn many_streams_leave_in_the_middle_of_a_turn() {
    let running = sends().await;
    let mut all = Vec::new();
    for _ in 0..=MOST_STREAMS {
        all.push(pair().await);
    }
    for (ours, _) in &mut all {
        write_now(ours, b"x");
    }
    let held = all
        .iter()
        .filter(|(ours, _)| !lock(&ours.0).bytes.is_empty());
    assert_eq!(held.count(), 1, "{MOST_STREAMS} at most are held");
    running.abort();
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_waited_for_and_nothing_is_lost() {
    let running = sends().await;
    let (mut ours, mut theirs) = pair().await;
    let all: Vec<u8> = (0..8_000_000_u32).map(|n| (n % 251) as u8).collect();
    let sent = all.clone();
    let writing = tokio::spawn(async move {
        let mut rest = &sent[..];
        let mut length = 1;
        while !rest.is_empty() {
            // Of all sizes around what is held.
            length = (length * 7 + 3) % (2 * MOST_HELD_BYTES) + 1;
            let (piece, behind) = rest.split_at(length.min(rest.len()));
            ours.write_all(piece).await.unwrap();
            ours.flush().await.unwrap();
            rest = behind;
        }
        ours.shutdown().await.unwrap();
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!writing.is_finished(), "the way is full");
    let mut received = Vec::new();
    theirs.read_to_end(&mut received).await.unwrap();
    writing.await.unwrap();
    assert!(received == all, "{} of {} bytes", received.len(), all.len());
    running.abort();
}

#[tokio::test]
async fn a_flush_waits_for_what_the_system_did_not_take() {
    let running = sends().await;
    let (mut ours, theirs) = pair().await;
    // The system's buffers are filled by the side, so that the small write meets full ones.
    fill(&ours);
    assert_eq!(write_now(&mut ours, b"held"), 4);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(
        Pin::new(&mut ours).poll_flush(&mut cx).is_ready(),
        "it will be sent"
    );
    tokio::task::yield_now().await;
    assert!(
        Pin::new(&mut ours).poll_flush(&mut cx).is_pending(),
        "it could not be sent"
    );
    let ended = tokio::time::timeout(Duration::from_millis(50), ours.shutdown()).await;
    assert!(ended.is_err(), "the end goes behind what is held");
    let reading = tokio::spawn(async move {
        let (mut theirs, mut all) = (theirs, Vec::new());
        theirs.read_to_end(&mut all).await.unwrap();
        all
    });
    ours.shutdown().await.unwrap();
    assert!(reading.await.unwrap().ends_with(b"\0held"));
    running.abort();
}

#[tokio::test]
async fn a_write_that_fails_later_is_told_to_the_next_who_asks() {
    let running = sends().await;
    let (mut ours, theirs) = pair().await;
    theirs.set_zero_linger().unwrap();
    drop(theirs);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(write_now(&mut ours, b"x"), 1, "it is held");
    tokio::task::yield_now().await;
    let told = ours.flush().await.unwrap_err();
    assert!(
        matches!(
            told.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
        ),
        "{told}"
    );
    let again = ours.write_all(b"y").await.and(ours.flush().await);
    tokio::task::yield_now().await;
    assert!(again.and(ours.flush().await).is_err());
    running.abort();
}

#[tokio::test]
async fn the_writer_is_woken_when_it_has_to_send_itself() {
    let running = sends().await;
    let (mut ours, mut theirs) = pair().await;
    fill(&ours);
    let writing = tokio::spawn(async move {
        // Ready at once; as a parser does, it flushes whenever it is woken, and sleeps else.
        let mut written = false;
        poll_fn(|cx| {
            if !written {
                assert!(Pin::new(&mut ours).poll_write(cx, b"end").is_ready());
                written = true;
                return Poll::Pending;
            }
            Pin::new(&mut ours).poll_flush(cx)
        })
        .await
        .unwrap();
        ours
    });
    let mut last = [0; 3];
    let mut buffer = vec![0; 64 * 1024];
    let reading = async {
        loop {
            let read = theirs.read(&mut buffer).await.unwrap();
            if let Some(at) = buffer[..read].iter().position(|&byte| byte != 0) {
                last.copy_from_slice(&buffer[at..at + 3]);
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), reading)
        .await
        .unwrap();
    assert_eq!(&last, b"end");
    writing.await.unwrap();
    running.abort();
}

#[tokio::test]
async fn what_a_dropped_stream_held_is_sent_unless_it_is_reset() {
    let running = sends().await;
    let (mut ours, mut theirs) = pair().await;
    write_now(&mut ours, b"last words");
    drop(ours);
    let mut all = Vec::new();
    theirs.read_to_end(&mut all).await.unwrap();
    assert_eq!(all, b"last words");

    let (mut ours, mut theirs) = pair().await;
    write_now(&mut ours, b"not said");
    ours.reset_at_close().unwrap();
    drop(ours);
    let mut all = Vec::new();
    let ended = theirs.read_to_end(&mut all).await;
    assert_eq!((ended.is_err(), all.is_empty()), (true, true));
    running.abort();
}

#[tokio::test]
async fn a_worker_that_ends_sends_what_it_holds() {
    let running = sends().await;
    let (mut ours, theirs) = pair().await;
    write_now(&mut ours, b"x");
    running.abort();
    let _ = running.await;
    assert!(!holds());
    readable(&theirs).await;
    assert_eq!(come(&theirs), b"x");
    assert_eq!(write_now(&mut ours, b"y"), 1);
    assert!(lock(&ours.0).bytes.is_empty(), "nothing is held any more");
}

#[tokio::test]
async fn room_is_used_again() {
    let running = sends().await;
    let (mut ours, _theirs) = pair().await;
    for _ in 0..1_000 {
        write_now(&mut ours, &[0; 100]);
        send_all();
    }
    let spare = TURN.with_borrow(|turn| {
        (
            turn.spare.len(),
            turn.spare.iter().map(Vec::capacity).sum::<usize>(),
        )
    });
    assert!(spare.0 == 1 && spare.1 <= MOST_HELD_BYTES, "{spare:?}");
    running.abort();
}
