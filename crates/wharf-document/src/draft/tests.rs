//! Tests of changing single values: what changes, and that nothing else does.

use super::{Draft, Error, Place, Value};

const DOCUMENT: &str = "\u{feff}---\n# first\ntitle: [Integration] Pets\ntype: tool\nsubtype: integration\n\
tags: [a, b] # words\ncost: '$5/month'   # a guess\ncriticality: low\nreferences:\n  - x\n  - y\n---\n\n\
# Pets\n\n## Service Details\n\n### Overview\n- **Purpose**: Old *words* here\n- **Vendor**:\n* * *\n\n\
### Environments\n\n| Environment | Endpoint   | Status |\n|:--|--|--|\n| Production  | `a.example` | Active |\n\
|Staging||\n\n## Configuration\n\n### Required Settings\n```json\n{\n  \"timeout\": 30, \"a\": \"b\"\n}\n```\n\n\
## Monitoring\n\n### Health Checks\n- Endpoint: `GET /health`\n  - nested: x\n- Frequency: [every](x) minute\n";

/// Makes one change; shows the lines that are other than before, without the ones around them.
fn change(
    text: &str,
    make: impl FnOnce(&mut Draft) -> Result<Option<wharf_diag::Edit>, Error>,
) -> String {
    let mut draft = Draft::new(text);
    let edit = make(&mut draft).unwrap().unwrap();
    let after = draft.text();
    assert_eq!(after[..edit.span.start], text[..edit.span.start]);
    assert!(after.ends_with(&text[edit.span.end..]));
    let before: Vec<_> = text.lines().collect();
    let lines = after.lines().filter(|line| !before.contains(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn overview() -> Place<'static> {
    Place::part("service details", "Overview")
}

fn environments() -> Place<'static> {
    Place::part("Service Details", "Environments")
}

#[test]
fn a_key_of_the_frontmatter_is_set_in_place() {
    let set =
        |key: &str, value: Value| change(DOCUMENT, |draft| draft.set_frontmatter(key, &value));
    assert_eq!(
        set("title", "[Integration] Cats".into()),
        "title: \"[Integration] Cats\""
    );
    assert_eq!(set("type", "a: b # c".into()), "type: \"a: b # c\"");
    assert_eq!(
        set("cost", "it's $6".into()),
        "cost: 'it''s $6'   # a guess"
    );
    assert_eq!(
        set("tags", Value::List(vec!["c".into(), "d, e".into()])),
        "tags: [c, \"d, e\"] # words"
    );
    assert_eq!(
        set("references", Value::List(vec!["z".into(), "# w".into()])),
        "  - z\n  - \"# w\""
    );
    assert_eq!(set("references", "one".into()), "references: one");
    assert_eq!(
        set("criticality", "two\nlines\t\"x\"".into()),
        "criticality: \"two\\nlines\\t\\\"x\\\"\""
    );
}

#[test]
fn a_new_key_comes_where_the_order_has_it() {
    let set = |key: &str, value: Value| {
        let mut draft = Draft::new(DOCUMENT);
        draft.set_frontmatter(key, &value).unwrap().unwrap();
        let text = draft.into_text();
        let index = text.lines().position(|line| line.starts_with(key)).unwrap();
        text.lines()
            .skip(index - 1)
            .take(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        set("version", 2_u64.into()),
        ["tags: [a, b] # words", "version: 2"]
    );
    assert_eq!(
        set("active", true.into()),
        ["tags: [a, b] # words", "active: true"]
    );
    assert_eq!(
        set("superseded_by", "cats".into()),
        ["criticality: low", "superseded_by: cats"]
    );
    assert_eq!(set("zeta", "z".into()), ["  - y", "zeta: z"]);
    let mut draft = Draft::new("---\r\n---\r\nBody");
    draft.set_frontmatter("type", &"tool".into()).unwrap();
    draft.set_frontmatter("title", &"x".into()).unwrap();
    assert_eq!(draft.text(), "---\r\ntitle: x\r\ntype: tool\r\n---\r\nBody");
}

#[test]
fn frontmatter_that_cannot_be_read_is_not_touched() {
    for (text, error) in [
        ("# No frontmatter\n", Error::NoFrontmatter),
        ("---\ntype: tool\n", Error::NoFrontmatter),
        ("---\ntype: \"tool\n---\n", Error::NotRead),
        ("---\n{type: tool}\n---\n", Error::NotRead),
    ] {
        let mut draft = Draft::new(text);
        assert_eq!(
            draft.set_frontmatter("title", &"x".into()),
            Err(error),
            "{text}"
        );
        assert_eq!(draft.text(), text);
    }
}

#[test]
fn an_item_is_set_and_its_marks_stay() {
    let set =
        |place, key: &str, value: &str| change(DOCUMENT, |draft| draft.set_item(place, key, value));
    assert_eq!(
        set(overview(), "purpose", "New words"),
        "- **Purpose**: New words"
    );
    assert_eq!(set(overview(), "Vendor", "Acme"), "- **Vendor**: Acme");
    assert_eq!(
        set(overview(), "Vendor", "a *b* `c` <d>"),
        "- **Vendor**: a \\*b\\* \\`c\\` \\<d\\>"
    );
    let health = Place::part("Monitoring", "Health Checks");
    assert_eq!(set(health, "Endpoint", "GET /up"), "- Endpoint: `GET /up`");
    assert_eq!(set(health, "Endpoint", "a ` b"), "- Endpoint: a ` b");
    assert_eq!(set(health, "Frequency", "1m"), "- Frequency: 1m");
}

#[test]
fn a_new_item_looks_like_the_others() {
    let set =
        |place, key: &str, value: &str| change(DOCUMENT, |draft| draft.set_item(place, key, value));
    assert_eq!(set(overview(), "Category", "API"), "- **Category**: API");
    let health = Place::part("Monitoring", "Health Checks");
    assert_eq!(set(health, "Timeout", "5s"), "- Timeout: 5s");
    let quoted = "## A\r\n\r\n* b: c\r\n\r\n  ```\r\n  x\r\n  ```\r\n\r\nProse\r\n";
    let mut draft = Draft::new(quoted);
    draft.set_item(Place::section("A"), "d", "e").unwrap();
    assert_eq!(
        draft.text(),
        "## A\r\n\r\n* b: c\r\n\r\n  ```\r\n  x\r\n  ```\r\n* d: e\r\n\r\nProse\r\n"
    );
}

#[test]
fn a_cell_keeps_its_width_where_the_value_fits() {
    let set = |row: &str, column: &str, value: &str| {
        change(DOCUMENT, |draft| {
            draft.set_cell(environments(), row, column, value)
        })
    };
    assert_eq!(
        set("production", "endpoint", "b.example"),
        "| Production  | `b.example` | Active |"
    );
    assert_eq!(
        set("Production", "Endpoint", "b"),
        "| Production  | `b`         | Active |"
    );
    assert_eq!(
        set("Production", "Status", "Not yet | later"),
        "| Production  | `a.example` | Not yet \\| later |"
    );
    assert_eq!(set("Staging", "Endpoint", "b"), "|Staging| b |");
    assert_eq!(set("Staging", "Status", "Idle"), "|Staging|| Idle |");
    assert_eq!(set("Staging", "Environment", "Test"), "|Test   ||");
    assert_eq!(
        set("Sandbox", "Endpoint", "c"),
        "| Sandbox     | c          |        |"
    );
}

#[test]
fn a_row_is_given_its_name_once() {
    for (row, name) in [("Staging", "Test"), ("Sandbox", "Fresh")] {
        let mut draft = Draft::new(DOCUMENT);
        let mut set = || draft.set_cell(environments(), row, "Environment", name);
        assert!(set().unwrap().is_some(), "{row}");
        assert_eq!(set(), Ok(None), "{row}");
        assert_eq!(draft.text().matches(name).count(), 1, "{row}");
    }
}

#[test]
fn a_setting_is_set_or_added() {
    let set = |name: &str, value: Value| change(DOCUMENT, |draft| draft.set_setting(name, &value));
    assert_eq!(
        set("timeout", 5_u64.into()),
        "  \"timeout\": 5, \"a\": \"b\""
    );
    assert_eq!(
        set("a", "\"\\\n".into()),
        "  \"timeout\": 30, \"a\": \"\\\"\\\\\\n\""
    );
    assert_eq!(
        set("rate_limit", Value::List(vec!["1/s".into()])),
        "  \"timeout\": 30, \"a\": \"b\",\n  \"rate_limit\": [\"1/s\"]"
    );
    let empty = "## Configuration\n\n- Required Settings:\n\n  ```json\n  {}\n  ```\n";
    assert_eq!(
        change(empty, |draft| draft.set_setting("a", &true.into())),
        "  {\n    \"a\": true\n  }"
    );
    let line = "## Configuration\n```json\n{\"a\": \"\"}\n```\n";
    assert_eq!(
        change(line, |draft| draft.set_setting("a", &"x".into())),
        "{\"a\": \"x\"}"
    );
    assert_eq!(
        change(line, |draft| draft.set_setting("b", &"x".into())),
        "{\"a\": \"\", \"b\": \"x\"}"
    );
}

#[test]
fn what_is_missing_comes_from_the_template_in_its_order() {
    let template = "---\n---\n# T\n\n## One\n\n### A\n- a: b\n\n### B\n- c: d\n\n## Two\n\nWords.\n\n## Three\nEnd.\n";
    let mut draft =
        Draft::new("# X\r\n\r\n## One\r\n\r\n### B\r\n- c: kept\r\n\r\n## Three\r\nEnd.");
    draft.add(Place::section("two"), template).unwrap().unwrap();
    draft
        .add(Place::part("One", "A"), template)
        .unwrap()
        .unwrap();
    assert_eq!(draft.add(Place::section("One"), template), Ok(None));
    assert_eq!(
        draft.text(),
        "# X\r\n\r\n## One\r\n\r\n### A\r\n- a: b\r\n\r\n### B\r\n- c: kept\r\n\r\n## Two\r\n\r\nWords.\r\n\r\n## Three\r\nEnd."
    );
    let mut draft = Draft::new("# X");
    draft
        .add(Place::section("Three"), template)
        .unwrap()
        .unwrap();
    draft.add(Place::section("One"), template).unwrap().unwrap();
    assert_eq!(
        draft.text(),
        "# X\n\n## One\n\n### A\n- a: b\n\n### B\n- c: d\n\n## Three\nEnd.\n"
    );
    let mut draft = Draft::new("```\nnot closed\n");
    assert_eq!(
        draft.add(Place::section("Two"), template),
        Err(Error::NotWritable)
    );
    assert_eq!(
        draft.add(Place::section("Four"), template),
        Err(Error::NotInTemplate)
    );
    assert_eq!(
        draft.add(Place::part("Two", "A"), template),
        Err(Error::NotInTemplate)
    );
    assert_eq!(
        draft.add(Place::part("One", "A"), template),
        Err(Error::NoPlace)
    );
}

#[test]
fn places_that_do_not_exist_and_values_that_no_line_holds_are_refused() {
    let mut draft = Draft::new(DOCUMENT);
    let none = Place::part("Nowhere", "Overview");
    assert_eq!(draft.set_item(none, "a", "b"), Err(Error::NoPlace));
    assert_eq!(
        draft.set_item(environments(), "a", "b"),
        Err(Error::NoPlace)
    );
    assert_eq!(
        draft.set_cell(overview(), "a", "b", "c"),
        Err(Error::NoPlace)
    );
    assert_eq!(
        draft.set_cell(environments(), "Production", "Owner", "c"),
        Err(Error::NoPlace)
    );
    for value in ["two\nlines", " padded", "\r"] {
        assert_eq!(
            draft.set_item(overview(), "Purpose", value),
            Err(Error::NotWritable)
        );
        assert_eq!(
            draft.set_cell(environments(), "Production", "Status", value),
            Err(Error::NotWritable)
        );
    }
    assert_eq!(
        draft.set_item(overview(), "a: b", "c"),
        Err(Error::NotWritable)
    );
    assert_eq!(draft.text(), DOCUMENT);
}

#[test]
fn the_value_that_is_there_is_no_change() {
    let mut draft = Draft::new(DOCUMENT);
    assert_eq!(
        draft.set_frontmatter("title", &"[Integration] Pets".into()),
        Ok(None)
    );
    assert_eq!(
        draft.set_item(overview(), "Purpose", "Old words here"),
        Ok(None)
    );
    assert_eq!(
        draft.set_cell(environments(), "Staging", "Status", ""),
        Ok(None)
    );
    assert_eq!(draft.set_setting("timeout", &30_u64.into()), Ok(None));
    assert_eq!(draft.text(), DOCUMENT);
}
