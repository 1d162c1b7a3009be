//! Queries as client libraries write them, and what is no query.

use serde_json::{Value, json};

use super::{MAX_QUERY_BYTES, narrow, top_fields};
use crate::echo::Written;

fn fields(query: &str) -> Vec<(&str, &str)> {
    let found = top_fields(query, None).unwrap();
    found.iter().map(|field| (field.key, field.name)).collect()
}

#[test]
fn fields_at_the_top_are_found_whatever_stands_around_them() {
    for query in [
        "{ shop { name } }",
        "query { shop { name } }",
        "query Q($a: [ID!]! = [\"{\"], $b: In = {c: 1}) @live(if: true) { shop(first: 3, x: {y: \"}\"}) @include(if: $b) { name { x } } }",
        "\u{feff}# { no }\n{\n  shop,\n}",
        "{ ... on QueryRoot { shop { name } } }",
        "{ ... @include(if: true) { shop } }",
        "fragment F on QueryRoot { shop { name } } query { ...F @skip(if: false) }",
        "{ shop(note: \"\"\"a \\\"\"\" } b\"\"\") }",
    ] {
        assert_eq!(fields(query), [("shop", "shop")], "{query}");
    }
    let two = "mutation M { first: productCreate(input: {title: \"A\"}) { id } second: productCreate { id } }";
    assert_eq!(
        fields(two),
        [("first", "productCreate"), ("second", "productCreate")]
    );
}

#[test]
fn the_operation_that_is_named_counts() {
    let both = "query A { shop { name } } mutation B { productCreate { id } }";
    assert_eq!(
        top_fields(both, Some("B")).unwrap()[0].name,
        "productCreate"
    );
    assert_eq!(top_fields(both, Some("A")).unwrap()[0].name, "shop");
    assert_eq!(top_fields(both, Some("C")), None);
}

#[test]
fn what_is_no_query_is_left_alone() {
    for text in [
        "",
        "shop",
        "shoes size:42",
        "{ shop",
        "} shop {",
        "{ 1 }",
        "{ ...None }",
        "{ a: }",
        "query",
        "{ \"a }",
        "{ .. }",
        "{ é }",
        "((((",
        "fragment F on T { ...F } { ...F }",
    ] {
        assert_eq!(top_fields(text, None), None, "{text}");
    }
    let wide = format!("{{ {} }}", "a ".repeat(5_000));
    assert_eq!(top_fields(&wide, None), None);
    let long = format!("{{ a }}{}", " ".repeat(MAX_QUERY_BYTES));
    assert_eq!(top_fields(&long, None), None);
    let often = format!("fragment F on T {{ {} }} {{ ...F }}", "...F ".repeat(50));
    assert_eq!(top_fields(&often, None), None);
}

#[test]
fn an_answer_has_what_was_asked_for() {
    let ask = |query: &str| {
        let mut answer = json!({"data": {"shop": {"name": "Quay"}}, "extensions": {"cost": 1}});
        let others = [json!({"data": {"productCreate": {"userErrors": []}}})];
        let written = Written {
            value: json!({"query": query}),
            textual: false,
        };
        narrow(&mut answer, &others, &written);
        answer
    };
    assert_eq!(
        ask("mutation { productCreate { userErrors { message } } }"),
        json!({"data": {"productCreate": {"userErrors": []}}, "extensions": {"cost": 1}})
    );
    assert_eq!(
        ask("{ ours: shop { name } }")["data"],
        json!({"ours": {"name": "Quay"}})
    );
    assert_eq!(
        ask("{ shop { name } orders { id } }"),
        json!({
            "data": {"shop": {"name": "Quay"}, "orders": null},
            "extensions": {"cost": 1, "simulator": "no example of the document shows orders"},
        })
    );
    assert_eq!(ask("shoes")["data"], json!({"shop": {"name": "Quay"}}));
    let mut answer = Value::Null;
    narrow(&mut answer, &[], &Written::default());
    assert_eq!(answer, Value::Null);
}
