//! What went wrong with the state folders and local control planes of other programs, each built anew
//! in small.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::document::Document;
use crate::support::http::Connection;
use crate::support::program::{CommandLine, Gateway, Output, PROGRAM, wharf};
use crate::support::workspace::Workspace;

fn petshop() -> Workspace {
    Workspace::of([&Document::new("petshop", "https://vendor.invalid")])
}

fn names(workspace: &Workspace) -> Vec<String> {
    let listed = wharf(&["callers", "--dir", workspace.argument(), "list"])
        .arguments(&["--format", "json"])
        .finish();
    let rows: Value = serde_json::from_str(&listed.stdout).unwrap_or_else(|_| panic!("{listed:?}"));
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

fn control_token(workspace: &Workspace) -> String {
    let text = fs::read_to_string(workspace.state().join("control.json")).unwrap();
    let control: Value = serde_json::from_str(&text).unwrap();
    control["token"].as_str().unwrap().to_owned()
}

/// Everything below a folder, the folder included.
fn all_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(all_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// One that serves, of a shell that takes no rights away from new files.
fn without_umask(workspace: &Workspace) -> Gateway {
    let mut command = Command::new("sh");
    let script = "umask 0 && exec \"$0\" \"$@\"";
    command.args(["-c", script, PROGRAM, "up", "--format", "json"]);
    CommandLine::new(command)
        .on_free_ports()
        .arguments(&[workspace.argument()])
        .variable("PET_KEY", "key")
        .ready()
}

// router-for-me/CLIProxyAPI#4672, pawelad/pymonzo#20, lneely/pcloudcc-lneely#203,
// janeczku/calibre-web#3621: files with tokens had the rights that the umask left them, and a change
// of those came after they were there.
#[test]
fn what_is_kept_is_for_its_owner_alone_whatever_the_umask() {
    let workspace = petshop();
    let gateway = without_umask(&workspace);
    workspace.caller("shop");
    let all = all_below(&workspace.state());
    assert!(all.len() > 5, "{all:?}");
    for path in all {
        let mode = fs::metadata(&path).unwrap().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
    assert_eq!(gateway.stop().code, Some(0));
}

// drotiro/boxfs2#10, achillean/shodan-python#10: a file that was there kept the rights that it had,
// with another secret in it.
#[test]
fn a_control_file_that_all_may_read_is_replaced_by_one_that_they_may_not() {
    let workspace = petshop();
    let gateway = workspace.serve();
    assert_eq!(gateway.stop().code, Some(0));
    workspace.write(".wharf/control.json", "{}");
    let path = workspace.state().join("control.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let before = fs::metadata(&path).unwrap().ino();
    let reader = fs::File::open(&path).unwrap();
    let gateway = workspace.serve();
    let after = fs::metadata(&path).unwrap();
    assert_eq!(after.mode() & 0o777, 0o600);
    // Who had the old one open reads nothing of the new one.
    assert_ne!(after.ino(), before);
    assert_eq!(reader.metadata().unwrap().len(), 2);
    assert_eq!(gateway.stop().code, Some(0));
}

// A secret in a process list or a log is read by all who may see those.
#[test]
fn the_control_token_is_in_no_argument_no_variable_and_no_log() {
    let workspace = petshop();
    let gateway = workspace.serve();
    let token = control_token(&workspace);
    workspace.caller("shop");
    for file in ["cmdline", "environ", "comm"] {
        let path = format!("/proc/{}/{file}", gateway.process.id());
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        assert!(!text.contains(&token), "{file}");
    }
    let ended = gateway.stop();
    assert!(!ended.stderr.contains(&token) && !ended.stdout.contains(&token));
    for path in all_below(&workspace.state()) {
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let is_there = bytes
                .windows(token.len())
                .any(|part| part == token.as_bytes());
            assert!(!is_there, "{}", path.display());
        }
    }
}

// realproject7/quadwork#980, quick-lint/quick-lint-js#951, skycoin/skycoin#885,
// moadim-io/daemon#266: a name that was pointed at the machine got past checks of the host, by its
// beginning, its port, a second header, or the address in the request line.
#[test]
fn no_way_to_name_a_host_makes_a_foreign_one_ours() {
    let workspace = petshop();
    let gateway = workspace.serve();
    let token = control_token(&workspace);
    let body = json!({ "name": "attacker", "token_sha256": "0".repeat(64) }).to_string();
    let own = gateway.control;
    let foreign = "attacker.example";
    let post = |target: &str, hosts: &[String]| {
        let mut head = format!("POST {target} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n");
        for host in hosts {
            head.push_str(&format!("Host: {host}\r\n"));
        }
        head.push_str("Content-Type: application/json\r\n");
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let path = "/api/v1/callers";
    let one = |host: &str| vec![host.to_owned()];
    let cases = [
        post(path, &one(&format!("{own}.{foreign}"))),
        post(path, &one(&format!("localhost.{foreign}"))),
        post(path, &one(&format!("{foreign}:{}", own.port()))),
        post(path, &one(&format!("127.0.0.1@{foreign}"))),
        post(path, &one(&format!("{foreign}#.localhost"))),
        post(path, &one("localhost:80x")),
        post(path, &[own.to_string(), foreign.to_owned()]),
        post(path, &[foreign.to_owned(), own.to_string()]),
        post(path, &[]),
        post(&format!("http://{foreign}{path}"), &one(&own.to_string())),
        post(&format!("http://{own}{path}"), &one(foreign)),
    ];
    for request in &cases {
        let mut connection = Connection::open(own).unwrap();
        connection.write_bytes(request.as_bytes()).unwrap();
        let answer = connection.read().unwrap();
        assert!(
            [400, 403, 421].contains(&answer.status),
            "{request}: {answer:?}"
        );
    }
    assert_eq!(names(&workspace), [""; 0]);
    let mut connection = Connection::open(own).unwrap();
    let request = post(path, &one(&own.to_string()));
    connection.write_bytes(request.as_bytes()).unwrap();
    assert_eq!(connection.read().unwrap().status, 201);
    assert_eq!(gateway.stop().code, Some(0));
}

fn refused(workspace: &Workspace, state: &Path) -> Output {
    wharf(&["up", workspace.argument()])
        .on_free_ports()
        .arguments(&["--state", state.to_str().unwrap()])
        .finish()
}

// MaterializeInc/materialize#6383: one folder by two names, as through a link, was taken by two
// processes.
#[test]
fn a_state_folder_behind_a_link_is_the_same_folder() {
    let workspace = petshop();
    let real = workspace.file(".elsewhere");
    fs::create_dir(&real).unwrap();
    symlink(&real, workspace.state()).unwrap();
    let gateway = workspace.serve();
    workspace.caller("before");
    let second = refused(&workspace, &real);
    assert_eq!(second.code, Some(1), "{second:?}");
    let words = "another `wharf up` uses the state folder";
    assert!(second.stderr.contains(words), "{second:?}");
    gateway.crash();
    let gateway = workspace.serve();
    assert_eq!(names(&workspace), ["before"]);
    assert!(real.join("control.json").exists());
    assert!(workspace.state().is_symlink());
    assert_eq!(gateway.stop().code, Some(0));
}
