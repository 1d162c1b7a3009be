//! Bad input: one clear message with place and remedy, the documented exit code, nothing begun.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::document::{Document, variables};
use crate::support::program::{CommandLine, Output, PROGRAM, wharf};
use crate::support::workspace::Workspace;

/// Could not run.
const TWO: Option<i32> = Some(2);

fn shop() -> Document {
    Document::new("petshop", "https://vendor.invalid/v1")
}

fn up(folder: &Path) -> CommandLine {
    wharf(&[Path::new("up"), folder]).on_free_ports()
}

/// Asserts one message on standard error that has these words, and nothing else.
#[track_caller]
fn assert_refused(output: &Output, code: Option<i32>, words: &[&str]) {
    assert_eq!(output.code, code, "{output:?}");
    assert_eq!(output.stdout, "", "{output:?}");
    let messages = output
        .stderr
        .lines()
        .filter(|line| line.starts_with("error"))
        .count();
    assert_eq!(messages, 1, "{output:?}");
    for word in words {
        assert!(output.stderr.contains(word), "no `{word}` in {output:?}");
    }
    assert!(!output.stderr.contains("panicked"), "{output:?}");
}

/// Asserts that a gateway on this workspace does not start and leaves nothing behind.
#[track_caller]
fn assert_not_started(workspace: &Workspace, code: Option<i32>, words: &[&str]) {
    let output = up(workspace.path()).variable("PET_KEY", "key").finish();
    assert_refused(&output, code, words);
    assert!(!workspace.state().exists(), "a state folder was made");
}

#[test]
fn a_folder_that_is_not_there() {
    let workspace = Workspace::empty();
    let missing = workspace.file("missing");
    let shown = missing.to_str().unwrap();
    assert_refused(
        &up(&missing).finish(),
        TWO,
        &[shown, "does not exist", "give the folder"],
    );
    assert!(!missing.exists());
    let call = wharf(&["call", "--dir", shown, "petshop", "list-pets"]).finish();
    assert_refused(&call, TWO, &[shown, "does not exist"]);
    let callers = wharf(&["callers", "--dir", shown, "add", "shop"]).finish();
    assert_refused(&callers, TWO, &[shown, "--dir"]);
    assert!(!missing.exists());
}

#[test]
fn a_file_where_the_folder_should_be() {
    let workspace = Workspace::of([&shop()]);
    let file = workspace.file("petshop.md");
    let shown = file.to_str().unwrap();
    assert_refused(
        &up(&file).finish(),
        TWO,
        &[shown, "is a file", "give the folder"],
    );
    let call = wharf(&["call", "--dir", shown, "petshop", "list-pets"]).finish();
    assert_refused(&call, TWO, &[shown, "is a file"]);
}

#[test]
fn a_folder_without_a_document() {
    let workspace = Workspace::empty();
    workspace.write("README.md", "# Nothing to run\n");
    let words = [
        workspace.argument(),
        "no integration document",
        "`type: tool`",
        "`subtype: integration`",
    ];
    assert_not_started(&workspace, TWO, &words);
}

#[test]
fn no_workspace_at_hand() {
    let workspace = Workspace::empty();
    let here = |arguments: &[&str]| wharf(arguments).within(workspace.path());
    let up = here(&["up"]).on_free_ports().finish();
    assert_refused(
        &up,
        TWO,
        &[
            "no workspace here",
            "give its folder",
            "wharf up --simulate",
        ],
    );
    let call = here(&["call", "petshop", "list-pets"]).finish();
    assert_refused(&call, TWO, &["no workspace here", "--dir"]);
    let callers = here(&["callers", "add", "shop"]).finish();
    assert_refused(&callers, TWO, &["no workspace here", "--dir"]);
    assert!(
        fs::read_dir(workspace.path()).unwrap().next().is_none(),
        "something was made"
    );
}

/// The program where any user can run it, and a way to run it as one whom permissions bind.
struct Bound {
    _folder: tempfile::TempDir,
    program: PathBuf,
    is_root: bool,
}

impl Bound {
    /// `None` where the test runs as root and cannot become somebody else.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
        if is_root && Command::new("setpriv").arg("--version").output().is_err() {
            println!("skipped: root may read everything, and there is no setpriv to become nobody");
            return None;
        }
        let program = folder.path().join("wharf");
        if fs::hard_link(PROGRAM, &program).is_err() {
            fs::copy(PROGRAM, &program).unwrap();
        }
        Some(Self {
            _folder: folder,
            program,
            is_root,
        })
    }

    fn up(&self, workspace: &Workspace) -> Output {
        let mut command = Command::new("setpriv");
        if self.is_root {
            command
                .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
                .arg(&self.program);
        } else {
            command = Command::new(&self.program);
        }
        command.arg("up").arg("--strict").arg(workspace.path());
        CommandLine::new(command)
            .on_free_ports()
            .variable("PATH", std::env::var("PATH").unwrap())
            .finish()
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn folders_and_documents_that_may_not_be_read() {
    let Some(bound) = Bound::new() else { return };
    let workspace = Workspace::of([&shop(), &Document::new("zoo", "https://vendor.invalid")]);
    workspace.write(
        "deep/stable.md",
        &Document::new("stable", "https://vendor.invalid").text(),
    );
    let path = workspace.path();

    for mode in [0o000, 0o311] {
        set_mode(path, mode);
        let output = bound.up(&workspace);
        set_mode(path, 0o755);
        assert_refused(
            &output,
            TWO,
            &[
                workspace.argument(),
                "cannot be read",
                "check who may read it",
            ],
        );
    }
    for (name, file_mode) in [("petshop.md", 0o644), ("deep", 0o755)] {
        set_mode(&workspace.file(name), 0o000);
        let output = bound.up(&workspace);
        set_mode(&workspace.file(name), file_mode);
        let place = format!("error: {name}: cannot be read");
        assert_refused(
            &output,
            Some(1),
            &[&place, "check who may read it", "Not started"],
        );
    }
    // The state folder cannot be made here.
    let output = bound.up(&workspace);
    let words = [
        "state folder",
        ".wharf",
        "cannot be made",
        "or choose another state folder",
    ];
    assert_refused(&output, TWO, &words);
    assert!(!workspace.state().exists());
}

#[test]
fn two_documents_with_one_id() {
    let workspace = Workspace::of([&shop()]);
    workspace.write("copies/petshop.md", &shop().text());
    let words = [
        "two documents have the id `petshop`",
        "copies/petshop.md",
        "petshop.md:1:1",
        "rename one",
        "WH131",
    ];
    assert_not_started(&workspace, Some(1), &words);
}

/// A gateway on the shop's document with a change does not start, and says these words.
#[track_caller]
fn assert_document_refused(from: &str, to: &str, words: &[&str]) {
    let text = shop().text();
    assert!(text.contains(from), "{from}");
    let workspace = Workspace::empty();
    workspace.write("petshop.md", &text.replacen(from, to, 1));
    assert_not_started(&workspace, Some(1), words);
}

/// Where words stand in the shop's document: `petshop.md:LINE:COLUMN`.
fn place_of(words: &str) -> String {
    let text = shop().text();
    let at = text.find(words).unwrap_or_else(|| panic!("no {words}"));
    let line = text[..at].matches('\n').count() + 1;
    let column = at - text[..at].rfind('\n').map_or(0, |newline| newline + 1) + 1;
    format!("petshop.md:{line}:{column}")
}

#[test]
fn documents_that_cannot_run() {
    assert_document_refused(
        "tags: [test]",
        "tags: [test",
        &[
            "petshop.md:6:",
            "YAML of the frontmatter",
            "WH101",
            "help: ",
        ],
    );
    let yaml = "location: ENV_VARIABLES";
    assert_document_refused(
        yaml,
        "location: [ENV",
        &["petshop.md:", "YAML of Credential Storage", "WH101"],
    );
    let column = [
        "has no column `Endpoint`",
        "add a column",
        "WH120",
        &place_of("Operation | Method"),
    ];
    assert_document_refused(
        "Operation | Method | Endpoint",
        "Operation | Method | Address",
        &column,
    );
    let location = [
        "location of the credential for `production` is not known",
        "did you mean `ENV_VARIABLES`?",
        &place_of("ENV_VARIABLES"),
        "WH210",
    ];
    assert_document_refused("ENV_VARIABLES", "ENV_VARIABLE", &location);
    assert_document_refused(
        "\nproduction:",
        "\nstaging:",
        &[
            "environment `Production` has no credential",
            &place_of("Production |"),
            "add an entry `production:`",
            "WH212",
        ],
    );
}

#[test]
fn every_environment_needs_a_credential() {
    let second = shop().environment(
        "Staging",
        "https://staging.vendor.invalid",
        &variables(&["STAGING_KEY"]),
    );
    let text = second.text();
    let entry = text.find("staging:").unwrap();
    let end = entry + text[entry..].find("```").unwrap();
    let workspace = Workspace::empty();
    workspace.write("petshop.md", &format!("{}{}", &text[..entry], &text[end..]));
    let words = [
        "environment `Staging` has no credential",
        "add an entry `staging:`",
        "no environment uses another's",
    ];
    assert_not_started(&workspace, Some(1), &words);
}

#[test]
fn a_port_in_use() {
    let workspace = Workspace::of([&shop()]);
    let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    for (option, other, plane) in [
        ("--listen", "--control", "data plane"),
        ("--control", "--listen", "control plane"),
    ] {
        let arguments = [
            "up",
            workspace.argument(),
            option,
            &taken,
            other,
            "127.0.0.1:0",
        ];
        let output = wharf(&arguments).finish();
        assert_refused(
            &output,
            TWO,
            &[plane, &taken, "in use", option, "choose another port"],
        );
        assert!(!workspace.state().exists(), "a state folder was made");
    }
    // One address for both planes.
    drop(holder);
    let same = ["up", workspace.argument(), "--listen", &taken];
    let same = wharf(&same).arguments(&["--control", &taken]).finish();
    assert_refused(&same, TWO, &[&taken, "cannot both", "choose another port"]);
    assert!(!workspace.state().exists(), "a state folder was made");
}

#[test]
fn settings_that_are_wrong() {
    let cases = [
        ("[listen]\ndata = \"nowhere\"\n", "line 2", "nowhere"),
        ("[listen]\n\n[gatway]\nworkers = 1\n", "line 3", "gatway"),
        ("[gateway]\nworkers = 0\n", "line 2", "workers = 0"),
        ("[gateway]\nworkrs = 1\n", "line 2", "workrs"),
        ("[gateway\n", "line 1", "[gateway"),
        ("[listen]\nwebhooks = \"nowhere\"\n", "line 2", "nowhere"),
        ("[handlers]\na = \"nowhere\"\n", "wharf.toml:2:", "`a`"),
        ("[handlers.a]\nulr = \"x\"\n", "wharf.toml:2:", "`url`"),
    ];
    for (text, line, shown) in cases {
        let workspace = Workspace::of([&shop()]);
        workspace.write("wharf.toml", text);
        // Without the options of `up`, which would hide an address.
        let output = wharf(&["up", workspace.argument()]).finish();
        assert_refused(&output, TWO, &["wharf.toml", line, shown]);
        let output = wharf(&["callers", "--dir", workspace.argument(), "add", "shop"]).finish();
        assert_refused(&output, TWO, &["wharf.toml", line, shown]);
        assert!(!workspace.state().exists(), "a state folder was made");
    }
}

#[test]
fn an_address_for_webhooks_that_a_plane_has() {
    let workspace = Workspace::of([&shop()]);
    let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    workspace.write("wharf.toml", &format!("[listen]\nwebhooks = \"{taken}\"\n"));
    drop(holder);
    for (option, other, plane) in [
        ("--listen", "--control", "data plane"),
        ("--control", "--listen", "control plane"),
    ] {
        let same = [
            "up",
            workspace.argument(),
            option,
            &taken,
            other,
            "127.0.0.1:0",
        ];
        let words = ["[listen] webhooks", plane, &taken, "choose another port"];
        assert_refused(&wharf(&same).finish(), TWO, &words);
        assert!(!workspace.state().exists(), "a state folder was made");
    }
}

#[test]
fn options_that_are_wrong() {
    let workspace = Workspace::of([&shop()]);
    let up: [(&[&str], &[&str]); 8] = [
        (&["--listen", "nowhere"], &["--listen", "nowhere"]),
        (&["--listen", "127.0.0.1"], &["--listen", "127.0.0.1"]),
        (&["--control", "127.0.0.1:70000"], &["--control", "70000"]),
        (&["--workers", "0"], &["--workers", "0"]),
        (&["--workers", "many"], &["--workers", "many"]),
        (&["--format", "xml"], &["--format", "text, json"]),
        (
            &["--log-format", "xml"],
            &["--log-format", "auto, text, json"],
        ),
        (&["--simulat"], &["--simulat", "'--simulate'"]),
    ];
    for (arguments, words) in up {
        let output = wharf(&["up", workspace.argument()])
            .arguments(arguments)
            .finish();
        assert_refused(&output, TWO, words);
    }
    let foreign = [
        "up",
        workspace.argument(),
        "--listen",
        "192.0.2.1:0",
        "--control",
        "127.0.0.1:0",
    ];
    assert_refused(
        &wharf(&foreign).finish(),
        TWO,
        &["data plane", "192.0.2.1:0", "no such address"],
    );
    assert_refused(&wharf(&["upp"]).finish(), TWO, &["upp", "'up'"]);
    for name in ["Shop", "", "a b", "../shop", &"a".repeat(65)] {
        let output = wharf(&["callers", "--dir", workspace.argument(), "add", name]).finish();
        assert_refused(
            &output,
            TWO,
            &["a caller's name has 1 to 64 lower-case letters"],
        );
    }
    let timeout = [
        "call",
        "--dir",
        workspace.argument(),
        "petshop",
        "list-pets",
        "-H",
        "no colon",
    ];
    assert_refused(
        &wharf(&timeout).finish(),
        TWO,
        &["`no colon` is not `Name: value`"],
    );
    assert!(!workspace.state().exists(), "a state folder was made");
}

#[test]
fn state_that_cannot_be_used() {
    let workspace = Workspace::of([&shop()]);
    workspace.write(".wharf", "a file");
    let words = [
        "state folder",
        workspace.state().to_str().unwrap(),
        "is not a folder",
        "choose another state folder",
    ]
    .map(str::to_owned);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let callers = |workspace: &Workspace| {
        wharf(&["callers", "--dir", workspace.argument(), "add", "shop"]).finish()
    };
    assert_refused(&up(workspace.path()).finish(), TWO, &words);
    assert_refused(&callers(&workspace), TWO, &words);
    assert_eq!(fs::read_to_string(workspace.state()).unwrap(), "a file");

    let workspace = Workspace::of([&shop()]);
    let database = workspace.state().join("wharf.sqlite3");
    let damaged = "not a database ".repeat(1_000);
    workspace.write(".wharf/wharf.sqlite3", &damaged);
    let words = [
        database.to_str().unwrap(),
        "damaged or not a SQLite database. It holds callers, notices, audit records, procedures, \
         sealed secrets and allowances",
        "goes on with calls and events",
        "Restore a backup, or move",
        "docs/store.md",
    ];
    assert_refused(&up(workspace.path()).finish(), TWO, &words);
    // Each command says the same.
    for command in [
        &["callers", "list"][..],
        &["callers", "remove", "shop"],
        &["audit", "list"],
        &["notices", "list"],
        &["notices", "ack", "1"],
        &["store", "status"],
        &["store", "key", "status"],
        &["store", "key", "rotate"],
        &["store", "backup", "copy"],
    ] {
        let said = wharf(command)
            .arguments(&["--dir", workspace.argument()])
            .finish();
        assert_refused(&said, TWO, &words);
    }
    assert_refused(&callers(&workspace), TWO, &words);
    assert_eq!(
        fs::read_to_string(&database).unwrap(),
        damaged,
        "what was there is kept"
    );
}

#[test]
fn log_levels_that_are_wrong() {
    let workspace = Workspace::of([&shop()]);
    let refused = [
        &b"loud"[..],
        b"info,wharf_net=loud",
        b"wharf_net",
        b"info,,=,",
        b"a=b=c",
        b"\xff\xfe",
    ];
    for value in refused {
        let value = std::ffi::OsStr::from_bytes(value);
        let output = up(workspace.path()).variable("WHARF_LOG", value).finish();
        assert_refused(
            &output,
            TWO,
            &[
                "WHARF_LOG",
                "error, warn, info, debug, trace",
                "wharf_net=debug",
            ],
        );
    }
    assert!(!workspace.state().exists(), "a state folder was made");
    for value in [
        "",
        "debug",
        "WARN",
        "warn,wharf_net=debug",
        "off",
        " info , wharf_net=trace ",
    ] {
        let arguments = [
            "call",
            "--simulate",
            "--dir",
            workspace.argument(),
            "petshop",
            "list-pets",
        ];
        let output = wharf(&arguments).variable("WHARF_LOG", value).finish();
        assert_eq!(output.code, Some(0), "{value}: {output:?}");
    }
    // An empty variable is as good as none: warnings are shown.
    let output = wharf(&[
        "call",
        "--dir",
        workspace.argument(),
        "petshop",
        "list-pets",
    ])
    .variable("WHARF_LOG", "")
    .finish();
    assert!(
        output.stderr.contains("credential_unavailable") && output.stderr.contains("WARN"),
        "{output:?}"
    );
}

#[test]
fn the_check_has_the_documented_exit_codes() {
    let workspace = Workspace::of([&shop()]);
    let check = |path: &Path| wharf(&[Path::new("check"), path]).finish();
    let missing = check(&workspace.file("missing"));
    assert_refused(&missing, TWO, &["missing", "does not exist"]);
    workspace.write(
        "petshop.md",
        &shop().text().replacen("ENV_VARIABLES", "ENV_VARIABLE", 1),
    );
    let findings = check(workspace.path());
    assert_eq!(findings.code, Some(1), "{findings:?}");
    assert!(findings.stdout.contains("WH210"), "{findings:?}");
}
