//! `kill -9` of a process that drives a procedure, at each point of its journal.
//!
//! The child is this program again. It drives one run whose effects append their key to a file, tells
//! each point that it comes to on standard output, and waits there to be killed.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use wharf_policy::bounded::Name;
use wharf_policy::notice::{DedupeKey, Notice, Severity, Subject};
use wharf_policy::procedure::{
    Action, Definition, Effect, End, Entry, Found, LONGEST_WAIT, Note, Outcome, Procedure, RunId,
    Step, Unknown, Way, What,
};
use wharf_store::runner::{Effects, Runner};
use wharf_store::{NoticeFilter, NoticePage, Store};

use super::run::Run;
use super::support::PATIENCE;

/// The word that makes this program drive a procedure.
pub(crate) const DRIVE: &str = "drive";

/// Where a child that is to run to its end stops to be killed.
const NOWHERE: &str = "nowhere";

/// Within this time after its start a child is killed that is killed at a random moment.
const LATEST: Duration = Duration::from_millis(60);

const KIND: &str = "drill";
const RUN: RunId = RunId::from_bytes([3; 16]);

/// One for each rule that needs nobody, with a way back and without.
const STEPS: [(&str, Unknown, bool); 4] = [
    ("detect", Unknown::Repeat, false),
    ("switch", Unknown::Repeat, true),
    ("notify", Unknown::Ask, false),
    ("document", Unknown::Ask, true),
];

/// Where the run waits until it is turned back.
const LAST: &str = "last";

/// Effects in the order in which they must be done: all steps, and then those with a way back.
const EFFECTS: [&str; 6] = [
    "detect",
    "switch",
    "notify",
    "document",
    "document/back",
    "switch/back",
];

/// Points around one effect: before it is written as begun, after that, after it was done, before it
/// is written as ended. What comes after that is the next one's first.
const AROUND: [&str; 4] = ["begin", "begun", "done", "end"];

/// Points beside effects: around the wish of a person, and behind the last effect.
const BESIDE: [&str; 3] = ["back wished", "back noted", "all ended"];

/// Each round kills a child at each point, the one that goes on at the same point where it comes there
/// again, and one at a random moment; each with a run of its own, which another child ends.
pub(crate) fn run(run: &mut Run) {
    let (mut kills, mut asked_again) = (0, 0);
    run.each(|run, _| {
        for point in points() {
            let place = Place::new();
            assert!(
                place.killed_at(&point),
                "{point}: the child ended before it"
            );
            kills += 1 + u64::from(place.killed_at(&point));
            asked_again += place.end(&point);
        }
        let time = LATEST.mul_f64(run.random.f64());
        let place = Place::new();
        place.killed_after(time);
        kills += 1;
        asked_again += place.end(&format!("after {time:?}"));
    });
    let count = points().len();
    run.note(format!(
        "{kills} kills, at {count} points and at random moments; {asked_again} effects were asked for again"
    ));
}

fn points() -> Vec<String> {
    let of = |effect: &str| AROUND.map(|around| format!("{effect} {around}"));
    let around = EFFECTS.iter().flat_map(|effect| of(effect));
    around.chain(BESIDE.map(str::to_owned)).collect()
}

/// A state folder with one run, and the file that its effects write.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        block_on(async {
            let store = Store::open(&place.state()).await.unwrap();
            let steps = STEPS.map(|(name, unknown, has_way_back)| {
                let step = Step::new(word(name)).unknown(unknown).attempts(10);
                if has_way_back {
                    step.with_way_back()
                } else {
                    step
                }
            });
            let last = Step::new(word(LAST)).after(LONGEST_WAIT);
            let steps = steps.into_iter().chain([last]).collect();
            let definition = Definition::new(word(KIND), steps).unwrap();
            let (run, entry) = Procedure::start(RUN, definition, Timestamp::now());
            let subject = Subject::integration("petshop");
            let begun = store
                .records()
                .begin_run(&run, &subject, &entry, 1, &[])
                .await;
            begun.unwrap();
            store.close().await;
        });
        place
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Kills a child at a point. `false`: it ended without coming there.
    fn killed_at(&self, point: &str) -> bool {
        let mut child = self.drive(point);
        let mut line = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut line).unwrap();
        child.kill().unwrap();
        let status = child.wait().unwrap();
        let is_there = line.trim_end() == point;
        assert!(is_there == status.code().is_none(), "{point}: {status}");
        is_there
    }

    fn killed_after(&self, time: Duration) {
        let mut child = self.drive(NOWHERE);
        thread::sleep(time);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn drive(&self, point: &str) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args([DRIVE, point])
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Drives the run to its end, and asserts that each effect was done once and told once. How
    /// many were asked for again.
    fn end(&self, point: &str) -> usize {
        let mut child = self.drive(NOWHERE);
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "{point}: the run does not end");
            thread::sleep(Duration::from_millis(2));
        };
        assert!(status.success(), "{point}: {status}");
        let lines = |file: &str| -> Vec<String> {
            let text = fs::read_to_string(self.folder.path().join(file)).unwrap();
            text.lines().map(str::to_owned).collect()
        };
        let expected = EFFECTS.map(|effect| format!("{RUN}/{effect}"));
        assert_eq!(lines("effects"), expected, "{point}");
        self.assert_journal(point);
        lines("asked").len() - expected.len()
    }

    fn assert_journal(&self, point: &str) {
        block_on(async {
            let store = Store::open(&self.state()).await.unwrap();
            let history = store.records().run(RUN).await.unwrap().unwrap();
            let run = history.record.procedure.unwrap();
            assert_eq!(run.end(), Some(End::Back), "{point}");
            let mut open = None;
            let mut done = BTreeMap::<_, u32>::new();
            for (_, entry) in &history.entries {
                let effect = (entry.step.clone(), entry.way.as_str());
                match entry.what {
                    What::Begun => {
                        assert_eq!(open.replace(effect), None, "{point}: begun twice");
                    }
                    What::Done => {
                        assert_eq!(open.take().as_ref(), Some(&effect), "{point}");
                        *done.entry(effect).or_default() += 1;
                    }
                    What::Repeated | What::Failed => drop(open.take()),
                    _ => {}
                }
            }
            let once = done.values().all(|count| *count == 1);
            assert!(once && done.len() == EFFECTS.len(), "{point}: {done:?}");
            let page = NoticePage {
                before: None,
                limit: 100,
            };
            let all = NoticeFilter::default();
            let told = store.records().notices(&all, page).await.unwrap();
            let counts: Vec<_> = told.iter().map(|record| record.count).collect();
            assert_eq!(
                counts,
                [1; EFFECTS.len()],
                "{point}: told with what it tells of"
            );
            store.close().await;
        });
    }
}

/// The child: drives the run in a folder until it has ended, or waits at a point to be killed.
pub(crate) fn drive(words: &[String]) {
    let [point, folder] = words else {
        panic!("a point and a folder are wanted: {words:?}");
    };
    let folder = Path::new(folder);
    let appended = Appended(Arc::new(Inner {
        point: point.clone(),
        folder: folder.to_owned(),
    }));
    // Nobody is left to kill this process.
    thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(3);
    });
    block_on(async {
        let store = Store::open(&folder.join("state")).await.unwrap();
        let runner = Runner::new(&store, word(KIND), 1, appended.clone(), Timestamp::now);
        let until_ended = turned_back_and_ended(&store, &appended);
        runner.run(until_ended).await.unwrap();
        appended.reach("all", "ended");
        store.close().await;
    });
}

/// Has the run turn back when it waits at the last step, and waits for its end.
async fn turned_back_and_ended(store: &Store, appended: &Appended) {
    let (records, mut changes) = (store.records(), store.changes());
    loop {
        let record = records.run(RUN).await.unwrap().unwrap().record;
        let mut run = record.procedure.unwrap();
        if run.end().is_some() {
            return;
        }
        if run.step().name().as_str() == LAST {
            appended.reach("back", "wished");
            let entry = run.act(Action::Back, Note::new("proof"), Timestamp::now());
            let entry = entry.unwrap();
            let stepped = records.step_run(&run, record.version, 1, &entry, &[]);
            stepped.await.unwrap();
            appended.reach("back", "noted");
            continue;
        }
        changes.next().await.unwrap();
    }
}

#[derive(Clone)]
struct Appended(Arc<Inner>);

struct Inner {
    point: String,
    folder: PathBuf,
}

impl Appended {
    /// Waits for the end where this is the point that was asked for.
    fn reach(&self, effect: &str, around: &str) {
        if self.0.point == format!("{effect} {around}") {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{}", self.0.point).unwrap();
            out.flush().unwrap();
            loop {
                thread::park();
            }
        }
    }

    fn file(&self, name: &str) -> File {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        options.open(self.0.folder.join(name)).unwrap()
    }

    fn has(&self, effect: &Effect) -> bool {
        let mut text = String::new();
        self.file("effects").read_to_string(&mut text).unwrap();
        text.lines().any(|line| line == effect.key.as_str())
    }
}

fn effect_of(step: &Name, way: Way) -> String {
    match way {
        Way::Forward => step.to_string(),
        Way::Back => format!("{step}/back"),
    }
}

impl Effects for Appended {
    async fn perform(&self, effect: &Effect, _: &Subject) -> Outcome {
        let name = effect_of(&effect.step, effect.way);
        self.reach(&name, "begun");
        writeln!(self.file("asked"), "{}", effect.key).unwrap();
        // Where the step's rule is to ask, the machine alone sees to it that it is done once.
        let is_asked =
            |step: &(&str, Unknown, bool)| step.0 == effect.step.as_str() && step.1 == Unknown::Ask;
        if STEPS.iter().any(is_asked) || !self.has(effect) {
            writeln!(self.file("effects"), "{}", effect.key).unwrap();
        }
        self.reach(&name, "done");
        Outcome::Done(Note::new("appended"))
    }

    async fn was_done(&self, effect: &Effect, _: &Subject) -> Found {
        if self.has(effect) {
            Found::Done(Note::new("its key is in the file"))
        } else {
            Found::NotDone(Note::new("its key is not in the file"))
        }
    }

    /// Called right before an entry is written.
    fn notices(&self, run: &Procedure, subject: &Subject, entry: &Entry) -> Vec<Notice> {
        let name = effect_of(&entry.step, entry.way);
        match entry.what {
            What::Begun => self.reach(&name, "begin"),
            What::Done => {
                self.reach(&name, "end");
                let kind = word("step-done");
                return vec![Notice {
                    key: DedupeKey::of(&kind, &[&run.id().to_string(), &name]),
                    kind,
                    severity: Severity::Info,
                    subject: subject.clone(),
                    title: wharf_policy::bounded::Text::new(&name),
                    text: wharf_policy::bounded::Text::default(),
                    at: entry.at,
                    same_within: Duration::from_secs(3_600),
                    evidence: None,
                }];
            }
            _ => {}
        }
        Vec::new()
    }
}

fn word(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}
