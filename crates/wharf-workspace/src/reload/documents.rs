//! From what was read to what runs: the one way, at the start and at every reload.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use wharf_diag::Diagnostic;
use wharf_document::Integration;
use wharf_plan::{Risk, what_it_changes};

use super::rest::Rest;
use super::{Broken, Disk, Fate, Held, Marks, Outcome, Pending, Running, Version, losses};
use crate::found::Unreadable;
use crate::runnable::errors;
use crate::workspace::Workspace;

/// The documents of a workspace as they last were.
#[derive(Debug)]
pub struct Documents {
    pub(super) root: PathBuf,
    pub(super) running: Running,
    pub(super) rest: Rest,
    /// Whether a risky change waits. Not in a simulation, where nothing leaves the machine.
    pub(super) is_careful: bool,
    /// Those that were told of.
    restless: Vec<PathBuf>,
    pub(super) held: Vec<Held>,
    /// Hashes of texts that somebody accepted.
    pub(super) accepted: BTreeSet<String>,
    /// Texts of an earlier run that run although a later one did, by id: the text, and when it was
    /// kept.
    older: BTreeMap<String, (Arc<Integration>, String)>,
    /// Why the folder itself could not be read when it was last looked at.
    rootless: Option<String>,
}

/// What becomes of a document without an error.
enum Verdict {
    Taken,
    /// It is read again once its file is still; why.
    Waits(String),
    Held(Held),
}

impl Documents {
    /// A start is a reload from nothing but the last good texts, `kept`. Whoever starts the
    /// program wants what is on disk, so a change that a reload would hold is taken.
    ///
    /// `marks` are those of the moment before the workspace was read, so that no change is missed.
    pub fn start(
        root: PathBuf,
        workspace: &Workspace,
        marks: Marks,
        kept: &BTreeMap<String, Version>,
        disk: &dyn Disk,
        now: Instant,
    ) -> (Self, Outcome) {
        let texts = kept.iter().map(|(id, version)| (id, &version.integration));
        let older = kept.iter().filter(|(_, version)| version.is_older);
        let older = older.map(|(id, version)| {
            let text = Arc::clone(&version.integration);
            (id.clone(), (text, version.kept_at.clone()))
        });
        let older = older.collect();
        let mut documents = Self {
            root,
            running: texts
                .map(|(id, text)| (id.clone(), Arc::clone(text)))
                .collect(),
            rest: Rest::new(marks, now),
            is_careful: false,
            restless: Vec::new(),
            held: Vec::new(),
            accepted: BTreeSet::new(),
            older,
            rootless: None,
        };
        let outcome = documents.take_over(workspace, disk, now).0;
        documents.running.clone_from(&outcome.running);
        (documents, outcome)
    }

    /// Lets risky changes wait from now on.
    #[must_use]
    pub fn careful(mut self) -> Self {
        self.is_careful = true;
        self
    }

    /// Versions that run of documents that are not taken as they stand, after a start.
    pub fn restored<'k>(
        &self,
        workspace: &Workspace,
        kept: &'k BTreeMap<String, Version>,
    ) -> Vec<&'k Version> {
        let is_restored = |(id, version): &(&String, &Version)| {
            let text = &version.integration;
            let is_on_disk = workspace.integrations().any(|known| is_same(text, known));
            let running = self.running.get(*id);
            !is_on_disk && running.is_some_and(|running| Arc::ptr_eq(running, text))
        };
        let restored = kept.iter().filter(is_restored);
        restored.map(|(_, version)| version).collect()
    }

    /// The folder that the documents are in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Which version runs of a document that cannot be taken.
    fn fate(&self, id: &str, last_good: Option<&Arc<Integration>>) -> Fate {
        let Some(last_good) = last_good else {
            return Fate::NotServed;
        };
        let older = self.older.get(id);
        match older.filter(|(older, _)| Arc::ptr_eq(older, last_good)) {
            Some((_, kept_at)) => Fate::Older(kept_at.clone()),
            None => Fate::LastGood,
        }
    }

    /// What waits to be accepted.
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// The folder itself cannot be read, so what is in it is unknown, and not gone: everything goes
    /// on. `None` where the same was told at the last look.
    pub fn lose_root(&mut self, problem: String) -> Option<Outcome> {
        let is_told = self.rootless.as_ref() == Some(&problem);
        let outcome = (!is_told).then(|| self.without_root(&problem));
        self.rootless = Some(problem);
        outcome
    }

    /// Takes in what a look at the folder saw. `accepted` are hashes of texts that somebody has
    /// accepted since. `true` where something changed and is quiet again, or was asked for: then
    /// the documents are to be read, those left out that [stir](Self::stirs), and
    /// [judged](Self::judge).
    pub fn see(&mut self, marks: &Marks, accepted: Vec<String>, now: Instant) -> bool {
        let is_back = self.rootless.take().is_some();
        self.rest.look(marks, now);
        let restless = self.rest.restless(now);
        let is_asked = is_back || !accepted.is_empty();
        if !is_asked && !self.rest.is_due(now) && restless == self.restless {
            return false;
        }
        self.accepted.extend(accepted);
        self.restless = restless;
        true
    }

    /// Whether a file is being written to. It is not to be read: half a file looks like a shorter
    /// one.
    pub fn stirs(&self, path: &Path) -> bool {
        self.rest.stirs(path)
    }

    /// Judges what was read; gives what is to run from now on.
    pub fn judge(&mut self, workspace: &Workspace, disk: &dyn Disk, now: Instant) -> Outcome {
        let (outcome, waiting) = self.take_over(workspace, disk, now);
        self.rest.judged(&waiting);
        self.running.clone_from(&outcome.running);
        self.held.clone_from(&outcome.held);
        let is_held = |hash: &String| outcome.held.iter().any(|held| held.hash == *hash);
        self.accepted.retain(is_held);
        outcome
    }

    /// The folder cannot be read: everything goes on.
    fn without_root(&self, problem: &str) -> Outcome {
        Outcome {
            running: self.running.clone(),
            broken: vec![Broken {
                file: self.root.display().to_string(),
                place: None,
                what: problem.to_owned(),
                fate: Fate::LastGood,
            }],
            held: self.held.clone(),
            pending: Vec::new(),
        }
    }

    /// Good documents replace what ran; broken ones leave their last good version running;
    /// deleted ones are gone. Also gives the files whose change waits until they are still.
    fn take_over(
        &self,
        workspace: &Workspace,
        disk: &dyn Disk,
        now: Instant,
    ) -> (Outcome, HashSet<PathBuf>) {
        let mut outcome = Outcome::default();
        let mut waiting = HashSet::new();
        for document in &workspace.documents {
            let Some(integration) = &document.integration else {
                continue;
            };
            let id = integration.id.to_string();
            let name = integration.source.name();
            let last_good = self.running.get(&id);
            // Clashes between documents, such as two with one id, count for each of them.
            let shared = workspace
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.involves(name));
            let verdict = match errors(document.diagnostics.iter().chain(shared)).next() {
                Some(error) => {
                    let broken = broken_by(name, error, self.fate(&id, last_good));
                    outcome.broken.push(broken);
                    None
                }
                None => Some(self.verdict(last_good, integration, &document.path, disk, now)),
            };
            match (verdict, last_good) {
                (Some(Verdict::Taken), Some(same)) if is_same(same, integration) => {
                    outcome.running.insert(id, Arc::clone(same));
                    continue;
                }
                (Some(Verdict::Taken), _) => {
                    outcome.running.insert(id, Arc::clone(integration));
                    continue;
                }
                (Some(Verdict::Waits(why)), _) => {
                    outcome.pending.push(Pending::of(name, why));
                    waiting.insert(document.path.clone());
                }
                (Some(Verdict::Held(held)), _) => outcome.held.push(held),
                (None, _) => {}
            }
            if let Some(last_good) = last_good {
                outcome.running.insert(id, Arc::clone(last_good));
            }
        }
        outcome.broken.extend(without_document(workspace));
        self.add_unread(workspace, &mut outcome, disk);
        self.add_gone(&mut outcome, &mut waiting, disk, now);
        (outcome, waiting)
    }

    fn verdict(
        &self,
        last_good: Option<&Arc<Integration>>,
        new: &Integration,
        path: &Path,
        disk: &dyn Disk,
        now: Instant,
    ) -> Verdict {
        if !self.rest.is_unchanged(path, disk.mark(path)) {
            return Verdict::Waits("it was written to while it was read".to_owned());
        }
        let is_change = |old: &&Arc<Integration>| is_change(old, new);
        let Some(old) = last_good.filter(is_change).filter(|_| self.is_careful) else {
            return Verdict::Taken;
        };
        let risks = what_it_changes(old, new);
        let text = new.source.text();
        if risks.is_empty() || self.accepted.contains(&disk.hash(text)) {
            return Verdict::Taken;
        }
        if !self.rest.is_still(path, now) {
            let why: Vec<_> = risks.iter().map(Risk::to_string).collect();
            return Verdict::Waits(format!("it is changed: {}", why.join("; ")));
        }
        let lost = losses::losses(&risks, text);
        if lost.is_empty() {
            return Verdict::Taken;
        }
        Verdict::Held(Held::change(new, &lost, disk.hash(text)))
    }

    /// What ran and has a file that is there still, but was not read: the file stirs, it cannot be
    /// read, or it says no longer that it is a document. Only a file that is gone may end its
    /// integration; that is decided after this.
    fn add_unread(&self, workspace: &Workspace, outcome: &mut Outcome, disk: &dyn Disk) {
        let is_there = |integration: &Integration| {
            let name = integration.source.name();
            let mut unreadable = workspace.unreadable.iter();
            disk.is_there(&self.root.join(name))
                || unreadable.any(|file| is_at(integration, &file.name))
        };
        let unread: Vec<_> = self
            .running
            .iter()
            .filter(|(id, integration)| !outcome.running.contains_key(*id) && is_there(integration))
            .map(|(id, integration)| (id.clone(), Arc::clone(integration)))
            .collect();
        let broken = |file: &str, what: &str| {
            // A folder may hold several; the one that is worst off counts.
            let known = unread.iter().filter(|(_, known)| is_at(known, file));
            let fates = known.map(|(id, known)| self.fate(id, Some(known)));
            let fate = fates.reduce(|a, b| if a == Fate::LastGood { b } else { a });
            Broken {
                file: file.to_owned(),
                place: None,
                what: what.to_owned(),
                fate: fate.unwrap_or(Fate::NotServed),
            }
        };
        for file in &workspace.unreadable {
            outcome.broken.push(broken(&file.name, &file.message));
        }
        for path in &self.restless {
            let name = path.strip_prefix(&self.root).unwrap_or(path);
            outcome
                .broken
                .push(broken(&name.display().to_string(), RESTLESS));
        }
        for (_, integration) in &unread {
            let name = integration.source.name();
            let is_told = |file: &Unreadable| is_at(integration, &file.name);
            if !workspace.unreadable.iter().any(is_told) && !self.rest.stirs(&self.root.join(name))
            {
                outcome.broken.push(broken(name, NO_DOCUMENT));
            }
        }
        outcome.running.extend(unread);
    }
}

/// What to say of a file that ran and is a document no longer.
const NO_DOCUMENT: &str = "its frontmatter no longer says `type: tool` and `subtype: integration`; correct it, or delete the file to end the integration";

/// What to say of a file that is never at rest.
const RESTLESS: &str = "is being written to again and again, so it is not read until it rests";

fn is_same(old: &Integration, new: &Integration) -> bool {
    old.source.name() == new.source.name() && old.source.text() == new.source.text()
}

/// Whether a text is another one in the same file. A document in another file is a new one; that
/// of the old file was deleted.
pub(super) fn is_change(old: &Integration, new: &Integration) -> bool {
    old.source.name() == new.source.name() && !is_same(old, new)
}

/// Whether a document is this file or lies below this folder.
fn is_at(integration: &Integration, name: &str) -> bool {
    Path::new(integration.source.name()).starts_with(name)
}

/// Errors of files that give no document at all, such as one whose name is no id.
fn without_document(workspace: &Workspace) -> impl Iterator<Item = Broken> {
    let is_known = |diagnostic: &Diagnostic| {
        let mut known = workspace.integrations().map(|known| known.source.name());
        known.any(|name| diagnostic.involves(name))
    };
    errors(&workspace.diagnostics)
        .filter(move |diagnostic| !is_known(diagnostic))
        .map(|diagnostic| {
            broken_by(
                diagnostic.primary.source.name(),
                diagnostic,
                Fate::NotServed,
            )
        })
}

/// The first error of a document with its place in that document.
fn broken_by(name: &str, error: &Diagnostic, fate: Fate) -> Broken {
    let places = std::iter::once(&error.primary).chain(&error.secondary);
    let mut here = places.filter(|place| place.source.name() == name);
    let place = here.next().unwrap_or(&error.primary).start();
    Broken {
        file: name.to_owned(),
        place: Some((place.line, place.column)),
        what: format!("{} ({})", error.message, error.code),
        fate,
    }
}
