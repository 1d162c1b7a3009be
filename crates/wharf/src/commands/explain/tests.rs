//! Pages are printed as they are, and a wrong code says which one was meant.

use super::{having, list, page};

#[test]
fn finds_the_page_of_an_id_or_a_slug() {
    let found = page("wh102").unwrap();
    assert!(found.text.starts_with("# WH102 title-not-quoted\n"));
    assert_eq!(page("title-not-quoted").unwrap().text, found.text);
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
    let error = page("timeot").unwrap_err().to_string();
    assert!(
        error.contains("`wharf explain --search timeout`"),
        "{error}"
    );
}

#[test]
fn lists_every_code_once_with_all_that_its_page_says() {
    let pages: Vec<_> = wharf_document::pages().iter().collect();
    let text = list(&pages, None);
    let mut lines: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(lines.len(), pages.len());
    for line in &lines {
        assert!(
            ["  error  ", "  warning  ", "  info  "]
                .iter()
                .any(|word| line.contains(word)),
            "{line}"
        );
        assert!(line.ends_with('.'), "{line}");
    }
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), pages.len());
}

#[test]
fn searches_for_all_words_in_any_case() {
    let ids = |words: &str| -> Vec<&str> {
        let pages = having(words).unwrap();
        pages.iter().map(|page| page.code.id).collect()
    };
    assert!(ids("RETRY_ATTEMPTS max_retries").contains(&"WH601"));
    assert!(ids("retry").len() > ids("retry_attempts max_retries").len());
    for nothing in ["zzzz", " "] {
        let error = having(nothing).unwrap_err().to_string();
        assert!(error.contains("no page has"), "{error}");
    }
}
