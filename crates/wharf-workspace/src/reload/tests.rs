//! What is taken over, what stays and what waits, with files and a clock that are made up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use wharf_document::Integration;

use super::{Disk, Documents, Fate, Mark, Marks, Outcome, STILL, Version};
use crate::{One, Workspace};

/// Documents by their names, as if on a disk.
#[derive(Clone, Default)]
struct Files(BTreeMap<String, String>);

impl Files {
    fn of(files: &[(&str, String)]) -> Self {
        let files = files.iter();
        Self(
            files
                .map(|(name, text)| ((*name).to_owned(), text.clone()))
                .collect(),
        )
    }

    fn marks(&self) -> Marks {
        let paths = self.0.keys().map(PathBuf::from);
        paths
            .filter_map(|path| Some((path.clone(), self.mark(&path)?)))
            .collect()
    }

    fn read(&self) -> Workspace {
        Workspace::from_texts(self.0.clone(), &One, Timestamp::UNIX_EPOCH)
    }
}

impl Disk for Files {
    fn mark(&self, path: &Path) -> Option<Mark> {
        let text = self.0.get(path.to_str()?)?;
        // Of texts of one length, each is told by its bytes.
        let sum: i64 = text.bytes().map(i64::from).sum();
        Some((text.len().try_into().ok()?, None, (sum, 0)))
    }

    fn is_there(&self, path: &Path) -> bool {
        self.mark(path).is_some()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path == Path::new("")
    }

    fn is_empty(&self, _: &Path) -> bool {
        self.0.is_empty()
    }

    fn hash(&self, text: &str) -> String {
        text.to_owned()
    }
}

fn document(host: &str) -> String {
    format!(
        "---\ntitle: \"[Integration] A\"\ntype: tool\nsubtype: integration\n---\n\n\
         ## Service Details\n\n### Environments\n| Environment | Endpoint |\n|---|---|\n\
         | Production | https://{host} |\n"
    )
}

/// A running set of documents, and a clock for it.
struct Running {
    documents: Documents,
    now: Instant,
}

impl Running {
    fn start(files: &Files, kept: &BTreeMap<String, Version>) -> (Self, Outcome) {
        let now = Instant::now();
        let (documents, outcome) = Documents::start(
            PathBuf::new(),
            &files.read(),
            files.marks(),
            kept,
            files,
            now,
        );
        let documents = documents.careful();
        (Self { documents, now }, outcome)
    }

    /// Looks, and reads where that is due.
    fn look(&mut self, files: &Files, later: Duration, accepted: &[String]) -> Option<Outcome> {
        self.now += later;
        let is_due = self
            .documents
            .see(&files.marks(), accepted.to_vec(), self.now);
        is_due.then(|| self.documents.judge(&files.read(), files, self.now))
    }

    /// What the second of two looks at the same files comes to.
    fn change(&mut self, files: &Files) -> Outcome {
        let soon = Duration::from_millis(250);
        assert!(self.look(files, soon, &[]).is_none(), "a file that stirs");
        self.look(files, soon, &[]).unwrap()
    }
}

fn host(outcome: &Outcome, id: &str) -> Option<String> {
    let integration: &Arc<Integration> = outcome.running.get(id)?;
    let endpoint = integration.environments[0].endpoint.as_ref()?;
    Some(endpoint.value.host.clone())
}

fn kept(text: &str, is_older: bool) -> BTreeMap<String, Version> {
    let workspace = Files::of(&[("a.md", text.to_owned())]).read();
    let version = Version {
        integration: Arc::clone(workspace.shared().next().unwrap()),
        kept_at: "yesterday".to_owned(),
        is_older,
    };
    BTreeMap::from([("a".to_owned(), version)])
}

#[test]
fn a_start_takes_what_is_good_and_keeps_the_last_good_version_of_the_rest() {
    // Two files with one id: neither can be taken.
    let files = Files::of(&[
        ("a.md", document("new.example.com")),
        ("b.md", document("b.example.com")),
        ("x/a.md", document("x.example.com")),
    ]);
    let (_, outcome) = Running::start(&files, &kept(&document("old.example.com"), false));
    assert_eq!(host(&outcome, "a").as_deref(), Some("old.example.com"));
    assert_eq!(host(&outcome, "b").as_deref(), Some("b.example.com"));
    let fates: Vec<_> = outcome.broken.iter().map(|broken| &broken.fate).collect();
    assert_eq!(fates, [&Fate::LastGood, &Fate::LastGood]);
    let older = kept(&document("old.example.com"), true);
    let (running, outcome) = Running::start(&files, &older);
    assert_eq!(outcome.broken[0].fate, Fate::Older("yesterday".to_owned()));
    let restored = running.documents.restored(&files.read(), &older);
    assert_eq!(restored.len(), 1);
    let (_, outcome) = Running::start(&files, &BTreeMap::new());
    assert_eq!(outcome.broken[0].fate, Fate::NotServed);
    assert!(!outcome.running.contains_key("a"));
}

#[test]
fn a_risky_change_is_taken_when_its_file_has_been_still() {
    let before = Files::of(&[("a.md", document("old.example.com"))]);
    let (mut running, _) = Running::start(&before, &BTreeMap::new());
    let after = Files::of(&[("a.md", document("new.example.com"))]);
    let outcome = running.change(&after);
    assert_eq!(host(&outcome, "a").as_deref(), Some("old.example.com"));
    assert_eq!(outcome.pending.len(), 1);
    let outcome = running.look(&after, STILL, &[]).unwrap();
    assert_eq!(host(&outcome, "a").as_deref(), Some("new.example.com"));
    assert!(outcome.pending.is_empty() && outcome.held.is_empty());
}

#[test]
fn a_change_that_looks_cut_off_is_held_until_that_very_text_is_accepted() {
    let before = Files::of(&[("a.md", document("old.example.com"))]);
    let (mut running, _) = Running::start(&before, &BTreeMap::new());
    let cut = document("new.example.com").trim_end().to_owned();
    let after = Files::of(&[("a.md", cut.clone())]);
    running.change(&after);
    let outcome = running.look(&after, STILL, &[]).unwrap();
    assert_eq!(host(&outcome, "a").as_deref(), Some("old.example.com"));
    assert_eq!(running.documents.held(), outcome.held);
    assert_eq!(outcome.held[0].hash, cut);
    let other = [document("other.example.com")];
    let outcome = running.look(&after, STILL, &other).unwrap();
    assert_eq!(outcome.held.len(), 1);
    let outcome = running.look(&after, STILL, &[cut]).unwrap();
    assert_eq!(host(&outcome, "a").as_deref(), Some("new.example.com"));
}

#[test]
fn the_end_of_one_document_is_taken_and_that_of_all_is_held() {
    let both = Files::of(&[
        ("a.md", document("a.example.com")),
        ("b.md", document("b.example.com")),
    ]);
    let (mut running, _) = Running::start(&both, &BTreeMap::new());
    let one = Files::of(&[("b.md", document("b.example.com"))]);
    // It may come back in a moment.
    assert!(running.change(&one).running.contains_key("a"));
    let outcome = running.look(&one, STILL, &[]).unwrap();
    assert!(!outcome.running.contains_key("a") && outcome.held.is_empty());
    let none = Files::default();
    running.change(&none);
    let outcome = running.look(&none, STILL, &[]).unwrap();
    assert!(outcome.running.contains_key("b") && outcome.held[0].ends);
    let accepted = [outcome.held[0].hash.clone()];
    let outcome = running.look(&none, STILL, &accepted).unwrap();
    assert!(outcome.running.is_empty() && outcome.held.is_empty());
}

#[test]
fn a_folder_that_cannot_be_read_is_told_once_and_ends_nothing() {
    let files = Files::of(&[("a.md", document("a.example.com"))]);
    let (mut running, _) = Running::start(&files, &BTreeMap::new());
    let outcome = running.documents.lose_root("it is away".to_owned());
    assert!(outcome.unwrap().running.contains_key("a"));
    let again = running.documents.lose_root("it is away".to_owned());
    assert!(again.is_none());
    // When it is back, the documents are read whether they changed or not.
    let outcome = running.look(&files, Duration::ZERO, &[]).unwrap();
    assert!(outcome.broken.is_empty() && outcome.running.contains_key("a"));
}
