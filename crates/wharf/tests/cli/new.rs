//! `wharf new`: documents from the catalog and from the template.

use std::fs;

use serde_json::Value;

use crate::support::program::{Output, wharf};
use crate::support::workspace::Workspace;

fn new(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(&["new"])
        .arguments(arguments)
        .within(workspace.path())
        .finish()
}

fn refused(workspace: &Workspace, arguments: &[&str], words: &str) {
    let output = new(workspace, arguments);
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (Some(2), ""),
        "{output:?}"
    );
    assert!(output.stderr.contains(words), "{output:?}");
}

fn text(workspace: &Workspace, name: &str) -> String {
    fs::read_to_string(workspace.file(name)).unwrap()
}

/// The findings of a file, by code.
fn codes(workspace: &Workspace, name: &str, severity: &str) -> Vec<String> {
    let check = wharf(&["check", name, "--format", "json", "--severity", severity])
        .within(workspace.path())
        .finish();
    let report: Value = serde_json::from_str(&check.stdout).unwrap();
    let found = report["diagnostics"].as_array().unwrap();
    let codes = found
        .iter()
        .map(|found| found["code"].as_str().unwrap().to_owned());
    codes.collect()
}

#[test]
fn the_template_lacks_only_what_is_to_be_filled_in() {
    let workspace = Workspace::empty();
    let output = new(&workspace, &["my-service"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(output.stdout, "./my-service.md\n");
    assert!(output.stderr.contains("`wharf check`"), "{output:?}");
    let codes = codes(&workspace, "my-service.md", "info");
    assert!(
        codes.len() > 20 && codes.iter().all(|code| code == "WH001"),
        "{codes:?}"
    );
    let text = text(&workspace, "my-service.md");
    assert!(
        text.contains("title: \"[Integration] My Service\"\n"),
        "{text}"
    );
    assert!(text.contains("- MY_SERVICE_API_KEY\n"), "{text}");
}

/// `wharf check` of the whole template has thirty remarks, half of them about what nothing runs.
#[test]
fn the_small_template_is_clean_once_its_address_is_filled_in() {
    let workspace = Workspace::empty();
    let output = new(&workspace, &["my-service", "--small"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(codes(&workspace, "my-service.md", "info"), ["WH001"]);
    let text = text(&workspace, "my-service.md");
    assert!(text.lines().count() < 80, "{text}");
    let format = wharf(&["fmt", "--check", "."])
        .within(workspace.path())
        .finish();
    assert_eq!(format.code, Some(0), "{format:?}");
    let filled = text.replace("[base URL]", "https://api.example.org");
    workspace.write("my-service.md", &filled);
    assert_eq!(
        codes(&workspace, "my-service.md", "info"),
        Vec::<String>::new()
    );
    // The catalog's document of that name is not what was asked for.
    assert_eq!(new(&workspace, &["slack", "--small"]).code, Some(0));
    let call = ["call", "--simulate", "my-service", "list-items"];
    let called = wharf(&call).within(workspace.path()).finish();
    assert_eq!(called.code, Some(0), "{called:?}");
    assert!(called.stdout.contains("\"items\": []"), "{called:?}");
}

#[test]
fn a_name_near_one_of_the_catalog_is_asked_about() {
    let workspace = Workspace::empty();
    refused(&workspace, &["strpe"], "`wharf new stripe` copies that");
    refused(&workspace, &["strpe"], "`wharf new strpe --blank`");
    assert_eq!(new(&workspace, &["strpe", "--blank"]).code, Some(0));
    assert!(text(&workspace, "strpe.md").contains("[Integration] Strpe"));
}

#[test]
fn a_name_may_have_the_ending_of_a_file_and_is_met_with_an_id_that_reads_like_it() {
    let workspace = Workspace::empty();
    let output = new(&workspace, &["quay.md"]);
    assert_eq!(output.stdout, "./quay.md\n", "{output:?}");
    refused(&workspace, &["Über"], "`ueber` can");
    refused(&workspace, &["Café Noé"], "`cafe-noe` can");
    refused(&workspace, &["日本"], "use lower-case letters");
}

#[test]
fn a_catalog_id_gives_the_catalogs_document() {
    let workspace = Workspace::empty();
    assert_eq!(new(&workspace, &["stripe"]).code, Some(0));
    let stripe = text(&workspace, "stripe.md");
    assert!(stripe.contains("https://api.stripe.com"), "{stripe}");
    assert_eq!(
        codes(&workspace, "stripe.md", "error"),
        Vec::<String>::new()
    );

    let output = new(
        &workspace,
        &[
            "billing",
            "--from",
            "stripe",
            "--title",
            "Billing \"EU\"",
            "--format",
            "json",
        ],
    );
    let made: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (&made["id"], &made["file"]),
        (&"billing".into(), &"./billing.md".into())
    );
    let billing = text(&workspace, "billing.md");
    assert!(
        billing.contains("\ntitle: \"[Integration] Billing \\\"EU\\\"\"\n"),
        "{billing}"
    );
    assert!(
        billing.contains("\n# [Integration] Billing \"EU\"\n"),
        "{billing}"
    );
    assert!(billing.contains("\nversion: 1\n"), "{billing}");
    let moment = |text: &str, key: &str| {
        let mut lines = text.lines();
        lines
            .find_map(|line| line.strip_prefix(key))
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        moment(&billing, "created: "),
        moment(&billing, "modified: ")
    );
    // Besides the head, only what names the id differs from the other copy.
    let rest = |text: &str| {
        text.split("\n## ")
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let renamed = stripe
        .replace("/webhooks/stripe ", "/webhooks/billing ")
        .replace("(examples/stripe.md)", "(examples/billing.md)")
        .replace("7070/stripe", "7070/billing");
    let words = |text: &str| {
        let words: Vec<_> = rest(text)
            .concat()
            .split(|c: char| c.is_whitespace() || c == '-')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        words
    };
    assert_eq!(words(&renamed), words(&billing));
    let examples = |name: &str| text(&workspace, &format!("examples/{name}.md"));
    assert_eq!(examples("stripe"), examples("billing"));
    assert!(examples("billing").contains("\n```json create-customer\n"));

    let output = new(&workspace, &["slack", "--blank"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(text(&workspace, "slack.md").contains("| [List things]"));
}

#[test]
fn nothing_is_written_where_the_examples_have_no_room() {
    let workspace = Workspace::empty();
    fs::create_dir(workspace.file("examples")).unwrap();
    fs::write(workspace.file("examples/stripe.md"), "mine").unwrap();
    let output = new(&workspace, &["stripe"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output
            .stderr
            .contains("examples/stripe.md is there already; it stays as it is"),
        "{output:?}"
    );
    assert!(!workspace.file("stripe.md").exists());
    assert_eq!(text(&workspace, "examples/stripe.md"), "mine");
}

#[test]
fn every_catalog_document_can_be_taken() {
    let workspace = Workspace::empty();
    let list = new(&workspace, &["--list", "--format", "json"]);
    let rows: Value = serde_json::from_str(&list.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert!(rows.len() >= 4, "{rows:?}");
    for row in rows {
        let output = new(&workspace, &[row["id"].as_str().unwrap()]);
        assert_eq!(output.code, Some(0), "{output:?}");
    }
    assert_eq!(codes(&workspace, ".", "error"), Vec::<String>::new());
    let list = new(&workspace, &["--list"]);
    let lines: Vec<_> = list.stdout.lines().collect();
    let at = lines
        .iter()
        .position(|line| *line == "Payment & Commerce")
        .unwrap();
    assert!(lines[at..].contains(&"  stripe"), "{list:?}");
}

#[test]
fn wrong_names_and_files_that_are_there_are_refused() {
    let workspace = Workspace::empty();
    refused(&workspace, &["My Service"], "`my-service` can");
    refused(&workspace, &["!!!"], "cannot be an id");
    refused(&workspace, &["../up"], "`up` can");
    for name in ["webhooks", "events", "features", "mcp"] {
        let words = format!("Wharf keeps the path `/{name}` for itself; `{name}-api` can");
        refused(&workspace, &[name], &words);
        refused(&workspace, &[name, "--from", "stripe"], &words);
        refused(&workspace, &[&format!("{name}.md"), "--small"], &words);
    }
    refused(&workspace, &["MCP"], "`mcp-api` can");
    refused(
        &workspace,
        &["x", "--from", "githb"],
        "did you mean `github`?",
    );
    refused(&workspace, &["x", "--from", "zzzzzzz"], "--list");
    refused(&workspace, &["x", "--title", " "], "the title is empty");
    refused(&workspace, &["x", "--title", "a\nb"], "one line of text");
    refused(
        &workspace,
        &["x", "--dir", "nowhere"],
        "nowhere does not exist",
    );
    refused(
        &workspace,
        &["x", "--from", "github", "--blank"],
        "cannot be used with",
    );
    refused(&workspace, &[], "required");
    workspace.write("stripe.md", "mine\n");
    refused(&workspace, &["stripe"], "stripe.md is there already");
    assert_eq!(text(&workspace, "stripe.md"), "mine\n");
    assert_eq!(fs::read_dir(workspace.path()).unwrap().count(), 1);
}

#[test]
fn one_id_belongs_to_one_document() {
    let workspace = Workspace::empty();
    fs::create_dir(workspace.file("payments")).unwrap();
    assert_eq!(
        new(&workspace, &["stripe", "--dir", "payments"]).code,
        Some(0)
    );
    refused(&workspace, &["stripe"], "payments/stripe.md already");
}

#[test]
fn a_copy_under_another_id_runs_beside_the_first() {
    let workspace = Workspace::empty();
    assert_eq!(new(&workspace, &["stripe"]).code, Some(0));
    let output = new(&workspace, &["billing", "--from", "stripe"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stderr.contains("shares STRIPE_SECRET_KEY") && output.stderr.contains("stripe"),
        "{output:?}"
    );
    let text = text(&workspace, "billing.md");
    assert!(
        text.contains("title: \"[Integration] Billing\"\n"),
        "{text}"
    );
    assert!(text.contains("/webhooks/billing"), "{text}");
    assert!(!text.contains("/webhooks/stripe"), "{text}");
    assert!(!text.contains("7070/stripe"), "{text}");
    let check = wharf(&["check", "."]).within(workspace.path()).finish();
    assert_eq!(check.code, Some(0), "{check:?}");
}
