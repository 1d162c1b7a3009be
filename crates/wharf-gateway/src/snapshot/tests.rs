//! What outlives a snapshot has an end.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use wharf_diag::SourceText;
use wharf_document::IntegrationId;
use wharf_plan::Plan;
use wharf_secrets::{ProcessVariables, Resolver};

use super::{GONE_METERS_LIMIT, Handle};
use crate::identify::CallerDirectory;

const OPERATIONS: usize = 300;

/// A plan with one integration and many operations.
fn plan(id: &str) -> Plan {
    let mut text = "---\ntitle: x\ntype: tool\nsubtype: integration\n---\n\n## Service Details\n\n\
         ### Environments\n\n| Environment | Endpoint | Status | Notes |\n|---|---|---|---|\n\
         | Production | http://127.0.0.1:9 | Active | |\n\n## API Endpoints\n\n\
         | Operation | Method | Endpoint | Rate Limit |\n|---|---|---|---|\n"
        .to_owned();
    for number in 0..OPERATIONS {
        writeln!(text, "| Get {number} | GET | /{number} | |").unwrap();
    }
    let source = Arc::new(SourceText::new(format!("{id}.md"), text));
    let loaded = wharf_document::load(&IntegrationId::new(id).unwrap(), &source);
    Plan::new([Arc::new(loaded.integration.unwrap())])
}

#[test]
fn meters_and_budgets_of_what_is_gone_do_not_grow_without_end() {
    let mut registry = Registry::default();
    let handle = Handle::new(
        &plan("first"),
        CallerDirectory::new([]),
        Resolver::new(Arc::new(ProcessVariables::read()), PathBuf::new()),
        &mut registry,
    );
    // An alert makes a series.
    let alert = |id: &str| {
        let snapshot = handle.shared.snapshot.load();
        snapshot.integrations[id].environments[0]
            .meter(Some(7))
            .alert();
    };
    let series = || {
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text.lines()
            .filter(|line| line.starts_with("wharf_alerts_total{"))
            .count()
    };
    alert("first");
    for number in 0..10 {
        let id = format!("edition-{number}");
        handle.replace_plan(&plan(&id));
        alert(&id);
        let lasting = handle.shared.lasting();
        assert_eq!(lasting.budgets.len(), 1);
        let meters = lasting.meters.len();
        assert!(
            meters <= GONE_METERS_LIMIT + 2 * (OPERATIONS + 1),
            "{meters}"
        );
        // What runs has its meters.
        assert!(meters > OPERATIONS);
    }
    let kept = GONE_METERS_LIMIT / OPERATIONS + 2;
    assert!((1..=kept).contains(&series()), "{}", series());
}

#[test]
fn what_comes_back_soon_counts_on() {
    let mut registry = Registry::default();
    let handle = Handle::new(
        &plan("first"),
        CallerDirectory::new([]),
        Resolver::new(Arc::new(ProcessVariables::read()), PathBuf::new()),
        &mut registry,
    );
    let meter = || {
        let snapshot = handle.shared.snapshot.load();
        Arc::clone(snapshot.integrations["first"].environments[0].meter(Some(0)))
    };
    let before = meter();
    handle.replace_plan(&plan("second"));
    handle.replace_plan(&plan("first"));
    assert!(Arc::ptr_eq(&before, &meter()));
}
