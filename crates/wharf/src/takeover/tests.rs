//! What passes between two processes, and what becomes of those that do not keep to it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wharf_policy::caller::CallerToken;

use crate::token;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::{Claim, ClaimError, Handed, Kept, Kind, Offer, wire};

/// An offer in a folder of its own.
struct Served {
    folder: TempDir,
    kept: Arc<Counted>,
    taken: JoinHandle<Option<u32>>,
    data: std::net::SocketAddr,
    token: CallerToken,
}

/// How often it was let go of, and taken back.
#[derive(Default)]
struct Counted {
    released: AtomicUsize,
    taken_back: AtomicUsize,
}

impl Counted {
    fn both(&self) -> (usize, usize) {
        let count = |of: &AtomicUsize| of.load(Ordering::SeqCst);
        (count(&self.released), count(&self.taken_back))
    }
}

impl Kept for Counted {
    fn release(&self) {
        self.released.fetch_add(1, Ordering::SeqCst);
    }

    fn take_back(&self) {
        self.taken_back.fetch_add(1, Ordering::SeqCst);
    }
}

fn served() -> Served {
    let kept = Arc::new(Counted::default());
    let folder = tempfile::tempdir().unwrap();
    let listener = || TcpListener::bind("127.0.0.1:0").unwrap();
    let handed = Handed {
        data: listener(),
        control: listener(),
        lock: Some(fs::File::create(folder.path().join("lock")).unwrap()),
        log: Some(fs::File::create(folder.path().join("log")).unwrap()),
        token: Some(token::random().unwrap()),
    };
    let (data, token) = (
        handed.data.local_addr().unwrap(),
        handed.token.clone().unwrap(),
    );
    let offer = Arc::new(Offer::new(
        folder.path().to_owned(),
        Kind::Real,
        handed,
        Some(Arc::clone(&kept) as Arc<dyn Kept>),
    ));
    offer.open(false);
    Served {
        folder,
        kept,
        taken: tokio::spawn(offer.until_taken()),
        data,
        token,
    }
}

impl Served {
    fn knock(&self) -> UnixStream {
        UnixStream::connect(self.folder.path().join("takeover.sock")).unwrap()
    }

    /// Asks on a thread of its own, as another process would.
    async fn ask(&self) -> Result<Option<(Claim, Handed)>, ClaimError> {
        let folder = self.folder.path().to_owned();
        let ask = move || Claim::ask(&folder, Kind::Real);
        tokio::task::spawn_blocking(ask).await.unwrap()
    }

    /// Asks after another one is gone, which is heard a moment later.
    async fn ask_again(&self) -> (Claim, Handed) {
        loop {
            match self.ask().await {
                Ok(asked) => return asked.unwrap(),
                Err(ClaimError::Refused { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Says lines when the one before is gone, which is heard a moment later.
    async fn say(&self, lines: &'static [&'static str]) -> String {
        loop {
            let answer = say(self.knock(), lines).await;
            if !answer.contains("taking over already") {
                return answer;
            }
        }
    }
}

async fn confirmed(claim: Claim) -> (Claim, Result<(), ClaimError>) {
    let confirm = move || {
        let said = claim.confirm();
        (claim, said)
    };
    tokio::task::spawn_blocking(confirm).await.unwrap()
}

/// Says lines at the socket, and gives the last answer.
async fn say(stream: UnixStream, lines: &'static [&'static str]) -> String {
    let talk = move || {
        let mut answer = String::new();
        for line in lines {
            // Whoever refuses may be gone by then, and its reason is there to be read.
            let _ = wire::send(&stream, line, &[]);
            (answer, _) = wire::receive(&stream, None).unwrap();
            // Nothing comes after a refusal.
            if answer.starts_with("no ") {
                break;
            }
        }
        answer
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

#[tokio::test]
async fn listeners_lock_and_token_pass_over() {
    let served = served();
    let (claim, handed) = served.ask().await.unwrap().unwrap();
    assert_eq!(handed.data.local_addr().unwrap(), served.data);
    assert!(handed.lock.is_some() && handed.log.is_some());
    assert_eq!(served.kept.both(), (0, 0));
    let token = handed.token.unwrap();
    assert_eq!(token.expose_secret(), served.token.expose_secret());
    let (claim, said) = confirmed(claim).await;
    said.unwrap();
    assert!(
        !served.taken.is_finished(),
        "it serves until the other does"
    );
    assert_eq!(served.kept.both(), (1, 0));
    claim.serves();
    assert_eq!(served.taken.await.unwrap(), Some(std::process::id()));
    assert_eq!(served.kept.both(), (1, 0));
    // Nobody else held them.
    drop(handed.data);
    assert!(std::net::TcpStream::connect(served.data).is_err());
}

#[tokio::test]
async fn one_at_a_time_and_the_next_when_that_one_is_gone() {
    let served = served();
    let first = served.ask().await.unwrap().unwrap();
    let error = served.ask().await.err().unwrap();
    let said = error.to_string();
    assert!(said.contains("taking over already"), "{said}");
    drop(first);
    let (claim, said) = confirmed(served.ask_again().await.0).await;
    said.unwrap();
    // It dies at the last moment.
    drop(claim);
    served.ask_again().await;
    assert_eq!(served.kept.both(), (1, 1));
    assert!(!served.taken.is_finished());
}

#[tokio::test]
async fn other_versions_and_other_words_are_refused_in_plain_words() {
    let served = served();
    for (lines, words) in [
        (&["wharf-takeover 7 9"][..], "no version of take-overs"),
        (&["GET / HTTP/1.1"], "not understood"),
        (&["wharf-takeover 1", "steady"], "not understood"),
    ] {
        let answer = served.say(lines).await;
        assert!(answer.starts_with("no "), "{answer}");
        assert!(answer.contains(words), "{answer}");
    }
    // One that speaks more versions than ours is served.
    let answer = served.say(&["wharf-takeover 1 2"]).await;
    assert!(answer.starts_with("listeners 1 "), "{answer}");
    assert!(!served.taken.is_finished());
}

#[tokio::test]
async fn a_simulation_and_the_real_thing_do_not_meet() {
    let served = served();
    let folder = served.folder.path().to_owned();
    let ask = move || Claim::ask(&folder, Kind::Simulation).unwrap().is_none();
    assert!(tokio::task::spawn_blocking(ask).await.unwrap());
    served.taken.abort();
}
