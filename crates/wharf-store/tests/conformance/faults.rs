//! What a store that several machines share may do on a bad day, which the model plays.

use std::time::Duration;

use wharf_store::{AppendError, Batch, Position, Step, Unavailable};

use super::caller;
use super::engines::on_model;
use super::events::{ALL, event, keyed, lane, name, own, read_all};

fn one(key: &str) -> Batch {
    Batch::new(vec![keyed(key)]).unwrap()
}

#[test]
fn a_change_that_finds_others_in_its_way_is_made_again_and_made_once() {
    on_model(async |engine| {
        let (store, model) = (engine.store(), engine.model());
        let mine = own(&store, lane()).await;
        model.conflict(10);
        let appended = store.events().append(&mine, one("a")).await.unwrap();
        assert!(!appended[0].is_duplicate);
        assert_eq!(read_all(&store, &mine).await.len(), 1);
        // All ten are used up.
        model.conflict(0);
        store.events().append(&mine, one("b")).await.unwrap();
        assert_eq!(read_all(&store, &mine).await.len(), 2);
    });
}

#[test]
fn a_change_that_finds_others_again_and_again_fails_and_changes_nothing() {
    on_model(async |engine| {
        let (store, model) = (engine.store(), engine.model());
        let mine = own(&store, lane()).await;
        let mut news = store.events().news().unwrap();
        news.mark_unchanged();
        model.conflict(11);
        let refused = store.events().append(&mine, one("a")).await.unwrap_err();
        let contended = matches!(
            refused,
            AppendError::Unavailable(Unavailable::Contended { .. })
        );
        assert!(contended, "{refused:?}");
        assert!(!news.has_changed().unwrap());
        model.conflict(0);
        assert_eq!(read_all(&store, &mine).await, []);
        let appended = store.events().append(&mine, one("a")).await.unwrap();
        assert!(!appended[0].is_duplicate);
    });
}

#[test]
fn while_the_store_is_away_everything_says_so_and_nothing_is_changed() {
    on_model(async |engine| {
        let (store, model) = (engine.store(), engine.model());
        let mine = own(&store, lane()).await;
        let events = store.events();
        events.append(&mine, one("a")).await.unwrap();
        let term = Duration::from_secs(60);
        let lease = store
            .leases()
            .acquire(&name("x"), term)
            .await
            .unwrap()
            .unwrap();
        let key = wharf_store::AllowanceKey {
            name: name("x"),
            period: 1,
        };
        model.away(true);
        let handler = name("h");
        let told = "(in memory) cannot be reached; wharf tries again by itself";
        let words = [
            events
                .append(&mine, one("b"))
                .await
                .unwrap_err()
                .to_string(),
            events
                .read(&mine, Position::FIRST, ALL)
                .await
                .unwrap_err()
                .to_string(),
            events.head(lane()).await.unwrap_err().to_string(),
            events.own(lane(), &lease).await.unwrap_err().to_string(),
            events
                .advance(&mine, &handler, Step::default())
                .await
                .unwrap_err()
                .to_string(),
            events
                .cursor(lane(), &handler)
                .await
                .unwrap_err()
                .to_string(),
            store
                .leases()
                .acquire(&name("y"), term)
                .await
                .unwrap_err()
                .to_string(),
            store.leases().renew(&lease).await.unwrap_err().to_string(),
            store.allowances().look(&key).await.unwrap_err().to_string(),
            store
                .allowances()
                .take(&key, 1, 1)
                .await
                .unwrap_err()
                .to_string(),
            store.records().callers().await.unwrap_err().to_string(),
            store
                .records()
                .add_caller(&caller("c", 1, 0))
                .await
                .unwrap_err()
                .to_string(),
        ];
        assert_eq!(words, [told; 12]);
        model.away(false);
        assert_eq!(read_all(&store, &mine).await.len(), 1);
        assert_eq!(events.cursor(lane(), &handler).await.unwrap(), None);
        assert_eq!(store.records().callers().await.unwrap(), []);
        assert_eq!(store.allowances().look(&key).await.unwrap(), None);
    });
}

#[test]
fn a_lane_that_another_node_takes_is_lost_also_while_this_one_is_cut_off() {
    on_model(async |engine| {
        let (store, model) = (engine.store(), engine.model());
        let mine = own(&store, lane()).await;
        let events = store.events();
        events.append(&mine, one("a")).await.unwrap();
        model.away(true);
        let epoch = model.take_lane(lane());
        assert!(epoch > mine.epoch());
        model.away(false);
        let refused = events.append(&mine, one("b")).await;
        let Err(AppendError::Lost(lost)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!((lost.had, lost.now), (mine.epoch(), epoch));
        assert!(events.read(&mine, Position::FIRST, ALL).await.is_err());
        assert!(
            events
                .advance(&mine, &name("h"), Step::default())
                .await
                .is_err()
        );
        // It comes back with a higher epoch, and finds all.
        let again = own(&store, lane()).await;
        assert!(again.epoch() > epoch);
        let more = Batch::new(vec![event("c")]).unwrap();
        events.append(&again, more).await.unwrap();
        assert_eq!(read_all(&store, &again).await.len(), 2);
    });
}

#[test]
fn a_batch_is_appended_whole_whatever_comes_between() {
    on_model(async |engine| {
        let (store, model) = (engine.store(), engine.model());
        let mine = own(&store, lane()).await;
        for count in 0..40 {
            model.conflict(count);
            let pair = Batch::new(vec![event("a"), event("b")]).unwrap();
            let _ = store.events().append(&mine, pair).await;
        }
        model.conflict(0);
        let read = read_all(&store, &mine).await;
        assert_eq!(read.len() % 2, 0);
        assert!(
            read.chunks(2)
                .all(|pair| pair[0].body == "a" && pair[1].body == "b")
        );
    });
}
