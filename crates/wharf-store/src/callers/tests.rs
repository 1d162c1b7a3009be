//! Adding, replacing, listing and removing callers, and what a token looks like.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::params;
use wharf_policy::caller::{CallerName, CallerToken, TokenHash};

use super::{AddError, CALLER_COUNT_LIMIT, CallerRecord};
use crate::error::Error;
use crate::store::Store;

fn name(text: &str) -> CallerName {
    CallerName::new(text).unwrap()
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

#[test]
fn a_token_is_shown_once_and_kept_as_its_hash() {
    let callers = Store::in_memory().unwrap().callers();
    let token = callers
        .add(&name("billing"), second(1_700_000_000))
        .unwrap();
    let text = token.expose_secret();
    let random = text.strip_prefix(CallerToken::PREFIX).unwrap();
    assert_eq!(random.len(), 43);
    assert!(
        random
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    );
    assert_eq!(
        callers.list().unwrap(),
        [CallerRecord {
            name: name("billing"),
            created: second(1_700_000_000),
            token_hash: TokenHash::hash(text),
        }]
    );
    let shown = format!("{token:?} {:?} {callers:?}", callers.list().unwrap());
    assert!(!shown.contains(random), "{shown}");
}

#[test]
fn tokens_differ() {
    let callers = Store::in_memory().unwrap().callers();
    let tokens: HashSet<String> = (0..100)
        .map(|n| {
            let token = callers.add(&name(&format!("c{n}")), second(0)).unwrap();
            token.expose_secret().to_owned()
        })
        .collect();
    assert_eq!(tokens.len(), 100);
}

#[test]
fn a_second_add_is_refused_and_changes_nothing() {
    let callers = Store::in_memory().unwrap().callers();
    callers.add(&name("billing"), second(0)).unwrap();
    let before = callers.list().unwrap();
    let error = callers.add(&name("billing"), second(60)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "caller billing exists since 1970-01-01T00:00:00Z; add it with `--replace` to give it \
         a new token and end the old one, or choose another name"
    );
    assert_eq!(callers.list().unwrap(), before);
}

#[test]
fn replacing_ends_the_old_token() {
    let callers = Store::in_memory().unwrap().callers();
    let old = callers.add(&name("billing"), second(0)).unwrap();
    let new = callers.replace(&name("billing"), second(60)).unwrap();
    callers.replace(&name("audit"), second(61)).unwrap();
    let records = callers.list().unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].name, name("audit"));
    assert_eq!(records[1].token_hash, new.token_hash());
    assert_ne!(records[1].token_hash, old.token_hash());
    assert_eq!(records[1].created, second(60));
}

#[test]
fn removing_says_whether_there_was_one() {
    let callers = Store::in_memory().unwrap().callers();
    callers.add(&name("billing"), second(0)).unwrap();
    assert!(callers.remove(&name("billing")).unwrap());
    assert!(!callers.remove(&name("billing")).unwrap());
    assert_eq!(callers.list().unwrap(), []);
    callers.add(&name("billing"), second(1)).unwrap();
}

#[test]
fn the_limit_refuses_new_names_only() {
    let store = Store::in_memory().unwrap();
    store
        .with(|connection| {
            let transaction = connection.transaction()?;
            for n in 0..CALLER_COUNT_LIMIT {
                transaction.execute(
                    "INSERT INTO callers VALUES (?1, ?2, 0)",
                    params![format!("c{n}"), TokenHash::hash(&n.to_string()).as_bytes()],
                )?;
            }
            transaction.commit()
        })
        .unwrap();
    let callers = store.callers();
    for refused in [
        callers.add(&name("one-more"), second(0)),
        callers.replace(&name("one-more"), second(0)),
    ] {
        assert!(matches!(refused, Err(AddError::TooMany)));
    }
    callers.replace(&name("c7"), second(0)).unwrap();
    assert!(callers.remove(&name("c7")).unwrap());
    callers.add(&name("one-more"), second(0)).unwrap();
}

#[test]
fn a_row_of_another_hand_is_an_error_with_its_table() {
    let store = Store::in_memory().unwrap();
    store
        .with(|connection| {
            connection.execute(
                "INSERT INTO callers VALUES ('Not A Name', zeroblob(32), 0)",
                [],
            )
        })
        .unwrap();
    let error = store.callers().list().unwrap_err();
    assert!(matches!(
        error,
        Error::Row {
            table: "callers",
            ..
        }
    ));
}
