use std::sync::Mutex;
use std::sync::atomic::AtomicI64;

use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::time::timeout;
use wharf_policy::procedure::{Action, Definition, End, GivenUp, Step, What};

use super::*;
use crate::NoticeFilter;
use crate::notice::NoticePage;

const DEADLINE: Duration = Duration::from_secs(20);

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// Effects that note their keys, and wait at one step until they are let go on.
#[derive(Clone, Default)]
struct Noted(Arc<Inner>);

#[derive(Default)]
struct Inner {
    done: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
    /// Noted as done, and then waited for.
    held_at: Option<&'static str>,
    is_held: Notify,
    go_on: Notify,
    panics_at: Option<&'static str>,
}

impl Noted {
    fn held_at(step: &'static str) -> Self {
        Self(Arc::new(Inner {
            held_at: Some(step),
            ..Inner::default()
        }))
    }

    fn done(&self) -> Vec<String> {
        self.0.done.lock().unwrap().clone()
    }
}

impl Effects for Noted {
    async fn perform(&self, effect: &Effect, _: &Subject) -> Outcome {
        let step = effect.step.as_str();
        let key = effect.key.to_string();
        self.0.asked.lock().unwrap().push(key.clone());
        assert_ne!(self.0.panics_at, Some(step), "as the test wants");
        {
            let mut done = self.0.done.lock().unwrap();
            if !done.contains(&key) {
                done.push(key);
            }
        }
        if self.0.held_at == Some(step) {
            self.0.is_held.notify_one();
            self.0.go_on.notified().await;
        }
        Outcome::Done(Note::new(""))
    }

    async fn was_done(&self, effect: &Effect, _: &Subject) -> Found {
        if self.done().contains(&effect.key.to_string()) {
            Found::Done(Note::new("found"))
        } else {
            Found::NotDone(Note::new("not found"))
        }
    }

    fn notices(&self, _: &Procedure, subject: &Subject, entry: &Entry) -> Vec<Notice> {
        if entry.what != What::Done {
            return Vec::new();
        }
        let kind = name("step-done");
        vec![Notice {
            key: wharf_policy::notice::DedupeKey::of(&kind, &[entry.step.as_str()]),
            kind,
            severity: wharf_policy::notice::Severity::Info,
            subject: subject.clone(),
            title: wharf_policy::bounded::Text::new(entry.step.as_str()),
            text: wharf_policy::bounded::Text::default(),
            at: entry.at,
            same_within: Duration::ZERO,
            evidence: None,
        }]
    }
}

async fn on_each(case: impl AsyncFn(Store)) {
    let folder = TempDir::new().unwrap();
    case(Store::open(folder.path()).await.unwrap()).await;
    case(Store::in_memory()).await;
}

async fn begin(store: &Store, steps: Vec<Step>) -> RunId {
    let id = RunId::from_bytes([5; 16]);
    let definition = Definition::new(name("drill"), steps).unwrap();
    let (run, entry) = Procedure::start(id, definition, at(0));
    let subject = Subject::integration("petshop");
    let begun = store
        .records()
        .begin_run(&run, &subject, &entry, 1, &[])
        .await;
    begun.unwrap();
    id
}

fn runner(store: &Store, epoch: u64, effects: &Noted) -> Runner<Noted> {
    Runner::new(store, name("drill"), epoch, effects.clone(), || at(100))
}

/// Drives until the run stands as wanted; gives its history in words.
async fn driven(
    store: &Store,
    effects: &Noted,
    id: RunId,
    is_wanted: fn(&Procedure) -> bool,
) -> Vec<&'static str> {
    let (records, mut changes) = (store.records(), store.changes());
    let until = async {
        loop {
            let history = records.run(id).await.unwrap().unwrap();
            if is_wanted(history.record.procedure.as_ref().unwrap()) {
                return;
            }
            changes.next().await.unwrap();
        }
    };
    let run = runner(store, 1, effects).run(until);
    timeout(DEADLINE, run).await.unwrap().unwrap();
    words(store, id).await
}

async fn words(store: &Store, id: RunId) -> Vec<&'static str> {
    let history = store.records().run(id).await.unwrap().unwrap();
    let entries = history.entries.iter();
    entries.map(|(_, entry)| entry.what.as_str()).collect()
}

fn is_over(run: &Procedure) -> bool {
    run.end() == Some(End::Done)
}

#[tokio::test]
async fn every_step_is_journalled_done_once_and_told() {
    on_each(async |store| {
        let effects = Noted::default();
        let id = begin(&store, vec![Step::new(name("one")), Step::new(name("two"))]).await;
        let history = driven(&store, &effects, id, is_over).await;
        assert_eq!(history, ["started", "begun", "done", "begun", "done"]);
        assert_eq!(effects.done(), [format!("{id}/one"), format!("{id}/two")]);
        let page = NoticePage {
            before: None,
            limit: 10,
        };
        let (records, all) = (store.records(), NoticeFilter::default());
        let told = records.notices(&all, page).await.unwrap();
        let titles: Vec<_> = told.iter().map(|of| of.notice.title.as_str()).collect();
        assert_eq!(titles, ["two", "one"]);
    })
    .await;
}

#[tokio::test]
async fn what_was_dropped_in_the_middle_is_found_out_by_the_rule() {
    for (rule, expected) in [
        (Unknown::Repeat, &["repeated", "begun", "done"][..]),
        (Unknown::Ask, &["done"]),
        (Unknown::Person, &["left-to-person"]),
    ] {
        on_each(async |store| {
            let effects = Noted::held_at("one");
            let id = begin(&store, vec![Step::new(name("one")).unknown(rule)]).await;
            {
                let run = runner(&store, 1, &effects).run(std::future::pending());
                tokio::select! {
                    _ = run => unreachable!("nobody stops it"),
                    () = effects.0.is_held.notified() => {}
                }
            }
            effects.0.go_on.notify_one();
            let is_wanted = |run: &Procedure| is_over(run) || run.is_with_person();
            let history = driven(&store, &effects, id, is_wanted).await;
            assert_eq!(history[..2], ["started", "begun"]);
            assert_eq!(&history[2..], expected, "{rule:?}");
            assert_eq!(effects.done().len(), 1);
        })
        .await;
    }
}

#[tokio::test]
async fn a_stop_waits_for_what_is_under_way_and_begins_nothing() {
    on_each(async |store| {
        let effects = Noted::held_at("one");
        let id = begin(&store, vec![Step::new(name("one")), Step::new(name("two"))]).await;
        let stop = async {
            effects.0.is_held.notified().await;
            // What ends after the wish to stop is journalled still.
            effects.0.go_on.notify_one();
        };
        let run = runner(&store, 1, &effects).run(stop);
        timeout(DEADLINE, run).await.unwrap().unwrap();
        assert_eq!(words(&store, id).await, ["started", "begun", "done"]);
    })
    .await;
}

#[tokio::test]
async fn a_person_may_act_while_an_effect_is_under_way() {
    on_each(async |store| {
        let effects = Noted::held_at("one");
        let id = begin(&store, vec![Step::new(name("one")), Step::new(name("two"))]).await;
        let records = store.records();
        let person = async {
            effects.0.is_held.notified().await;
            let record = records.run(id).await.unwrap().unwrap().record;
            let mut run = record.procedure.unwrap();
            let entry = run.act(Action::Pause, Note::new("anna"), at(100)).unwrap();
            let stepped = records.step_run(&run, record.version, 1, &entry, &[]);
            stepped.await.unwrap();
            effects.0.go_on.notify_one();
            std::future::pending::<()>().await;
        };
        let is_wanted = |run: &Procedure| run.is_paused() && run.step().name().as_str() == "two";
        let history = tokio::select! {
            history = driven(&store, &effects, id, is_wanted) => history,
            () = person => unreachable!("it is pending"),
        };
        assert_eq!(history, ["started", "begun", "paused", "done"]);
        assert_eq!(effects.done().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_an_unknown_outcome_and_is_given_up_in_the_end() {
    on_each(async |store| {
        let effects = Noted(Arc::new(Inner {
            panics_at: Some("one"),
            ..Inner::default()
        }));
        let steps = vec![
            Step::new(name("one")).attempts(2).given_up(GivenUp::GoOn),
            Step::new(name("two")),
        ];
        let id = begin(&store, steps).await;
        let history = driven(&store, &effects, id, is_over).await;
        assert_eq!(
            history,
            [
                "started", "begun", "repeated", "begun", "gave-up", "begun", "done"
            ]
        );
        assert_eq!(effects.done(), [format!("{id}/two")]);
    })
    .await;
}

#[tokio::test]
async fn who_has_an_old_epoch_ends_and_does_nothing_more() {
    on_each(async |store| {
        let effects = Noted::held_at("one");
        let id = begin(&store, vec![Step::new(name("one")), Step::new(name("two"))]).await;
        let records = store.records();
        let other = async {
            effects.0.is_held.notified().await;
            let record = records.run(id).await.unwrap().unwrap().record;
            let mut run = record.procedure.unwrap();
            let entry = run.resolve(Found::Repeat, at(100)).unwrap();
            let stepped = records.step_run(&run, record.version, 2, &entry, &[]);
            stepped.await.unwrap();
            effects.0.go_on.notify_one();
            std::future::pending::<()>().await;
        };
        let ended = tokio::select! {
            ended = runner(&store, 1, &effects).run(std::future::pending()) => ended,
            () = other => unreachable!("it is pending"),
        };
        assert_eq!(ended, Err(Superseded { epoch: 2 }));
        assert_eq!(words(&store, id).await, ["started", "begun", "repeated"]);
    })
    .await;
}

#[tokio::test]
async fn a_step_waits_for_its_time() {
    on_each(async |store| {
        let clock = Arc::new(AtomicI64::new(0));
        let effects = Noted::default();
        let wait = Duration::from_secs(3_600);
        let steps = vec![Step::new(name("one")), Step::new(name("two")).after(wait)];
        let id = begin(&store, steps).await;
        let (records, mut changes) = (store.records(), store.changes());
        let until = async {
            while !is_over(
                records
                    .run(id)
                    .await
                    .unwrap()
                    .unwrap()
                    .record
                    .procedure
                    .as_ref()
                    .unwrap(),
            ) {
                changes.next().await.unwrap();
                if effects.done().len() == 1
                    && records.run(id).await.unwrap().unwrap().record.version == 3
                {
                    assert_eq!(
                        records.next_due(&name("drill"), at(0)).await.unwrap(),
                        Some(at(3_600))
                    );
                    clock.store(3_600, Ordering::Relaxed);
                }
            }
        };
        let told = Arc::clone(&clock);
        let clock = move || at(told.load(Ordering::Relaxed));
        let runner = Runner::new(&store, name("drill"), 1, effects.clone(), clock);
        timeout(DEADLINE, runner.run(until)).await.unwrap().unwrap();
        assert_eq!(effects.done().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_run_that_cannot_be_read_is_left_alone_and_holds_up_no_other() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let effects = Noted::default();
    let damaged = begin(&store, vec![Step::new(name("one"))]).await;
    let definition = Definition::new(name("drill"), vec![Step::new(name("two"))]).unwrap();
    let id = RunId::from_bytes([6; 16]);
    let (run, entry) = Procedure::start(id, definition, at(50));
    let other = Subject::integration("zoo");
    let records = store.records();
    let begun = records.begin_run(&run, &other, &entry, 1, &[]);
    begun.await.unwrap();
    let connection = rusqlite::Connection::open(folder.path().join("wharf.sqlite3")).unwrap();
    let cut = "UPDATE journal_runs SET state = substr(state, 1, 30) WHERE id = ?1";
    connection.execute(cut, [damaged.as_bytes()]).unwrap();
    drop(connection);
    driven(&store, &effects, id, is_over).await;
    let kept = store.records().run(damaged).await.unwrap().unwrap().record;
    assert_eq!(
        (kept.version, kept.procedure),
        (1, Err(DecodeError::Damaged))
    );
    assert_eq!(effects.done(), [format!("{id}/two")]);
}
