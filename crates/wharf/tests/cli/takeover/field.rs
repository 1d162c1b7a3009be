//! What went wrong in the restarts of other programs, each built anew in small.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::process::Command;

use super::peer::{descriptors, until_given_back};
use super::{assert_handed_over, pets, successor, workspace};
use crate::support::http::{Connection, Request};
use crate::support::program::{CommandLine, Gateway, PROGRAM, up, wharf};
use crate::support::vendor::{Gate, Vendor};
use crate::support::workspace::Workspace;

/// Takes over from one that serves, and waits until it ends.
fn exchanged(workspace: &Workspace, gateway: Gateway) -> Gateway {
    let next = successor(workspace).ready();
    assert_handed_over(gateway, &next);
    next
}

// traefik/traefik#9299: requests under way were cut. actix/actix-web#4169: requests behind the
// last one were begun and lost. nodejs/node#60617: a connection that rested was closed while a
// request was on its way.
#[test]
fn what_is_half_sent_is_answered_and_what_is_behind_it_is_not_begun() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, first) = workspace.serve_caller();
    let open = || Connection::open(first.data).unwrap();
    let head = format!("Host: localhost\r\nAuthorization: Bearer {token}\r\n");
    let get = format!("GET /petshop/pets HTTP/1.1\r\n{head}\r\n");
    let post = format!("POST /petshop/pets HTTP/1.1\r\n{head}Content-Length: 6\r\n\r\nabc");

    let mut upload = open();
    upload.write_bytes(post.as_bytes()).unwrap();
    let mut half = open();
    half.write_bytes(&get.as_bytes()[..40]).unwrap();
    let mut resting = open();
    assert_eq!(resting.send(&pets(&token)).unwrap().status, 200);
    let second = successor(&workspace).ready();
    first.process.until_logged("handed over");

    upload.write_bytes(b"def").unwrap();
    half.write_bytes(&get.as_bytes()[40..]).unwrap();
    let before = vendor.requests().len();
    resting.write_bytes(get.repeat(3).as_bytes()).unwrap();
    for (connection, is_last) in [
        (&mut upload, false),
        (&mut half, true),
        (&mut resting, true),
    ] {
        let answer = connection.read().unwrap();
        assert_eq!(answer.status, 200);
        if is_last {
            assert_eq!(answer.header("connection"), Some("close"));
        }
    }
    assert!(resting.read().is_err(), "it was the last");
    drop((upload, half, resting));
    assert_handed_over(first, &second);
    let bodies: Vec<_> = vendor.requests().into_iter().map(|got| got.body).collect();
    assert!(bodies.contains(&b"abcdef".to_vec()), "{bodies:?}");
    assert!(
        vendor.requests().len() <= before + 3,
        "what is behind is not begun"
    );
}

// haproxy/haproxy#228, h2o/h2o#1421, Kludex/uvicorn#2943, openshift/origin#9640: a long answer kept
// the old one for ever.
#[test]
fn an_answer_without_an_end_ends_with_the_drain() {
    let gate = Gate::default();
    let vendor = Vendor::held(&gate);
    let workspace = workspace(&vendor);
    workspace.write("wharf.toml", "[gateway]\ndrain_timeout_seconds = 1\n");
    let (token, first) = workspace.serve_caller();
    let mut slow = Connection::open(first.data).unwrap();
    slow.write(&pets(&token)).unwrap();
    vendor.until_count(1);
    let second = successor(&workspace).ready();
    let output = first.process.finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.contains("drain timeout passed"), "{output:?}");
    assert!(slow.read().is_err());
    gate.open();
    assert_eq!(second.get("/petshop/pets", &token).status, 200);
}

// sozu-proxy/sozu#330: connections that waited were lost with the old one's queue.
#[test]
fn connections_that_wait_for_room_are_answered() {
    let gate = Gate::default();
    let vendor = Vendor::held(&gate);
    let workspace = workspace(&vendor);
    let settings = "[gateway]\nmax_connections = 1\ndrain_timeout_seconds = 30\n";
    workspace.write("wharf.toml", settings);
    let (token, first) = workspace.serve_caller();
    let calling = || {
        let mut connection = Connection::open(first.data).unwrap();
        connection.write(&pets(&token)).unwrap();
        connection
    };
    let mut waiting = vec![calling()];
    vendor.until_count(1);
    // One of them is taken by the old one already; the others are in the queue.
    waiting.extend([calling(), calling(), calling()]);
    let second = successor(&workspace).ready();
    first.process.until_logged("handed over");
    gate.open();
    for connection in &mut waiting {
        assert_eq!(connection.read().unwrap().status, 200);
    }
    drop(waiting);
    assert_handed_over(first, &second);
}

// cloudflare/pingora#960: what came over was left open to programs that are started later.
// benoitc/gunicorn#476: the old one took the new one's socket away when it ended.
#[test]
fn each_exchange_leaves_what_was_there() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let socket = workspace.state().join("takeover.sock");
    let count = |gateway: &Gateway| {
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        descriptors(&gateway.process)
    };
    let mut gateway = exchanged(&workspace, gateway);
    let before = count(&gateway);
    for _ in 0..3 {
        let next = successor(&workspace).ready();
        let place = fs::metadata(&socket).unwrap().ino();
        assert_handed_over(gateway, &next);
        assert_eq!(fs::metadata(&socket).unwrap().ino(), place);
        gateway = next;
    }
    count(&gateway);
    until_given_back(&gateway.process, before);
    let process = format!("/proc/{}", gateway.process.id());
    for entry in fs::read_dir(format!("{process}/fd")).unwrap() {
        let name = entry.unwrap().file_name();
        let name = name.to_str().unwrap();
        // One that was closed meanwhile is none. Those of standard streams are to be passed on.
        let link = fs::read_link(format!("{process}/fd/{name}")).unwrap_or_default();
        if ["0", "1", "2"].contains(&name) || !link.to_string_lossy().starts_with("socket:") {
            continue;
        }
        let Ok(text) = fs::read_to_string(format!("{process}/fdinfo/{name}")) else {
            continue;
        };
        let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
        let flags = u32::from_str_radix(flags.unwrap().trim(), 8).unwrap();
        let close_on_exec = rustix::fs::OFlags::CLOEXEC.bits();
        assert!(
            flags & close_on_exec != 0,
            "{name} passes to others: {text}"
        );
    }
    let names = fs::read_dir(workspace.state()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    let left = |name: &&std::ffi::OsString| name.to_string_lossy().starts_with(".takeover");
    assert_eq!(names.iter().find(left), None);
}

// nginx/nginx#851, bblfsh/bblfshd#288: what a crash left behind kept the next one from its start.
// nginx/unit#669: what was no socket was taken for one.
#[test]
fn what_has_the_sockets_name_is_in_nobodys_way() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let token = workspace.caller("shop");
    let socket = workspace.state().join("takeover.sock");
    let makers: [(&str, bool); 4] = [
        ("touch \"$0\"", true),
        ("ln -s nowhere \"$0\"", true),
        ("ln -s takeover.sock \"$0\"", false),
        ("mkdir \"$0\"", false),
    ];
    for (script, is_replaced) in makers {
        let made = Command::new("sh")
            .args(["-c", script])
            .arg(&socket)
            .status();
        assert!(made.unwrap().success());
        let first = workspace.serve();
        assert_eq!(first.get("/petshop/pets", &token).status, 200);
        if is_replaced {
            exchanged(&workspace, first).stop();
        } else {
            first.stop();
        }
        let _ = fs::remove_file(&socket).or_else(|_| fs::remove_dir(&socket));
    }
}

// lucab/libsystemd-rs#155, systemd/systemd#36899: variables of another process were obeyed, or were
// an error.
#[test]
fn variables_that_speak_of_another_process_are_nothing() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let token = workspace.caller("shop");
    for number in [None, Some(""), Some("1"), Some("none")] {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 </dev/null", PROGRAM]);
        command.args(["up", "--format", "json", workspace.argument()]);
        let mut line = CommandLine::new(command).on_free_ports();
        line = line.standard_input(socket).variable("PET_KEY", "key");
        line = line
            .variable("LISTEN_FDS", "1")
            .variable("LISTEN_FDNAMES", "data");
        if let Some(number) = number {
            line = line.variable("LISTEN_PID", number);
        }
        let gateway = line.ready();
        assert_ne!(gateway.data, address);
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    }
}

// Kludex/uvicorn#295: the family and type of what was given was not looked at.
// erebe/systemd#11: names that were not given were an error.
#[test]
fn a_socket_of_another_kind_is_refused_and_one_without_a_name_is_used() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let token = workspace.caller("shop");
    let line = || wharf(&["up", "--format", "json", workspace.argument()]);
    let local = UnixListener::bind(workspace.file("local")).unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    for refused in [
        line().socket("data", local),
        line().socket("data", datagrams),
    ] {
        let refused = refused.finish();
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(
            refused.stderr.contains("a TCP socket that listens"),
            "{refused:?}"
        );
    }
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let gateway = line()
        .arguments(&["--control", "127.0.0.1:0"])
        .socket("", socket)
        .variable("PET_KEY", "key")
        .ready();
    assert_eq!(gateway.data, address);
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
}

// Mic92/tincr#26, NLnetLabs/unbound#741: a socket for both families was taken for one of either.
#[test]
fn a_socket_for_both_families_stays_one() {
    let Ok(socket) = TcpListener::bind("[::]:0") else {
        return;
    };
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let token = workspace.caller("shop");
    let address = socket.local_addr().unwrap();
    let by_four = SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()));
    if TcpStream::connect(by_four).is_err() {
        return;
    }
    let first = wharf(&["up", "--format", "json", workspace.argument()])
        .arguments(&["--control", "127.0.0.1:0"])
        .socket("wharf.socket", socket)
        .variable("PET_KEY", "key")
        .ready();
    assert_eq!(first.data, address);
    let of_four = format!("0.0.0.0:{}", address.port());
    let refused = wharf(&[
        "up",
        "--takeover",
        workspace.argument(),
        "--listen",
        &of_four,
    ]);
    let refused = refused.finish();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let words =
        format!("--listen says {of_four}, and the process that serves listens on {address}");
    assert!(refused.stderr.contains(&words), "{refused:?}");
    let same = wharf(&["up", "--takeover", "--format", "json", workspace.argument()])
        .arguments(&["--listen", &address.to_string()])
        .variable("PET_KEY", "key");
    let second = same.ready();
    assert_handed_over(first, &second);
    let by_six = SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, address.port()));
    for address in [by_four, by_six] {
        let answer = Request::get("/petshop/pets").bearer(&token).send(address);
        assert_eq!(answer.unwrap().status, 200);
    }
}

// caddyserver/caddy#6631, puma/puma#2504: with sockets of a service manager, the new one listened
// to nothing or to something else.
#[test]
fn sockets_that_are_left_unused_are_told() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, first) = workspace.serve_caller();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let line = wharf(&["up", "--takeover", "--format", "json", workspace.argument()]);
    let line = line
        .socket("wharf.socket", socket)
        .variable("PET_KEY", "key");
    let second = line.ready();
    second
        .process
        .until_logged(&format!("the service manager listens on {address}"));
    assert_eq!(second.data, first.data);
    assert_handed_over(first, &second);
    assert_eq!(second.get("/petshop/pets", &token).status, 200);
    // Nobody holds it any more.
    assert!(TcpStream::connect(address).is_err());
}

// containerd/containerd#13400, containers/crun#414: the variable led to nothing, as in a container.
#[test]
fn a_manager_that_cannot_be_told_is_no_obstacle() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let token = workspace.caller("shop");
    let long = format!("/{}", "x".repeat(200));
    let mut before: Option<Gateway> = None;
    for socket in ["/nowhere/notify", &long, "vsock:2:1234", "@", "notify"] {
        let line = if before.is_some() {
            successor(&workspace)
        } else {
            up(&[workspace.argument()]).variable("PET_KEY", "key")
        };
        let gateway = line.variable("NOTIFY_SOCKET", socket).ready();
        gateway
            .process
            .until_logged("the service manager cannot be told");
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        if let Some(before) = before.replace(gateway) {
            assert_eq!(before.process.finish().code, Some(0));
        }
    }
}

// canonical/pebble#7, solita/docker-systemd#21: a process of another container has the number 0.
#[test]
fn a_process_of_another_container_has_no_number() {
    let apart = [
        "unshare",
        "-U",
        "-r",
        "-p",
        "-f",
        "--kill-child",
        "--mount-proc",
    ];
    let can = Command::new(apart[0])
        .args(&apart[1..])
        .arg("true")
        .output();
    if !can.is_ok_and(|output| output.status.success()) {
        return;
    }
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let token = workspace.caller("shop");
    let path = workspace.file("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let mut command = Command::new(apart[0]);
    command.args(&apart[1..]);
    command.args([PROGRAM, "up", "--format", "json", workspace.argument()]);
    let first = CommandLine::new(command)
        .on_free_ports()
        .variable("PET_KEY", "key");
    let first = first.variable("NOTIFY_SOCKET", &path).ready();
    let second = successor(&workspace).ready();
    first.process.until_logged("handed over to a process");
    assert_eq!(second.get("/petshop/pets", &token).status, 200);
    assert_eq!(first.process.finish().code, Some(0));
    manager.set_nonblocking(true).unwrap();
    let mut said = [0; 64];
    assert_eq!(manager.recv(&mut said).unwrap(), "READY=1".len());
    assert!(
        manager.recv(&mut said).is_err(),
        "a number that is none is not told"
    );
}
