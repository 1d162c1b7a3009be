//! The control API: how commands find the process that owns the state, what it refuses, and what
//! is on record afterwards.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::document::Document;
use crate::support::http::Request;
use crate::support::program::{Gateway, Output, PROGRAM, up, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;
use crate::support::{eventually, soon};

const DIGITS: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn petshop() -> Workspace {
    Workspace::of([&Document::new("petshop", "https://vendor.invalid")])
}

fn callers(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(&["callers", "--dir", workspace.argument()])
        .arguments(arguments)
        .finish()
}

fn names(workspace: &Workspace) -> Vec<String> {
    let listed = callers(workspace, &["list", "--format", "json"]);
    let rows: Value = serde_json::from_str(&listed.stdout).unwrap_or_else(|_| panic!("{listed:?}"));
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The newest audit records, the newest first.
fn audit(workspace: &Workspace, arguments: &[&str]) -> Value {
    let listed = wharf(&["audit", "list", "--dir", workspace.argument()])
        .arguments(arguments)
        .arguments(&["--format", "json"])
        .finish();
    assert_eq!(listed.code, Some(0), "{listed:?}");
    serde_json::from_str(&listed.stdout).unwrap()
}

fn control_file(workspace: &Workspace) -> PathBuf {
    workspace.state().join("control.json")
}

fn control(workspace: &Workspace) -> Value {
    let text = fs::read_to_string(control_file(workspace)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn token(workspace: &Workspace) -> String {
    control(workspace)["token"].as_str().unwrap().to_owned()
}

/// Puts another text in the place of the file, in one step.
fn put_control(workspace: &Workspace, text: &str) {
    workspace.write(".wharf/control.json", text);
}

fn assert_refused(output: &Output, words: &[&str]) {
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (Some(2), ""),
        "{output:?}"
    );
    for words in words {
        assert!(output.stderr.contains(words), "{words}: {output:?}");
    }
}

/// Asks a process to stop in the middle of whatever it does.
fn stopped(workspace: &Workspace) -> Gateway {
    let gateway = workspace.serve();
    gateway.process.signal("STOP");
    let status = format!("/proc/{}/stat", gateway.process.id());
    eventually("the process to stand still", || {
        let stat = fs::read_to_string(&status).unwrap();
        stat.rsplit(')')
            .next()?
            .trim()
            .starts_with('T')
            .then_some(())
    });
    gateway
}

#[test]
fn a_change_is_made_by_the_process_that_runs_and_else_by_the_command() {
    let workspace = petshop();
    workspace.caller("before");
    let gateway = workspace.serve();
    workspace.caller("during");
    let refused = callers(&workspace, &["add", "during"]);
    let since = "caller during exists since 20";
    assert_refused(
        &refused,
        &[since, "add it with `--replace`", "choose another name"],
    );
    let unknown = callers(&workspace, &["remove", "nobody"]);
    assert_refused(
        &unknown,
        &["there is no caller `nobody`", "wharf callers list --dir"],
    );
    assert_eq!(names(&workspace), ["before", "during"]);
    assert_eq!(gateway.stop().code, Some(0));
    assert_eq!(callers(&workspace, &["remove", "during"]).code, Some(0));

    let page = audit(&workspace, &[]);
    let rows: Vec<String> = page["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            assert!(row["who"].as_str().unwrap().contains("uid "), "{row}");
            let words = ["number", "action", "subject", "outcome", "reason", "from"];
            words
                .map(|word| row[word].to_string().replace('"', ""))
                .join(" ")
        })
        .collect();
    assert_eq!(
        rows,
        [
            "5 callers.remove during done null command line",
            "4 callers.remove nobody refused caller_unknown control API, 127.0.0.1",
            "3 callers.add during refused caller_exists control API, 127.0.0.1",
            "2 callers.add during done null control API, 127.0.0.1",
            "1 callers.add before done null command line",
        ]
    );
    assert_eq!(page["next_before"], Value::Null);
}

#[test]
fn records_are_shown_in_pages_with_and_without_a_process() {
    let workspace = petshop();
    let none = wharf(&["audit", "list", "--dir", workspace.argument()]).finish();
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""), "{none:?}");
    assert!(none.stderr.contains("No change is on record."), "{none:?}");
    assert!(!workspace.state().exists(), "reading made a state folder");
    for name in ["one", "two", "three"] {
        workspace.caller(name);
    }
    let by_files = audit(&workspace, &["--limit", "2"]);
    let gateway = workspace.serve();
    assert_eq!(audit(&workspace, &["--limit", "2"]), by_files);
    assert_eq!(by_files["next_before"], 2);
    let rest = audit(&workspace, &["--limit", "2", "--before", "2"]);
    assert_eq!(rest["records"][0]["subject"], "one");
    assert_eq!(rest["next_before"], Value::Null);
    let older = wharf(&["audit", "list", "--before", "1", "--dir"]);
    let older = older.arguments(&[workspace.argument()]).finish();
    let words = "No change is on record before number 1.";
    assert!(older.stderr.contains(words), "{older:?}");
    let text = wharf(&[
        "audit",
        "list",
        "--dir",
        workspace.argument(),
        "--limit",
        "2",
    ])
    .finish();
    let first = text.stdout.lines().next().unwrap();
    assert!(first.starts_with("3      20"), "{text:?}");
    assert!(first.contains("Z  callers.add three  done  "), "{text:?}");
    assert!(first.ends_with(", command line"), "{text:?}");
    let next = "wharf audit list --limit 2 --before 2 --dir";
    assert!(text.stderr.contains(next), "{text:?}");
    for limit in ["0", "1001", "many"] {
        let refused = wharf(&["audit", "list", "--limit", limit]).finish();
        assert_refused(&refused, &["--limit"]);
    }
    drop(gateway);
}

#[test]
fn the_file_is_there_for_its_owner_while_a_process_serves() {
    let workspace = petshop();
    let gateway = workspace.serve();
    let path = control_file(&workspace);
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{mode:o}");
    let file = control(&workspace);
    let (address, id) = (gateway.control.to_string(), gateway.process.id());
    assert_eq!(
        (&file["address"], &file["process"]),
        (&json!(address), &json!(id))
    );
    let first = token(&workspace);
    // The token is told nowhere else.
    for page in ["/", "/metrics", "/readyz", "/healthz"] {
        assert!(
            !gateway.control(page).everything().contains(&first),
            "{page}"
        );
    }
    let ended = gateway.stop();
    assert!(!format!("{ended:?}").contains(&first));
    assert!(!path.exists(), "left behind");
    let gateway = workspace.serve();
    assert_ne!(token(&workspace), first);
    drop(gateway);
}

#[test]
fn what_a_killed_process_leaves_stands_in_nobodys_way() {
    let workspace = petshop();
    let gateway = workspace.serve();
    let address = gateway.control;
    gateway.crash();
    let left = token(&workspace);
    let started = Instant::now();
    workspace.caller("by-files");
    // Whoever has the port by now is not told the token, nor waited for.
    let other = TcpListener::bind(address).unwrap();
    other.set_nonblocking(true).unwrap();
    assert_eq!(names(&workspace), ["by-files"]);
    assert!(other.accept().is_err(), "somebody was asked");
    assert!(started.elapsed() < Duration::from_secs(4));
    drop(other);
    let from = audit(&workspace, &[])["records"][0]["from"].clone();
    assert_eq!(from, "command line");
    let gateway = workspace.serve();
    assert_ne!(token(&workspace), left);
    workspace.caller("by-process");
    drop(gateway);
}

#[test]
fn a_file_that_is_taken_away_or_damaged_is_written_anew_and_waited_for() {
    let workspace = petshop();
    let gateway = workspace.serve();
    let whole = fs::read_to_string(control_file(&workspace)).unwrap();
    let address = gateway.control.to_string();
    // Nobody answers there.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let spoilt = [
        None,
        Some(String::new()),
        Some(whole[..whole.len() / 2].to_owned()),
        Some(whole.replace(&address, &closed.to_string())),
        Some(whole.replace("wharf_control_", "wharf_control_AA")),
    ];
    for (n, text) in spoilt.iter().enumerate() {
        match text {
            Some(text) => put_control(&workspace, text),
            None => fs::remove_file(control_file(&workspace)).unwrap(),
        }
        workspace.caller(&format!("caller-{n}"));
        soon("the file", || {
            fs::read_to_string(control_file(&workspace)).is_ok_and(|text| text == whole)
        });
    }
    assert_eq!(names(&workspace).len(), spoilt.len());
    for row in audit(&workspace, &[])["records"].as_array().unwrap() {
        assert_eq!(row["from"], "control API, 127.0.0.1", "{row}");
    }
}

#[test]
fn a_process_that_stands_still_is_told_of_and_does_nothing_afterwards() {
    let workspace = petshop();
    let gateway = stopped(&workspace);
    let number = format!("process {}", gateway.process.id());
    let started = Instant::now();
    let silent = callers(&workspace, &["add", "shop"]);
    assert_refused(
        &silent,
        &[&number, "within 5 seconds", "wharf callers list"],
    );
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "{:?}",
        started.elapsed()
    );
    gateway.process.signal("CONT");
    // It finds the request then, and nobody waits for it.
    assert_eq!(names(&workspace), [""; 0]);
    workspace.caller("shop");
    assert_eq!(names(&workspace), ["shop"]);
}

#[test]
fn a_file_that_nobody_mends_is_told_of_with_what_to_do() {
    let workspace = petshop();
    let gateway = stopped(&workspace);
    let number = format!("process {}", gateway.process.id());
    let whole = fs::read_to_string(control_file(&workspace)).unwrap();
    let address = gateway.control.to_string();
    let listed = || callers(&workspace, &["list"]);

    put_control(&workspace, &whole.replace(&address, "192.0.2.1:7071"));
    assert_refused(
        &listed(),
        &[
            "192.0.2.1:7071",
            "not an address of this machine",
            "127.0.0.1",
        ],
    );
    put_control(&workspace, &whole[..40]);
    assert_refused(&listed(), &["control.json is damaged", "remove it"]);
    put_control(&workspace, &whole.replace("\"format\":1", "\"format\":9"));
    assert_refused(&listed(), &["format 9", "use the wharf that serves"]);
    fs::remove_file(control_file(&workspace)).unwrap();
    assert_refused(
        &listed(),
        &[&number, "where its control API is", "wharf up --takeover"],
    );
    put_control(&workspace, &whole);
    if chown(control_file(&workspace), Some(1), Some(1)).is_ok() {
        assert_refused(
            &listed(),
            &["control.json belongs to another user", "uid 1"],
        );
    } else {
        println!("skipped: only who may give files away can make one of another user");
    }
    drop(gateway);
    assert_eq!(names(&workspace), [""; 0]);
}

#[test]
fn a_page_in_a_browser_changes_nothing_even_with_the_token() {
    let workspace = petshop();
    let gateway = workspace.serve();
    let own = format!("http://{}", gateway.control);
    let host = gateway.control.to_string();
    let body = json!({ "name": "attacker", "token_sha256": DIGITS }).to_string();
    let post = |host: &str| {
        Request::post("/api/v1/callers", body.clone())
            .header("Host", host)
            .header("Content-Type", "application/json")
            .bearer(&token(&workspace))
    };
    let rebound = "attacker.example:7071";
    let cases = [
        (post(&host).header("Origin", "http://attacker.example"), 403),
        (post(&host).header("Origin", "null"), 403),
        (
            post(&host)
                .header("Origin", &own)
                .header("Sec-Fetch-Site", "cross-site"),
            403,
        ),
        (post(&host).header("Sec-Fetch-Site", "same-site"), 403),
        // A name of the attacker's that leads here.
        (post(rebound), 421),
        (
            post(rebound)
                .header("Origin", "http://attacker.example:7071")
                .header("Sec-Fetch-Site", "same-origin"),
            421,
        ),
        (
            Request::post("/api/v1/callers", body.clone())
                .header("Content-Type", "text/plain")
                .header("Authorization", "Bearer guessed"),
            401,
        ),
        (Request::post("/api/v1/callers", body.clone()), 401),
    ];
    for (request, status) in &cases {
        let answer = request.send(gateway.control).unwrap();
        assert_eq!(answer.status, *status, "{answer:?}");
        let allowing = answer
            .headers
            .iter()
            .filter(|(name, _)| name.to_ascii_lowercase().starts_with("access-control-"));
        assert_eq!(allowing.count(), 0, "{answer:?}");
    }
    assert_eq!(names(&workspace), [""; 0]);
    // They are counted and logged, and fill no disk.
    let metrics = gateway.metrics();
    for (reason, count) in [("origin", 4.0), ("host", 2.0), ("token", 2.0)] {
        let counted = metrics.value("wharf_control_refusals_total", &[("reason", reason)]);
        assert!((counted - count).abs() < 0.5, "{reason}: {counted}");
    }
    assert_eq!(audit(&workspace, &[])["records"], json!([]));
    gateway
        .process
        .until_logged("the control plane refused a request");
    let log = gateway.process.stderr();
    assert_eq!(log.matches("refused a request").count(), 1, "{log}");
    let allowed = post(&host)
        .header("Origin", &own)
        .header("Sec-Fetch-Site", "same-origin");
    assert_eq!(allowed.send(gateway.control).unwrap().status, 201);
    assert_eq!(names(&workspace), ["attacker"]);
}

#[test]
fn a_token_that_could_not_be_written_is_taken_back_by_the_process() {
    let workspace = petshop();
    workspace.caller("shop");
    let gateway = workspace.serve();
    let before = callers(&workspace, &["list", "--format", "json"]).stdout;
    for arguments in [&["add", "lost"][..], &["add", "shop", "--replace"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let refused = Command::new(PROGRAM)
            .args(["callers", "--dir", workspace.argument()])
            .args(arguments)
            .stdout(Stdio::from(full))
            .output()
            .unwrap();
        let told = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{told}");
        assert!(told.contains("nothing was changed"), "{told}");
        let after = callers(&workspace, &["list", "--format", "json"]).stdout;
        assert_eq!(before, after, "{told}");
        let newest = audit(&workspace, &["--limit", "1"])["records"][0].clone();
        assert_eq!(newest["action"], "callers.restore", "{newest}");
        assert_eq!(newest["from"], "control API, 127.0.0.1", "{newest}");
    }
    drop(gateway);
}

#[test]
fn commands_go_on_while_one_process_takes_over_from_the_other() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let mut gateway = workspace.serve();
    let first = token(&workspace);
    for round in 0..3 {
        let next = up(&[workspace.argument(), "--takeover"]).variable("PET_KEY", "key");
        let next = next.start();
        let mut count = 0;
        // From before the one begins until after the other has ended.
        while !gateway.process.has_ended() {
            let name = format!("caller-{round}-{count}");
            let added = callers(&workspace, &["add", &name]);
            assert_eq!(added.code, Some(0), "{added:?}\n{}", next.stderr());
            count += 1;
        }
        gateway = next.ready();
        println!("{count} callers were added in the take-over");
        assert_eq!(token(&workspace), first);
        eventually("the file of the process that serves", || {
            (control(&workspace)["process"] == gateway.process.id()).then_some(())
        });
    }
    for row in audit(&workspace, &["--limit", "1000"])["records"]
        .as_array()
        .unwrap()
    {
        assert_eq!(row["from"], "control API, 127.0.0.1", "{row}");
    }
    assert_eq!(gateway.stop().code, Some(0));
    assert!(!control_file(&workspace).exists());
}

#[test]
fn a_state_folder_that_is_taken_away_or_swapped_gets_the_file_again() {
    let workspace = petshop();
    let gateway = workspace.serve();
    let whole = fs::read_to_string(control_file(&workspace)).unwrap();
    let moved = workspace.file("moved");
    fs::rename(workspace.state(), &moved).unwrap();
    // No folder is made for it.
    gateway
        .process
        .until_logged("no longer the file that was opened");
    assert!(!workspace.state().exists());
    fs::create_dir(workspace.state()).unwrap();
    soon("the file in another folder", || {
        fs::read_to_string(control_file(&workspace)).is_ok_and(|text| text == whole)
    });
    // In one step: the process may be writing into it.
    fs::rename(workspace.state(), workspace.file(".aside")).unwrap();
    fs::rename(&moved, workspace.state()).unwrap();
    let inode = || fs::metadata(control_file(&workspace)).map(|file| file.ino());
    let before = inode().unwrap();
    workspace.caller("shop");
    // It is known as the process's own only when it was written anew.
    eventually("the process in its folder", || {
        inode().is_ok_and(|inode| inode != before).then_some(())
    });
    assert_eq!(
        gateway.control("/readyz").json()["kept_problem"],
        Value::Null
    );
    assert_eq!(gateway.stop().code, Some(0));
    assert!(!control_file(&workspace).exists());
}

/// Another process that has been given the folder keeps its own file.
#[test]
fn a_folder_of_another_process_that_is_put_in_place_keeps_its_file() {
    let [one, two] = [petshop(), petshop()];
    let (first, second) = (one.serve(), two.serve());
    let other = control(&two);
    fs::rename(one.state(), one.file("moved")).unwrap();
    fs::rename(two.state(), one.state()).unwrap();
    eventually("the first to find the folder in use", || {
        let told = first.control("/readyz").json()["kept_problem"].clone();
        told.as_str()?
            .contains("another `wharf up` uses")
            .then_some(())
    });
    assert_eq!(control(&one), other);
    drop(second);
}

#[test]
fn a_simulation_keeps_to_a_file_of_its_own_where_there_is_a_folder() {
    let workspace = petshop();
    let simulation = || up(&[workspace.argument(), "--simulate"]).ready();
    let without = simulation();
    assert!(!workspace.state().exists(), "a folder was made");
    let request = Request::get("/api/v1/callers");
    let answer = request.send(without.control).unwrap();
    assert_eq!(answer.status, 404, "{answer:?}");
    drop(without);

    workspace.caller("shop");
    let simulated = simulation();
    assert!(!control_file(&workspace).exists());
    workspace.caller("by-simulation");
    let gateway = workspace.serve();
    workspace.caller("by-process");
    let path = workspace.state().join("control-simulation.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(&simulated.control.to_string()), "{text}");
    assert!(control(&workspace)["address"] == gateway.control.to_string());
    // What a killed simulation leaves is nobody.
    simulated.crash();
    drop(gateway);
    workspace.caller("by-files");
    let from: Vec<Value> = audit(&workspace, &[])["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["from"].clone())
        .collect();
    let api = "control API, 127.0.0.1";
    assert_eq!(from, ["command line", api, api, "command line"]);
}

#[test]
fn an_open_control_plane_is_asked_on_loopback() {
    let workspace = petshop();
    let gateway = wharf(&["up", "--format", "json", "--listen", "127.0.0.1:0"])
        .arguments(&["--control", "0.0.0.0:0", workspace.argument()])
        .ready();
    let address = control(&workspace)["address"].clone();
    assert_eq!(address, format!("127.0.0.1:{}", gateway.control.port()));
    workspace.caller("shop");
    let from = audit(&workspace, &[])["records"][0]["from"].clone();
    assert_eq!(from, "control API, 127.0.0.1");
}

#[test]
fn a_change_of_a_document_that_was_accepted_is_on_record() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let gateway = workspace.serve();
    workspace.remove("petshop.md");
    eventually("the end to be held", || gateway.held().pop());
    let accepted = wharf(&[
        "reload",
        "--dir",
        workspace.argument(),
        "petshop",
        "--accept",
    ])
    .finish();
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    assert!(!accepted.stderr.contains("warning"), "{accepted:?}");
    let row = audit(&workspace, &[])["records"][0].clone();
    let words = ["action", "subject", "outcome", "from"].map(|word| row[word].clone());
    assert_eq!(words, ["reload.accept", "petshop", "done", "command line"]);
}
