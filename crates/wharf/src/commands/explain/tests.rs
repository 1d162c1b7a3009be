//! Pages are printed as they are, and a wrong code says which one was meant.

use super::{list, page};

#[test]
fn prints_the_page_of_an_id_or_a_slug() {
    let text = page("wh102").unwrap();
    assert!(text.starts_with("# WH102 title-not-quoted\n"), "{text}");
    assert_eq!(page("title-not-quoted").unwrap(), text);
}

#[test]
fn suggests_the_nearest_code() {
    let error = page("title-not-qoted").unwrap_err().to_string();
    assert!(
        error.ends_with("did you mean `title-not-quoted`?"),
        "{error}"
    );
    let error = page("hello there").unwrap_err().to_string();
    assert!(error.contains("lists all"), "{error}");
}

#[test]
fn lists_every_code_once() {
    let text = list();
    let mut lines: Vec<_> = text.lines().collect();
    let count = lines.len();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(
        (lines.len(), text.contains("WH601  retries-disagree\n")),
        (count, true)
    );
}
