//! From what stands on disk to what runs: the one way, at the start and at every reload.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use wharf_diag::Diagnostic;
use wharf_document::Integration;
use wharf_plan::{Risk, what_it_changes};

use super::rest::Rest;
use super::status::{Broken, Held};
use crate::installation::errors;
use crate::workspace::{Marks, Workspace, mark, marks};

/// Integrations by their ids.
pub(crate) type Running = BTreeMap<String, Arc<Integration>>;

/// The documents of a workspace as they last were.
pub(crate) struct Documents {
    root: PathBuf,
    running: Running,
    rest: Rest,
    /// Whether a risky change waits. Not in a simulation, where nothing leaves the machine.
    is_careful: bool,
    /// Those that were told of.
    restless: Vec<PathBuf>,
    held: Vec<Held>,
    /// Hashes of texts that somebody accepted.
    accepted: BTreeSet<String>,
}

/// What runs from now on, and what is to be said about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) running: Running,
    pub(crate) broken: Vec<Broken>,
    pub(crate) held: Vec<Held>,
}

/// What becomes of a document without an error.
enum Verdict {
    Taken,
    /// It is read again once its file is still.
    Waits,
    Held(Held),
}

impl Documents {
    /// A start is a reload from nothing but the last good texts, `kept`. Whoever starts the
    /// program wants what is on disk, so a change that a reload would hold is taken.
    ///
    /// `marks` are those of the moment before the workspace was read, so that no change is missed.
    pub(crate) fn start(
        root: PathBuf,
        workspace: &Workspace,
        marks: Marks,
        kept: Running,
        is_careful: bool,
    ) -> (Self, Outcome) {
        let mut documents = Self {
            root,
            running: kept,
            rest: Rest::new(marks, Instant::now()),
            is_careful: false,
            restless: Vec::new(),
            held: Vec::new(),
            accepted: BTreeSet::new(),
        };
        let outcome = documents.take_over(workspace, Instant::now()).0;
        documents.running.clone_from(&outcome.running);
        documents.is_careful = is_careful;
        (documents, outcome)
    }

    /// What waits to be accepted.
    pub(super) fn held(&self) -> &[Held] {
        &self.held
    }

    /// Looks once; gives what is to run when something changed and is quiet again. `accepted`
    /// are hashes of texts that somebody has accepted since.
    pub(super) fn look(&mut self, accepted: Vec<String>, now: Instant) -> Option<Outcome> {
        self.rest.look(&marks(&self.root), now);
        let restless = self.rest.restless(now);
        let is_accepted = !accepted.is_empty();
        if !is_accepted && !self.rest.is_due(now) && restless == self.restless {
            return None;
        }
        self.accepted.extend(accepted);
        self.restless = restless;
        let rest = &self.rest;
        // What stirs is not read: half a file looks like a shorter one.
        let (outcome, waiting) = match Workspace::load_where(&self.root, &|path| !rest.stirs(path))
        {
            Ok(workspace) => self.take_over(&workspace, now),
            Err(error) => (
                self.without_root(&anyhow::Error::from(error)),
                HashSet::new(),
            ),
        };
        self.rest.judged(&waiting);
        self.running.clone_from(&outcome.running);
        self.held.clone_from(&outcome.held);
        let is_held = |hash: &String| outcome.held.iter().any(|held| held.hash == *hash);
        self.accepted.retain(is_held);
        Some(outcome)
    }

    /// The folder cannot be read: everything goes on.
    fn without_root(&self, error: &anyhow::Error) -> Outcome {
        Outcome {
            running: self.running.clone(),
            broken: vec![Broken {
                file: self.root.display().to_string(),
                place: None,
                what: format!("{error:#}"),
                stays: true,
            }],
            held: self.held.clone(),
        }
    }

    /// Good documents replace what ran; broken ones leave their last good version running;
    /// deleted ones are gone. Also gives the files whose change waits until they are still.
    fn take_over(&self, workspace: &Workspace, now: Instant) -> (Outcome, HashSet<PathBuf>) {
        let mut outcome = Outcome::default();
        let mut waiting = HashSet::new();
        for document in &workspace.documents {
            let Some(integration) = &document.loaded.integration else {
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
            let verdict = match errors(document.loaded.diagnostics.iter().chain(shared)).next() {
                Some(error) => {
                    let broken = broken_by(name, error, last_good.is_some());
                    outcome.broken.push(broken);
                    None
                }
                None => Some(self.verdict(last_good, integration, &document.path, now)),
            };
            match (verdict, last_good) {
                (Some(Verdict::Taken), Some(same)) if is_same(same, integration) => {
                    outcome.running.insert(id, Arc::clone(same));
                    continue;
                }
                (Some(Verdict::Taken), _) => {
                    outcome.running.insert(id, Arc::new(integration.clone()));
                    continue;
                }
                (Some(Verdict::Waits), _) => {
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
        self.add_just_gone(&mut outcome, &mut waiting, now);
        self.add_unread(workspace, &mut outcome);
        (outcome, waiting)
    }

    fn verdict(
        &self,
        last_good: Option<&Arc<Integration>>,
        new: &Integration,
        path: &Path,
        now: Instant,
    ) -> Verdict {
        if !self.rest.is_unchanged(path, mark(path)) {
            // It was written to while it was read.
            return Verdict::Waits;
        }
        // A document in another file is a new one; that of the old file was deleted.
        let is_change =
            |old: &&Arc<Integration>| old.source.name() == new.source.name() && !is_same(old, new);
        let Some(old) = last_good.filter(is_change).filter(|_| self.is_careful) else {
            return Verdict::Taken;
        };
        let risks = what_it_changes(old, new);
        let text = new.source.text();
        if risks.is_empty() || self.accepted.contains(&super::accept::hash(text)) {
            return Verdict::Taken;
        }
        if !self.rest.is_still(path, now) {
            return Verdict::Waits;
        }
        let is_cut = !text.ends_with('\n');
        let is_short = risks
            .iter()
            .any(|risk| matches!(risk, Risk::SectionLost(_)));
        if !is_cut && !is_short {
            return Verdict::Taken;
        }
        let mut why: Vec<_> = risks.iter().map(Risk::to_string).collect();
        if is_cut {
            why.push("the file does not end in a newline".to_owned());
        }
        Verdict::Held(Held {
            id: new.id.to_string(),
            file: new.source.name().to_owned(),
            why: format!("looks as if it were not whole: {}", why.join("; ")),
            hash: super::accept::hash(text),
        })
    }

    /// What ran and whose file is away for a moment, as while a deployment deletes files and writes
    /// them anew. It is looked at again once the file has been away for long.
    fn add_just_gone(&self, outcome: &mut Outcome, waiting: &mut HashSet<PathBuf>, now: Instant) {
        for (id, integration) in self.running.iter().filter(|_| self.is_careful) {
            let path = self.root.join(integration.source.name());
            if !outcome.running.contains_key(id) && self.rest.is_just_gone(&path, now) {
                outcome.running.insert(id.clone(), Arc::clone(integration));
                waiting.insert(path);
            }
        }
    }

    /// What ran and has a file that is there still, but was not read: the file stirs, it cannot be
    /// read, or it says no longer that it is a document. Only a file that is gone ends its
    /// integration.
    fn add_unread(&self, workspace: &Workspace, outcome: &mut Outcome) {
        let is_there = |integration: &Integration| {
            let name = integration.source.name();
            let mut problems = workspace.problems.iter();
            self.root.join(name).exists()
                || problems.any(|problem| is_at(integration, &problem.name))
        };
        let unread: Vec<_> = self
            .running
            .iter()
            .filter(|(id, integration)| !outcome.running.contains_key(*id) && is_there(integration))
            .map(|(id, integration)| (id.clone(), Arc::clone(integration)))
            .collect();
        let broken = |file: &str, what: &str, stays| Broken {
            file: file.to_owned(),
            place: None,
            what: what.to_owned(),
            stays,
        };
        for problem in &workspace.problems {
            let stays = unread.iter().any(|(_, known)| is_at(known, &problem.name));
            let told = broken(&problem.name, &problem.message, stays);
            outcome.broken.push(told);
        }
        for path in &self.restless {
            let name = path.strip_prefix(&self.root).unwrap_or(path);
            let name = name.display().to_string();
            let stays = unread.iter().any(|(_, known)| is_at(known, &name));
            outcome.broken.push(broken(&name, RESTLESS, stays));
        }
        for (id, integration) in unread {
            let name = integration.source.name();
            let is_problem =
                |problem: &crate::workspace::Problem| is_at(&integration, &problem.name);
            if !workspace.problems.iter().any(is_problem) && !self.rest.stirs(&self.root.join(name))
            {
                outcome.broken.push(broken(name, NO_DOCUMENT, true));
            }
            outcome.running.insert(id, integration);
        }
    }
}

/// What to say of a file that ran and is a document no longer.
const NO_DOCUMENT: &str = "its frontmatter no longer says `type: tool` and `subtype: integration`; correct it, or delete the file to end the integration";

/// What to say of a file that is never at rest.
const RESTLESS: &str = "is being written to again and again, so it is not read until it rests";

fn is_same(old: &Integration, new: &Integration) -> bool {
    old.source.name() == new.source.name() && old.source.text() == new.source.text()
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
        .map(|diagnostic| broken_by(diagnostic.primary.source.name(), diagnostic, false))
}

/// The first error of a document with its place in that document.
fn broken_by(name: &str, error: &Diagnostic, stays: bool) -> Broken {
    let places = std::iter::once(&error.primary).chain(&error.secondary);
    let mut here = places.filter(|place| place.source.name() == name);
    let place = here.next().unwrap_or(&error.primary).start();
    Broken {
        file: name.to_owned(),
        place: Some((place.line, place.column)),
        what: format!("{} ({})", error.message, error.code),
        stays,
    }
}
