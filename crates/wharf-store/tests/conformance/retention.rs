//! What is forgotten for its age, and that a clock which is wrong does not forget everything at once.

use std::time::Duration;

use jiff::Timestamp;
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::{DedupeKey, Notice, Severity, Subject};
use wharf_policy::procedure::{Action, Definition, Note, Procedure, RunId, Step};
use wharf_store::{CallPlace, NoticeFilter, NoticePage, Records};

use crate::{on_each, second};

const DAY: i64 = 24 * 60 * 60;

fn notice(number: i64) -> Notice {
    let kind = Name::new("row-alert").unwrap();
    Notice {
        key: DedupeKey::of(&kind, &[&number.to_string()]),
        kind,
        severity: Severity::Warning,
        subject: Subject::integration("stripe"),
        title: Text::new("title"),
        text: Text::new("text"),
        at: second(number * DAY),
        same_within: Duration::from_secs(60),
        evidence: None,
    }
}

async fn notices(records: &Records) -> usize {
    let page = NoticePage {
        before: None,
        limit: 1_000,
    };
    let all = records.notices(&NoticeFilter::default(), page).await;
    all.unwrap().len()
}

#[test]
fn a_clock_that_is_ahead_takes_a_day_of_notices_away() {
    on_each(async |store| {
        let records = store.records();
        assert_eq!(records.retain_notices(Timestamp::MAX).await.unwrap(), 0);
        let all: Vec<_> = (0..10).map(notice).collect();
        records.tell(&all).await.unwrap();
        assert_eq!(records.retain_notices(Timestamp::MIN).await.unwrap(), 0);
        for left in [9, 8] {
            assert_eq!(records.retain_notices(Timestamp::MAX).await.unwrap(), 1);
            assert_eq!(notices(&records).await, left);
        }
        // What is old goes with the next runs, and no more than that.
        for _ in 0..10 {
            records.retain_notices(second(5 * DAY)).await.unwrap();
        }
        assert_eq!(notices(&records).await, 5);
    });
}

#[test]
fn a_clock_that_is_ahead_takes_a_day_of_runs_away() {
    on_each(async |store| {
        let records = store.records();
        assert_eq!(records.retain_runs(Timestamp::MAX).await.unwrap(), 0);
        let kind = Name::new("drill").unwrap();
        for number in 0..4_u8 {
            let step = Step::new(Name::new("one").unwrap());
            let definition = Definition::new(kind.clone(), vec![step]).unwrap();
            let at = second(i64::from(number) * DAY);
            let (mut run, entry) =
                Procedure::start(RunId::from_bytes([number; 16]), definition, at);
            let subject = Subject::integration("stripe");
            let begun = records.begin_run(&run, &subject, &entry, 1, &[]).await;
            begun.unwrap();
            let entry = run.act(Action::Abort, Note::new(""), at).unwrap();
            records.step_run(&run, 1, 1, &entry, &[]).await.unwrap();
        }
        assert_eq!(records.retain_runs(Timestamp::MIN).await.unwrap(), 0);
        assert_eq!(records.retain_runs(Timestamp::MAX).await.unwrap(), 1);
        assert_eq!(records.ended_runs(9).await.unwrap().len(), 3);
        assert_eq!(records.retain_runs(second(2 * DAY)).await.unwrap(), 1);
        assert_eq!(records.retain_runs(second(2 * DAY)).await.unwrap(), 0);
    });
}

#[test]
fn where_no_call_was_ever_recorded_nothing_is_taken_away() {
    on_each(async |store| {
        let calls = store.calls();
        assert_eq!(calls.retain(0, Timestamp::MAX).await.unwrap(), 0);
        assert!(calls.read(CallPlace::START, 1).await.unwrap().is_empty());
    });
}
