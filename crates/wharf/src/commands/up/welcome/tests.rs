//! What stands in the table for environments that no call can go to.

use std::sync::Arc;

use wharf_console::BrokenDocument;
use wharf_diag::SourceText;
use wharf_document::{Integration, IntegrationId};

use super::Welcome;

fn document() -> Arc<Integration> {
    let text = "---\ntype: tool\nsubtype: integration\nenvironment: database\n---\n\n\
        ## Service Details\n\n| Environment | Endpoint |\n|---|---|\n\
        | Web | https://api.example.org |\n| Open | [url] |\n\
        | Database | postgres://db.internal |\n| Socket | unix:///run/x.sock |\n\n\
        ## API Endpoints\n\n| Operation | Method | Endpoint |\n|---|---|---|\n\
        | List | GET | /items |\n";
    let source = Arc::new(SourceText::new("shop.md", text));
    let loaded = wharf_document::load(&IntegrationId::new("shop").unwrap(), &source);
    Arc::new(loaded.integration.unwrap())
}

fn text(simulated: bool) -> String {
    of(&[document()], "127.0.0.1:1", simulated)
}

fn of(documents: &[Arc<Integration>], address: &str, simulated: bool) -> String {
    let address = address.parse().unwrap();
    let welcome = Welcome {
        documents,
        broken: &[],
        settings_not_in_force: &[],
        simulated,
        catalog: false,
        state_option: " --dir harbour",
        data: address,
        control: address,
        token: None,
    };
    welcome.text()
}

#[test]
fn settings_that_nothing_obeys_are_told_beside_the_documents() {
    let address = "127.0.0.1:1".parse().unwrap();
    let welcome = |settings| Welcome {
        documents: &[],
        broken: &[],
        settings_not_in_force: settings,
        simulated: false,
        catalog: false,
        state_option: " --dir harbour",
        data: address,
        control: address,
        token: None,
    };
    let told = welcome(&["the address for webhooks", "handlers"]);
    let expected = "\nNot in force yet (read and checked; nothing obeys it):\n  \
        wharf.toml: the address for webhooks, handlers\n";
    assert!(told.text().contains(expected), "{}", told.text());
    let ready: serde_json::Value = serde_json::from_str(&told.json()).unwrap();
    assert_eq!(
        ready["settings_not_in_force"],
        serde_json::json!(["the address for webhooks", "handlers"])
    );
    assert!(!welcome(&[]).text().contains("Not in force"));
    // A field without a value is there.
    assert_eq!(ready.get("caller_token"), Some(&serde_json::Value::Null));
}

/// Pasted where another workspace is at hand, it would make the caller there.
#[test]
fn the_command_that_makes_a_caller_names_the_workspace() {
    let told = text(false);
    let command = "caller tokens  wharf callers add NAME --dir harbour\n";
    assert!(told.contains(command), "{told}");
}

#[test]
fn what_is_not_served_is_one_line_whatever_its_name_holds() {
    let address = "127.0.0.1:1".parse().unwrap();
    let welcome = Welcome {
        documents: &[],
        broken: &[BrokenDocument {
            file: "a\nb.md".to_owned(),
            message: "the name `a\nb\u{1b}[2J` is no id".to_owned(),
        }],
        settings_not_in_force: &[],
        simulated: false,
        catalog: false,
        state_option: "",
        data: address,
        control: address,
        token: None,
    };
    let told = welcome.text();
    let line = "  a\u{fffd}b.md: the name `a\u{fffd}b\u{fffd}[2J` is no id\n";
    assert!(told.contains(line), "{told}");
}

#[test]
fn the_table_says_which_environments_cannot_be_called() {
    let row = "web, open (no endpoint), database* (postgres, not HTTP), socket (local socket)";
    let text = text(false);
    assert!(text.contains(row), "{text}");
    assert!(!text.contains("Try it"), "{text}");
}

#[test]
fn an_environment_that_is_not_in_use_is_marked_and_served() {
    let text = "---\ntype: tool\nsubtype: integration\nenvironment: web\n---\n\n\
        ## Service Details\n\n| Environment | Endpoint | Status |\n|---|---|---|\n\
        | Web | https://api.example.org | Active |\n| Old | https://old.example.org | Retired |\n";
    let source = Arc::new(SourceText::new("shop.md", text));
    let loaded = wharf_document::load(&IntegrationId::new("shop").unwrap(), &source);
    let told = of(
        &[Arc::new(loaded.integration.unwrap())],
        "127.0.0.1:1",
        false,
    );
    assert!(told.contains("web*, old (served, not in use)"), "{told}");
}

#[test]
fn a_simulated_vendor_stands_in_for_what_could_speak_http() {
    let row = "web, open, database* (postgres, not HTTP), socket  ";
    let text = text(true);
    assert!(text.contains(row), "{text}");
}

/// Nothing on the wire would answer a client of a database.
#[test]
fn what_does_not_speak_http_has_no_base_url() {
    let text = "---\ntype: tool\nsubtype: integration\n---\n\n## Service Details\n\n\
        | Environment | Endpoint |\n|---|---|\n| Production | postgres://db.internal |\n";
    let source = Arc::new(SourceText::new("store.md", text));
    let loaded = wharf_document::load(&IntegrationId::new("store").unwrap(), &source);
    let store = Arc::new(loaded.integration.unwrap());
    let told = of(&[store, document()], "0.0.0.0:7070", true);
    assert!(told.contains("does not speak HTTP"), "{told}");
    assert!(!told.contains("7070/store"), "{told}");
    assert!(told.contains("http://127.0.0.1:7070/shop"), "{told}");
}

/// A read of which every path has a parameter; of one the example tells a value.
const PARAMETERS: &str = "---\ntype: tool\nsubtype: integration\n---\n\n## Service Details\n\n\
    | Environment | Endpoint |\n|---|---|\n| Web | https://api.example.org |\n\n\
    ## API Endpoints\n\n| Operation | Method | Endpoint |\n|---|---|---|\n\
    | Get tide | GET | /tides/{harbour}/{day}.json |\n\n### Examples\n\n\
    ```json get-tide\n{\"harbour\": \"New York\", \"day\": null}\n```\n";

#[test]
fn a_call_to_paste_has_its_parameters_filled_in() {
    let source = Arc::new(SourceText::new("tides.md", PARAMETERS));
    let loaded = wharf_document::load(&IntegrationId::new("tides").unwrap(), &source);
    let tides = Arc::new(loaded.integration.unwrap());
    let told = of(&[Arc::clone(&tides)], "127.0.0.1:1", true);
    let path = "curl -i http://127.0.0.1:1/tides/tides/New%20York/";
    assert!(told.contains(&format!("{path}day.json ")), "{told}");
    // A real vendor knows no day of that name: it has to be put in, as the token has.
    let told = of(&[Arc::clone(&tides)], "127.0.0.1:1", false);
    assert!(told.contains(&format!("{path}DAY.json ")), "{told}");
    // What can be pasted as it is comes first.
    let told = of(&[tides, document_of_web()], "127.0.0.1:1", true);
    assert!(
        told.contains("curl -i http://127.0.0.1:1/web/items "),
        "{told}"
    );
}

fn document_of_web() -> Arc<Integration> {
    let text = PARAMETERS.replace("/tides/{harbour}/{day}.json", "/items");
    let source = Arc::new(SourceText::new("web.md", text));
    let loaded = wharf_document::load(&IntegrationId::new("web").unwrap(), &source);
    Arc::new(loaded.integration.unwrap())
}

#[test]
fn a_simulation_says_how_to_see_a_retry() {
    let header = "Wharf-Simulate: status=503;first=1";
    let plain = text(false);
    assert!(
        !plain.to_lowercase().contains(&header.to_lowercase()),
        "{plain}"
    );
    let document = "---\ntype: tool\nsubtype: integration\n---\n\n## Service Details\n\n\
        | Environment | Endpoint |\n|---|---|\n| Web | https://api.example.org |\n\n\
        ## API Endpoints\n\n| Operation | Method | Endpoint | Rate Limit |\n|---|---|---|---|\n\
        | List | GET | /items | 5/s |\n";
    let source = Arc::new(SourceText::new("shop.md", document));
    let loaded = wharf_document::load(&IntegrationId::new("shop").unwrap(), &source);
    let shop = Arc::new(loaded.integration.unwrap());
    let told = of(&[shop], "[::]:7070", true);
    assert!(
        told.to_lowercase().contains(&header.to_lowercase()),
        "{told}"
    );
    assert!(
        told.contains("curl -i 'http://[::1]:7070/shop/items' "),
        "{told}"
    );
    assert!(told.contains("  shop: rate limits\n"), "{told}");
}
