//! Runs of procedures: what every engine keeps of them.

use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;
use wharf_policy::bounded::Name;
use wharf_policy::notice::{DedupeKey, Notice, Severity, Subject};
use wharf_policy::procedure::{
    Action, Definition, Entry, Note, Outcome, Procedure, RunId, Step, What,
};
use wharf_store::{
    BeginError, ENDED_RUN_COUNT_LIMIT, HISTORY_LIMIT, LIVE_RUN_COUNT_LIMIT, NoticeFilter,
    NoticePage, Records, RunRecord, StepError, Store,
};

use crate::{block_on, on_each, second};

const ALL: NoticePage = NoticePage {
    before: None,
    limit: 1_000,
};

fn word(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn id(number: u32) -> RunId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    RunId::from_bytes(bytes)
}

fn run_of(kind: &str, number: u32, seconds: i64) -> (Procedure, Entry) {
    let steps = ["one", "two"].map(|name| {
        Step::new(word(name))
            .attempts(1_000)
            .after(Duration::from_secs(10))
    });
    let definition = Definition::new(word(kind), steps.to_vec()).unwrap();
    Procedure::start(id(number), definition, second(seconds))
}

fn about(integration: &str) -> Subject {
    Subject::integration(integration)
}

fn notice(part: &str) -> Notice {
    let kind = word("outage-step");
    Notice {
        key: DedupeKey::of(&kind, &[part]),
        kind,
        severity: Severity::Warning,
        subject: about("stripe"),
        title: wharf_policy::bounded::Text::new(part),
        text: wharf_policy::bounded::Text::new("words"),
        at: second(0),
        same_within: Duration::from_secs(60),
        evidence: None,
    }
}

async fn begin(records: &Records, kind: &str, number: u32, subject: &Subject) -> Procedure {
    let (run, entry) = run_of(kind, number, i64::from(number));
    let begun = records.begin_run(&run, subject, &entry, 1, &[]).await;
    begun.unwrap();
    run
}

async fn record(records: &Records, number: u32) -> RunRecord {
    records.run(id(number)).await.unwrap().unwrap().record
}

async fn titles(records: &Records) -> Vec<String> {
    let all = records.notices(&NoticeFilter::default(), ALL).await;
    let titles = all.unwrap().into_iter().map(|of| of.notice.title);
    titles.map(|title| title.to_string()).collect()
}

fn ids(records: &[RunRecord]) -> Vec<RunId> {
    records.iter().map(|record| record.id).collect()
}

#[test]
fn a_run_is_kept_with_its_history_and_its_notices() {
    on_each(async |store| {
        let records = store.records();
        let (mut run, started) = run_of("outage", 1, 100);
        let subject = Subject::environment("stripe", "production");
        let of_start = [notice("started")];
        let begun = records.begin_run(&run, &subject, &started, 3, &of_start);
        begun.await.unwrap();
        let (_, entry) = run.begin(second(200)).unwrap();
        let of_begin = [notice("begun")];
        let version = records.step_run(&run, 1, 4, &entry, &of_begin);
        assert_eq!(version.await.unwrap(), 2);
        let kept = records.run(id(1)).await.unwrap().unwrap();
        let expected = RunRecord {
            id: id(1),
            kind: word("outage"),
            subject,
            version: 2,
            epoch: 4,
            started: second(100),
            changed: second(200),
            procedure: Ok(run),
        };
        assert_eq!(kept.record, expected);
        assert_eq!(kept.entries, [(1, started), (2, entry)]);
        assert_eq!(titles(&records).await, ["begun", "started"]);
        assert_eq!(records.run(id(2)).await.unwrap(), None);
    });
}

#[test]
fn one_run_of_a_kind_and_a_subject_lives() {
    on_each(async |store| {
        let records = store.records();
        let mut first = begin(&records, "outage", 1, &about("stripe")).await;
        let (second_run, entry) = run_of("outage", 2, 2);
        let refused = records
            .begin_run(&second_run, &about("stripe"), &entry, 1, &[notice("lost")])
            .await
            .unwrap_err();
        assert!(
            matches!(&refused, BeginError::Live { id: live, .. } if *live == id(1)),
            "{refused:?}"
        );
        assert_eq!(titles(&records).await, [] as [&str; 0]);
        for (number, kind, subject) in [
            (3, "drill", about("stripe")),
            (4, "outage", about("paypal")),
            (5, "outage", Subject::environment("stripe", "test")),
        ] {
            begin(&records, kind, number, &subject).await;
        }
        let (again, entry) = run_of("review", 3, 3);
        let refused = records.begin_run(&again, &about("x"), &entry, 1, &[]).await;
        assert!(
            matches!(refused, Err(BeginError::IdInUse { .. })),
            "{refused:?}"
        );
        // Once it has ended, there is room for another one.
        let entry = first.act(Action::Abort, Note::new(""), second(9)).unwrap();
        records.step_run(&first, 1, 1, &entry, &[]).await.unwrap();
        begin(&records, "outage", 6, &about("stripe")).await;
        let live = records.live_runs(None).await.unwrap();
        assert_eq!(ids(&live), [3, 4, 5, 6].map(id));
        let outages = records.live_runs(Some(&word("outage"))).await.unwrap();
        assert_eq!(ids(&outages), [4, 5, 6].map(id));
        assert_eq!(ids(&records.ended_runs(10).await.unwrap()), [id(1)]);
    });
}

#[test]
fn of_two_who_saw_one_version_one_is_refused_with_its_notices() {
    on_each(async |store| {
        let records = store.records();
        let run = begin(&records, "outage", 1, &about("stripe")).await;
        let (mut one, mut two) = (run.clone(), run);
        let entry_of_one = one.act(Action::Pause, Note::new("1"), second(5)).unwrap();
        let entry_of_two = two.act(Action::Skip, Note::new("2"), second(5)).unwrap();
        let (notices_of_one, notices_of_two) = ([notice("one")], [notice("two")]);
        let (first, other) = tokio::join!(
            records.step_run(&one, 1, 1, &entry_of_one, &notices_of_one),
            records.step_run(&two, 1, 1, &entry_of_two, &notices_of_two),
        );
        assert_eq!(first.unwrap(), 2);
        let refused = other.unwrap_err();
        assert!(
            matches!(refused, StepError::Conflict { version: 2, .. }),
            "{refused:?}"
        );
        assert_eq!(record(&records, 1).await.procedure, Ok(one));
        assert_eq!(titles(&records).await, ["one"]);
    });
}

#[test]
fn an_old_epoch_changes_nothing() {
    on_each(async |store| {
        let records = store.records();
        let mut run = begin(&records, "outage", 1, &about("stripe")).await;
        let entry = run.act(Action::Pause, Note::new(""), second(5)).unwrap();
        records.step_run(&run, 1, 7, &entry, &[]).await.unwrap();
        let before = records.run(id(1)).await.unwrap();
        let entry = run.act(Action::Resume, Note::new(""), second(6)).unwrap();
        // Said of an old epoch whatever version it has seen.
        for seen in [1, 2] {
            let refused = records
                .step_run(&run, seen, 6, &entry, &[notice("x")])
                .await;
            assert!(
                matches!(refused, Err(StepError::OldEpoch { epoch: 7, .. })),
                "{refused:?}"
            );
        }
        assert_eq!(records.run(id(1)).await.unwrap(), before);
        assert_eq!(titles(&records).await, [] as [&str; 0]);
        assert_eq!(records.step_run(&run, 2, 7, &entry, &[]).await.unwrap(), 3);
    });
}

#[test]
fn what_has_ended_and_what_never_was_take_no_step() {
    on_each(async |store| {
        let records = store.records();
        let mut run = begin(&records, "outage", 1, &about("stripe")).await;
        let was = run.clone();
        let entry = run.act(Action::Abort, Note::new(""), second(5)).unwrap();
        records.step_run(&run, 1, 1, &entry, &[]).await.unwrap();
        let refused = records.step_run(&was, 2, 9, &entry, &[]).await;
        assert!(
            matches!(refused, Err(StepError::Ended { .. })),
            "{refused:?}"
        );
        assert_eq!(record(&records, 1).await.procedure, Ok(run));
        let (never, entry) = run_of("outage", 2, 0);
        let refused = records.step_run(&never, 1, 1, &entry, &[]).await;
        assert!(
            matches!(refused, Err(StepError::NoSuchRun { .. })),
            "{refused:?}"
        );
    });
}

#[test]
fn due_is_what_has_something_to_do_the_longest_due_first() {
    on_each(async |store| {
        let records = store.records();
        // Each begins ten seconds after its number.
        for (number, integration) in [(30, "c"), (10, "a"), (20, "b"), (40, "d")] {
            begin(&records, "outage", number, &about(integration)).await;
        }
        begin(&records, "drill", 1, &about("a")).await;
        let mut paused = record(&records, 20).await.procedure.unwrap();
        let entry = paused.act(Action::Pause, Note::new(""), second(5)).unwrap();
        records.step_run(&paused, 1, 1, &entry, &[]).await.unwrap();
        let kind = word("outage");
        let due = async |now, limit| {
            let due = records.due_runs(&kind, second(now), limit).await.unwrap();
            ids(&due)
        };
        assert_eq!(due(19, 9).await, []);
        assert_eq!(due(20, 9).await, [id(10)]);
        assert_eq!(due(1_000, 9).await, [10, 30, 40].map(id));
        assert_eq!(due(1_000, 2).await, [10, 30].map(id));
        let next = async |now| records.next_due(&kind, second(now)).await.unwrap();
        assert_eq!(next(0).await, Some(second(20)));
        assert_eq!(next(20).await, Some(second(40)));
        assert_eq!(next(50).await, None);
    });
}

#[test]
fn a_long_history_keeps_its_start_and_its_end() {
    on_each(async |store| {
        let records = store.records();
        let mut run = begin(&records, "outage", 1, &about("stripe")).await;
        let most = HISTORY_LIMIT + 40;
        for version in 1..most {
            let at = second(100);
            let action = [Action::Resume, Action::Pause][usize::from(version % 2 == 1)];
            let entry = run.act(action, Note::new(""), at).unwrap();
            records
                .step_run(&run, version, 1, &entry, &[])
                .await
                .unwrap();
        }
        let kept = records.run(id(1)).await.unwrap().unwrap().entries;
        let versions: Vec<_> = kept.iter().map(|(version, _)| *version).collect();
        let expected: Vec<_> = (1..=100).chain(most - 399..=most).collect();
        assert_eq!(versions, expected);
        assert_eq!(kept[0].1.what, What::Started);
    });
}

#[test]
fn the_limit_refuses_one_more_live_run() {
    on_each(async |store| {
        let records = store.records();
        let all = (0..LIVE_RUN_COUNT_LIMIT).map(async |number| {
            begin(&records, "outage", number, &about(&number.to_string())).await
        });
        let mut runs = futures_util::future::join_all(all).await;
        let (more, entry) = run_of("outage", LIVE_RUN_COUNT_LIMIT, 0);
        let refused = records
            .begin_run(&more, &about("more"), &entry, 1, &[])
            .await;
        assert!(matches!(refused, Err(BeginError::TooMany)), "{refused:?}");
        let entry = runs[5]
            .act(Action::Abort, Note::new(""), second(0))
            .unwrap();
        records.step_run(&runs[5], 1, 1, &entry, &[]).await.unwrap();
        records
            .begin_run(
                &more,
                &about("more"),
                &run_of("outage", LIVE_RUN_COUNT_LIMIT, 0).1,
                1,
                &[],
            )
            .await
            .unwrap();
    });
}

#[test]
fn ended_runs_of_one_integration_push_out_no_others() {
    on_each(async |store| {
        let records = store.records();
        let end_of = async |number: u32, subject: &Subject| {
            let mut run = begin(&records, "outage", number, subject).await;
            let entry = run
                .act(Action::Abort, Note::new(""), second(number.into()))
                .unwrap();
            records.step_run(&run, 1, 1, &entry, &[]).await.unwrap();
        };
        end_of(0, &about("quiet")).await;
        // One after the other where each waits for the disk, they take long.
        for first in (1..=ENDED_RUN_COUNT_LIMIT + 2).step_by(167) {
            let some = (first..first + 167).map(async |number| {
                let subject = Subject::environment("flapping", &number.to_string());
                end_of(number, &subject).await;
            });
            futures_util::future::join_all(some).await;
        }
        let ended = records.ended_runs(u32::MAX).await.unwrap();
        assert_eq!(ended.len(), ENDED_RUN_COUNT_LIMIT as usize);
        assert_eq!(ended[0].id, id(ENDED_RUN_COUNT_LIMIT + 2));
        assert_eq!(ended.last().unwrap().id, id(0));
        assert_eq!(records.run(id(3)).await.unwrap(), None);
        assert!(records.run(id(4)).await.unwrap().is_some());
    });
}

#[test]
fn old_runs_are_forgotten_and_live_ones_are_not() {
    on_each(async |store| {
        let records = store.records();
        begin(&records, "outage", 1, &about("live")).await;
        for number in [2, 3] {
            let mut run = begin(&records, "drill", number, &about("stripe")).await;
            let entry = run
                .act(Action::Abort, Note::new(""), second(number.into()))
                .unwrap();
            records.step_run(&run, 1, 1, &entry, &[]).await.unwrap();
        }
        assert_eq!(records.retain_runs(second(3)).await.unwrap(), 1);
        assert_eq!(records.retain_runs(second(3)).await.unwrap(), 0);
        assert_eq!(ids(&records.ended_runs(9).await.unwrap()), [id(3)]);
        assert_eq!(ids(&records.live_runs(None).await.unwrap()), [id(1)]);
        assert_eq!(records.run(id(2)).await.unwrap(), None);
    });
}

/// Something that a driver, or a person, does.
#[derive(Clone, Debug)]
enum Move {
    Begin {
        number: u32,
        kind: u8,
        subject: u8,
    },
    /// Does what the run is ready for, with an age of its version and an epoch.
    Step {
        number: u32,
        behind: u64,
        epoch: u64,
    },
    Act {
        number: u32,
        action: Action,
    },
    Retain(i64),
}

fn some_move() -> impl Strategy<Value = Move> {
    let actions = vec![
        Action::Pause,
        Action::Resume,
        Action::Skip,
        Action::Abort,
        Action::Back,
    ];
    prop_oneof![
        (0..8_u32, 0..2_u8, 0..3_u8).prop_map(|(number, kind, subject)| Move::Begin {
            number,
            kind,
            subject
        }),
        (0..8_u32, 0..2_u64, 1..4_u64).prop_map(|(number, behind, epoch)| Move::Step {
            number,
            behind,
            epoch
        }),
        (0..8_u32, prop::sample::select(actions))
            .prop_map(|(number, action)| Move::Act { number, action }),
        (0..60_i64).prop_map(Move::Retain),
    ]
}

async fn made(records: &Records, step: &Move, at: i64) -> String {
    let now = second(at);
    match step {
        Move::Begin {
            number,
            kind,
            subject,
        } => {
            let (run, entry) = run_of(["outage", "drill"][usize::from(*kind)], *number, at);
            let subject = about(&format!("s{subject}"));
            let notices = [notice(&format!("begun {number}"))];
            let begun = records.begin_run(&run, &subject, &entry, 1, &notices).await;
            format!("{begun:?}")
        }
        Move::Step {
            number,
            behind,
            epoch,
        } => {
            let Some(found) = records.run(id(*number)).await.unwrap() else {
                return String::new();
            };
            let mut run = found.record.procedure.unwrap();
            let entry = match run.begin(now) {
                Ok((_, entry)) => entry,
                Err(_) => match run.finish(Outcome::Done(Note::new("")), now) {
                    Ok(entry) => entry,
                    Err(_) => return String::new(),
                },
            };
            let seen = found.record.version - behind.min(&found.record.version);
            let notices = [notice(&format!("step {number}"))];
            let stepped = records.step_run(&run, seen, *epoch, &entry, &notices).await;
            format!("{stepped:?}")
        }
        Move::Act { number, action } => {
            let Some(found) = records.run(id(*number)).await.unwrap() else {
                return String::new();
            };
            let mut run = found.record.procedure.unwrap();
            let Ok(entry) = run.act(*action, Note::new("anna"), now) else {
                return String::new();
            };
            let record = (found.record.version, found.record.epoch);
            let stepped = records
                .step_run(&run, record.0, record.1, &entry, &[])
                .await;
            format!("{stepped:?}")
        }
        Move::Retain(before) => format!("{:?}", records.retain_runs(second(*before)).await),
    }
}

/// Everything that can be read.
async fn seen(records: &Records, at: i64) -> String {
    let mut text = String::new();
    for kind in ["outage", "drill"].map(word) {
        let due = records.due_runs(&kind, second(at), 3).await.unwrap();
        let next = records.next_due(&kind, second(at)).await.unwrap();
        text += &format!("{due:?} {next:?}\n");
    }
    for number in 0..8 {
        text += &format!("{:?}\n", records.run(id(number)).await.unwrap());
    }
    let (live, ended) = (records.live_runs(None).await, records.ended_runs(4).await);
    let notices = records.notices(&NoticeFilter::default(), ALL).await;
    text + &format!("{live:?} {ended:?} {notices:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn engines_agree_on_runs(moves in prop::collection::vec(some_move(), 1..60)) {
        let folder = TempDir::new().unwrap();
        block_on(async {
            let (store, model) = (Store::open(folder.path()).await.unwrap(), Store::in_memory());
            let end = i64::try_from(moves.len()).unwrap();
            for (at, step) in (0..).zip(&moves) {
                let outcome = made(&store.records(), step, at).await;
                prop_assert_eq!(outcome, made(&model.records(), step, at).await, "{:?}", step);
            }
            let expected = seen(&model.records(), end).await;
            prop_assert_eq!(seen(&store.records(), end).await, expected.clone());
            store.close().await;
            let again = Store::open(folder.path()).await.unwrap();
            prop_assert_eq!(seen(&again.records(), end).await, expected);
            Ok(())
        })?;
    }
}
