//! Lines between two processes of this machine, with descriptors beside them.

use std::io::{self, IoSlice, IoSliceMut, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use rustix::io::{Errno, retry_on_intr};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// Longest line, in bytes.
const MOST_BYTES: usize = 1_024;

/// Most descriptors beside one line.
const MOST_DESCRIPTORS: usize = 8;

/// What is said where the system kept descriptors back.
const LOST: &str = "there were too many descriptors, or no room for them";

/// Sends one line with these descriptors.
pub(super) fn send(
    stream: &UnixStream,
    line: &str,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let bytes = format!("{line}\n").into_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !beside.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let sent = retry_on_intr(|| {
        let bytes = [IoSlice::new(&bytes)];
        // A peer that is gone is an error here and no signal.
        sendmsg(stream, &bytes, &mut beside, SendFlags::NOSIGNAL)
    })?;
    let mut stream = stream;
    stream.write_all(bytes.get(sent..).unwrap_or_default())
}

/// Waits for a line, until the deadline at most; `None`: for as long as the peer lives.
///
/// Errors: `UnexpectedEof` when the peer is gone, `TimedOut`, `InvalidData` for what is no line or
/// has too much beside it.
pub(super) fn receive(
    stream: &UnixStream,
    deadline: Option<Instant>,
) -> io::Result<(String, Vec<OwnedFd>)> {
    let mut line = Vec::new();
    let mut descriptors = Vec::new();
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(left)?;
        // One at a time, so that nothing behind the line is taken, nor what lies beside it.
        let mut byte = [0];
        match read(stream, &mut byte, &mut descriptors) {
            Ok(1..) => {}
            Err(Errno::AGAIN) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(0) | Err(Errno::CONNRESET) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Err(Errno::MSGSIZE) => return Err(io::Error::other(LOST)),
            Err(error) => return Err(error.into()),
        }
        // Some may lie beside each byte.
        if descriptors.len() > MOST_DESCRIPTORS {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if byte == *b"\n" {
            let line = String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData)?;
            return Ok((line, descriptors));
        }
        line.extend_from_slice(&byte);
        if line.len() > MOST_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

fn read(
    stream: &UnixStream,
    bytes: &mut [u8],
    descriptors: &mut Vec<OwnedFd>,
) -> Result<usize, Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let received = retry_on_intr(|| {
        let mut bytes = [IoSliceMut::new(bytes)];
        // Programs that this one starts have no business with them.
        recvmsg(stream, &mut bytes, &mut beside, RecvFlags::CMSG_CLOEXEC)
    })?;
    for message in beside.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            descriptors.extend(received);
        }
    }
    if received.flags.contains(ReturnFlags::CTRUNC) {
        return Err(Errno::MSGSIZE);
    }
    Ok(received.bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, IoSlice, Read as _, Write as _};
    use std::mem::MaybeUninit;
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;
    use std::time::{Duration, Instant};

    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

    use super::{MOST_DESCRIPTORS, receive, send};

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(50)
    }

    #[test]
    fn lines_and_what_lies_beside_them_come_one_by_one() {
        let (here, there) = UnixStream::pair().unwrap();
        let (mut end, given) = UnixStream::pair().unwrap();
        send(&here, "one", &[]).unwrap();
        send(&here, "two", &[given.as_fd()]).unwrap();
        drop(given);
        let (line, beside) = receive(&there, Some(soon())).unwrap();
        assert_eq!((line.as_str(), beside.len()), ("one", 0));
        let (line, beside) = receive(&there, Some(soon())).unwrap();
        assert_eq!((line.as_str(), beside.len()), ("two", 1));
        let mut received = UnixStream::from(beside.into_iter().next().unwrap());
        received.write_all(b"x").unwrap();
        let mut byte = [0];
        end.read_exact(&mut byte).unwrap();
        assert_eq!(&byte, b"x");
    }

    #[test]
    fn no_more_descriptors_are_held_than_a_line_may_have() {
        let (here, there) = UnixStream::pair().unwrap();
        for byte in [
            b"x", b"y", b"
",
        ] {
            let given = [here.as_fd(); MOST_DESCRIPTORS];
            let mut space =
                [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
            let mut beside = SendAncillaryBuffer::new(&mut space);
            assert!(beside.push(SendAncillaryMessage::ScmRights(&given)));
            sendmsg(
                &here,
                &[IoSlice::new(byte)],
                &mut beside,
                SendFlags::NOSIGNAL,
            )
            .unwrap();
        }
        let error = receive(&there, Some(soon())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn what_is_no_line_is_told_apart() {
        let (here, there) = UnixStream::pair().unwrap();
        let kind = || receive(&there, Some(soon())).unwrap_err().kind();
        assert_eq!(kind(), ErrorKind::TimedOut);
        (&here).write_all(&[b'x'; 1_100]).unwrap();
        assert_eq!(kind(), ErrorKind::InvalidData);
        (&here).write_all(b"\n\xff\n").unwrap();
        receive(&there, Some(soon())).unwrap();
        assert_eq!(kind(), ErrorKind::InvalidData);
        (&here).write_all(b"begun").unwrap();
        drop(here);
        assert_eq!(kind(), ErrorKind::UnexpectedEof);
    }
}
