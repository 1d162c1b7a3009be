//! What nobody should say at the socket, and ends of either side at each step: the one that serves
//! goes on, and has back what it gave for that.

use std::fs::{self, File};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::thread;
use std::time::Instant;

use super::peer::{A_LOOK, GREETING, Peer, Served, descriptors, until_given_back, until_serves_on};
use super::{assert_handed_over, pets, successor, workspace};
use crate::support::eventually;
use crate::support::http::Connection;
use crate::support::vendor::{Gate, Vendor};

#[test]
fn what_nobody_says_is_refused_and_costs_nothing() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, gateway) = workspace.serve_caller();
    // The connection to the vendor stays.
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    let before = descriptors(&gateway.process);
    let long = [b'x'; 5_000];
    let binary: Vec<u8> = (0..=255).chain([b'\n']).collect();
    let cases: [(&[u8], &str); 6] = [
        (b"\n", "not understood"),
        (b"\0\xff\n", "not understood"),
        (&binary, "not understood"),
        (b"GET / HTTP/1.1\r\n\r\n", "not understood"),
        (b"wharf-takeover\n", "no version"),
        (b"wharf-takeover 2 3\n", "no version"),
    ];
    for (said, words) in cases {
        let mut peer = Peer::asking(&workspace);
        peer.say(said);
        let answer = peer.hear();
        assert!(answer.starts_with("no "), "{said:?}: {answer}");
        assert!(answer.contains(words), "{said:?}: {answer}");
    }
    let mut endless = Peer::asking(&workspace);
    endless.say(long);
    endless.hear();
    assert!(endless.is_hung_up());
    until_serves_on(&gateway, cases.len() + 1);

    // One that is silent in the middle of a line, and one that says nothing.
    let mut half = Peer::asking(&workspace);
    half.say(&GREETING[..7]);
    let silent = Peer::asking(&workspace);
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    // They are in nobody's way.
    drop(Peer::given(&workspace));
    drop((half, silent));
    until_given_back(&gateway.process, before);

    // More than are waited for.
    let crowd: Vec<_> = (0..200).map(|_| Peer::asking(&workspace)).collect();
    let mut last = Peer::asking(&workspace);
    assert_eq!(last.hear(), "no too many ask at once");
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    drop((crowd, last));
    until_given_back(&gateway.process, before);
    let next = successor(&workspace).ready();
    assert_handed_over(gateway, &next);
}

// cloudflare/pingora#960: the connection, and descriptors that came over it, stayed open.
#[test]
fn descriptors_that_nobody_wants_are_given_back() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, gateway) = workspace.serve_caller();
    // The connection to the vendor stays.
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    let before = descriptors(&gateway.process);
    let file = File::open("/dev/null").unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let door = UnixListener::bind(workspace.file("door")).unwrap();
    let given = [file.as_fd(), datagrams.as_fd(), door.as_fd()];

    // A few beside a line that is as it should be are closed.
    let mut peer = Peer::asking(&workspace);
    assert!(peer.say_beside(&GREETING.as_bytes()[..1], &given));
    peer.say(&GREETING[1..]);
    assert!(peer.hear().starts_with("listeners 1 "));
    assert!(descriptors(&gateway.process) < before + 4);
    drop(peer);

    // Many at once, and some beside each byte of a line without an end.
    let many: Vec<BorrowedFd<'_>> = given.into_iter().cycle().take(64).collect();
    let mut peer = Peer::asking(&workspace);
    peer.say_beside(b"w", &many);
    peer.hear();
    assert!(peer.is_hung_up());
    let mut peer = Peer::asking(&workspace);
    let mut most = 0;
    while peer.say_beside(b"w", &many[..8]) {
        most = most.max(descriptors(&gateway.process));
    }
    assert!(most < before + 32, "{most} open, {before} before");
    peer.hear();
    assert!(peer.is_hung_up());
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    until_given_back(&gateway.process, before);
}

// Unitech/pm2#3078: the old one was gone before the new one answered.
#[test]
fn the_old_one_answers_at_each_step_and_after_each_end() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, gateway) = workspace.serve_caller();
    // The connection to the vendor stays.
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    let before = descriptors(&gateway.process);
    let answers = || assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    let steps: [&[(&str, &str)]; 4] = [
        &[],
        &[("ready\n", "yours")],
        &[("steady\n", "no what the new process says is not understood")],
        &[("ready\n", "yours"), ("serve\n", "")],
    ];
    for (times, lines) in steps.into_iter().enumerate() {
        let mut peer = Peer::given(&workspace);
        answers();
        for (said, heard) in lines {
            peer.say(said);
            assert_eq!(peer.hear(), *heard);
            answers();
        }
        drop(peer);
        until_serves_on(&gateway, times + 1);
        answers();
    }
    until_given_back(&gateway.process, before);
    let next = successor(&workspace).ready();
    assert_handed_over(gateway, &next);
}

#[test]
fn one_that_is_asked_to_end_before_it_serves_takes_nothing() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    workspace.caller("shop");
    let manager = UnixDatagram::bind(workspace.file("notify")).unwrap();
    manager.set_nonblocking(true).unwrap();
    let served = Served::of(&workspace);
    let next = successor(&workspace)
        .variable("NOTIFY_SOCKET", workspace.file("notify"))
        .start();
    let mut peer = served.greeted();
    served.give(&peer);
    assert_eq!(peer.hear(), "ready");
    // It waits for the word, and hears of the signal behind it.
    next.signal("TERM");
    peer.say("yours\n");
    assert!(peer.is_hung_up(), "it says that it serves");
    let output = next.finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(output.stdout, "", "{output:?}");
    // The service goes on, so its manager must not hear of an end.
    assert!(manager.recv(&mut [0; 64]).is_err());
}

#[test]
fn one_that_stops_still_hands_over() {
    let gate = Gate::default();
    let vendor = Vendor::held(&gate);
    let workspace = workspace(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let mut slow = Connection::open(gateway.data).unwrap();
    slow.write(&pets(&token)).unwrap();
    vendor.until_count(1);
    let mut peer = Peer::given(&workspace);
    gateway.process.signal("TERM");
    gateway.process.until_logged("stopping");
    peer.say("ready\n");
    assert_eq!(peer.hear(), "yours");
    peer.say("serving\n");
    gate.open();
    assert_eq!(slow.read().unwrap().status, 200);
    assert_eq!(gateway.process.finish().code, Some(0));
}

#[test]
fn one_that_hangs_where_it_is_to_serve_holds_nobody_up() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let mut peer = Peer::given(&workspace);
    peer.say("ready\n");
    assert_eq!(peer.hear(), "yours");
    // It has put its own socket in the place, and takes nothing from it.
    fs::remove_file(workspace.state().join("takeover.sock")).unwrap();
    let hanging = Served::of(&workspace);
    hanging.until_looked_at();
    let waiting = hanging.fill(&workspace);
    let began = Instant::now();
    eventually("two more looks", || {
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        (began.elapsed() > A_LOOK * 2).then_some(())
    });
    drop((peer, hanging, waiting));
    until_serves_on(&gateway, 1);
    let next = eventually("the socket to be back", || {
        Peer::given(&workspace);
        Some(successor(&workspace))
    });
    let next = next.ready();
    assert_handed_over(gateway, &next);
}

// envoyproxy/envoy#10953: the second process waited for the first one without an end.
#[test]
fn one_that_takes_no_more_connections_is_not_waited_for() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    workspace.caller("shop");
    let hanging = Served::of(&workspace);
    let _waiting = hanging.fill(&workspace);
    let refused = successor(&workspace).finish();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("does not answer"), "{refused:?}");
}

#[test]
fn listeners_that_are_none_are_not_served() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    workspace.caller("shop");
    let served = Served::of(&workspace);
    let file = File::open("/dev/null").unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let local = UnixListener::bind(workspace.file("door")).unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let cases: [&[BorrowedFd<'_>]; 6] = [
        &[],
        &[tcp.as_fd()],
        &[tcp.as_fd(), file.as_fd()],
        &[datagrams.as_fd(), tcp.as_fd()],
        &[tcp.as_fd(), local.as_fd()],
        &[tcp.as_fd(), tcp.as_fd(), tcp.as_fd()],
    ];
    for beside in cases {
        let line = successor(&workspace);
        let asking = thread::spawn(move || line.finish());
        let mut peer = served.greeted();
        peer.say_beside(b"listeners 1 data control\n", beside);
        let refused = asking.join().unwrap();
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("does not know"), "{refused:?}");
        assert!(peer.is_hung_up());
    }
}

#[test]
fn a_state_folder_that_goes_and_comes_is_found_again() {
    let vendor = Vendor::fine();
    let workspace = workspace(&vendor);
    let (token, first) = workspace.serve_caller();
    let (state, away) = (workspace.state(), workspace.file("away"));
    fs::rename(&state, &away).unwrap();
    assert_eq!(first.get("/petshop/pets", &token).status, 200);
    fs::rename(&away, &state).unwrap();
    let second = successor(&workspace).ready();
    assert_handed_over(first, &second);
    // Another folder in its place gets a socket.
    fs::rename(&state, &away).unwrap();
    // In place in one step: in a folder that is being filled the process makes its socket already.
    let copy = workspace.file("copy");
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .args([&away, &copy])
        .status();
    assert!(copied.unwrap().success());
    let _ = fs::remove_file(copy.join("takeover.sock"));
    fs::rename(&copy, &state).unwrap();
    let socket = state.join("takeover.sock");
    eventually("the socket", || socket.exists().then_some(()));
    let third = successor(&workspace).ready();
    assert_handed_over(second, &third);
    assert_eq!(third.get("/petshop/pets", &token).status, 200);
}
