//! What outlives a snapshot has an end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use secrecy::SecretString;
use wharf_document::{IntegrationId, SourceText};
use wharf_plan::Plan;
use wharf_policy::caller::TokenHash;
use wharf_secrets::{ProcessVariables, Resolver, Variables};

use super::Handle;
use super::lasting::{GONE_CALLERS_LIMIT, GONE_METERS_LIMIT};
use crate::caller::CallerDirectory;

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

#[tokio::test]
async fn meters_and_budgets_of_what_is_gone_do_not_grow_without_end() {
    let mut registry = Registry::default();
    let handle = Handle::new(
        &plan("first"),
        CallerDirectory::new([]),
        Resolver::new(Arc::new(ProcessVariables::read()), PathBuf::new()),
        &mut registry,
    )
    .await;
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
        handle.replace_plan(&plan(&id)).await;
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

/// A directory of one caller that stays and these.
fn directory(names: impl IntoIterator<Item = String>) -> CallerDirectory {
    let names = names.into_iter().chain(["stays".to_owned()]);
    CallerDirectory::new(names.map(|name| (TokenHash::hash(&name), name)))
}

async fn handle(id: &str, registry: &mut Registry) -> Handle {
    let resolver = Resolver::new(Arc::new(ProcessVariables::read()), PathBuf::new());
    Handle::new(&plan(id), directory([]), resolver, registry).await
}

fn count(handle: &Handle, id: &str, caller: &str) {
    let snapshot = handle.shared.snapshot.load();
    let environment = &snapshot.integrations[id].environments[0];
    environment.meter(Some(7)).count_caller(caller);
}

/// The value of each series of callers, by its labels.
fn counted(registry: &Registry) -> BTreeMap<String, String> {
    let mut text = String::new();
    encode(&mut text, registry).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("wharf_caller_calls_total{"))
        .filter_map(|line| line.split_once("} "))
        .map(|(labels, value)| (labels.to_owned(), value.to_owned()))
        .collect()
}

#[tokio::test]
async fn counts_of_removed_callers_do_not_grow_without_end() {
    let mut registry = Registry::default();
    let handle = handle("first", &mut registry).await;
    let batch = GONE_CALLERS_LIMIT / 2;
    let mut most = 0;
    for round in 0..6 {
        let names = || (0..batch).map(|number| format!("caller-{round}-{number}"));
        handle.replace_callers(directory(names()));
        names().for_each(|name| count(&handle, "first", &name));
        count(&handle, "first", "stays");
        most = most.max(counted(&registry).len());
        handle.replace_callers(directory([]));
    }
    assert!(most <= GONE_CALLERS_LIMIT + batch + 1, "{most}");
    assert!(most > GONE_CALLERS_LIMIT, "{most}");
    let left = counted(&registry);
    assert_eq!(left["caller=\"stays\",integration=\"first\""], "6");
    let kept = |handle: &Handle| -> usize {
        let lasting = handle.shared.lasting();
        lasting.meters.values().map(|meter| meter.callers()).sum()
    };
    assert_eq!(kept(&handle), left.len());
    // One that comes back after its series went begins a new one, which is told.
    handle.replace_callers(directory(["caller-0-0".to_owned()]));
    count(&handle, "first", "caller-0-0");
    assert_eq!(
        counted(&registry)["caller=\"caller-0-0\",integration=\"first\""],
        "1"
    );
}

#[tokio::test]
async fn counts_of_callers_go_with_their_integration() {
    let mut registry = Registry::default();
    let handle = handle("first", &mut registry).await;
    count(&handle, "first", "stays");
    for number in 0..=GONE_METERS_LIMIT / OPERATIONS + 1 {
        let id = format!("edition-{number}");
        handle.replace_plan(&plan(&id)).await;
        count(&handle, &id, "stays");
    }
    let left = counted(&registry);
    assert!(
        !left.keys().any(|labels| labels.contains("first")),
        "{left:?}"
    );
    assert!(!left.is_empty());
}

#[tokio::test]
async fn what_comes_back_soon_counts_on() {
    let mut registry = Registry::default();
    let handle = Handle::new(
        &plan("first"),
        CallerDirectory::new([]),
        Resolver::new(Arc::new(ProcessVariables::read()), PathBuf::new()),
        &mut registry,
    )
    .await;
    let meter = || {
        let snapshot = handle.shared.snapshot.load();
        Arc::clone(snapshot.integrations["first"].environments[0].meter(Some(0)))
    };
    let before = meter();
    handle.replace_plan(&plan("second")).await;
    handle.replace_plan(&plan("first")).await;
    assert!(Arc::ptr_eq(&before, &meter()));
}

/// Counts how often a variable is read.
struct Counted(Arc<AtomicUsize>);

impl Variables for Counted {
    fn get(&self, _: &str) -> Option<SecretString> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Some("value".into())
    }
}

#[tokio::test]
async fn an_edit_above_a_credential_does_not_fetch_it_again() {
    let plan = |purpose: &str| {
        let text = format!(
            "---\ntitle: x\ntype: tool\nsubtype: integration\n---\n\n## Service Details\n\n\
             ### Overview\n\n- Purpose: {purpose}\n\n### Environments\n\n\
             | Environment | Endpoint | Status |\n|---|---|---|\n\
             | Production | http://127.0.0.1:9 | Active |\n\n## Authentication\n\n### Method\n\n\
             - Type: API Key\n- Header: X-Key: {{key}}\n\n### Credential Storage\n\n\
             ```yaml\nproduction:\n  location: ENV_VARIABLES\n  variables: [KEY]\n```\n"
        );
        let source = Arc::new(SourceText::new("a.md".to_owned(), text));
        let loaded = wharf_document::load(&IntegrationId::new("a").unwrap(), &source);
        Plan::new([Arc::new(loaded.integration.unwrap())])
    };
    let reads = Arc::new(AtomicUsize::new(0));
    let handle = Handle::new(
        &plan("short"),
        CallerDirectory::new([]),
        Resolver::new(Arc::new(Counted(Arc::clone(&reads))), PathBuf::new()),
        &mut Registry::default(),
    )
    .await;
    assert_eq!(reads.load(Ordering::SeqCst), 1);
    handle
        .replace_plan(&plan("longer, so that all below stands elsewhere"))
        .await;
    handle.refresh_credentials().await;
    assert_eq!(reads.load(Ordering::SeqCst), 1);
    assert_eq!(handle.credential_problems(), []);
}

#[tokio::test]
async fn environments_without_an_address_are_named() {
    let text = "---\ntitle: x\ntype: tool\nsubtype: integration\n---\n\n## Service Details\n\n\
                ### Environments\n\n| Environment | Endpoint | Status |\n|---|---|---|\n\
                | Production | http://127.0.0.1:9 | Active |\n| Staging | - | Active |\n\
                | Database | postgres://db.example:5432 | Active |\n";
    let source = Arc::new(SourceText::new("a.md".to_owned(), text.to_owned()));
    let loaded = wharf_document::load(&IntegrationId::new("a").unwrap(), &source);
    let handle = Handle::new(
        &Plan::new([Arc::new(loaded.integration.unwrap())]),
        CallerDirectory::new([]),
        Resolver::new(Arc::new(Counted(Arc::default())), PathBuf::new()),
        &mut Registry::default(),
    )
    .await;
    let problems = handle.endpoint_problems();
    let named: Vec<_> = problems.iter().map(|of| of.environment.as_str()).collect();
    assert_eq!(named, ["staging"], "{problems:?}");
    assert!(problems[0].message.contains("Environments"), "{problems:?}");
}
