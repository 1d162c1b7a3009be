use jiff::Timestamp;
use wharf_policy::bounded::Name;
use wharf_policy::notice::Severity;
use wharf_store::{NoticeFilter, NoticePage, Store};
use wharf_workspace::reload::{Broken, Fate};

use super::{CancellationToken, Teller, WAITING, broken, desk};

const ALL: NoticePage = NoticePage {
    before: None,
    limit: 1_000,
};

fn document(what: &str) -> Broken {
    Broken {
        file: "deep/petshop.md".to_owned(),
        place: Some((3, 1)),
        what: what.to_owned(),
        fate: Fate::LastGood,
    }
}

#[tokio::test]
async fn what_is_told_before_the_end_is_written_and_counts_as_logged() {
    let store = Store::in_memory();
    let (desk, teller) = desk(&store).unwrap();
    let stop = CancellationToken::new();
    for what in ["a", "b", "a"] {
        teller.tell(broken(&document(what), Timestamp::now()).unwrap());
    }
    stop.cancel();
    desk.run(stop).await;
    let records = store.records();
    let kept = records
        .notices(&NoticeFilter::default(), ALL)
        .await
        .unwrap();
    let counts: Vec<_> = kept.iter().map(|of| (of.number, of.count)).collect();
    assert_eq!(counts, [(2, 1), (1, 2)]);
    assert_eq!(kept[0].notice.subject.to_string(), "petshop");
    assert_eq!(
        records
            .notice_cursor(&Name::new("log").unwrap())
            .await
            .unwrap(),
        2
    );
}

#[tokio::test]
async fn who_tells_too_much_does_not_wait() {
    let store = Store::in_memory();
    let (desk, teller) = desk(&store).unwrap();
    let most = WAITING + 10;
    for number in 0..most {
        teller.tell(broken(&document(&number.to_string()), Timestamp::now()).unwrap());
    }
    assert_eq!(desk.queue.dropped.load(super::Ordering::Relaxed), 10);
    let stop = CancellationToken::new();
    stop.cancel();
    desk.run(stop).await;
    let kept = store.records().notices(&NoticeFilter::default(), ALL).await;
    assert_eq!(kept.unwrap().len(), WAITING);
    // Nobody is told, and nobody minds.
    Teller::default().tell(broken(&document("x"), Timestamp::now()).unwrap());
}

#[test]
fn a_notice_of_a_document_shows_no_secret_and_says_how_bad_it_is() {
    let key = ["sk_", "live_", "51HkQ9vZr3LmXt8WbN2yPc7DqF"].concat();
    let mut document = document(&format!("`{key}` is no address (WH010)"));
    let notice = broken(&document, Timestamp::now()).unwrap();
    assert!(!format!("{notice:?}").contains(&key), "{notice:?}");
    assert!(notice.text.as_str().contains("********"), "{notice:?}");
    assert_eq!(notice.severity, Severity::Warning);
    document.fate = Fate::NotServed;
    let notice = broken(&document, Timestamp::now()).unwrap();
    assert_eq!(notice.severity, Severity::Critical);
}
