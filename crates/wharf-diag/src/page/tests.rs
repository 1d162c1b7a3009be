//! Pages are found by either name.

use super::{Page, find_page};
use crate::Code;

const PAGES: [Page; 1] = [Page {
    code: Code {
        id: "WH102",
        slug: "title-not-quoted",
    },
    text: "",
}];

#[test]
fn by_id_and_slug_in_any_case() {
    for name in ["WH102", "wh102", " title-not-quoted ", "Title-Not-Quoted"] {
        assert_eq!(find_page(&PAGES, name).unwrap().code.id, "WH102");
    }
}

#[test]
fn a_near_name_is_suggested() {
    assert_eq!(
        find_page(&PAGES, "title-not-qouted").unwrap_err(),
        Some("title-not-quoted")
    );
    assert_eq!(find_page(&PAGES, "something else").unwrap_err(), None);
}

#[test]
fn summary_and_severity_are_read_from_the_text() {
    let page = |text| Page { text, ..PAGES[0] };
    let whole = page(
        "# WH102 title-not-quoted\n\nThe title\nhas none.\n\nSeverity: warning, or error in `x`.\n\n## Why\n",
    );
    assert_eq!(whole.summary(), "The title has none.");
    assert_eq!(whole.severity(), Some(crate::Severity::Error));
    assert_eq!(
        (page("").summary(), page("").severity()),
        (String::new(), None)
    );
}
