//! Who changed what: one record for each change, whatever came of it.

use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use tempfile::TempDir;
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::{DedupeKey, Notice, Severity, Subject};
use wharf_policy::sealed::{KeyId, Sealed, SecretName, SecretVersion};
use wharf_store::{
    AUDIT_COUNT_LIMIT, AUDIT_PAGE_LIMIT, AUDIT_TEXT_LIMIT_BYTES, Actor, AuditRecord, Records,
    Resealed, SealedRecord, Store,
};

use crate::{block_on, caller, name, on_each, second, step, taken};

fn attempt(seconds: i64) -> Actor {
    Actor {
        at: second(seconds),
        who: "ada (uid 1000)".to_owned(),
        from: "command line".to_owned(),
    }
}

/// Number, action, subject and refusal of the newest records, the oldest first.
async fn told(records: &Records) -> Vec<String> {
    let mut all = records.audit(None, AUDIT_PAGE_LIMIT).await.unwrap();
    all.reverse();
    let line = |record: AuditRecord| {
        let outcome = record.refusal.as_deref().unwrap_or("done").to_owned();
        let AuditRecord {
            number,
            action,
            subject,
            ..
        } = record;
        format!("{number} {action} {subject} {outcome}")
    };
    all.into_iter().map(line).collect()
}

#[test]
fn every_change_of_a_named_handle_leaves_a_record_with_its_outcome() {
    on_each(async |store| {
        let records = store.records().by(attempt(7));
        let (old, new) = (caller("billing", 1, 0), caller("billing", 2, 60));
        records.add_caller(&old).await.unwrap();
        records.add_caller(&old).await.unwrap_err();
        records
            .add_caller(&caller("other", 1, 0))
            .await
            .unwrap_err();
        let before = records.replace_caller(&new).await.unwrap();
        assert!(records.restore_caller(&new, before.as_ref()).await.unwrap());
        assert!(!records.restore_caller(&new, None).await.unwrap());
        assert!(records.remove_caller(&name("billing")).await.unwrap());
        assert!(!records.remove_caller(&name("billing")).await.unwrap());
        records.note("reload.accept", "stripe", None).await.unwrap();
        assert_eq!(
            told(&records).await,
            [
                "1 callers.add billing done",
                "2 callers.add billing caller_exists",
                "3 callers.add other token_in_use",
                "4 callers.replace billing done",
                "5 callers.restore billing done",
                "6 callers.restore billing changed_since",
                "7 callers.remove billing done",
                "8 callers.remove billing caller_unknown",
                "9 reload.accept stripe done",
            ]
        );
        let newest = records.audit(None, 1).await.unwrap();
        let Actor { at, who, from } = attempt(7);
        assert_eq!(
            (newest[0].at, &newest[0].who, &newest[0].from),
            (at, &who, &from)
        );
    });
}

#[test]
fn a_handle_without_a_name_leaves_none() {
    on_each(async |store| {
        let records = store.records();
        records.add_caller(&caller("billing", 1, 0)).await.unwrap();
        records.note("reload.accept", "stripe", None).await.unwrap();
        assert_eq!(records.audit(None, 10).await.unwrap(), []);
    });
}

#[test]
fn pages_go_from_the_newest_to_the_oldest_without_a_gap() {
    on_each(async |store| {
        let records = store.records().by(attempt(0));
        for n in 0..7 {
            records.note("test", &n.to_string(), None).await.unwrap();
        }
        let (mut before, mut seen) = (None, Vec::new());
        loop {
            let page = records.audit(before, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.number);
            seen.extend(page.iter().map(|record| record.number));
            // What is added meanwhile moves no page.
            records.note("test", "late", None).await.unwrap();
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(records.audit(None, 0).await.unwrap(), []);
        assert_eq!(
            records.audit(Some(u64::MAX), 1).await.unwrap()[0].number,
            10
        );
    });
}

#[test]
fn the_newest_are_kept_and_numbers_go_on() {
    on_each(async |store| {
        let records = store.records().by(attempt(0));
        let all = (0..AUDIT_COUNT_LIMIT + 5).map(|_| records.note("test", "", None));
        for noted in join_all(all).await {
            noted.unwrap();
        }
        let newest = records.audit(None, u32::MAX).await.unwrap();
        assert_eq!(newest.len(), AUDIT_PAGE_LIMIT as usize);
        assert_eq!(newest[0].number, u64::from(AUDIT_COUNT_LIMIT) + 5);
        let oldest = records.audit(Some(8), 10).await.unwrap();
        let numbers: Vec<_> = oldest.iter().map(|record| record.number).collect();
        assert_eq!(numbers, [7, 6]);
    });
}

#[test]
fn what_is_too_long_is_cut_between_two_characters() {
    on_each(async |store| {
        let long = "ä".repeat(AUDIT_TEXT_LIMIT_BYTES);
        let by = Actor {
            who: format!("x{long}"),
            ..attempt(0)
        };
        let records = store.records().by(by);
        records.note("test", &long, None).await.unwrap();
        let kept = records.audit(None, 1).await.unwrap().remove(0);
        assert_eq!(
            kept.who,
            format!("x{}", &long[..AUDIT_TEXT_LIMIT_BYTES - 2])
        );
        assert_eq!(kept.subject, long[..AUDIT_TEXT_LIMIT_BYTES]);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn engines_agree_on_what_is_told_of_changes(steps in prop::collection::vec(step(), 1..40)) {
        let folder = TempDir::new().unwrap();
        block_on(async {
            let (store, model) = (Store::open(folder.path()).await.unwrap(), Store::in_memory());
            for (at, step) in (0..).zip(&steps) {
                let by = |store: &Store| store.records().by(attempt(at));
                let outcome = taken(&by(&store), step, at).await;
                prop_assert_eq!(outcome, taken(&by(&model), step, at).await, "{:?}", step);
            }
            let expected = model.records().audit(None, AUDIT_PAGE_LIMIT).await.unwrap();
            prop_assert!(expected.len() >= steps.len());
            store.close().await;
            let again = Store::open(folder.path()).await.unwrap();
            let kept = again.records().audit(None, AUDIT_PAGE_LIMIT).await.unwrap();
            prop_assert_eq!(kept, expected);
            Ok(())
        })?;
    }
}

#[test]
fn an_acknowledgement_leaves_a_record_with_its_outcome() {
    on_each(async |store| {
        let kind = Name::new("row-alert").unwrap();
        let notice = Notice {
            key: DedupeKey::of(&kind, &["a"]),
            kind,
            severity: Severity::Warning,
            subject: Subject::installation(),
            title: Text::new("title"),
            text: Text::new("text"),
            at: second(0),
            same_within: Duration::from_secs(60),
            evidence: None,
        };
        let records = store.records();
        records.tell(&[notice]).await.unwrap();
        let ada = Text::new("ada");
        // Of a handle without a name there is no record.
        assert!(
            records
                .acknowledge_notice(7, &ada, second(1))
                .await
                .unwrap()
                .is_none()
        );
        let records = records.by(attempt(7));
        for number in [1, 1, 2] {
            let record = records
                .acknowledge_notice(number, &ada, second(1))
                .await
                .unwrap();
            assert_eq!(record.is_some(), number == 1);
        }
        assert_eq!(
            told(&records).await,
            [
                "1 notices.ack 1 done",
                "2 notices.ack 1 acknowledged_before",
                "3 notices.ack 2 notice_unknown",
            ]
        );
    });
}

#[test]
fn another_key_leaves_a_record_for_each_transaction() {
    on_each(async |store| {
        let key = |number| KeyId::from_bytes([number; 8]);
        let sealed = |by| Sealed::from_parts(key(by), &[0x5a; 12], &[7; 24]).unwrap();
        let before = SealedRecord {
            name: SecretName::new("a").unwrap(),
            version: SecretVersion::new(1).unwrap(),
            put: second(0),
            sealed: sealed(1),
        };
        let records = store.records().by(attempt(7));
        records.put_sealed(&before).await.unwrap();
        let resealed = Resealed {
            before,
            after: sealed(2),
        };
        assert_eq!(records.reseal(Vec::new()).await.unwrap(), 0);
        assert_eq!(records.reseal(vec![resealed.clone()]).await.unwrap(), 1);
        assert_eq!(records.reseal(vec![resealed]).await.unwrap(), 0);
        assert_eq!(
            told(&records).await,
            [
                "1 store.key.rotate 0202020202020202 done",
                "2 store.key.rotate 0202020202020202 changed_since",
            ]
        );
    });
}
