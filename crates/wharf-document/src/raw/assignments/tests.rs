//! Assignments in the forms that documents use.

use wharf_diag::Span;

use super::{Value, parse};
use crate::raw::Text;

/// Name, values and remark.
type Found = (String, Vec<String>, String);

fn read(source: &str) -> (Vec<Found>, Vec<String>) {
    let block = Text::new(source, Span::new(0, source.len()), source);
    let (assignments, unread) = parse(&block);
    let assignments = assignments
        .into_iter()
        .map(|assignment| {
            let values = match assignment.value {
                Value::One(text) => vec![text.as_str().to_owned()],
                Value::List(texts, _) => texts.iter().map(|t| t.as_str().to_owned()).collect(),
            };
            let name = assignment.name.as_str().to_owned();
            (name, values, assignment.remark.as_str().to_owned())
        })
        .collect();
    let unread = unread
        .into_iter()
        .map(|span| source[span.range()].to_owned());
    (assignments, unread.collect())
}

#[test]
fn reads_lists_numbers_quotes_and_remarks() {
    let (found, unread) = read(
        "# how\r\nretry_delays = [1, 2s, \"500ms\"]  # seconds\r\nmax = 5\r\nname = 'x' # y\r\n",
    );
    assert_eq!(unread, Vec::<String>::new());
    let expected = [
        ("retry_delays", vec!["1", "2s", "500ms"], "seconds"),
        ("max", vec!["5"], ""),
        ("name", vec!["x"], "y"),
    ];
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.0, expected.0);
        assert_eq!(found.1, expected.1);
        assert_eq!(found.2, expected.2);
    }
}

#[test]
fn a_list_may_run_over_lines() {
    let (found, unread) = read("on = [\n  429, # limit\n  503,\n]\nafter = 1\n");
    assert!(unread.is_empty());
    assert_eq!(found[0].1, ["429", "503"]);
    assert_eq!(found[1].0, "after");
}

#[test]
fn tells_which_lines_it_cannot_read() {
    let (found, unread) = read("retry: yes\nmax = \non = [1\ngood = 2\n");
    assert_eq!(found.len(), 1);
    assert_eq!(unread, ["retry: yes", "max =", "on = [1"]);
}
