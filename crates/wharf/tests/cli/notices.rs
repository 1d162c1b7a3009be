//! `wharf notices`: what people should hear of, from a running gateway to somebody who has seen it.

use std::time::Duration;

use serde_json::Value;
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::{DedupeKey, Notice, Severity, Subject};
use wharf_store::Store;

use crate::support::eventually;
use crate::support::program::{Output, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

fn notices(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(&["notices", "--dir", workspace.argument()])
        .arguments(arguments)
        .variable("USER", "anna")
        .finish()
}

fn listed(workspace: &Workspace, arguments: &[&str]) -> Vec<Value> {
    let output = notices(
        workspace,
        &[&["list", "--format", "json"], arguments].concat(),
    );
    assert_eq!(output.code, Some(0), "{output:?}");
    let told: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(told["version"], 1);
    told["notices"].as_array().unwrap().clone()
}

/// Waits until there are so many notices.
fn until_listed(workspace: &Workspace, count: usize) -> Vec<Value> {
    eventually(&format!("{count} notices"), || {
        Some(listed(workspace, &[])).filter(|all| all.len() == count)
    })
}

#[test]
fn a_document_that_breaks_is_a_notice_until_somebody_has_seen_it() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let gateway = workspace.serve();
    assert!(listed(&workspace, &[]).is_empty());
    workspace.write(&shop.file_name(), &shop.text().replace("/pets", "pets"));
    let all = until_listed(&workspace, 1);
    let notice = &all[0];
    for (name, expected) in [
        ("kind", "document-broken"),
        ("severity", "warning"),
        ("integration", "petshop"),
        ("title", "petshop.md is broken"),
        ("evidence", "wharf check"),
    ] {
        assert_eq!(notice[name], expected, "{notice}");
    }
    assert_eq!(
        (&notice["number"], &notice["count"]),
        (&1.into(), &1.into())
    );
    let text = notice["text"].as_str().unwrap();
    assert!(text.contains("the last good version stays"), "{text}");
    // Who found it has logged it, so the notice adds no line.
    let line = gateway.process.until_logged("petshop.md:");
    assert!(line.contains("the last good version stays"), "{line}");

    let acked = notices(&workspace, &["ack", "1"]);
    assert_eq!(acked.code, Some(0), "{acked:?}");
    assert!(
        acked.stderr.contains("Notice 1 is seen by anna"),
        "{acked:?}"
    );
    let audit = wharf(&["audit", "list", "--dir", workspace.argument()]).finish();
    let row = audit.stdout.lines().next().unwrap();
    assert!(row.contains("notices.ack 1  done"), "{audit:?}");
    assert!(row.ends_with("command line"), "{audit:?}");
    let again = notices(&workspace, &["ack", "1", "--by", "ben", "--format", "json"]);
    let again: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(again["acknowledged"]["by"], "anna", "{again}");
    assert!(listed(&workspace, &["--open"]).is_empty());
    let stopped = gateway.stop();
    assert!(!stopped.stderr.contains("\"notice\""), "{stopped:?}");

    // The same trouble at the next start counts it up.
    let gateway = workspace.serve();
    eventually("a second count", || {
        (listed(&workspace, &[])[0]["count"] == 2).then_some(())
    });
    gateway.stop();
}

#[test]
fn notices_are_filtered_paged_and_read_by_people() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let gateway = workspace.serve();
    // The first has a last good version, the others are not served.
    for (count, id) in ["petshop", "zoo", "farm"].into_iter().enumerate() {
        let broken = shop.text().replace("/pets", "pets");
        workspace.write(&format!("{id}.md"), &broken);
        until_listed(&workspace, count + 1);
    }
    gateway.stop();
    let numbers = |arguments: &[&str]| -> Vec<u64> {
        let found = listed(&workspace, arguments);
        found
            .iter()
            .map(|of| of["number"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&[]), [3, 2, 1]);
    assert_eq!(numbers(&["--limit", "2"]), [3, 2]);
    assert_eq!(numbers(&["--before", "2"]), [1]);
    assert_eq!(numbers(&["--severity", "warning"]), [3, 2, 1]);
    assert_eq!(numbers(&["--severity", "critical"]), [3, 2]);
    assert_eq!(numbers(&["--subject", "petshop"]), [1]);
    for other in ["petshop@test", "wharf", "stripe"] {
        assert_eq!(numbers(&["--subject", other]), [] as [u64; 0], "{other}");
    }
    for (since, count) in [("1h", 3), ("2020-01-01", 3), ("2100-01-01T00:00:00Z", 0)] {
        assert_eq!(numbers(&["--since", since]).len(), count, "{since}");
    }
    let page = notices(&workspace, &["list", "--limit", "1"]);
    assert!(page.stdout.starts_with("3  critical "), "{page:?}");
    assert!(
        page.stdout.contains("\n    farm.md is broken\n"),
        "{page:?}"
    );
    assert!(page.stderr.contains("`--before 3`"), "{page:?}");
}

/// Reading makes nothing, and what does not fit is told.
#[test]
fn what_cannot_be_is_refused_and_nothing_is_made() {
    let workspace = Workspace::empty();
    let output = notices(&workspace, &["list"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), ""));
    assert!(output.stderr.contains("No notice."), "{output:?}");
    assert!(listed(&workspace, &[]).is_empty());
    let output = notices(&workspace, &["ack", "7"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("there is no notice 7"), "{output:?}");
    assert!(!workspace.state().exists());
    workspace.caller("shop");
    let output = notices(&workspace, &["ack", "7"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("`wharf notices list --dir"),
        "{output:?}"
    );
    for (option, value) in [
        ("--severity", "fatal"),
        ("--since", "soon"),
        ("--since", "3ü"),
        ("--limit", "0"),
        ("--limit", "-1"),
        ("--before", "first"),
        ("--subject", ""),
        ("--subject", "no id"),
        ("--subject", "petshop@"),
    ] {
        let output = notices(&workspace, &["list", option, value]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(value), "{output:?}");
        let words = [": it is ", "a severity is"];
        assert!(
            words.iter().any(|words| output.stderr.contains(words)),
            "{output:?}"
        );
    }
    tell(&workspace, Severity::Info, "to be seen");
    let long = "n".repeat(201);
    for name in ["", " ", "a\nb", &long] {
        let output = notices(&workspace, &["ack", "1", "--by", name]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains("1 to 200 bytes"), "{output:?}");
    }
    assert_eq!(listed(&workspace, &["--open"]).len(), 1);
    let output = notices(&workspace, &["list", "--severity", "critical"]);
    assert!(output.stderr.contains("No such notice."), "{output:?}");
}

/// Writes a notice into the state as another process does.
fn tell(workspace: &Workspace, severity: Severity, title: &str) {
    let kind = Name::new("drill").unwrap();
    let notice = Notice {
        key: DedupeKey::of(&kind, &[title]),
        kind,
        severity,
        subject: Subject::environment("petshop", "test"),
        title: Text::new(title),
        text: Text::new("one line\nand\u{1b}[2J another"),
        at: jiff::Timestamp::now(),
        same_within: Duration::from_secs(60),
        evidence: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        let store = Store::open(&workspace.state()).await.unwrap();
        store.records().tell(&[notice]).await.unwrap();
        store.close().await;
    });
}

#[test]
fn what_others_tell_is_logged_once_also_what_was_told_before_the_start() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    tell(&workspace, Severity::Info, "before the start");
    let gateway = workspace.serve();
    gateway.process.until_logged("before the start");
    tell(&workspace, Severity::Critical, "while it runs");
    // Counted up, it is not said again.
    tell(&workspace, Severity::Critical, "while it runs");
    let line = gateway.process.until_logged("while it runs");
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["level"], "ERROR", "{line}");
    assert_eq!(
        (&line["notice"], &line["about"]),
        (&2.into(), &"petshop@test".into())
    );
    let message = line["message"].as_str().unwrap();
    assert!(message.starts_with("while it runs: one line and"), "{line}");
    assert!(!message.contains('\n'), "{line}");
    tell(&workspace, Severity::Warning, "last");
    gateway.process.until_logged("last");
    let log = gateway.stop().stderr;
    for words in ["before the start", "while it runs"] {
        assert_eq!(log.matches(words).count(), 1, "{log}");
    }
    // Nothing of it is said again by the next process.
    let gateway = workspace.serve();
    tell(&workspace, Severity::Warning, "of the next one");
    gateway.process.until_logged("of the next one");
    let log = gateway.stop().stderr;
    assert!(!log.contains("while it runs"), "{log}");
}
