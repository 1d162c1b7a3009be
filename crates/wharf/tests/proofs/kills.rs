//! `kill -9` of the gateway and of a command that adds a caller, at any moment of either.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use super::run::Run;
use super::support::document::Document;
use super::support::eventually;
use super::support::http::Request;
use super::support::program::{Gateway, up, wharf};
use super::support::vendor::Vendor;
use super::support::workspace::Workspace;

/// Within this time after its start a gateway or a command is killed.
const LATEST_GATEWAY: Duration = Duration::from_millis(600);
const LATEST_COMMAND: Duration = Duration::from_millis(80);

/// The document that is broken all the time; what it was before runs on.
const TORN: &str = "torn";

/// Each round kills both once and then looks whether everything that was acknowledged is there.
pub(crate) fn run(run: &mut Run) {
    let vendor = Vendor::fine();
    let workspace = Workspace::of([&at(&vendor, 0)]);
    let torn = tear(&vendor, &workspace);
    // Acknowledged: the command had written the token before it died.
    let mut callers = BTreeMap::from([("first".to_owned(), workspace.caller("first"))]);
    let mut died_before = 0;
    run.each(|run, round| {
        let name = format!("caller-{round}");
        let token = kill_both(run, &vendor, &workspace, &name, round);
        match token {
            Some(token) => drop(callers.insert(name, token)),
            None => died_before += 1,
        }
        assert_all_there(&vendor, &workspace, &callers, &torn, round);
    });
    let acknowledged = callers.len();
    run.note(format!(
        "{acknowledged} callers acknowledged and kept, {died_before} commands died before they said so"
    ));
}

/// Adds a document that ran once and has an error since; gives a token for it.
fn tear(vendor: &Vendor, workspace: &Workspace) -> String {
    let good = Document::new(TORN, &format!("http://{}/{TORN}", vendor.address()));
    workspace.put(&good);
    let token = workspace.caller(TORN);
    let gateway = serve(workspace).ready();
    assert_let_in(&gateway, TORN, TORN, &token);
    assert_eq!(gateway.stop().code, Some(0));
    let broken = good.text().replace("/pets", "pets");
    workspace.write(&good.file_name(), &broken);
    token
}

/// The document's version is in its endpoint, so that the vendor sees which one runs.
fn at(vendor: &Vendor, version: u64) -> Document {
    Document::new(
        "petshop",
        &format!("http://{}/v{version}", vendor.address()),
    )
}

fn serve(workspace: &Workspace) -> super::support::program::CommandLine {
    up(&[workspace.argument()]).variable("PET_KEY", "key")
}

/// Kills a gateway while documents and callers change, and the command that adds one. Gives the
/// token that the command told, if it came so far.
fn kill_both(
    run: &mut Run,
    vendor: &Vendor,
    workspace: &Workspace,
    name: &str,
    round: u64,
) -> Option<String> {
    let gateway = serve(workspace).start();
    let until_gateway_dies = random_time(run, LATEST_GATEWAY);
    let until_command_dies = random_time(run, LATEST_COMMAND);
    let killing = thread::spawn(move || {
        thread::sleep(until_gateway_dies);
        gateway.signal("KILL");
        gateway.finish()
    });
    workspace.put(&at(vendor, round + 1));
    let command = wharf(&["callers", "--dir", workspace.argument(), "add", name]).start();
    if run.random.bool() {
        thread::sleep(until_command_dies);
    } else {
        // The very moment after it said so: nothing may be on its way to the disk still.
        eventually("the token", || {
            command.stdout().ends_with('\n').then_some(())
        });
    }
    command.signal("KILL");
    let told = command.finish();
    let died = killing.join().unwrap();
    assert_eq!(died.code, None, "the gateway ended by itself: {died:?}");
    told.stdout.strip_suffix('\n').map(str::to_owned)
}

fn random_time(run: &mut Run, longest: Duration) -> Duration {
    longest.mul_f64(run.random.f64())
}

/// The state opens, every acknowledged caller is let in, and the document on disk is what runs;
/// where that is broken, its last good version.
fn assert_all_there(
    vendor: &Vendor,
    workspace: &Workspace,
    callers: &BTreeMap<String, String>,
    torn: &str,
    round: u64,
) {
    let listed = wharf(&["callers", "--dir", workspace.argument(), "list"]).finish();
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let gateway = serve(workspace).ready();
    let broken = gateway.broken();
    let [(file, _)] = broken.as_slice() else {
        panic!("one document is broken: {broken:?}");
    };
    assert!(file.contains(TORN), "{broken:?}");
    assert_let_in(&gateway, TORN, TORN, torn);
    assert_eq!(vendor.last().target, format!("/{TORN}/pets"));
    for (name, token) in callers {
        let is_listed = listed
            .stdout
            .lines()
            .any(|line| line.split_whitespace().next() == Some(name));
        assert!(
            is_listed,
            "{name} was acknowledged and is not listed: {listed:?}"
        );
        assert_let_in(&gateway, "petshop", name, token);
    }
    let (asked, wanted) = (vendor.last().target, format!("/v{}/pets", round + 1));
    assert_eq!(asked, wanted, "another document runs than the one on disk");
    let stopped = gateway.stop();
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
}

fn assert_let_in(gateway: &Gateway, integration: &str, name: &str, token: &str) {
    let answer = gateway.call(&Request::get(&format!("/{integration}/pets")).bearer(token));
    assert_eq!(answer.status, 200, "{name} is not let in: {answer:?}");
}
