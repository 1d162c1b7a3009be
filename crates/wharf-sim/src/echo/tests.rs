//! What a written body does to an example.

use serde_json::{Value, json};

use super::{Written, read_back};
use crate::form;

fn after(mut example: Value, written: &Written, parameters: &[(&str, &str)]) -> Value {
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    read_back(&mut example, written, &parameters);
    example
}

fn json_body(value: Value) -> Written {
    Written {
        value,
        textual: false,
    }
}

fn form_body(text: &str) -> Written {
    Written {
        value: form::parse(text),
        textual: true,
    }
}

#[test]
fn fields_of_the_same_type_are_replaced() {
    let example = json!({"name": "old", "count": 1, "open": true, "tags": ["a"], "extra": 1});
    let body = json_body(json!({"name": "new", "count": 2.5, "open": false, "tags": ["b", "c"]}));
    assert_eq!(
        after(example, &body, &[]),
        json!({"name": "new", "count": 2.5, "open": false, "tags": ["b", "c"], "extra": 1})
    );
}

#[test]
fn other_types_and_unknown_fields_leave_the_example_alone() {
    let example =
        json!({"name": "old", "count": 1, "labels": [{"name": "bug"}], "user": {"id": 1}});
    let body = json_body(json!({
        "name": 5, "count": "2", "labels": ["bug"], "user": "me", "unknown": true
    }));
    assert_eq!(after(example.clone(), &body, &[]), example);
}

#[test]
fn the_id_stays_unless_the_path_names_it() {
    let example = json!({"id": "cus_example", "name": "old"});
    let body = json_body(json!({"id": "cus_other", "name": "new"}));
    assert_eq!(
        after(example.clone(), &body, &[]),
        json!({"id": "cus_example", "name": "new"})
    );
    assert_eq!(
        after(example, &body, &[("id", "cus_path")]),
        json!({"id": "cus_path", "name": "new"})
    );
}

#[test]
fn one_level_of_objects_takes_part() {
    let example = json!({"address": {"city": "Bonn", "geo": {"lat": 1}}, "id": 7});
    let body = json_body(json!({"address": {"city": "Kiel", "zip": "1", "geo": {"lat": 2}}}));
    assert_eq!(
        after(example, &body, &[]),
        json!({"address": {"city": "Kiel", "geo": {"lat": 1}}, "id": 7})
    );
}

#[test]
fn empty_objects_lists_and_null_are_open() {
    let example = json!({"metadata": {}, "items": [], "email": null});
    let body = json_body(json!({"metadata": {"order": "6"}, "items": [1], "email": "a@b.example"}));
    assert_eq!(
        after(example, &body, &[]),
        json!({"metadata": {"order": "6"}, "items": [1], "email": "a@b.example"})
    );
}

#[test]
fn a_form_is_read_by_the_types_of_the_example() {
    let example = json!({
        "amount": 1099, "rate": 0.5, "livemode": true, "metadata": {}, "types": ["card"],
        "shipping": {"name": "old", "days": 3}
    });
    let body = form_body(
        "amount=2000&rate=0.25&livemode=false&metadata[order_id]=6735&types[]=card&types[]=sepa\
         &shipping[name]=J%C3%BCrgen+B&shipping[days]=4",
    );
    assert_eq!(
        after(example, &body, &[]),
        json!({
            "amount": 2000, "rate": 0.25, "livemode": false, "metadata": {"order_id": "6735"},
            "types": ["card", "sepa"], "shipping": {"name": "Jürgen B", "days": 4}
        })
    );
}

#[test]
fn a_form_value_that_is_no_number_does_not_become_one() {
    let example = json!({"amount": 1099, "livemode": true});
    let body = form_body("amount=12.5x&livemode=maybe");
    assert_eq!(after(example.clone(), &body, &[]), example);
}

#[test]
fn path_parameters_are_read_by_type_too_and_win() {
    let example = json!({"number": 1347, "repo": "example"});
    let body = json_body(json!({"repo": "body"}));
    assert_eq!(
        after(example, &body, &[("number", "12"), ("repo", "hello")]),
        json!({"number": 12, "repo": "hello"})
    );
}

#[test]
fn a_list_as_example_is_left_alone() {
    let example = json!([{"name": "old"}]);
    let body = json_body(json!({"name": "new"}));
    assert_eq!(after(example.clone(), &body, &[]), example);
}
