//! Kept while valid, fetched by one flight, and gone with its last user.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use wharf_diag::{Span, Spanned};
use wharf_document::model::CredentialStore;

use super::{Held, Keeper, LONGEST_PAUSE, drive};
use crate::resolver::Resolver;
use crate::variables::{FixedVariables, Variables};

fn spanned(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Span::default())
}

fn file(path: &str) -> CredentialStore {
    CredentialStore::File {
        path: spanned(path),
    }
}

fn variable(name: &str) -> CredentialStore {
    CredentialStore::EnvVariables {
        variables: vec![spanned(name)],
    }
}

fn fields() -> Vec<String> {
    vec!["api_key".to_owned()]
}

fn over(root: &Path, variables: impl Variables + 'static) -> Keeper {
    Keeper::new(Resolver::new(Arc::new(variables), root.to_owned()))
}

fn in_folder() -> (Keeper, TempDir) {
    let folder = TempDir::new().unwrap();
    (over(folder.path(), FixedVariables::new()), folder)
}

/// Fetches what is due on this thread, without a runtime.
fn look(keeper: &Keeper, now: Instant) {
    drive(keeper.fetch_due(now));
}

fn value(held: &Held) -> Option<&str> {
    let credential = held.credential.as_ref()?;
    Some(credential.get("api_key").unwrap().expose_secret())
}

/// One variable that counts how often it was read. Reading waits while `gate` is shut.
struct Counted {
    reads: Arc<AtomicUsize>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn set_open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

impl Variables for Counted {
    fn get(&self, _: &str) -> Option<SecretString> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let mut open = self.gate.open.lock().unwrap();
        while !*open {
            let waited = self.gate.opened.wait_timeout(open, Duration::from_secs(20));
            open = waited.unwrap().0;
        }
        Some("value".into())
    }
}

fn counted(open: bool) -> (Keeper, Arc<AtomicUsize>, Arc<Gate>) {
    let (reads, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Gate::default()));
    if open {
        gate.set_open();
    }
    let variables = Counted {
        reads: Arc::clone(&reads),
        gate: Arc::clone(&gate),
    };
    (over(Path::new("."), variables), reads, gate)
}

#[test]
fn a_file_that_cannot_be_read_takes_no_value_away() {
    let (keeper, folder) = in_folder();
    let path = folder.path().join("key");
    fs::write(&path, "old").unwrap();
    let kept = keeper.keep(&file("key"), &fields());
    let now = Instant::now();
    look(&keeper, now);
    assert_eq!(value(&kept.get()), Some("old"));
    assert_eq!(kept.get().problem, None);

    fs::remove_file(&path).unwrap();
    look(&keeper, now);
    let away = kept.get();
    assert_eq!(value(&away), Some("old"));
    assert!(away.problem.as_ref().unwrap().contains("does not exist"));

    for half_written in ["", "two\nlines", "{"] {
        fs::write(&path, half_written).unwrap();
        look(&keeper, now);
        assert_eq!(value(&kept.get()), Some("old"), "{half_written:?}");
    }

    fs::write(&path, "newer").unwrap();
    look(&keeper, now);
    let newer = kept.get();
    assert_eq!((value(&newer), &newer.problem), (Some("newer"), &None));
    assert!(newer.version > away.version);
    assert_eq!(kept.version(), newer.version);
}

#[test]
fn a_missing_variable_is_asked_for_with_growing_pauses() {
    struct Never(Arc<AtomicUsize>);
    impl Variables for Never {
        fn get(&self, _: &str) -> Option<SecretString> {
            self.0.fetch_add(1, Ordering::SeqCst);
            None
        }
    }
    let reads = Arc::new(AtomicUsize::new(0));
    let keeper = over(Path::new("."), Never(Arc::clone(&reads)));
    let kept = keeper.keep(&variable("KEY"), &fields());
    let start = Instant::now();
    let step = Duration::from_millis(250);
    let looks = 240;
    for number in 0..looks {
        look(&keeper, start + step * number);
    }
    // At 0, 0.5, 1.5 and 3.5 s, then every four seconds of the minute.
    assert_eq!(reads.load(Ordering::SeqCst), 18);
    assert!(kept.get().problem.as_ref().unwrap().contains("KEY"));
}

#[test]
fn a_file_that_appears_is_read_at_the_next_look_whatever_the_pause() {
    let (keeper, folder) = in_folder();
    let kept = keeper.keep(&file("key"), &fields());
    let now = Instant::now();
    for number in 0..20 {
        look(&keeper, now + LONGEST_PAUSE * number);
    }
    assert_eq!(value(&kept.get()), None);
    fs::write(folder.path().join("key"), "late").unwrap();
    look(&keeper, now + LONGEST_PAUSE * 19);
    assert_eq!(value(&kept.get()), Some("late"));
}

#[test]
fn one_reference_is_fetched_once_and_lives_as_long_as_somebody_uses_it() {
    let (keeper, reads, _gate) = counted(true);
    let first = keeper.keep(&variable("KEY"), &fields());
    look(&keeper, Instant::now());
    // What a reload does: the same reference is kept before the old one is let go.
    let second = keeper.keep(&variable("KEY"), &fields());
    drop(first);
    look(&keeper, Instant::now());
    assert_eq!(value(&second.get()), Some("value"));
    assert_eq!(reads.load(Ordering::SeqCst), 1);

    let other = keeper.keep(&variable("OTHER"), &["token".to_owned()]);
    look(&keeper, Instant::now());
    assert_eq!(reads.load(Ordering::SeqCst), 2);
    assert!(other.get().credential.is_some());

    drop(second);
    let again = keeper.keep(&variable("KEY"), &fields());
    assert!(again.get().credential.is_none(), "nobody used it any more");
}

/// References compare with their places in the text, which move with every line above them.
#[test]
fn a_reference_that_stands_elsewhere_in_the_text_is_the_same_one() {
    let (keeper, reads, _gate) = counted(true);
    let at = |start: usize| CredentialStore::EnvVariables {
        variables: vec![Spanned::new("KEY".to_owned(), Span::new(start, start + 3))],
    };
    assert_ne!(at(10), at(90), "or there is nothing to be tested");
    let first = keeper.keep(&at(10), &fields());
    look(&keeper, Instant::now());
    let second = keeper.keep(&at(90), &fields());
    assert_eq!(value(&second.get()), Some("value"));
    look(&keeper, Instant::now());
    assert_eq!(reads.load(Ordering::SeqCst), 1);
    assert_eq!(first.version(), second.version());
}

#[tokio::test]
async fn all_who_ask_while_it_is_fetched_wait_for_that_fetch() {
    let (keeper, reads, gate) = counted(false);
    let kept = keeper.keep(&variable("KEY"), &fields());
    let ask = || {
        let kept = kept.clone();
        tokio::spawn(async move {
            let held = kept.refresh().await;
            value(&held).map(str::to_owned)
        })
    };
    let asking: Vec<_> = (0..32).map(|_| ask()).collect();
    // One that goes away does not end the flight of the others.
    let gone = ask();
    let deadline = Instant::now() + Duration::from_secs(20);
    while reads.load(Ordering::SeqCst) == 0 {
        assert!(Instant::now() < deadline, "nothing was read");
        tokio::task::yield_now().await;
    }
    gone.abort();
    gate.set_open();
    for asked in asking {
        assert_eq!(asked.await.unwrap().as_deref(), Some("value"));
    }
    assert_eq!(reads.load(Ordering::SeqCst), 1);
    kept.refresh().await;
    assert_eq!(reads.load(Ordering::SeqCst), 2);
}

/// One thread: were a file read on it, nothing else could be done meanwhile.
#[tokio::test]
async fn an_event_loop_waits_for_a_file_without_reading_it() {
    let (keeper, folder) = in_folder();
    fs::write(folder.path().join("key"), "first").unwrap();
    let kept = keeper.keep(&file("key"), &fields());
    keeper.fetch_due(Instant::now()).await;
    assert_eq!(value(&kept.get()), Some("first"));
    fs::write(folder.path().join("key"), "second").unwrap();
    assert_eq!(value(&*kept.refresh().await), Some("second"));
    // Given up before it was polled to its end, it counts as not tried.
    let other = keeper.keep(&file("other"), &fields());
    fs::write(folder.path().join("other"), "third").unwrap();
    let mut fetching = Box::pin(keeper.fetch_due(Instant::now()));
    let _ = futures_util::FutureExt::now_or_never(&mut fetching);
    drop(fetching);
    keeper.fetch_due(Instant::now()).await;
    assert_eq!(value(&other.get()), Some("third"));
}
