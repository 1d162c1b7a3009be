//! Whatever is set in a document is read back, and nothing else changes.

mod support;

use proptest::prelude::*;
use wharf_diag::Edit;
use wharf_document::Draft;
use wharf_document::draft::{Error, Place, Value};

use support::{catalog, read};

/// Words that people write and words that nobody should.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ,.:/{}$-]{1,40}",
        "[ -~]{0,30}",
        "\\PC{0,30}",
        proptest::sample::select(vec![
            "true",
            "[a](b)",
            "a | b",
            "`x`",
            "*a* _b_",
            "\\|",
            "\\",
            "a #b",
            "a: b",
            "'",
            "\"",
            "- a",
            "&amp;",
            "<b>",
            "\u{feff}",
            "a\u{200b}",
            "👩\u{200d}💻",
            "שלום",
            "![x]",
            "~",
            "null",
            "[x]",
            "2026-01-01",
            "`",
            "``",
        ])
        .prop_map(str::to_owned),
    ]
}

/// A document of the catalog, with one of the two line endings.
fn document() -> impl Strategy<Value = String> {
    let texts: Vec<_> = catalog().into_iter().map(|(_, text)| text).collect();
    (proptest::sample::select(texts), any::<bool>()).prop_map(|(text, windows)| {
        if windows {
            text.replace('\n', "\r\n")
        } else {
            text
        }
    })
}

/// Makes a change twice: the first edits one place, the second nothing. `None` where it is refused.
fn twice(
    document: &str,
    set: impl Fn(&mut Draft) -> Result<Option<Edit>, Error>,
) -> Option<String> {
    let mut draft = Draft::new(document);
    match set(&mut draft) {
        Ok(Some(edit)) => {
            let after = draft.text();
            assert!(after.starts_with(&document[..edit.span.start]), "{edit:?}");
            assert!(after.ends_with(&document[edit.span.end..]), "{edit:?}");
            let left = document.len() - edit.span.len();
            assert_eq!(after.len() - edit.replacement.len(), left, "{edit:?}");
        }
        Ok(None) => assert_eq!(draft.text(), document),
        Err(_) => {
            assert_eq!(draft.text(), document);
            return None;
        }
    }
    assert_eq!(set(&mut draft), Ok(None));
    Some(draft.into_text())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_title_is_read_back(document in document(), value in value()) {
        let value = format!("A{value}");
        let after = twice(&document, |draft| draft.set_frontmatter("title", &Value::from(&*value)));
        let after = after.unwrap();
        let (_, loaded) = read(&after);
        let integration = loaded.integration.unwrap();
        if let Some(title) = integration.frontmatter.title {
            prop_assert_eq!(title.value, value.trim());
        }
    }

    #[test]
    fn tags_are_read_back(document in document(), tags in proptest::collection::vec(value(), 1..4)) {
        let set = |draft: &mut Draft| draft.set_frontmatter("tags", &Value::List(tags.clone()));
        let after = twice(&document, set).unwrap();
        let (_, loaded) = read(&after);
        let found = loaded.integration.unwrap().frontmatter.tags;
        let found: Vec<_> = found.into_iter().map(|tag| tag.value).collect();
        prop_assert_eq!(found, tags);
    }

    #[test]
    fn a_purpose_is_read_back(document in document(), value in value()) {
        let place = Place::part("Service Details", "Overview");
        let value = format!("A{value}");
        let after = twice(&document, |draft| draft.set_item(place, "Purpose", &value));
        let is_line = value.trim() == value && !value.contains(['\n', '\r']);
        prop_assert_eq!(after.is_some(), is_line, "{}", value);
        let Some(after) = after else { return Ok(()) };
        let (_, loaded) = read(&after);
        if let Some(purpose) = loaded.integration.unwrap().service.purpose {
            prop_assert_eq!(purpose.value, value);
        }
    }

    #[test]
    fn a_note_of_an_environment_is_read_back(document in document(), value in value()) {
        let place = Place::part("Service Details", "Environments");
        let value = format!("A{value}");
        let after = twice(&document, |draft| draft.set_cell(place, "Production", "Status", &value));
        let is_line = value.trim() == value && !value.contains(['\n', '\r']);
        prop_assert_eq!(after.is_some(), is_line, "{}", value);
        let Some(after) = after else { return Ok(()) };
        let (_, loaded) = read(&after);
        let integration = loaded.integration.unwrap();
        let environment = &integration.environments[0];
        if let Some(status) = &environment.status {
            prop_assert_eq!(&status.value, &value);
        }
    }

    #[test]
    fn a_setting_is_read_back(document in document(), value in value()) {
        let set = |draft: &mut Draft| draft.set_setting("api_version", &Value::from(&*value));
        let after = twice(&document, set).unwrap();
        let (_, loaded) = read(&after);
        if let Some(version) = loaded.integration.unwrap().configuration.settings.api_version {
            prop_assert_eq!(version.value, value.trim());
        }
    }

    #[test]
    fn any_value_in_any_text_is_survived(document in "\\PC{0,80}", value in value()) {
        for text in [
            format!("---\ntype: tool\ntitle: {document}\n---\n## A\n- key: {document}\n\n|a|b|\n|-|-|\n|c|{document}|\n"),
            document,
        ] {
            twice(&text, |draft| draft.set_frontmatter("title", &Value::from(&*value)));
            twice(&text, |draft| draft.set_item(Place::section("A"), "key", &value));
            twice(&text, |draft| draft.set_item(Place::section("A"), "new", &value));
            twice(&text, |draft| draft.set_cell(Place::section("A"), "c", "b", &value));
            twice(&text, |draft| draft.set_cell(Place::section("A"), "new", "b", &value));
        }
    }
}

#[test]
fn without_a_change_a_draft_is_the_text() {
    for (_, text) in catalog() {
        assert_eq!(Draft::new(text.as_str()).text(), text);
    }
}

#[test]
fn every_section_of_a_document_comes_back_from_it() {
    for (path, template) in catalog() {
        let outline = wharf_document::Outline::of(&template);
        for name in outline.section_names() {
            let section = outline.section(name).unwrap();
            let mut text = template.clone();
            text.replace_range(section.range(), "");
            let mut draft = Draft::new(text);
            draft.add(Place::section(name), &template).unwrap().unwrap();
            assert_eq!(draft.text(), template, "{} {name}", path.display());
        }
    }
}
