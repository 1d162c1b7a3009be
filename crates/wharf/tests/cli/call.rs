//! `wharf call`: one call, what came back, and what each phase did.

use serde_json::{Value, json};

use crate::support::document::{Document, variables};
use crate::support::program::{CommandLine, Output, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

const PHASES: [&str; 7] = [
    "identify",
    "match",
    "authorise",
    "dispatch",
    "classify",
    "meter",
    "reply",
];

fn shop() -> Workspace {
    Workspace::of([&Document::new("petshop", "https://vendor.invalid/v1")])
}

fn simulated(workspace: &Workspace, arguments: &[&str]) -> CommandLine {
    wharf(&["call", "--simulate", "--dir", workspace.argument()]).arguments(arguments)
}

fn as_json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// The phases of a trace in JSON, each with sane times.
fn phases(result: &Value) -> Vec<&str> {
    let trace = result["trace"].as_array().unwrap();
    for entry in trace {
        let seconds = entry["duration_seconds"].as_f64().unwrap();
        assert!((0.0..30.0).contains(&seconds), "{entry}");
        assert!(!entry["decision"].as_str().unwrap().is_empty(), "{entry}");
    }
    trace
        .iter()
        .map(|entry| entry["phase"].as_str().unwrap())
        .collect()
}

#[test]
fn text_puts_the_body_on_standard_output_and_the_rest_beside_it() {
    let output = simulated(&shop(), &["petshop", "list-pets"]).finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    let body: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(body, json!({ "pets": [{ "id": "p1", "name": "Rex" }] }));
    assert!(output.stderr.starts_with("HTTP 200 OK\n"), "{output:?}");
    for header in [
        "wharf-source: vendor",
        "wharf-attempts: 1",
        "server-timing: wharf;dur=",
    ] {
        assert!(output.stderr.contains(header), "{output:?}");
    }
    let shown: Vec<&str> = output
        .stderr
        .lines()
        .skip_while(|line| !line.starts_with("PHASE"))
        .skip(1)
        .map_while(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(shown, PHASES, "{output:?}");
    assert!(
        output.stderr.contains("petshop@production list-pets"),
        "{output:?}"
    );
}

#[test]
fn json_is_one_object() {
    let output = simulated(
        &shop(),
        &["--format", "json", "petshop", "create-pet", "name=Ada"],
    )
    .finish();
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{output:?}"
    );
    let result = as_json(&output);
    assert_eq!(result["status"], 200);
    assert_eq!(result["body"], json!({ "id": "p2", "name": "Ada" }));
    assert_eq!(result["headers"]["wharf-source"], "vendor");
    assert_eq!(phases(&result), PHASES);
}

/// The vendor's own timings stand beside ours, so that header always comes twice here.
#[test]
fn json_has_every_value_of_a_header() {
    let vendor = Vendor::answering(|_| {
        b"HTTP/1.1 200 OK\r\nServer-Timing: db;dur=1\r\nContent-Length: 2\r\n\r\n{}".to_vec()
    });
    let (_, workspace) = Workspace::petshop(&vendor);
    let output = wharf(&["call", "--dir", workspace.argument(), "--format", "json"])
        .arguments(&["petshop", "list-pets"])
        .variable("PET_KEY", "key")
        .finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    let timings = &as_json(&output)["headers"]["server-timing"];
    assert_eq!(timings[0], "db;dur=1", "{output:?}");
    assert!(
        timings[1].as_str().unwrap().contains("wharf;dur="),
        "{output:?}"
    );
}

#[test]
fn an_answer_that_is_too_large_to_show_is_told_with_its_bound_and_a_way() {
    let vendor = Vendor::answering(|_| {
        let mut answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\
            Connection: close\r\n\r\n"
            .to_vec();
        answer.resize(answer.len() + (64 << 20) + 1, b'x');
        answer
    });
    let (_, workspace) = Workspace::petshop(&vendor);
    let output = wharf(&["call", "--dir", workspace.argument()])
        .arguments(&["petshop", "list-pets"])
        .variable("PET_KEY", "key")
        .finish();
    assert_eq!(output.code, Some(2), "{output:?}");
    for words in ["64 MiB", "wharf up"] {
        assert!(output.stderr.contains(words), "{output:?}");
    }
}

#[test]
fn a_retry_shows_as_recover_and_another_attempt() {
    let fault = [
        "petshop",
        "list-pets",
        "-H",
        "Wharf-Simulate: status=503; first=1",
    ];
    let output = simulated(&shop(), &["--format", "json"])
        .arguments(&fault)
        .finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    let result = as_json(&output);
    let expected = [&PHASES[..5], &["recover"], &PHASES[2..]].concat();
    assert_eq!(phases(&result), expected, "{result}");
    let attempts: Vec<_> = result["trace"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["attempt"].as_u64().unwrap())
        .collect();
    assert_eq!(attempts, [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    assert_eq!(result["headers"]["wharf-attempts"], "2");
}

#[test]
fn the_exit_code_tells_success_from_refusal_and_from_not_trying() {
    let workspace = shop();
    let refused = simulated(
        &workspace,
        &["petshop", "list-pets", "-H", "Wharf-Simulate: status=404"],
    )
    .finish();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("HTTP 404"), "{refused:?}");
    let failed = simulated(
        &workspace,
        &[
            "petshop",
            "create-pet",
            "name=A",
            "-H",
            "Wharf-Simulate: status=500",
            "--format",
            "json",
        ],
    )
    .finish();
    assert_eq!(
        (failed.code, &as_json(&failed)["status"]),
        (Some(1), &500.into()),
        "{failed:?}"
    );
    let not_tried = simulated(&workspace, &["petshop", "adopt"]).finish();
    assert_eq!(
        (not_tried.code, not_tried.stdout.as_str()),
        (Some(2), ""),
        "{not_tried:?}"
    );

    // Refused by the gateway itself: no credential is there.
    let document = wharf(&[
        "call",
        "--dir",
        workspace.argument(),
        "petshop",
        "list-pets",
        "--format",
        "json",
    ])
    .finish();
    assert_eq!(document.code, Some(1), "{document:?}");
    assert_eq!(as_json(&document)["body"]["code"], "credential_unavailable");
}

#[test]
fn parameters_reach_the_vendor_where_they_belong() {
    let vendor = Vendor::fine();
    let shop = Document::before("petshop", vendor.address()).environment(
        "Sandbox",
        &format!("http://{}/sandbox", vendor.address()),
        &variables(&["SANDBOX_KEY"]),
    );
    let workspace = Workspace::of([&shop]);
    workspace.write("body.json", "{\"from\":\"file\"}");
    let body = format!("@{}", workspace.file("body.json").display());
    let call = |arguments: &[&str]| {
        let output = wharf(&["call", "--dir", workspace.argument()])
            .arguments(arguments)
            .variable("PET_KEY", "real")
            .variable("SANDBOX_KEY", "play")
            .finish();
        assert_eq!(output.code, Some(0), "{output:?}");
        vendor.last()
    };
    let seen = call(&["petshop", "show-pet", "pet_id=a b/c", "limit=3", "name=Ä&"]);
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("GET", "/pets/a%20b%2Fc?limit=3&name=%C3%84%26")
    );
    assert_eq!(seen.header("authorization"), Some("Bearer real"));

    let seen = call(&[
        "petshop@sandbox",
        "create-pet",
        "name=Ada",
        "age:=3",
        "dry_run==yes",
    ]);
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("POST", "/sandbox/pets?dry_run=yes")
    );
    assert_eq!(seen.header("authorization"), Some("Bearer play"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(
        serde_json::from_slice::<Value>(&seen.body).unwrap(),
        json!({ "name": "Ada", "age": 3 })
    );

    let seen = call(&[
        "petshop",
        "create-pet",
        "--data",
        &body,
        "-H",
        "X-Trace: 7",
        "--timeout",
        "5s",
    ]);
    assert_eq!(
        (seen.body.as_slice(), seen.header("x-trace")),
        (&b"{\"from\":\"file\"}"[..], Some("7"))
    );
    assert_eq!(seen.header("wharf-timeout"), None);
}

#[test]
fn what_is_not_known_is_met_with_the_nearest_name() {
    let workspace = shop();
    let cases: [(&[&str], &[&str]); 9] = [
        (
            &["petshp", "list-pets"],
            &[
                "no integration `petshp`",
                "did you mean `petshop`?",
                "Known: petshop",
            ],
        ),
        (
            &["bank", "list-pets"],
            &["no integration `bank`", "Known: petshop"],
        ),
        (
            &["petshop", "list-pet"],
            &[
                "no operation `list-pet`",
                "did you mean `list-pets`?",
                "show-pet",
            ],
        ),
        (
            &["petshop", "show-pet", "petid=3"],
            &["GET /pets/{pet_id}", "needs pet_id=…", "`petid`"],
        ),
        (&["petshop", "show-pet"], &["needs pet_id=…"]),
        (
            &["petshop", "list-pets", "limit"],
            &["`limit` is not key=value"],
        ),
        (
            &["petshop", "create-pet", "age:=three"],
            &["the value of `age` is not JSON"],
        ),
        (
            &["petshop", "create-pet", "name=A", "--data", "{}"],
            &["--data gives the whole body"],
        ),
        (
            &["petshop", "create-pet", "--data", "@/nowhere/body.json"],
            &["/nowhere/body.json"],
        ),
    ];
    for (arguments, expected) in cases {
        let output = simulated(&workspace, arguments).finish();
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}: {output:?}"
        );
        assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
        assert!(output.stderr.starts_with("error: "), "{output:?}");
        for words in expected {
            assert!(output.stderr.contains(words), "no {words} in {output:?}");
        }
    }
}

/// `up` serves the good documents of such a workspace, and a person who fixes one of them calls it.
#[test]
fn a_good_document_is_called_beside_broken_ones() {
    let workspace = shop();
    let broken = Document::new("bank", "https://bank.invalid")
        .credential("location: ENV_VARIABLES\nvariables: nothing-of-the-kind: x");
    workspace.put(&broken);
    workspace.write("unread.md", "---\ntype: tool\nsubtype: integration\n\u{0}");
    let output = simulated(&workspace, &["petshop", "list-pets", "--format", "json"]).finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(as_json(&output)["status"], 200);
    let told = |output: &Output| -> Vec<String> {
        let lines = output.stderr.lines();
        let warnings = lines.filter(|line| line.starts_with("warning: "));
        warnings.map(str::to_owned).collect()
    };
    let warnings = told(&output);
    for file in ["bank.md", "unread.md"] {
        let about: Vec<_> = warnings.iter().filter(|line| line.contains(file)).collect();
        assert_eq!(about.len(), 1, "{file}: {output:?}");
        assert!(about[0].ends_with("this document is left out"), "{about:?}");
    }

    // The broken one itself is not called, and its errors are shown.
    let output = simulated(&workspace, &["bank@production", "list-pets"]).finish();
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
    for words in ["bank.md:", "Not called. Correct the errors above"] {
        assert!(output.stderr.contains(words), "no {words} in {output:?}");
    }
    assert!(!output.stderr.contains("HTTP "), "{output:?}");
}

/// Two files with one id: neither is it.
#[test]
fn a_document_that_clashes_with_another_is_not_called() {
    let workspace = shop();
    let shop = Document::new("petshop", "https://vendor.invalid/v2");
    workspace.write("more/petshop.md", &shop.text());
    workspace.put(&Document::new("bank", "https://bank.invalid"));
    let output = simulated(&workspace, &["petshop", "list-pets"]).finish();
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
    assert!(output.stderr.contains("Not called."), "{output:?}");
    let output = simulated(&workspace, &["bank", "list-pets"]).finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(
        output.stderr.matches("this document is left out").count(),
        2
    );
}

/// The catalog is at hand in any workspace, and whoever forgets how is told.
#[test]
fn the_catalog_is_called_from_within_a_workspace() {
    let workspace = shop();
    let call = |arguments: &[&str]| {
        wharf(&["call", "--simulate"])
            .arguments(arguments)
            .within(workspace.path())
            .finish()
    };
    let called = call(&[
        "--catalog",
        "stripe",
        "create-customer",
        "email=ada@example.com",
    ]);
    assert_eq!(called.code, Some(0), "{called:?}");
    assert!(called.stdout.contains("ada@example.com"), "{called:?}");
    let forgotten = call(&["stripe", "create-customer"]);
    assert_eq!(forgotten.code, Some(2), "{forgotten:?}");
    assert!(forgotten.stderr.contains("add --catalog"), "{forgotten:?}");
    let database = call(&["--catalog", "postgres", "query"]);
    assert_eq!(database.code, Some(2), "{database:?}");
    assert!(
        database
            .stderr
            .contains("`wharf show postgres --catalog` tells"),
        "{database:?}"
    );
}

/// What is wrong with the command line is no answer of a gateway.
#[test]
fn an_environment_that_is_not_there_is_refused_with_those_that_are() {
    let workspace = shop();
    for (address, words) in [
        (
            "petshop@sandbox",
            "has no environment `sandbox`. Known: production",
        ),
        ("petshop@prodution", "did you mean `petshop@production`?"),
    ] {
        let output = simulated(&workspace, &[address, "list-pets"]).finish();
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{output:?}"
        );
        assert!(output.stderr.contains(words), "{output:?}");
    }
}
