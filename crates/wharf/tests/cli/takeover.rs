//! A new process in the place of one that serves: what both say, and what their callers see.

mod field;
mod hostile;
mod peer;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::support::document::Document;
use crate::support::eventually;
use crate::support::http::{Connection, Request};
use crate::support::program::{CommandLine, Gateway, Output, PROGRAM, up, wharf};
use crate::support::vendor::{Gate, Vendor};
use crate::support::workspace::Workspace;

/// A `wharf up --takeover` for this workspace.
fn successor(workspace: &Workspace) -> CommandLine {
    up(&["--takeover", workspace.argument()]).variable("PET_KEY", "key")
}

/// A workspace before a vendor, whose unused connections do not hold an end up for long.
fn workspace(vendor: &Vendor) -> Workspace {
    let (_, workspace) = Workspace::petshop(vendor);
    workspace.write("wharf.toml", "[gateway]\ndrain_timeout_seconds = 5\n");
    workspace
}

fn pets(token: &str) -> Request {
    Request::get("/petshop/pets").bearer(token)
}

/// Asserts that it ended as one that handed over.
#[track_caller]
fn assert_handed_over(gateway: Gateway, to: &Gateway) {
    let output = gateway.process.finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    let words = format!("handed over to process {}", to.process.id());
    assert!(output.stderr.contains(&words), "{words}: {output:?}");
    assert!(!output.stderr.contains("drain timeout"), "{output:?}");
}

/// Asserts that a take-over was refused with these words, and that the other one serves.
#[track_caller]
fn assert_refused(output: &Output, code: i32, words: &[&str], serves: &Gateway, token: &str) {
    assert_eq!(output.code, Some(code), "{output:?}");
    assert_eq!(output.stdout, "", "{output:?}");
    for words in words {
        assert!(output.stderr.contains(words), "{words}: {output:?}");
    }
    assert_eq!(serves.get("/petshop/pets", token).status, 200);
}

// puma/puma#2337, nodejs/node#60617: connections that rested were closed under a request.
// envoyproxy/envoy#38146: the second plane was not handed over. envoyproxy/envoy#1537: one restart
// soon after the other failed.
#[test]
fn calls_go_on_over_several_takeovers() {
    let gate = Gate::default();
    let vendor = {
        let gate = gate.clone();
        Vendor::answering(move |received| {
            if received.target.ends_with("slow") {
                gate.wait();
            }
            crate::support::vendor::json(200, "{\"ok\":true}")
        })
    };
    let workspace = workspace(&vendor);
    let (token, first) = workspace.serve_caller();
    let (data, control) = (first.data, first.control);

    // A call under way, a connection that rests, and one that never said anything.
    let mut slow = Connection::open(data).unwrap();
    slow.write(&Request::get("/petshop/slow").bearer(&token))
        .unwrap();
    vendor.until_count(1);
    let mut resting = Connection::open(data).unwrap();
    let answer = resting.send(&pets(&token)).unwrap();
    assert_eq!((answer.status, answer.header("connection")), (200, None));
    let mut silent = Connection::open(data).unwrap();
    eventually("the connections to be taken", || {
        (first.metrics().value("wharf_connections", &[]) > 2.5).then_some(())
    });
    let mut readiness = Connection::open(control).unwrap();
    assert_eq!(
        readiness.send(&Request::get("/readyz")).unwrap().status,
        200
    );

    let second = successor(&workspace).ready();
    assert_eq!((second.data, second.control), (data, control));
    let took = format!("took over from process {}", first.process.id());
    second.process.until_logged(&took);
    first.process.until_logged("handed over");
    assert_eq!(second.get("/petshop/pets", &token).status, 200);
    let answer = readiness.send(&Request::get("/readyz")).unwrap();
    assert_eq!(answer.json()["ready"], true, "{answer:?}");
    for connection in [&mut resting, &mut silent] {
        let answer = connection.send(&pets(&token)).unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(connection.send(&pets(&token)).is_err(), "it was the last");
    }
    gate.open();
    assert_eq!(slow.read().unwrap().status, 200);
    drop(slow);
    assert_handed_over(first, &second);

    // The folder is the new one's, for whoever looks.
    let refused = wharf(&["up", workspace.argument()])
        .on_free_ports()
        .finish();
    let owner = format!("(process {})", second.process.id());
    assert_refused(&refused, 1, &[&owner], &second, &token);
    let shown = wharf(&["reload", "--dir", workspace.argument()]).finish();
    assert_eq!(shown.code, Some(0), "{shown:?}");
    // It follows documents and callers.
    let other = workspace.caller("other");
    eventually("a new caller", || {
        (second.get("/petshop/pets", &other).status == 200).then_some(())
    });

    let third = successor(&workspace).ready();
    assert_handed_over(second, &third);
    assert_eq!(third.get("/petshop/pets", &token).status, 200);
    assert_eq!(third.stop().code, Some(0));
    assert!(Connection::open(data).is_err(), "the port refuses");
    assert!(!workspace.state().join("takeover.sock").exists());
}

// envoyproxy/envoy#24904: what a killed one left behind kept the next from its start.
#[test]
fn where_nobody_serves_it_starts_as_usual() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let token = workspace.caller("shop");
    let gateway = successor(&workspace).ready();
    gateway.process.until_logged("nothing is taken over");
    // What a killed process leaves behind is nobody.
    gateway.crash();
    assert!(workspace.state().join("takeover.sock").exists());
    let gateway = successor(&workspace).ready();
    gateway.process.until_logged("nothing is taken over");
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
}

// Xpra-org/xpra#2537: after one that failed there was no socket. benoitc/gunicorn#255,
// istio/old_pilot_repo#77: two at once were in each other's way.
#[test]
fn one_that_cannot_start_leaves_the_other_serving() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let end = |line: CommandLine| line.finish();

    let data = gateway.data.to_string();
    let elsewhere = wharf(&[
        "up",
        "--takeover",
        workspace.argument(),
        "--listen",
        "127.0.0.2:0",
    ]);
    assert_refused(
        &end(elsewhere),
        2,
        &[
            "--listen says 127.0.0.2:0",
            "listens on",
            &data,
            "leave --listen away",
        ],
        &gateway,
        &token,
    );
    let serves_on = |times: usize| {
        eventually("the end of one that asked to be heard", || {
            let log = gateway.process.stderr();
            (log.matches("this one serves on").count() == times).then_some(())
        });
    };
    serves_on(1);
    let alone = wharf(&["up", "--takeover", workspace.argument()]);
    let state = ["--state", "/proc/none"];
    assert_eq!(end(alone.arguments(&state)).code, Some(2));

    let broken = Document::before("zoo", vendor.address()).text();
    workspace.write("zoo.md", &broken.replace("ENV_VARIABLES", "ENVIRONMENT"));
    let strict = successor(&workspace).arguments(&["--strict"]);
    assert_refused(&end(strict), 1, &["zoo.md"], &gateway, &token);
    workspace.remove("zoo.md");

    // While one is at it, no other may.
    let socket = workspace.state().join("takeover.sock");
    let mut busy = UnixStream::connect(&socket).unwrap();
    busy.write_all(b"wharf-takeover 1\n").unwrap();
    let mut line = String::new();
    let mut lines = BufReader::new(busy.try_clone().unwrap());
    lines.read_line(&mut line).unwrap();
    assert!(line.starts_with("listeners 1 "), "{line}");
    assert_refused(
        &end(successor(&workspace)),
        1,
        &["does not hand over", "taking over already"],
        &gateway,
        &token,
    );
    // It dies before it is ready, and at the very last moment.
    drop((busy, lines));
    serves_on(2);
    let mut dying = UnixStream::connect(&socket).unwrap();
    dying.write_all(b"wharf-takeover 1\nready\n").unwrap();
    let lines = BufReader::new(dying.try_clone().unwrap()).lines();
    let answers: Vec<_> = lines.take(2).map(Result::unwrap).collect();
    assert_eq!(answers[1], "yours");
    drop(dying);
    serves_on(3);
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);

    // It has nowhere to say that it is ready, which is told before it serves.
    let mut command = Command::new("sh");
    let script = "exec \"$0\" up --takeover \"$1\" >/dev/full";
    command.args(["-c", script, PROGRAM, workspace.argument()]);
    let mute = CommandLine::new(command).variable("PET_KEY", "key");
    let words = ["that it is ready could not be written"];
    assert_refused(&end(mute), 2, &words, &gateway, &token);
    eventually("the socket to be back", || socket.exists().then_some(()));

    // After all of that it still hands over.
    let next = successor(&workspace).ready();
    assert_handed_over(gateway, &next);
}

// envoyproxy/envoy#33216: the new one fell with the old one.
#[test]
fn where_the_other_dies_while_it_is_asked_the_new_one_serves() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, gateway) = workspace.serve_caller();
    // Stopped, it cannot answer; what asks waits.
    gateway.process.signal("STOP");
    let line = successor(&workspace);
    let asking = thread::spawn(move || line.ready());
    // Where it has not asked by then, it finds nobody, which ends in the same way.
    thread::sleep(Duration::from_millis(500));
    gateway.crash();
    let next = asking.join().unwrap();
    assert_eq!(next.get("/petshop/pets", &token).status, 200);
}

// docker-archive/dockercloud-haproxy#172, lalinsky/dusty#166: unused connections kept the old one.
#[test]
fn unused_connections_end_with_the_drain() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    workspace.write("wharf.toml", "[gateway]\ndrain_timeout_seconds = 1\n");
    let (token, first) = workspace.serve_caller();
    let mut resting = Connection::open(first.data).unwrap();
    assert_eq!(resting.send(&pets(&token)).unwrap().status, 200);
    let second = successor(&workspace).ready();
    // Nothing was under way, so nothing was cut.
    assert_handed_over(first, &second);
    assert!(resting.send(&pets(&token)).is_err());
}

/// It keeps nothing, so there is no folder to ask in.
#[test]
fn a_simulation_without_a_state_folder_is_said_to_be_none_that_hands_over() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let first = up(&["--simulate", workspace.argument()]).ready();
    let [data, control] = [first.data, first.control].map(|address| address.to_string());
    let asked = ["up", "--simulate", "--takeover", workspace.argument()];
    let refused = wharf(&asked)
        .arguments(&["--listen", &data, "--control", &control])
        .finish();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("`--state DIR`"), "{refused:?}");
}

#[test]
fn a_simulation_is_taken_over_with_its_token() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let start = || up(&["--simulate", "--takeover", workspace.argument()]).ready();
    let first = start();
    let token = first.token();
    let second = start();
    assert_eq!(second.token(), token);
    assert_eq!(second.data, first.data);
    assert_handed_over(first, &second);
    assert_eq!(second.get("/petshop/pets", &token).status, 200);
    // The real thing works beside it.
    let real = up(&[workspace.argument()]).ready();
    assert_ne!(real.data, second.data);
    assert_eq!(second.stop().code, Some(0));
}

// benoitc/gunicorn#2856, ozontech/pg_doorman#203: the manager took the end of the old one for that
// of the service.
#[test]
fn sockets_of_a_service_manager_are_used_and_it_is_told() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let token = workspace.caller("shop");
    let path = workspace.file("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let told = || {
        let mut said = [0; 64];
        let length = manager.recv(&mut said).unwrap();
        String::from_utf8(said[..length].to_vec()).unwrap()
    };
    let bound = || {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        (socket.local_addr().unwrap(), socket)
    };
    let (address, socket) = bound();
    let start = |name: &str, socket: TcpListener, arguments: &[&str]| {
        wharf(&["up", "--format", "json", workspace.argument()])
            .arguments(arguments)
            .variable("PET_KEY", "key")
            .variable("NOTIFY_SOCKET", &path)
            .socket(name, socket)
    };
    // It waits in the socket before the program is there.
    let mut early = Connection::open(address).unwrap();
    early.write(&pets(&token)).unwrap();
    let first = start(
        "wharf.socket",
        socket.try_clone().unwrap(),
        &["--control", "127.0.0.1:0"],
    );
    let first = first.ready();
    assert_eq!(told(), "READY=1");
    assert_eq!(first.data, address);
    assert_eq!(early.read().unwrap().status, 200);

    let second = successor(&workspace).variable("NOTIFY_SOCKET", &path);
    let second = second.ready();
    let mut words = [told(), told()];
    words.sort();
    let number = second.process.id();
    assert_eq!(words, [format!("MAINPID={number}"), "READY=1".to_owned()]);
    drop(early);
    assert_handed_over(first, &second);
    assert_eq!(second.stop().code, Some(0));
    assert_eq!(told(), "STOPPING=1");
    // The manager still has it.
    assert!(Connection::open(address).is_ok());

    let (control, other) = bound();
    let third = start("control", other, &["--listen", "127.0.0.1:0"]).ready();
    assert_eq!(third.control, control);
    assert_eq!(told(), "READY=1");
    third.crash();

    // An option that says something else, and what is no listener.
    let same = format!("127.0.0.1:{}", address.port());
    let listen = |address: &str| {
        let socket = socket.try_clone().unwrap();
        start(
            "data",
            socket,
            &["--listen", address, "--control", "127.0.0.1:0"],
        )
    };
    let ready = listen(&same).ready();
    assert_eq!(ready.data, address);
    ready.crash();
    let refused = listen("127.0.0.2:1").finish();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let words = format!("--listen says 127.0.0.2:1, and the service manager listens on {same}");
    assert!(refused.stderr.contains(&words), "{refused:?}");
    let stream = TcpStream::connect(address).unwrap();
    let line = wharf(&["up", workspace.argument()]).socket("data", stream);
    let refused = line.finish();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("a TCP socket that listens"),
        "{refused:?}"
    );
}

/// What is given to nobody would else be waited at by a manager that thinks it gave it.
#[test]
fn a_number_of_sockets_that_is_none_is_refused_at_once() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    for (number, words) in [
        ("abc", "LISTEN_FDS is `abc`"),
        ("-1", "LISTEN_FDS is `-1`"),
        ("", "LISTEN_FDS is ``"),
        ("99999999", "99999999 sockets"),
    ] {
        let mut command = Command::new("sh");
        let script = "LISTEN_PID=$$ exec \"$0\" \"$@\"";
        let arguments = [script, PROGRAM, "up", workspace.argument()];
        command.arg("-c").args(arguments);
        let line = CommandLine::new(command).variable("LISTEN_FDS", number);
        let refused = line.on_free_ports().finish();
        assert_eq!(refused.code, Some(2), "{number}: {refused:?}");
        assert!(refused.stderr.contains(words), "{number}: {refused:?}");
    }
}

// envoyproxy/envoy#2908: whoever liked could ask at the socket.
#[test]
fn settings_that_name_another_address_are_warned_of() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, first) = workspace.serve_caller();
    workspace.write("wharf.toml", "[listen]\ndata = \"127.0.0.1:1\"\n");
    let line = wharf(&["up", "--takeover", "--format", "json", workspace.argument()]);
    let second = line.variable("PET_KEY", "key").ready();
    second.process.until_logged("wharf.toml says 127.0.0.1:1");
    let address: SocketAddr = second.data;
    assert_eq!(address, first.data);
    assert_eq!(second.get("/petshop/pets", &token).status, 200);
    let mode = fs::symlink_metadata(workspace.state().join("takeover.sock")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&mode.permissions());
    assert_eq!(mode & 0o777, 0o600);
}
