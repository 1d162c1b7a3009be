use super::{Slot, at};
use crate::layout::Layout;

const HEAD: &str = "---\ntitle: \"T\"\ntype: tool\nsubtype: integration\n---\n\n";

/// Finds the place marked with `‸`; tells section, part, the word there, and its slot.
fn asked(marked: &str) -> (String, String, String, String) {
    let offset = marked.find('‸').expect("a mark");
    let text = marked.replace('‸', "");
    let layout = Layout::of(&text);
    let place = at(&text, &layout, offset);
    (
        place.under.section.unwrap_or("-").to_owned(),
        place.under.part.unwrap_or("-").to_owned(),
        text[place.word.range()].to_owned(),
        slot(&place.slot),
    )
}

fn slot(slot: &Slot<'_>) -> String {
    match slot {
        Slot::FrontmatterKey => "frontmatter key".to_owned(),
        Slot::FrontmatterValue { key } => format!("frontmatter value of {key}"),
        Slot::Heading { level } => format!("heading {level}"),
        Slot::ItemKey => "item key".to_owned(),
        Slot::ItemValue { key } => format!("item value of {key}"),
        Slot::Cell { column, row } => format!("cell of {column} in {}", row.cells.len()),
        Slot::ColumnHeading { others } => format!("column beside {}", others.join(",")),
        Slot::Info { before } => format!("info behind [{}]", before.join(" ")),
        Slot::YamlKey { parent, .. } => format!("yaml key below {}", parent.unwrap_or("-")),
        Slot::YamlValue { key } => format!("yaml value of {key}"),
        Slot::JsonKey { quoted, .. } => format!("json key, quoted {quoted}"),
        Slot::JsonValue { key, quoted } => format!("json value of {key}, quoted {quoted}"),
        Slot::AssignmentName { .. } => "name".to_owned(),
        Slot::AssignmentValue { name } => format!("value of {name}"),
        Slot::Blank => "blank".to_owned(),
        Slot::Other => "other".to_owned(),
    }
}

/// Word and slot of a place behind the frontmatter.
fn body(marked: &str) -> (String, String) {
    let (_, _, word, slot) = asked(&format!("{HEAD}{marked}"));
    (word, slot)
}

fn both(word: &str, slot: &str) -> (String, String) {
    (word.to_owned(), slot.to_owned())
}

#[test]
fn frontmatter_asks_for_keys_and_values() {
    for (marked, word, slot) in [
        ("---\n‸\n---\n", "", "frontmatter key"),
        ("---\nship‸\n---\n", "ship", "frontmatter key"),
        (
            "---\ncrit‸icality: high\n---\n",
            "criticality",
            "frontmatter key",
        ),
        (
            "---\ncriticality: ‸\n---\n",
            "",
            "frontmatter value of criticality",
        ),
        (
            "---\ncriticality: hi‸gh\n---\n",
            "high",
            "frontmatter value of criticality",
        ),
        (
            "---\nsupersedes: [a, b-‸c]\n---\n",
            "b-c",
            "frontmatter value of supersedes",
        ),
        (
            "---\nsupersedes:\n  - old-‸api\n---\n",
            "old-api",
            "frontmatter value of supersedes",
        ),
        (
            "---\nsupersedes:\n  - ‸\n---\n",
            "",
            "frontmatter value of supersedes",
        ),
        // Without a closing line, what is written so far still counts.
        ("---\ntype: tool\nact‸", "act", "frontmatter key"),
    ] {
        let (_, _, found, kind) = asked(marked);
        assert_eq!((found.as_str(), kind.as_str()), (word, slot), "{marked}");
    }
}

#[test]
fn headings_know_what_holds_them() {
    let (section, part, word, slot) = asked(&format!("{HEAD}## Costs\n\n### Pricing‸ Model\n"));
    assert_eq!((section.as_str(), part.as_str()), ("Costs", "-"));
    assert_eq!(
        (word.as_str(), slot.as_str()),
        ("Pricing Model", "heading 3")
    );
    assert_eq!(body("## ‸\n"), both("", "heading 2"));
}

#[test]
fn lists_ask_for_keys_and_values() {
    for (marked, word, slot) in [
        ("## Authentication\n\n### Method\n- ‸", "", "item key"),
        ("## Authentication\n\n### Method\n- Ty‸", "Ty", "item key"),
        ("## A\n- **Pur‸pose**: x\n", "Purpose", "item key"),
        ("## A\n- **Purpose**: x‸\n", "x", "item value of Purpose"),
        ("## A\n- Type: API ‸\n", "API ", "item value of Type"),
        ("## A\n- Type:‸\n", "", "item value of Type"),
        ("## A\n- [ ] Batch‸\n", "Batch", "item key"),
        ("## A\n1. Detect‸\n", "Detect", "item key"),
        (
            "## A\n- Endpoint: https://x‸\n",
            "https://x",
            "item value of Endpoint",
        ),
    ] {
        assert_eq!(body(marked), both(word, slot), "{marked}");
    }
}

#[test]
fn tables_ask_for_headings_and_cells() {
    let table = "## E\n| Error Code | Meaning | Response |\n|---|---|---|\n";
    for (row, word, slot) in [
        ("| 401 | Bad | Rotate‸ |", "Rotate", "cell of Response in 3"),
        ("| 401 | Bad | Retry + ‸ |", "", "cell of Response in 3"),
        (
            "| 401 | Bad | Retry + Al‸ert |",
            "Alert",
            "cell of Response in 3",
        ),
        ("| 401 | ‸", "", "cell of Meaning in 2"),
        ("| 4‸01", "401", "cell of Error Code in 1"),
        ("| a \\| b‸ | c |", "a \\| b", "cell of Error Code in 2"),
        ("|‸", "", "cell of Error Code in 1"),
        ("| a | b | c | d‸ |", "d", "cell of  in 3"),
    ] {
        assert_eq!(body(&format!("{table}{row}")), both(word, slot), "{row}");
    }
    assert_eq!(
        body("## E\n| Operation | ‸ | Endpoint |\n|---|---|---|\n"),
        both("", "column beside Operation,Endpoint")
    );
}

#[test]
fn blocks_are_read_in_their_language() {
    for (marked, word, slot) in [
        ("```yaml\n‸\n```", "", "yaml key below -"),
        (
            "```yaml\nproduction:\n  loc‸\n```",
            "loc",
            "yaml key below production",
        ),
        (
            "```yaml\nproduction:\n  ‸\n```",
            "",
            "yaml key below production",
        ),
        (
            "```yaml\nproduction:\n  location: EN‸V\n```",
            "ENV",
            "yaml value of location",
        ),
        (
            "```yaml\np:\n  variables:\n    - A‸\n```",
            "A",
            "yaml value of variables",
        ),
        ("```json\n{\n  ‸\n}\n```", "", "json key, quoted false"),
        (
            "```json\n{\n  \"time‸\"\n}\n```",
            "time",
            "json key, quoted true",
        ),
        (
            "```json\n{ \"timeout\": 3‸, \"b\": 2 }\n```",
            "3",
            "json value of timeout, quoted false",
        ),
        (
            "```json\n{ \"a\": 1, \"b‸\": 2 }\n```",
            "b",
            "json key, quoted true",
        ),
        (
            "```json\n{\n  \"body_format\": \"fo‸\",\n}\n```",
            "fo",
            "json value of body_format, quoted true",
        ),
        (
            "```json\n{\n  \"rate_limit\": [\"1/s\", \"2‸/s\"]\n}\n```",
            "2/s",
            "json value of rate_limit, quoted true",
        ),
        ("```python\nretry_‸\n```", "retry_", "name"),
        (
            "```python\nretry_on = [429, 5‸]  # x\n```",
            "5",
            "value of retry_on",
        ),
        ("```‸", "", "info behind []"),
        (
            "```json list-‸models 200\n{}\n```",
            "list-models",
            "info behind [json]",
        ),
        ("```json ‸\n{}\n```", "", "info behind [json]"),
        ("```jq x\n.a‸\n```", "", "other"),
    ] {
        assert_eq!(body(marked), both(word, slot), "{marked}");
    }
}

#[test]
fn an_empty_line_may_become_anything() {
    assert_eq!(body("## A\n\n‸\n"), both("", "blank"));
    assert_eq!(body("## A\n\nFall‸\n"), both("Fall", "blank"));
    assert_eq!(body("## A\n\nSome words here‸\n"), both("", "other"));
}

#[test]
fn every_offset_of_odd_texts_has_a_place() {
    for text in [
        "",
        "\u{feff}---\n---",
        "---\r\ntype: tool\r\n---\r\n## שלום\r\n| a😀 |\r\n|--|\r\n| ü‸ | |\r\n",
        "```",
        "~~~\n```\n| |\n",
        "|||\n||\n|",
        "- :\n-:\n- a:b\n* **\n",
        "```json\n{\"a\":[,\"}\n",
        "```yaml\n-\n - :\n",
        "## \n###\n#### x\n##x\n",
        "---\n-\n  - \n: x\n",
    ] {
        let layout = Layout::of(text);
        for offset in 0..text.len() + 2 {
            let place = at(text, &layout, offset);
            assert!(text.get(place.word.range()).is_some(), "{text:?} {offset}");
        }
    }
}
