//! The catalog, cut and reloaded: what is left of a document never sends a call astray.
//!
//! Every active environment of every document with an HTTP endpoint gets a vendor of its own, an
//! address of its own within 127.0.0.0/8 and a credential of its own. All vendors share one port,
//! so that an address that lost its end still leads to a vendor, which then sees what it should not.
//!
//! Most of a round is waiting until the files have been still. So several programs share the
//! rounds, each with a workspace, a state and vendors of its own.

mod vendors;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use self::vendors::{Due, MARK, Vendors};
use super::run::Run;
use super::support::document::Document;
use super::support::http::{Connection, Request, Response};
use super::support::program::{Gateway, up};
use super::support::workspace::Workspace;

/// Programs side by side.
const STAGES: u8 = 5;

/// All callers together make a call about so often. The rest of the processors is for the reloads
/// under proof.
const PACE: Duration = Duration::from_millis(2);

/// Where a round leads is proved here, not how soon: five programs on a busy machine take their
/// time.
const LIVE_WITHIN: Duration = Duration::from_secs(180);

/// Pause between two looks whether a round is live.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Callers of each program.
const CALLERS: u8 = 2;

/// Failed calls that are shown of a round; a cut that goes wrong makes hundreds.
const SHOWN: usize = 3;

/// One document is cut at so many bytes more in each round.
const STEP_BYTES: usize = 64;

/// Rounds that cut the longest document at every place; shorter ones begin anew.
pub(crate) const ALL_ROUNDS: u64 = 900;

/// Tells by its endpoint which round is live.
const MARKER: &str = "marker";

/// Ids and texts of the catalog.
pub(crate) fn catalog() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut documents = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        let Ok(files) = std::fs::read_dir(folder.unwrap().path()) else {
            continue;
        };
        for file in files {
            let path = file.unwrap().path();
            // The folder of examples.
            if path.is_dir() {
                continue;
            }
            let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
            documents.push((id, std::fs::read_to_string(path).unwrap()));
        }
    }
    documents.sort();
    assert!(documents.len() > 10, "{}", documents.len());
    documents
}

pub(crate) fn run(run: &mut Run) {
    let (documents, due) = redirected(catalog());
    let longest = documents.iter().map(|(_, text)| text.len()).max().unwrap();
    let all_rounds = u64::try_from(longest.div_ceil(STEP_BYTES)).unwrap();
    assert!(all_rounds <= ALL_ROUNDS, "{all_rounds} rounds are needed");
    let rounds = all_rounds.min(run.count);
    run.count = rounds;
    let mut stages: Vec<Stage> = (0..STAGES)
        .take(usize::try_from(rounds).unwrap())
        .map(|number| Stage::new(number, &documents, due.clone()))
        .collect();
    run.each_at(&mut stages, |stage, round| {
        // A small run spreads its rounds over the whole length.
        let place = usize::try_from(round * all_rounds / rounds).unwrap();
        stage.round(&documents, round, place * STEP_BYTES);
    });
    let called = stages[0].targets.len();
    let taken: usize = stages.iter().map(|stage| stage.taken).sum();
    let left: usize = stages.iter().map(|stage| stage.left).sum();
    let mut answers: BTreeMap<String, u64> = BTreeMap::new();
    for stage in stages {
        for (what, count) in stage.finish() {
            *answers.entry(what).or_default() += count;
        }
    }
    let answers: Vec<String> = answers
        .iter()
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    run.note(format!(
        "{} documents, {called} environments called; {taken} cuts ran, {left} were broken or held; answers: {}",
        documents.len(),
        answers.join(", ")
    ));
}

/// The documents with every active HTTP endpoint replaced, and what is due at each vendor.
fn redirected(catalog: Vec<(String, String)>) -> (Vec<(String, String)>, Vec<Due>) {
    let mut due = Vec::new();
    let documents = catalog
        .into_iter()
        .map(|(id, text)| {
            let text = redirect(&id, &text, &mut due);
            (id, text)
        })
        .collect();
    (documents, due)
}

fn redirect(id: &str, text: &str, due: &mut Vec<Due>) -> String {
    let start = text.find("### Environments").unwrap();
    let end = start + text[start..].find("\n## ").unwrap();
    let credentials = credentials(text);
    let mut rows = String::new();
    for line in text[start..end].split_inclusive('\n') {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let is_http = |cell: &str| cell.starts_with("https://") || cell.starts_with("http://");
        if cells.len() < 5 || !is_http(cells[2]) || cells[3] != "Active" {
            rows.push_str(line);
            continue;
        }
        let environment = cells[1].to_lowercase();
        let path = cells[2].splitn(4, '/').nth(3).unwrap_or_default();
        let canaries = credentials.get(&environment).cloned().unwrap_or_default();
        let vendor = due.len();
        rows.push_str(&line.replacen(cells[2], &format!("<vendor {vendor}>/{path}"), 1));
        due.push(Due {
            integration: id.to_owned(),
            environment,
            variables: canaries,
        });
    }
    format!("{}{rows}{}", &text[..start], &text[end..])
}

/// The variables of each environment, from the YAML of Credential Storage.
fn credentials(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let Some((_, storage)) = text.split_once("### Credential Storage") else {
        return found;
    };
    let storage = storage.split("\n## ").next().unwrap();
    let mut environment = String::new();
    for line in storage.lines() {
        if let Some(variable) = line.strip_prefix("    - ") {
            let variables = found.entry(environment.clone()).or_default();
            variables.push(variable.trim().to_owned());
        } else if let Some(name) = line.strip_suffix(':')
            && !line.starts_with([' ', '`'])
        {
            name.clone_into(&mut environment);
        }
    }
    found
}

/// The gateway, its vendors and the callers around it.
struct Stage {
    // Dropped from top to bottom: a folder can go once nobody writes to it.
    calls: Callers,
    gateway: Gateway,
    workspace: Workspace,
    token: String,
    vendors: Vendors,
    /// `ID@ENVIRONMENT` that answer, and the vendor of each.
    targets: Vec<String>,
    /// Cut documents that ran as they were, and those whose last good text ran on.
    taken: usize,
    left: usize,
}

impl Stage {
    fn new(number: u8, documents: &[(String, String)], due: Vec<Due>) -> Self {
        let workspace = Workspace::empty();
        let variables: BTreeSet<String> =
            due.iter().flat_map(|due| due.variables.clone()).collect();
        let vendors = Vendors::start(number, due);
        for (id, text) in documents {
            workspace.write(&format!("{id}.md"), &vendors.fill(text));
        }
        workspace.put(&vendors.marker(0));
        let token = workspace.caller("shop");
        let command = variables
            .iter()
            .fold(up(&[workspace.argument()]), |up, name| {
                up.variable(name, vendors::canary(name))
            });
        let gateway = command.variable("PET_KEY", "key").ready();
        // Those that the program cannot sign in at yet say so now; they are cut all the same.
        let targets: Vec<String> = vendors
            .targets()
            .filter(|target| gateway.call(&call(target, &token)).status == 200)
            .collect();
        assert!(targets.len() >= 15, "only {targets:?} can be called");
        let calls = Callers::start(&gateway, &token, &targets);
        Self {
            calls,
            gateway,
            workspace,
            token,
            vendors,
            targets,
            taken: 0,
            left: 0,
        }
    }

    /// Cuts every document, waits until that is live while callers go on, and looks at what the
    /// vendors saw.
    fn round(&mut self, documents: &[(String, String)], round: u64, at: usize) {
        for (id, text) in documents {
            let text = self.vendors.fill(text);
            let end = at % text.len();
            self.workspace
                .write_bytes(&format!("{id}.md"), &text.as_bytes()[..end]);
        }
        let version = round + 1;
        self.workspace.put(&self.vendors.marker(version));
        let wanted = format!("/v{version}/pets");
        let deadline = Instant::now() + LIVE_WITHIN;
        while self.vendors.marker_target() != wanted {
            assert!(Instant::now() < deadline, "cut at {at}: not live in time");
            let asked = Request::get(&format!("/{MARKER}/pets")).bearer(&self.token);
            assert_eq!(self.gateway.call(&asked).status, 200);
            thread::sleep(LOOK_AGAIN);
        }
        for target in &self.targets {
            let answer = self.gateway.call(&call(target, &self.token));
            self.calls.judge(target, &answer);
        }
        let left = self.gateway.broken().len() + self.gateway.held().len();
        self.left += left;
        self.taken += documents.len().saturating_sub(left);
        for (what, calls) in [
            ("went astray", self.vendors.take_astray()),
            ("failed", self.calls.take_bad()),
        ] {
            let (count, shown) = (calls.len(), &calls[..calls.len().min(SHOWN)]);
            assert!(
                calls.is_empty(),
                "cut at {at}: {count} calls {what}: {shown:#?}"
            );
        }
    }

    /// Ends everything; gives the calls by who answered. The gateway must have said nothing of a
    /// panic and end as it is asked to.
    fn finish(self) -> BTreeMap<String, u64> {
        let answers = self.calls.finish();
        let log = self.gateway.process.stderr();
        assert!(!log.contains("panicked"), "{log}");
        let ended = self.gateway.stop();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        answers
    }
}

fn call(target: &str, token: &str) -> Request {
    Request::get(&format!("/{target}/proof"))
        .header(MARK, target)
        .bearer(token)
}

/// Callers that go on all the time, and what came of their calls.
struct Callers {
    running: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    /// Calls by who answered, with the code of Wharf's own answers.
    answers: BTreeMap<String, u64>,
    /// Answers that must not come: no answer, and a place that cannot be reached.
    bad: Vec<String>,
}

impl Callers {
    fn start(gateway: &Gateway, token: &str, targets: &[String]) -> Self {
        let (running, seen) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::default()));
        let mut callers = Self {
            running,
            seen,
            threads: Vec::new(),
        };
        for first in 0..usize::from(CALLERS) {
            let (running, seen) = (Arc::clone(&callers.running), Arc::clone(&callers.seen));
            let (address, token) = (gateway.data, token.to_owned());
            let targets: Vec<String> = targets
                .iter()
                .skip(first)
                .step_by(usize::from(CALLERS))
                .cloned()
                .collect();
            callers.threads.push(thread::spawn(move || {
                let mut connection = Connection::open(address).unwrap();
                for target in targets.iter().cycle() {
                    if !running.load(Ordering::SeqCst) {
                        return;
                    }
                    match connection.send(&call(target, &token)) {
                        Ok(answer) => judge(&seen, target, &answer),
                        Err(error) => {
                            let text = format!("{target}: {error}");
                            seen.lock().unwrap().bad.push(text);
                            connection = Connection::open(address).unwrap();
                        }
                    }
                    thread::sleep(PACE * u32::from(STAGES) * u32::from(CALLERS));
                }
            }));
        }
        callers
    }

    fn judge(&self, target: &str, answer: &Response) {
        judge(&self.seen, target, answer);
    }

    fn take_bad(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap().bad)
    }

    /// Ends them; gives the calls by who answered.
    fn finish(mut self) -> BTreeMap<String, u64> {
        self.running.store(false, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
        std::mem::take(&mut self.seen.lock().unwrap().answers)
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        self.running.store(false, Ordering::SeqCst);
    }
}

fn judge(seen: &Mutex<Seen>, target: &str, answer: &Response) {
    let mut seen = seen.lock().unwrap();
    if answer.status == 200 {
        *seen.answers.entry("of vendors".to_owned()).or_default() += 1;
        return;
    }
    let code = answer.json()["code"].as_str().unwrap_or("none").to_owned();
    // Every vendor of this proof can be reached, so another place was tried.
    if code == "vendor_unreachable" || code == "none" {
        seen.bad.push(format!("{target}: {}", answer.text()));
    }
    *seen.answers.entry(code).or_default() += 1;
}

/// The document whose endpoint tells the round.
fn marker(address: std::net::SocketAddr, version: u64) -> Document {
    Document::new(MARKER, &format!("http://{address}/v{version}"))
}
