//! What stands in the table for environments that no call can go to.

use std::sync::Arc;

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
    let address = "127.0.0.1:1".parse().unwrap();
    let welcome = Welcome {
        documents: &[document()],
        broken: &[],
        simulated,
        catalog: false,
        data: address,
        control: address,
        token: None,
    };
    welcome.text()
}

#[test]
fn the_table_says_which_environments_cannot_be_called() {
    let row = "web, open (no endpoint), database* (postgres, not HTTP), socket (local socket)";
    let text = text(false);
    assert!(text.contains(row), "{text}");
    assert!(!text.contains("Try it"), "{text}");
}

#[test]
fn a_simulated_vendor_stands_in_for_what_could_speak_http() {
    let row = "web, open, database* (postgres, not HTTP), socket  ";
    let text = text(true);
    assert!(text.contains(row), "{text}");
}
