//! Notices: what every engine keeps of them.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::{DedupeKey, Notice, Severity, Subject};
use wharf_store::{
    NOTICE_COUNT_LIMIT, NOTICE_COUNT_LIMIT_OF_ONE, NOTICE_ROUTE_LIMIT, NoticeFilter, NoticePage,
    NoticeRecord, Records, Store, Told,
};

use crate::{block_on, on_each, second};

const ALL: NoticePage = NoticePage {
    before: None,
    limit: 1_000,
};

/// About an integration, the same as others of its key for a minute.
fn notice(integration: &str, key: &str, severity: Severity, seconds: i64) -> Notice {
    let kind = Name::new("row-alert").unwrap();
    Notice {
        key: DedupeKey::of(&kind, &[integration, key]),
        kind,
        severity,
        subject: Subject::integration(integration),
        title: Text::new(key),
        text: Text::new("what happened"),
        at: second(seconds),
        same_within: Duration::from_secs(60),
        evidence: Some(Text::new("wharf show petshop")),
    }
}

fn warning(integration: &str, key: &str, seconds: i64) -> Notice {
    notice(integration, key, Severity::Warning, seconds)
}

async fn all(records: &Records) -> Vec<NoticeRecord> {
    let all = records.notices(&NoticeFilter::default(), ALL).await;
    all.unwrap()
}

fn numbers(records: &[NoticeRecord]) -> Vec<u64> {
    records.iter().map(|record| record.number).collect()
}

fn told(number: u64, is_new: bool) -> Told {
    Told { number, is_new }
}

#[test]
fn a_notice_is_kept_as_it_was_told() {
    on_each(async |store| {
        let records = store.records();
        let mut exact = warning("stripe", "a", 0);
        exact.at = "2026-01-05T10:00:00.123456789Z".parse().unwrap();
        exact.subject = Subject::environment("stripe", "production");
        assert_eq!(
            records.tell(&[exact.clone()]).await.unwrap(),
            [told(1, true)]
        );
        exact.at = "2026-01-05T10:00:00.123456Z".parse().unwrap();
        let expected = NoticeRecord {
            number: 1,
            last: exact.at,
            notice: exact,
            count: 1,
            acknowledged: None,
        };
        assert_eq!(all(&records).await, [expected]);
        assert_eq!(records.tell(&[]).await.unwrap(), []);
    });
}

#[test]
fn a_second_one_within_its_time_counts_up() {
    on_each(async |store| {
        let records = store.records();
        let (a, b) = (warning("s", "a", 0), warning("s", "b", 0));
        let of_both = records.tell(&[a.clone(), b, a]).await.unwrap();
        assert_eq!(of_both, [told(1, true), told(2, true), told(1, false)]);
        for (seconds, expected) in [
            (59, told(1, false)),
            // A clock that was set back a little.
            (-59, told(1, false)),
            (60, told(3, true)),
            (61, told(3, false)),
        ] {
            let told = records.tell(&[warning("s", "a", seconds)]).await.unwrap();
            assert_eq!(told, [expected], "{seconds}");
        }
        let kept = all(&records).await;
        let counts: Vec<_> = kept
            .iter()
            .map(|of| (of.number, of.count, of.last))
            .collect();
        assert_eq!(
            counts,
            [(3, 2, second(61)), (2, 1, second(0)), (1, 4, second(59))]
        );
    });
}

#[test]
fn what_gets_worse_is_told_anew() {
    on_each(async |store| {
        let records = store.records();
        let severities = [Severity::Warning, Severity::Critical, Severity::Info];
        let notices = severities.map(|severity| notice("s", "a", severity, 0));
        let told_as = records.tell(&notices).await.unwrap();
        assert_eq!(told_as, [told(1, true), told(2, true), told(2, false)]);
    });
}

#[test]
fn who_has_acknowledged_first_stays() {
    on_each(async |store| {
        let records = store.records();
        records.tell(&[warning("s", "a", 0)]).await.unwrap();
        let (anna, ben) = (Text::new("anna"), Text::new("ben"));
        for (who, seconds) in [(&anna, 10), (&ben, 20)] {
            let seen = records.acknowledge_notice(1, who, second(seconds)).await;
            let seen = seen.unwrap().unwrap();
            assert_eq!(seen.acknowledged, Some((anna.clone(), second(10))));
        }
        // The same trouble is still known.
        records.tell(&[warning("s", "a", 30)]).await.unwrap();
        let kept = all(&records).await;
        assert_eq!((kept[0].count, kept[0].acknowledged.is_some()), (2, true));
        let unknown = records.acknowledge_notice(2, &anna, second(0)).await;
        assert_eq!(unknown.unwrap(), None);
    });
}

#[test]
fn a_page_holds_what_is_wanted_the_newest_first() {
    on_each(async |store| {
        let records = store.records();
        let mut of_test = warning("stripe", "d", 40);
        of_test.subject = Subject::environment("stripe", "test");
        let notices = [
            notice("stripe", "a", Severity::Info, 10),
            notice("paypal", "b", Severity::Critical, 20),
            notice("", "c", Severity::Warning, 30),
            of_test,
            notice("stripe", "a", Severity::Info, 50),
        ];
        records.tell(&notices).await.unwrap();
        let by = Text::new("anna");
        records
            .acknowledge_notice(2, &by, second(60))
            .await
            .unwrap();
        let wanted =
            async |filter: NoticeFilter| numbers(&records.notices(&filter, ALL).await.unwrap());
        let any = NoticeFilter::default;
        assert_eq!(wanted(any()).await, [4, 3, 2, 1]);
        let at_least = Some(Severity::Warning);
        assert_eq!(wanted(NoticeFilter { at_least, ..any() }).await, [4, 3, 2]);
        for (integration, expected) in [("stripe", &[4, 1][..]), ("", &[3]), ("none", &[])] {
            let integration = Some(Text::new(integration));
            let filter = NoticeFilter {
                integration,
                ..any()
            };
            assert_eq!(wanted(filter).await, expected);
        }
        let environment = Some(Text::new("test"));
        assert_eq!(
            wanted(NoticeFilter {
                environment,
                ..any()
            })
            .await,
            [4]
        );
        // The first was told again since.
        let since = Some(second(30));
        assert_eq!(wanted(NoticeFilter { since, ..any() }).await, [4, 3, 1]);
        let since = Some("1970-01-01T00:00:50.000000001Z".parse().unwrap());
        assert_eq!(wanted(NoticeFilter { since, ..any() }).await, []);
        assert_eq!(
            wanted(NoticeFilter {
                is_open: true,
                ..any()
            })
            .await,
            [4, 3, 1]
        );
        let page = |before, limit| NoticePage { before, limit };
        let mut before = None;
        for expected in [&[4, 3][..], &[2, 1], &[]] {
            let found = records.notices(&any(), page(before, 2)).await.unwrap();
            assert_eq!(numbers(&found), expected);
            before = found.last().map(|record| record.number);
        }
    });
}

#[test]
fn routes_follow_by_numbers_and_never_go_back() {
    on_each(async |store| {
        let records = store.records();
        let (log, mail) = (Name::new("log").unwrap(), Name::new("mail").unwrap());
        let keys = ["a", "b", "c", "d"].map(|key| warning("s", key, 0));
        records.tell(&keys).await.unwrap();
        assert_eq!(records.notice_cursor(&log).await.unwrap(), 0);
        let after =
            async |number, limit| numbers(&records.notices_after(number, limit).await.unwrap());
        assert_eq!(after(0, 3).await, [1, 2, 3]);
        assert_eq!(after(3, 3).await, [4]);
        assert_eq!(after(u64::MAX, 3).await, []);
        for to in [3, 2] {
            records.advance_notice_cursor(&log, to).await.unwrap();
            assert_eq!(records.notice_cursor(&log).await.unwrap(), 3);
        }
        assert_eq!(records.notice_cursor(&mail).await.unwrap(), 0);
        for route in 1..NOTICE_ROUTE_LIMIT {
            let route = Name::new(&format!("r{route}")).unwrap();
            records.advance_notice_cursor(&route, 1).await.unwrap();
        }
        let refused = records.advance_notice_cursor(&mail, 1).await;
        assert!(refused.is_err(), "{refused:?}");
        records.advance_notice_cursor(&log, 4).await.unwrap();
    });
}

#[test]
fn a_number_is_never_used_again() {
    on_each(async |store| {
        let records = store.records();
        records
            .tell(&[warning("s", "a", 0), warning("s", "b", 5)])
            .await
            .unwrap();
        assert_eq!(records.retain_notices(second(5)).await.unwrap(), 1);
        assert_eq!(numbers(&all(&records).await), [2]);
        assert_eq!(records.retain_notices(second(6)).await.unwrap(), 1);
        let again = records.tell(&[warning("s", "a", 0)]).await.unwrap();
        assert_eq!(again, [told(3, true)]);
    });
}

#[test]
fn one_integration_that_tells_ever_new_things_loses_its_own_least_severe() {
    on_each(async |store| {
        let records = store.records();
        let limit = u64::from(NOTICE_COUNT_LIMIT_OF_ONE);
        let mut notices = vec![
            notice("quiet", "kept", Severity::Info, 0),
            notice("loud", "kept", Severity::Critical, 0),
        ];
        for number in 0..limit + 10 {
            notices.push(notice("loud", &number.to_string(), Severity::Warning, 0));
        }
        records.tell(&notices).await.unwrap();
        // Less severe than all that are kept, and kept for now.
        let last = notice("loud", "last", Severity::Info, 0);
        records.tell(&[last]).await.unwrap();
        let kept = all(&records).await;
        assert_eq!(kept.len() as u64, limit + 1);
        let mut expected: Vec<_> = (0..limit - 2).map(|back| limit + 12 - back).collect();
        expected.insert(0, limit + 13);
        expected.extend([2, 1]);
        assert_eq!(numbers(&kept), expected);
    });
}

#[test]
fn many_integrations_stay_within_the_limit_and_share_it() {
    on_each(async |store| {
        let records = store.records();
        let full = NOTICE_COUNT_LIMIT / NOTICE_COUNT_LIMIT_OF_ONE;
        let notices: Vec<_> = (0..NOTICE_COUNT_LIMIT)
            .map(|number| warning(&format!("i{:02}", number % full), &number.to_string(), 0))
            .collect();
        records.tell(&notices).await.unwrap();
        let few = [warning("new", "x", 0), warning("new", "y", 0)];
        records.tell(&few).await.unwrap();
        let count = async |integration: &str| {
            let filter = NoticeFilter {
                integration: Some(Text::new(integration)),
                ..NoticeFilter::default()
            };
            records.notices(&filter, ALL).await.unwrap().len()
        };
        assert_eq!(count("new").await, 2);
        let mut sum = 0;
        for integration in 0..full {
            sum += count(&format!("i{integration:02}")).await;
        }
        assert_eq!(sum + 2, NOTICE_COUNT_LIMIT as usize);
        assert_eq!(count("i00").await, 499);
        assert_eq!(count("i01").await, 499);
    });
}

/// Something that is done with notices.
#[derive(Clone, Debug)]
enum Move {
    Tell(Vec<Notice>),
    Acknowledge(u64),
    Advance(u64),
    Retain(i64),
}

fn some_notice() -> impl Strategy<Value = Notice> {
    let severity = prop::sample::select(Severity::ALL.to_vec());
    (0..3_u8, 0..4_u8, severity, 0..200_i64, 0..120_u64).prop_map(
        |(integration, key, severity, seconds, same_within)| Notice {
            same_within: Duration::from_secs(same_within),
            ..notice(
                ["", "a", "b"][usize::from(integration)],
                &key.to_string(),
                severity,
                seconds,
            )
        },
    )
}

fn some_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => prop::collection::vec(some_notice(), 1..4).prop_map(Move::Tell),
        1 => (0..20_u64).prop_map(Move::Acknowledge),
        1 => (0..20_u64).prop_map(Move::Advance),
        1 => (0..60_i64).prop_map(Move::Retain),
    ]
}

async fn made(records: &Records, step: &Move, now: Timestamp) -> String {
    let route = Name::new("log").unwrap();
    match step {
        Move::Tell(notices) => format!("{:?}", records.tell(notices).await),
        Move::Acknowledge(number) => {
            let by = Text::new("anna");
            format!("{:?}", records.acknowledge_notice(*number, &by, now).await)
        }
        Move::Advance(to) => {
            records.advance_notice_cursor(&route, *to).await.unwrap();
            format!("{:?}", records.notice_cursor(&route).await)
        }
        Move::Retain(before) => format!("{:?}", records.retain_notices(second(*before)).await),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn engines_agree_on_notices(
        moves in prop::collection::vec(some_move(), 1..60),
        since in 0..200_i64,
    ) {
        let folder = TempDir::new().unwrap();
        block_on(async {
            let (store, model) = (Store::open(folder.path()).await.unwrap(), Store::in_memory());
            for (at, step) in (0..).zip(&moves) {
                let now = second(at);
                let outcome = made(&store.records(), step, now).await;
                prop_assert_eq!(outcome, made(&model.records(), step, now).await, "{:?}", step);
            }
            let filters = [
                NoticeFilter::default(),
                NoticeFilter {
                    at_least: Some(Severity::Warning),
                    integration: Some(Text::new("a")),
                    since: Some(second(since)),
                    is_open: true,
                    ..NoticeFilter::default()
                },
            ];
            for filter in filters {
                let expected = model.records().notices(&filter, ALL).await.unwrap();
                prop_assert_eq!(store.records().notices(&filter, ALL).await.unwrap(), expected);
            }
            let expected = model.records().notices_after(3, 5).await.unwrap();
            prop_assert_eq!(store.records().notices_after(3, 5).await.unwrap(), expected);
            Ok(())
        })?;
    }
}
