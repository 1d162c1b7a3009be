//! Names of files and folders: what they are now, and what is durable of that.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::{errno, numbers};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Folder,
    File(u64),
}

type Tree = BTreeMap<String, Node>;

/// One change that is not durable yet.
#[derive(Clone, Debug)]
enum Change {
    Add(String, Node),
    Remove(String),
    Rename(String, String, Node),
}

impl Change {
    fn folders(&self) -> Vec<&str> {
        match self {
            Self::Add(name, _) | Self::Remove(name) => vec![folder_of(name)],
            Self::Rename(from, to, _) => vec![folder_of(from), folder_of(to)],
        }
    }

    fn apply(&self, tree: &mut Tree) {
        match self {
            Self::Add(name, node) => {
                tree.insert(name.clone(), *node);
            }
            Self::Remove(name) => {
                tree.remove(name);
            }
            Self::Rename(from, to, node) => {
                tree.remove(from);
                tree.insert(to.clone(), *node);
            }
        }
    }
}

/// Paths from the root, which is the empty one, to what they stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    now: Tree,
    durable: Tree,
    /// The way from one to the other, oldest first.
    pending: Vec<Change>,
}

impl Names {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.pending.push(change);
    }

    /// Fails unless there is a folder of this name.
    fn expect_folder(&self, folder: &str) -> io::Result<()> {
        if folder.is_empty() {
            return Ok(());
        }
        match self.now.get(folder) {
            Some(Node::Folder) => Ok(()),
            Some(Node::File(_)) => Err(errno(numbers::ENOTDIR)),
            None => {
                self.expect_folder(folder_of(folder))?;
                Err(errno(numbers::ENOENT))
            }
        }
    }

    pub(super) fn file(&self, name: &str) -> io::Result<u64> {
        let name = normal(name);
        match self.now.get(&name) {
            Some(Node::File(number)) => Ok(*number),
            Some(Node::Folder) => Err(errno(numbers::EISDIR)),
            None => {
                self.expect_folder(folder_of(&name))?;
                Err(errno(numbers::ENOENT))
            }
        }
    }

    pub(super) fn list(&self, folder: &str) -> io::Result<Vec<(String, u64)>> {
        let folder = normal(folder);
        match self.expect_folder(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            there => there?,
        }
        let in_it = self
            .now
            .iter()
            .filter(|(name, _)| folder_of(name) == folder);
        let file = |(name, node): (&String, &Node)| match node {
            Node::File(number) => Some((last_of(name).to_owned(), *number)),
            Node::Folder => None,
        };
        let mut files: Vec<_> = in_it.filter_map(file).collect();
        files.sort();
        Ok(files)
    }

    pub(super) fn add(&mut self, name: &str, node: Node) -> io::Result<()> {
        let name = normal(name);
        self.expect_folder(folder_of(&name))?;
        if self.now.contains_key(&name) {
            return Err(errno(numbers::EEXIST));
        }
        self.change(Change::Add(name, node));
        Ok(())
    }

    pub(super) fn make_folder(&mut self, folder: &str) -> io::Result<()> {
        let folder = normal(folder);
        match self.now.get(&folder) {
            Some(Node::Folder) => return Ok(()),
            Some(Node::File(_)) => return Err(errno(numbers::EEXIST)),
            None if folder.is_empty() => return Ok(()),
            None => {}
        }
        let above = folder_of(&folder);
        if let Some(Node::File(_)) = self.now.get(above) {
            return Err(errno(numbers::ENOTDIR));
        }
        self.make_folder(above)?;
        self.change(Change::Add(folder, Node::Folder));
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (normal(from), normal(to));
        self.expect_folder(folder_of(&from))?;
        self.expect_folder(folder_of(&to))?;
        let Some(node) = self.now.get(&from).copied() else {
            return Err(errno(numbers::ENOENT));
        };
        match (node, self.now.get(&to)) {
            // Nobody renames folders, so it is not known here how.
            (Node::Folder, _) => return Err(io::ErrorKind::Unsupported.into()),
            (_, Some(Node::Folder)) if from.starts_with(&format!("{to}/")) => {
                return Err(errno(numbers::ENOTEMPTY));
            }
            (_, Some(Node::Folder)) => return Err(errno(numbers::EISDIR)),
            _ if from == to => return Ok(()),
            _ => {}
        }
        self.change(Change::Rename(from, to, node));
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) -> io::Result<()> {
        match self.file(name) {
            Ok(_) => self.change(Change::Remove(normal(name))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Gives a file this name at once and durably, and makes the folders above it.
    pub(super) fn put(&mut self, name: &str, number: u64) {
        let name = normal(name);
        self.make_folder(folder_of(&name)).unwrap();
        self.change(Change::Add(name.clone(), Node::File(number)));
        let mut folder = name.as_str();
        while !folder.is_empty() {
            folder = folder_of(folder);
            self.sync(folder).unwrap();
        }
    }

    /// Makes the changes in a folder durable, and those that go before them elsewhere.
    pub(super) fn sync(&mut self, folder: &str) -> io::Result<()> {
        let folder = normal(folder);
        self.expect_folder(&folder)?;
        // From the last one back: a rename takes along what came before it in its other folder.
        let mut wanted = BTreeSet::from([folder]);
        let mut keeps = vec![true; self.pending.len()];
        for (change, keep) in self.pending.iter().zip(&mut keeps).rev() {
            let folders = change.folders();
            if folders.iter().any(|folder| wanted.contains(*folder)) {
                wanted.extend(folders.into_iter().map(str::to_owned));
                *keep = false;
            }
        }
        let mut pending = Vec::new();
        for (change, keep) in std::mem::take(&mut self.pending).into_iter().zip(keeps) {
            if keep {
                pending.push(change);
            } else {
                change.apply(&mut self.durable);
            }
        }
        self.pending = pending;
        Ok(())
    }

    /// Names that may be found after a loss of power.
    pub(super) fn lose(&self, choice: &mut dyn FnMut(usize) -> usize) -> Self {
        let mut tree = self.durable.clone();
        let mut stopped = BTreeSet::new();
        for change in &self.pending {
            let folders = change.folders();
            let goes_on = folders.iter().all(|folder| !stopped.contains(*folder));
            if goes_on && choice(2) == 1 {
                change.apply(&mut tree);
            } else {
                stopped.extend(folders.into_iter().map(str::to_owned));
            }
        }
        let all = tree.clone();
        tree.retain(|name, _| {
            let mut folder = folder_of(name);
            while !folder.is_empty() {
                if !all.contains_key(folder) {
                    return false;
                }
                folder = folder_of(folder);
            }
            true
        });
        Self {
            now: tree.clone(),
            durable: tree,
            pending: Vec::new(),
        }
    }

    /// The files that have a name.
    pub(super) fn files_now(&self) -> BTreeSet<u64> {
        files_of(&self.now).collect()
    }

    /// The files that have a name or may have one after a loss of power.
    pub(super) fn files(&self) -> BTreeSet<u64> {
        let pending = self.pending.iter().filter_map(|change| match change {
            Change::Add(_, Node::File(number)) | Change::Rename(_, _, Node::File(number)) => {
                Some(*number)
            }
            _ => None,
        });
        let named = files_of(&self.now).chain(files_of(&self.durable));
        named.chain(pending).collect()
    }
}

fn files_of(tree: &Tree) -> impl Iterator<Item = u64> {
    tree.values().filter_map(|node| match node {
        Node::File(number) => Some(*number),
        Node::Folder => None,
    })
}

fn normal(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
    parts.join("/")
}

fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn last_of(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, last)| last)
}
