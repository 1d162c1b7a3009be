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

use super::{
    ASKED_PAUSE, Age, Held, Keeper, Kept, LONGEST_PAUSE, LONGEST_REMOTE_PAUSE, QUESTION_INTERVAL,
    drive,
};
use crate::credential::Credential;
use crate::error::Error;
use crate::resolver::Resolver;
use crate::stores::{Fetched, Fetching, Identity, Life, Place, Version, Versioning};
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

/// A store over a network, that does what the test says.
#[derive(Clone, Default)]
struct Far(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    value: &'static str,
    version: Option<&'static str>,
    is_away: bool,
    life: Option<Duration>,
    reads: usize,
    questions: usize,
}

impl Far {
    fn of(value: &'static str) -> Self {
        let far = Self::default();
        far.change(|script| script.value = value);
        far
    }

    fn change(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.0.lock().unwrap());
    }

    fn reads(&self) -> usize {
        self.0.lock().unwrap().reads
    }

    fn questions(&self) -> usize {
        self.0.lock().unwrap().questions
    }

    fn told(version: Option<&'static str>) -> Option<Version> {
        version.map(|id| Version {
            id: id.to_owned(),
            made_at: None,
        })
    }
}

fn away() -> Error {
    Error::VariableMissing {
        variable: "AWAY".to_owned(),
    }
}

impl Place for Far {
    fn identity(&self) -> Identity {
        Identity::new("FAR", ["one".to_owned()])
    }

    fn describe(&self) -> String {
        "far away".to_owned()
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn version(&self) -> Versioning<'_> {
        let mut script = self.0.lock().unwrap();
        script.questions += 1;
        let answer = if script.is_away {
            Err(away())
        } else {
            Ok(Self::told(script.version))
        };
        Box::pin(std::future::ready(answer))
    }

    fn fetch<'a>(&'a self, _: &'a [String]) -> Fetching<'a> {
        let mut script = self.0.lock().unwrap();
        script.reads += 1;
        if script.is_away {
            return Box::pin(std::future::ready(Err(away())));
        }
        let values = [("api_key".to_owned(), script.value.into())];
        let life = script.life.map(|life| Life {
            renew_at: Instant::now() + life / 2,
            end: Instant::now() + life,
        });
        let fetched = Fetched {
            credential: Credential::new(values.into(), Vec::new()),
            version: Self::told(script.version),
            life,
        };
        Box::pin(async move {
            // So that callers meet it while it is under way.
            tokio::task::yield_now().await;
            Ok(fetched)
        })
    }
}

fn far(place: &Far) -> (Keeper, Kept) {
    let keeper = over(Path::new("."), FixedVariables::new());
    let kept = keeper.keep_of(Box::new(place.clone()), &fields());
    (keeper, kept)
}

#[tokio::test]
async fn a_store_over_a_network_is_asked_for_its_version_and_not_for_its_value() {
    let place = Far::of("old");
    place.change(|script| script.version = Some("1"));
    let (keeper, kept) = far(&place);
    let start = Instant::now();
    for second in 0..300 {
        keeper.fetch_due(start + Duration::from_secs(second)).await;
    }
    assert_eq!((place.reads(), place.questions()), (1, 9));
    place.change(|script| (script.value, script.version) = ("new", Some("2")));
    keeper.fetch_due(start + Duration::from_secs(300)).await;
    assert_eq!(value(&kept.get()), Some("new"));
    assert_eq!((place.reads(), place.questions()), (2, 10));
}

#[tokio::test]
async fn a_store_that_tells_no_version_is_read_now_and_then() {
    let place = Far::of("old");
    let (keeper, kept) = far(&place);
    let start = Instant::now();
    keeper.fetch_due(start).await;
    place.change(|script| script.value = "new");
    for second in 0..=300 {
        keeper.fetch_due(start + Duration::from_secs(second)).await;
    }
    assert_eq!(value(&kept.get()), Some("new"));
    assert_eq!(place.reads(), 2);
}

#[tokio::test]
async fn a_store_that_is_away_takes_nothing_away_and_is_told() {
    let place = Far::of("value");
    place.change(|script| script.version = Some("1"));
    let (keeper, kept) = far(&place);
    let start = Instant::now();
    keeper.fetch_due(start).await;
    place.change(|script| script.is_away = true);
    keeper.fetch_due(start + QUESTION_INTERVAL).await;
    let held = kept.get();
    assert_eq!(value(&held), Some("value"));
    assert!(held.problem.as_ref().unwrap().contains("AWAY"));
    place.change(|script| script.is_away = false);
    keeper.fetch_due(start + QUESTION_INTERVAL * 2).await;
    assert_eq!(kept.get().problem, None);
    assert_eq!(place.reads(), 1);
}

#[tokio::test]
async fn a_thousand_callers_at_a_cold_start_make_one_fetch() {
    let place = Far::of("value");
    let (_keeper, kept) = far(&place);
    let callers = (0..1_000).map(|_| {
        let kept = kept.clone();
        tokio::spawn(async move { kept.renewed().await.credential.is_some() })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert!(caller.await.unwrap());
    }
    assert_eq!(place.reads(), 1);
}

#[tokio::test]
async fn who_asks_while_a_look_reads_it_waits_for_that_one() {
    let place = Far::of("value");
    let (keeper, kept) = far(&place);
    let now = Instant::now();
    let (held, ()) = tokio::join!(kept.renewed(), keeper.fetch_due(now));
    assert_eq!(value(&held), Some("value"));
    assert_eq!(place.reads(), 1);
    let (held, ()) = tokio::join!(kept.refresh(), keeper.fetch_due(now));
    assert_eq!(value(&held), Some("value"));
    assert_eq!(place.reads(), 2);
}

#[tokio::test]
async fn refusals_one_after_the_other_are_no_reason_to_ask_as_often() {
    let place = Far::of("value");
    let (_keeper, kept) = far(&place);
    kept.renewed().await;
    let started = Instant::now();
    for _ in 0..200 {
        kept.refresh().await;
    }
    let most = 1 + started.elapsed().as_nanos() / ASKED_PAUSE.as_nanos();
    let most = usize::try_from(most).unwrap();
    assert!(place.reads() - 1 <= most, "{} of {most}", place.reads() - 1);
}

#[tokio::test]
async fn a_value_with_an_end_is_used_to_it_and_never_past_it() {
    let place = Far::of("token");
    place.change(|script| script.life = Some(Duration::from_secs(60)));
    let (_keeper, kept) = far(&place);
    kept.renewed().await;
    let now = Instant::now();
    assert_eq!(kept.age(now), Age::Fresh);
    assert_eq!(kept.age(now + Duration::from_secs(31)), Age::Due);
    assert_eq!(kept.age(now + Duration::from_secs(61)), Age::Over);
}

#[tokio::test]
async fn while_a_store_is_away_nobody_waits_for_it_again_and_again() {
    let place = Far::of("token");
    place.change(|script| script.life = Some(Duration::ZERO));
    let (_keeper, kept) = far(&place);
    kept.renewed().await;
    place.change(|script| script.is_away = true);
    for _ in 0..100 {
        assert_eq!(kept.age(Instant::now()), Age::Over);
        let held = kept.renewed().await;
        assert!(held.problem.is_some());
    }
    // The first one, the one that failed, and what a slow machine has time for.
    assert!(place.reads() <= 4, "{} reads", place.reads());
}

#[tokio::test]
async fn looks_while_a_store_is_away_are_as_seldom_when_the_value_has_ended() {
    let place = Far::of("token");
    place.change(|script| script.life = Some(Duration::ZERO));
    let (keeper, _kept) = far(&place);
    let start = Instant::now();
    keeper.fetch_due(start).await;
    place.change(|script| script.is_away = true);
    for second in 1..=100 {
        keeper.fetch_due(start + Duration::from_secs(second)).await;
    }
    // At 1 s, 2 s, 3 s, 5 s, 9 s and so on, up to the longest pause.
    assert!((8..=11).contains(&place.reads()), "{} reads", place.reads());
}

#[tokio::test]
async fn what_is_due_is_renewed_beside_the_calls() {
    let place = Far::of("old");
    place.change(|script| script.life = Some(Duration::ZERO));
    let (_keeper, kept) = far(&place);
    kept.renewed().await;
    place.change(|script| (script.value, script.life) = ("new", None));
    kept.renew();
    let deadline = Instant::now() + Duration::from_secs(20);
    while value(&kept.get()) != Some("new") {
        assert!(Instant::now() < deadline, "it is not renewed");
        tokio::task::yield_now().await;
    }
    assert_eq!(kept.age(Instant::now()), Age::Fresh);
}

#[tokio::test]
async fn what_could_not_be_renewed_is_tried_again_before_it_ends() {
    let place = Far::of("token");
    place.change(|script| script.life = Some(Duration::from_secs(600)));
    let (keeper, kept) = far(&place);
    kept.renewed().await;
    place.change(|script| script.is_away = true);
    let due = Instant::now() + Duration::from_secs(301);
    keeper.fetch_due(due).await;
    assert_eq!(kept.age(due), Age::Fresh, "it is left alone for a pause");
    assert!(kept.get().problem.is_some());
    place.change(|script| script.is_away = false);
    keeper.fetch_due(due + LONGEST_REMOTE_PAUSE).await;
    assert_eq!(kept.get().problem, None);
    assert_eq!(place.reads(), 3);
}
