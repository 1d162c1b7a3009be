//! `wharf list` and `wharf show`: what documents say, for people and for programs.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::document::Document;
use crate::support::program::{Output, wharf};
use crate::support::workspace::Workspace;

/// A document with what the lists show.
pub(crate) fn document(name: &str, head: &str, body: &str) -> String {
    format!(
        "---\ntitle: \"[Integration] {name}\"\ntype: tool\nsubtype: integration\n\
         environment: production\n{head}---\n\n{body}"
    )
}

const DETAILS: &str = "\
## Service Details

### Overview
- Purpose: Everything
- Category: Payments
- Contract: 2099-06-30, yearly

### Environments

| Environment | Endpoint |
|---|---|
| Production | https://api.example.org |
| Sandbox | https://sandbox.example.org |

## Authentication

- Type: None

## Configuration

### Required Settings
```json
{ \"timeout\": 10, \"retry_attempts\": 5 }
```

### Optional Features
- Fast lane: enabled - for tests
- Slow lane: disabled - nobody wants it
- Open lane: [enabled/disabled] - [reason]

## API Endpoints

| Operation | Method | Endpoint | Rate Limit |
|---|---|---|---|
| List pets | GET | /pets | 5/s |

## Error Handling

### Common Errors

| Error Code | Meaning | Response |
|---|---|---|
| 503 | Down | Alert |

### Retry Strategy
```python
retry_delays = [1]
max_retries = 2
retry_on = [503]
```

## Migration/Upgrade Path

### Version Roadmap
- Current: v1 (until 2098-01-31)
";

fn workspace() -> Workspace {
    let workspace = Workspace::empty();
    let put = |id: &str, text: &str| workspace.write(&format!("{id}.md"), text);
    put(
        "zeta",
        &document(
            "Zeta",
            "ship_factor: 9\ntags: [api, money]\ncriticality: low\ncost: $20/month\n",
            DETAILS,
        ),
    );
    put(
        "beta",
        &document("Beta", "ship_factor: 3\ntags: [api]\n", "## Costs\n"),
    );
    put(
        "alpha",
        &document("Alpha", "ship_factor: 3\nactive: false\n", ""),
    );
    put(
        "gamma",
        &document(
            "Gamma",
            "deprecated: true\ndeprecated_reason: too old\n",
            "",
        ),
    );
    workspace
}

fn run(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(arguments).within(workspace.path()).finish()
}

fn ids(workspace: &Workspace, arguments: &[&str]) -> String {
    let arguments: Vec<&str> = ["list", "."].iter().chain(arguments).copied().collect();
    let output = run(workspace, &arguments);
    assert_eq!(output.code, Some(0), "{output:?}");
    let lines = output.stdout.lines().skip(1);
    let ids: Vec<_> = lines.map(|line| line.split(' ').next().unwrap()).collect();
    ids.join(" ")
}

fn json(workspace: &Workspace, arguments: &[&str]) -> Value {
    let output = run(workspace, arguments);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(output.stdout.lines().count(), 1);
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn documents_are_listed_by_importance() {
    let workspace = workspace();
    assert_eq!(ids(&workspace, &[]), "zeta alpha beta gamma");
    let output = run(&workspace, &["list"]);
    let line = output.stdout.lines().nth(1).unwrap();
    let words: Vec<_> = line
        .split("  ")
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    let expected = [
        "zeta",
        "Zeta",
        "Payments",
        "low",
        "9",
        "production*, sandbox",
        "active",
        "1",
        "$20/month",
        "2098-01-31 version end",
    ];
    assert_eq!(words[..10], expected);
    let findings: usize = words[10].parse().unwrap();
    assert!(findings > 0, "retries disagree, for one");
}

#[test]
fn filters_narrow_the_list() {
    let workspace = workspace();
    assert_eq!(ids(&workspace, &["--tag", "API"]), "zeta beta");
    assert_eq!(ids(&workspace, &["--tag", "api", "--tag", "money"]), "zeta");
    assert_eq!(ids(&workspace, &["--category", "payments"]), "zeta");
    assert_eq!(ids(&workspace, &["--criticality", "low"]), "zeta");
    assert_eq!(ids(&workspace, &["--inactive"]), "alpha gamma");
    let nothing = run(&workspace, &["list", ".", "--category", "Paymnts"]);
    assert_eq!(
        (nothing.code, nothing.stdout.as_str()),
        (Some(0), ""),
        "{nothing:?}"
    );
    assert!(
        nothing.stderr.contains("There are categories: Payments."),
        "{nothing:?}"
    );
    // Of what was asked for, and of nothing else.
    let nothing = run(&workspace, &["list", ".", "--tag", "nope"]);
    assert!(nothing.stderr.contains("There are tags: "), "{nothing:?}");
    assert!(!nothing.stderr.contains("categories"), "{nothing:?}");
}

/// A suggestion is no id: nobody could call it.
#[test]
fn a_file_whose_name_is_no_id_is_listed_by_its_name() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    fs::rename(workspace.file("petshop.md"), workspace.file("pét.md")).unwrap();
    let text = run(&workspace, &["list", "."]).stdout;
    let row = text.lines().nth(1).unwrap();
    assert!(
        row.starts_with("(pét.md)") && row.contains("not served"),
        "{text}"
    );
    let json = run(&workspace, &["list", ".", "--format", "json"]).stdout;
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(told["documents"][0]["id_valid"], false);
}

#[test]
fn a_file_that_cannot_be_read_hides_no_other() {
    let workspace = workspace();
    std::os::unix::fs::symlink("nowhere", workspace.file("broken.md")).unwrap();
    let output = run(&workspace, &["list", "."]);
    assert_eq!(
        (output.code, output.stdout.lines().count()),
        (Some(2), 5),
        "{output:?}"
    );
    assert!(output.stderr.contains("broken.md"), "{output:?}");
}

#[test]
fn a_secret_in_a_document_is_never_printed() {
    let workspace = Workspace::empty();
    // Not a real one: made for this test, and put together here so that no search finds it.
    let secret = ["shp", "at_", "7c1e9a04b6d2f8835ae0c4917bd36f52"].concat();
    let body = format!(
        "## Service Details\n\n- Purpose: uses {secret} daily\n- Category: {secret}\n\n## Dependencies\n\n\
         ### Our Systems That Use This\n\n- shop {secret}: Critical path\n\n## API Endpoints\n\n\
         | Operation | Method | Endpoint |\n|---|---|---|\n| Get {secret} | GET | /pets |\n"
    );
    workspace.write("a.md", &document("A", "tags: [x]\n", &body));
    let check = run(&workspace, &["check", "."]);
    assert!(
        check.stdout.contains("WH215"),
        "the check has to know it: {check:?}"
    );
    for arguments in [
        &["list", "."][..],
        &["list", ".", "--format", "json"],
        &["show", "a"],
        &["show", "a", "--format", "json"],
        &["show", "a", "--section", "Service Details"],
        &["graph", "."],
        &["graph", ".", "--format", "mermaid"],
        &["graph", ".", "--format", "json"],
        &["index", "."],
    ] {
        let output = run(&workspace, arguments);
        assert_eq!(output.code, Some(0), "{output:?}");
        let text = format!("{output:?}").to_lowercase();
        assert!(
            !text.contains("0123456789abcdefghij"),
            "{arguments:?}: {text}"
        );
    }
    let index = std::fs::read_to_string(workspace.file("INDEX.md")).unwrap();
    assert!(!index.contains("0123456789abcdefghij"), "{index}");
}

#[test]
fn show_tells_which_setting_wins_and_where_each_stands() {
    let workspace = workspace();
    let output = run(&workspace, &["show", "zeta"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let line = |words: &str| {
        let text = std::fs::read_to_string(workspace.file("zeta.md")).unwrap();
        text.lines().position(|line| line.contains(words)).unwrap() + 1
    };
    let (attempts, retries) = (line("retry_attempts"), line("max_retries"));
    for expected in [
        "2 retries".to_owned(),
        "the smaller of `retry_attempts` 5 and `max_retries` 2".to_owned(),
        format!("  zeta.md:{attempts}  retry_attempts 5"),
        format!("* zeta.md:{retries}  max_retries 2"),
        "retry up to 2 times where that is safe, then alert, then return the error".to_owned(),
        "2098-01-31 version end, 2099-06-30 contract".to_owned(),
        format!("  rate limits        zeta.md:{}\n", line("| List pets |")),
    ] {
        assert!(
            output.stdout.contains(&expected),
            "{expected}: {}",
            output.stdout
        );
    }
    let value = json(&workspace, &["show", "zeta", "--format", "json"]);
    let parts = value["not_in_force"].as_array().unwrap().iter();
    let parts: Vec<_> = parts.map(|part| part["what"].as_str().unwrap()).collect();
    assert_eq!(parts, ["rate limits", "optional features"]);
    let settings = value["settings"].as_array().unwrap();
    let found = settings
        .iter()
        .find(|setting| setting["name"] == "retries")
        .unwrap();
    let wins: Vec<_> = found["origins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| &o["wins"])
        .collect();
    assert_eq!(wins, [false, true]);
    let unknown = run(&workspace, &["show", "zeat"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown.stderr.contains("did you mean `zeta`?"),
        "{unknown:?}"
    );
}

#[test]
fn a_feature_switch_is_an_exit_code() {
    let workspace = workspace();
    let feature = |name: &str| run(&workspace, &["show", "zeta", "--feature", name]);
    let on = feature("fast-lane");
    assert_eq!(
        (on.code, on.stdout.as_str(), on.stderr.as_str()),
        (Some(0), "enabled\n", "")
    );
    let off = feature("Slow lane");
    assert_eq!((off.code, off.stdout.as_str()), (Some(1), "disabled\n"));
    for (name, words) in [
        ("open-lane", "is not filled in"),
        ("fast-lan", "did you mean `Fast lane`?"),
        ("zzzzzz", "lists all"),
    ] {
        let output = feature(name);
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{output:?}"
        );
        assert!(output.stderr.contains(words), "{output:?}");
    }
    let none = run(&workspace, &["show", "beta", "--feature", "x"]);
    assert!(none.stderr.contains("no optional features"), "{none:?}");
}

#[test]
fn a_section_is_shown_as_it_is_written() {
    let workspace = workspace();
    let output = run(&workspace, &["show", "zeta", "--section", "error handling"]);
    let start = DETAILS.find("## Error Handling").unwrap();
    let end = DETAILS.find("## Migration").unwrap();
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (Some(0), &DETAILS[start..end])
    );
    let last = run(
        &workspace,
        &["show", "zeta", "--section", "Migration/Upgrade Path"],
    );
    assert_eq!(last.stdout, DETAILS[end..]);
    let unknown = run(&workspace, &["show", "zeta", "--section", "Eror Handling"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown.stderr.contains("did you mean `Error Handling`?"),
        "{unknown:?}"
    );
}

#[test]
fn the_catalog_can_be_listed_and_shown_anywhere() {
    let workspace = Workspace::empty();
    let output = run(&workspace, &["list", "--catalog"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    for id in ["stripe", "slack", "github", "openai-api"] {
        assert!(output.stdout.contains(&format!("\n{id} ")), "{output:?}");
    }
    let forgotten = run(&workspace, &["show", "stripe"]);
    assert_eq!(forgotten.code, Some(2), "{forgotten:?}");
    let output = run(&workspace, &["show", "stripe", "--catalog"]);
    assert!(output.stdout.starts_with("Stripe (stripe)\n"), "{output:?}");
    let here = run(&workspace, &["list"]);
    assert_eq!(here.code, Some(2), "{here:?}");
    assert!(here.stderr.contains("no workspace here"), "{here:?}");
}

/// All names of members, at any depth.
fn members(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| members(item, names)),
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                members(value, names);
            }
        }
        _ => {}
    }
}

/// Names in backticks in the rows below a heading of `docs/json.md`.
fn documented(heading: &str) -> BTreeSet<String> {
    let text = include_str!("../../../../docs/json.md");
    let start = text.find(&format!("\n## `{heading}`\n")).unwrap() + 2;
    let section = text[start..].split("\n## ").next().unwrap();
    let rows: String = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    rows.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_field_is_documented() {
    let nowhere = Workspace::empty();
    let catalog = json(&nowhere, &["list", "--catalog", "--format", "json"]);
    let ids = catalog["documents"].as_array().unwrap().iter();
    let ids: Vec<_> = ids
        .map(|found| found["id"].as_str().unwrap().to_owned())
        .collect();
    let mut shown = BTreeSet::new();
    for id in &ids {
        let value = json(&nowhere, &["show", id, "--catalog", "--format", "json"]);
        members(&value, &mut shown);
    }
    let names = |value: &Value| {
        let mut names = BTreeSet::new();
        members(value, &mut names);
        names
    };
    let graph = json(&nowhere, &["graph", "--catalog", "--format", "json"]);
    let mut explain = names(&json(&nowhere, &["explain", "--format", "json"]));
    explain.extend(names(&json(
        &nowhere,
        &["explain", "WH601", "--format", "json"],
    )));
    for (command, found) in [
        ("wharf list", names(&catalog)),
        ("wharf show", shown),
        ("wharf graph", names(&graph)),
        ("wharf explain", explain),
    ] {
        let documented = documented(command);
        let missing: Vec<_> = found.difference(&documented).collect();
        assert!(missing.is_empty(), "{command} writes {missing:?}");
        assert!(found.len() > 4, "{command}: {found:?}");
    }
}

#[test]
fn a_slip_that_makes_a_document_vanish_is_told() {
    let workspace = Workspace::of([&Document::before("petshop", ([127, 0, 0, 1], 1).into())]);
    let text = std::fs::read_to_string(workspace.file("petshop.md")).unwrap();
    for (from, to) in [
        ("type: tool", "type: tol"),
        ("type: tool", "typ: tool"),
        ("subtype: integration", "subtype: integratoin"),
        ("---\n", "--\n"),
        // Lines that end with carriage returns alone, as old editors wrote them.
        ("\n", "\r"),
    ] {
        let text = if from == "\n" {
            text.replace(from, to)
        } else {
            text.clone()
        };
        workspace.write("slip.md", &text.replacen(from, to, 1));
        let list = wharf(&["list", workspace.argument()]).finish();
        assert!(
            list.stderr.contains("slip.md") && !list.stdout.contains("slip"),
            "{to}: {list:?}"
        );
        let check = wharf(&["check", workspace.argument()]).finish();
        assert!(
            check.stdout.contains("WH011") && check.stdout.contains("slip.md"),
            "{to}: {check:?}"
        );
    }
}

#[test]
fn show_says_what_was_read_and_not_how_it_is_written() {
    let workspace = Workspace::empty();
    for (id, method) in [
        (
            "basic",
            "- Type: Basic\n- Username: {username}\n- Password: {pass\\_word}\n",
        ),
        (
            "header",
            "- Type: API Key\n- Header: **X-Key**: `Token` {secret\\_key}\n",
        ),
        ("query", "- Type: API Key\n- Query: _key={api_key}_\n"),
    ] {
        let body = format!("{DETAILS}\n## Authentication\n\n### Method\n{method}");
        let body = body.replace("## Authentication\n\n- Type: None\n", "");
        workspace.write(&format!("{id}.md"), &document(id, "", &body));
    }
    for (id, sent) in [
        ("basic", "Authorization: Basic {username}:{pass_word}"),
        ("header", "X-Key: Token {secret_key}"),
        ("query", "key={api_key}"),
    ] {
        let shown = wharf(&["show", id, "--dir", workspace.argument()]).finish();
        assert!(
            shown.stdout.contains(&format!("{sent}\n")),
            "{id}: {shown:?}"
        );
        let json = json(&workspace, &["show", id, "--format", "json"]);
        assert_eq!(json["authentication"]["placements"][0], sent, "{id}");
    }
    let steps = "## Disaster Recovery\n\n### Outage Procedure\n1. **Notify** the `on_call` [team](https://x.example)\n";
    workspace.write(
        "steps.md",
        &document("Steps", "", &format!("{DETAILS}\n{steps}")),
    );
    let shown = wharf(&["show", "steps", "--dir", workspace.argument()]).finish();
    assert!(
        shown.stdout.contains("Notify the on_call team\n"),
        "{shown:?}"
    );
}
