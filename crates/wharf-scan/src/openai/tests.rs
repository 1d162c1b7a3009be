//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;

#[test]
fn the_mark_stands_between_two_random_texts() {
    let mark = ["T3Blbk", "FJ"].concat();
    let [short, long] = [20, 74].map(|length| drawn(BASE62, length));
    is_found(Kind::OpenAi, &format!("sk-{short}{mark}{short}"));
    is_found(Kind::OpenAi, &format!("sk-proj-{long}{mark}{long}"));
    is_not_found(&format!("sk-{short}{short}{short}"));
    is_not_found(&format!("sk-{long}{mark}{long}"));
    is_not_found(&format!("sk-proj-{mark}{long}"));
}
