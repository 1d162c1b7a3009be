//! Documents that ran and whose file is away: which of them end.
//!
//! A file that is deleted ends its integration, as soon as it has been away for [`STILL`]. But
//! files that go all at once are more often behind a mount or a name that went away than deleted,
//! and to end every integration is the worst that can be done by mistake. So such ends are held,
//! as a change is that drops a credential.
//!
//! [`STILL`]: super::rest::STILL

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use wharf_document::Integration;

use super::{Disk, Documents, Held, Outcome, Pending};

/// From how many documents on a folder that lost all of them counts as gone away itself.
const MANY: usize = 2;

impl Documents {
    /// Decides about everything that ran and is not in `outcome` yet: its file is away.
    ///
    /// Whoever has just gone may come back in a moment, as while a deployment deletes files and
    /// writes them anew; it is looked at again once the file has been away for long.
    pub(super) fn add_gone(
        &self,
        outcome: &mut Outcome,
        waiting: &mut HashSet<PathBuf>,
        disk: &dyn Disk,
        now: Instant,
    ) {
        if !self.is_careful {
            return;
        }
        let is_left = |(id, _): &(&String, _)| !outcome.running.contains_key(*id);
        let gone: Vec<_> = self.running.iter().filter(is_left).collect();
        let path = |integration: &Integration| self.root.join(integration.source.name());
        let is_just_gone =
            |integration: &Integration| self.rest.is_just_gone(&path(integration), now);
        let is_all = outcome.running.is_empty();
        // While the last of all may come back, it is open whether all are gone.
        let is_open = is_all
            && gone
                .iter()
                .any(|(_, integration)| is_just_gone(integration));
        let emptied = self.emptied(gone.iter().map(|(_, integration)| path(integration)), disk);
        for (id, integration) in &gone {
            let stays = if is_open || is_just_gone(integration) {
                let why = "its file is gone".to_owned();
                let name = integration.source.name();
                outcome.pending.push(Pending::of(name, why));
                waiting.insert(path(integration));
                true
            } else if let Some(held) =
                self.held_end(integration, is_all, gone.len(), &emptied, disk)
            {
                outcome.held.push(held);
                true
            } else {
                false
            };
            if stays {
                let (id, integration) = ((*id).clone(), Arc::clone(integration));
                outcome.running.insert(id, integration);
            }
        }
    }

    /// An end that somebody has to accept. `count` documents are gone, which are all where `is_all`.
    fn held_end(
        &self,
        integration: &Integration,
        is_all: bool,
        count: usize,
        emptied: &BTreeMap<PathBuf, Option<PathBuf>>,
        disk: &dyn Disk,
    ) -> Option<Held> {
        let name = integration.source.name();
        let hash = disk.hash(&format!("end of {name}\n{}", integration.source.text()));
        if self.accepted.contains(&hash) {
            return None;
        }
        // It waits on when others have come back.
        let before = self.held.iter().find(|held| held.hash == hash);
        if let Some(before) = before {
            return Some(before.clone());
        }
        let folder = emptied.get(&self.root.join(name)).and_then(Option::as_ref);
        let why = match folder {
            _ if is_all && count == 1 => {
                "is gone, and no other document is left, as when a folder is unmounted or renamed"
                    .to_owned()
            }
            _ if is_all => format!(
                "is gone with all {count} documents at once, as when a folder is unmounted or renamed"
            ),
            Some(folder) => {
                let folder = folder.strip_prefix(&self.root).unwrap_or(folder);
                format!(
                    "is gone with all documents of `{}`, and that folder is empty, as when it is unmounted",
                    folder.display()
                )
            }
            None => return None,
        };
        Some(Held {
            id: integration.id.to_string(),
            file: name.to_owned(),
            why,
            lost: String::new(),
            hash,
            ends: true,
        })
    }

    /// For each path the folder below the workspace that is there, has nothing in it any more, and
    /// had at least [`MANY`] of the paths.
    fn emptied(
        &self,
        paths: impl Iterator<Item = PathBuf>,
        disk: &dyn Disk,
    ) -> BTreeMap<PathBuf, Option<PathBuf>> {
        let folder_of = |path: &PathBuf| {
            let mut above = path.ancestors().skip(1);
            let folder = above.find(|folder| disk.is_folder(folder))?;
            (folder != self.root && disk.is_empty(folder)).then(|| folder.to_owned())
        };
        let mut folders: BTreeMap<PathBuf, Option<PathBuf>> = paths
            .map(|path| {
                let folder = folder_of(&path);
                (path, folder)
            })
            .collect();
        let mut counts: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for folder in folders.values().flatten() {
            *counts.entry(folder.clone()).or_default() += 1;
        }
        for folder in folders.values_mut() {
            if folder.as_ref().is_some_and(|path| counts[path] < MANY) {
                *folder = None;
            }
        }
        folders
    }
}
