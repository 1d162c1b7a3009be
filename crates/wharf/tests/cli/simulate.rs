//! `wharf up --simulate`: everything runs, nothing leaves the machine.

use std::net::SocketAddr;

use crate::support::document::{Document, variables};
use crate::support::eventually;
use crate::support::http::{Request, Response};
use crate::support::program::{Gateway, up, wharf};
use crate::support::workspace::Workspace;

/// Where nobody answers; a simulation must not go there.
const NOWHERE: &str = "https://vendor.invalid/v1";

fn assert_answered_by_vendor(response: &Response) {
    assert_eq!(
        response.header("wharf-source"),
        Some("vendor"),
        "{response:?}"
    );
    assert_eq!(response.header("wharf-attempts"), Some("1"), "{response:?}");
    let timing = response.header("server-timing").unwrap();
    for name in ["wharf", "dispatch"] {
        let entry = timing
            .split(", ")
            .find_map(|entry| entry.strip_prefix(&format!("{name};dur=")));
        let milliseconds: f64 = entry.unwrap_or_else(|| panic!("{timing}")).parse().unwrap();
        assert!((0.0..60_000.0).contains(&milliseconds), "{timing}");
    }
}

#[test]
fn examples_may_lie_beside_the_document() {
    let text = Document::new("petshop", NOWHERE).text();
    let start = text.find("### Examples").unwrap();
    let end = start + text[start..].find("\n## ").unwrap();
    let examples = text[start..end]
        .replace("Rex", "Ada")
        .replace("### Examples", "# Pets");
    let linked = format!(
        "{}### Examples\n[Examples](examples/petshop.md)\n{}",
        &text[..start],
        &text[end..]
    );
    let workspace = Workspace::of([]);
    workspace.write("petshop.md", &linked);
    workspace.write("examples/petshop.md", &examples);
    let gateway = up(&["--simulate", workspace.argument()]).ready();
    assert_eq!(gateway.ready["integrations"].as_array().unwrap().len(), 1);
    let read = gateway.get("/petshop/pets", &gateway.token());
    assert_eq!(
        read.json(),
        serde_json::json!({ "pets": [{ "id": "p1", "name": "Ada" }] })
    );
    drop(gateway);

    // What is wrong in the file is told where it is linked, and hides no secret.
    let token = ["Zr8kQw2L", "mX5tVb9N", "cH4jRy7D"].concat();
    let bad = format!(
        "```json list-pet\n{{}}\n```\n\nAPI key: `{token}`\n\n```json list-pets\n{{ \"a\": }}\n```\n"
    );
    workspace.write("examples/petshop.md", &bad);
    let output = wharf(&["check", "--format", "lines", workspace.argument()]).finish();
    assert_eq!(output.code, Some(1), "{output:?}");
    for words in [
        "warning[WH402]: examples/petshop.md, line 1: the example is for `list-pet`",
        "error[WH301]: examples/petshop.md, line 8:",
        "error[WH215]: examples/petshop.md, line 5:",
    ] {
        assert!(output.stdout.contains(words), "{words}: {output:?}");
    }
    assert!(!output.stdout.contains(&token), "{output:?}");
    workspace.remove("examples/petshop.md");
    let output = wharf(&["check", "--format", "lines", workspace.argument()]).finish();
    assert!(
        output
            .stdout
            .contains("warning[WH403]: there is no file `examples/petshop.md`"),
        "{output:?}"
    );
    // The documents are served all the same.
    let gateway = up(&["--simulate", workspace.argument()]).ready();
    assert_eq!(gateway.get("/petshop/pets", &gateway.token()).status, 200);
    gateway
        .process
        .until_logged("there is no file `examples/petshop.md`");
}

#[test]
fn the_catalog_answers_with_its_examples() {
    let gateway = up(&["--simulate", "--catalog"]).ready();
    let token = gateway.token();
    let read = gateway.get("/stripe/v1/customers/cus_1", &token);
    assert_eq!(read.status, 200, "{read:?}");
    assert_eq!(read.json()["object"], "customer");
    let read = gateway.get("/github/user", &token);
    assert!(read.json()["login"].is_string(), "{read:?}");
}

#[test]
fn a_workspace_is_served_from_its_own_examples() {
    let shop = Document::new("petshop", NOWHERE).environment(
        "Sandbox",
        NOWHERE,
        &variables(&["SANDBOX_KEY"]),
    );
    let workspace = Workspace::of([&shop, &Document::new("zoo", NOWHERE)]);
    let gateway = up(&["--simulate", workspace.argument()]).ready();

    assert_eq!(gateway.ready["simulated"], true);
    let listed = gateway.ready["integrations"].as_array().unwrap();
    let ids: Vec<_> = listed
        .iter()
        .map(|entry| entry["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["petshop", "zoo"]);
    assert_eq!(listed[0]["default_environment"], "production");
    assert_eq!(
        listed[0]["environments"],
        serde_json::json!(["production", "sandbox"])
    );
    assert_eq!(
        listed[0]["base_url"],
        format!("http://{}/petshop", gateway.data)
    );

    let token = gateway.token();
    let read = gateway.get("/petshop/pets", &token);
    assert_eq!(read.status, 200, "{read:?}");
    assert_eq!(
        read.json(),
        serde_json::json!({ "pets": [{ "id": "p1", "name": "Rex" }] })
    );
    assert_answered_by_vendor(&read);
    let write = Request::post("/petshop@sandbox/pets", "{\"name\":\"Ada\"}")
        .header("Content-Type", "application/json")
        .bearer(&token);
    let write = gateway.call(&write);
    assert_eq!(
        write.json(),
        serde_json::json!({ "id": "p2", "name": "Ada" })
    );
    assert_answered_by_vendor(&write);

    let refused = gateway.get("/petshop/pets", "wharf_not-the-one");
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (401, &"unknown_caller".into())
    );
    assert_eq!(refused.header("wharf-source"), Some("wharf"));
    assert!(!workspace.state().exists(), "a simulation keeps nothing");
}

/// The URL and the header of the line `curl -i URL -H 'NAME: VALUE'`.
fn pasted(text: &str) -> (SocketAddr, Request) {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("curl -i "));
    let (url, header) = line
        .unwrap_or_else(|| panic!("no call to paste: {text}"))
        .split_once(" -H ")
        .unwrap();
    let (address, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let (name, value) = header.trim_matches('\'').split_once(": ").unwrap();
    (
        address.parse().unwrap(),
        Request::get(&format!("/{path}")).header(name, value),
    )
}

/// What `wharf up` shows to a person.
fn start(arguments: &[&str], within: &Workspace) -> (crate::support::program::Process, String) {
    let command = wharf(&["up"])
        .arguments(arguments)
        .on_free_ports()
        .within(within.path());
    let process = command.start();
    let text = eventually("the start to be shown", || {
        let text = process.stdout();
        (text.contains("curl -i") && text.ends_with('\n')).then_some(text)
    });
    (process, text)
}

#[test]
fn the_start_shows_a_table_the_addresses_a_token_and_a_call_that_works() {
    let inactive = Document::new("closed", NOWHERE)
        .text()
        .replace("active: true", "active: false");
    let workspace = Workspace::of([&Document::new("petshop", NOWHERE)]);
    workspace.write("deep/below/closed.md", &inactive);
    let (_process, text) = start(&["--simulate"], &workspace);

    let row = |id: &str| {
        text.lines()
            .find(|line| line.trim_start().starts_with(id))
            .unwrap()
            .to_owned()
    };
    let heading = row("INTEGRATION");
    let columns =
        ["ENVIRONMENTS", "OPERATIONS", "BASE URL"].map(|column| heading.find(column).unwrap());
    assert!(row("petshop").contains("production*"), "{text}");
    assert!(
        row("petshop")[columns[1]..columns[2]].trim() == "3",
        "{text}"
    );
    assert!(row("closed").contains("(not active)"), "{text}");
    assert!(row("data plane").contains("http://127.0.0.1:"), "{text}");
    let control = row("control plane");
    assert!(row("caller token").contains("wharf_"), "{text}");

    let (address, request) = pasted(&text);
    let answer = request.send(address).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_answered_by_vendor(&answer);
    let control = control
        .split("http://")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    assert_eq!(
        Request::get("/healthz")
            .send(control.parse().unwrap())
            .unwrap()
            .text(),
        "ok"
    );
}

#[test]
fn without_a_workspace_at_hand_the_catalog_is_served() {
    let nothing = Workspace::empty();
    let (_process, text) = start(&["--simulate"], &nothing);
    let (address, request) = pasted(&text);
    let answer = request.send(address).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_answered_by_vendor(&answer);

    let gateway: Gateway = up(&["--simulate"]).within(nothing.path()).ready();
    let listed = gateway.ready["integrations"].as_array().unwrap();
    for id in ["github", "openai-api", "slack", "stripe"] {
        let entry = listed.iter().find(|entry| entry["id"] == id);
        let entry = entry.unwrap_or_else(|| panic!("{id} is missing: {}", gateway.ready));
        assert!(!entry["operations"].as_array().unwrap().is_empty(), "{id}");
    }

    // The examples that help shows.
    let help = wharf(&["call", "--help"]).finish().stdout;
    let examples = help
        .lines()
        .filter_map(|line| line.trim().strip_prefix("wharf call --simulate "));
    let mut count = 0;
    for example in examples {
        let arguments: Vec<&str> = example.split_whitespace().collect();
        let command = wharf(&["call", "--simulate"]).arguments(&arguments);
        let output = command.within(nothing.path()).finish();
        assert_eq!(output.code, Some(0), "{example}: {output:?}");
        count += 1;
    }
    assert!(count >= 3, "{help}");
    assert!(
        std::fs::read_dir(nothing.path()).unwrap().next().is_none(),
        "a simulation keeps nothing"
    );
}
