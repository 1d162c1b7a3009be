//! Names that are not known, and what each was meant to be.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use wharf_diag::{Diagnostic, SourceText, Span, slip};

use super::context::heading;
use crate::checks::{misspelt, unknown_name};
use crate::raw::{Text, plain_name};

/// The names of a document in groups, and those among them that nothing reads.
///
/// A name is suggested only where none of its group has it yet: written twice, it would be an
/// error where the misspelt one is a warning.
#[derive(Default)]
pub(crate) struct Slips {
    /// The plain names of each group.
    groups: Vec<HashSet<String>>,
    /// The group of the name that starts at an offset.
    group_at: HashMap<usize, usize>,
    unknown: Vec<Unknown>,
}

struct Unknown {
    name: String,
    span: Span,
    kind: String,
    /// Each with its other spellings behind `|`.
    known: Vec<&'static str>,
}

impl Slips {
    /// Takes a name of a group; a group that is new gets its number.
    pub(crate) fn name(&mut self, group: &mut Option<usize>, name: &Text) {
        let group = *group.get_or_insert_with(|| {
            self.groups.push(HashSet::new());
            self.groups.len() - 1
        });
        if let Some(names) = self.groups.get_mut(group) {
            names.insert(plain_name(name.as_str()));
            self.group_at.insert(name.span().start, group);
        }
    }

    /// Takes a name that nothing reads.
    pub(crate) fn add(&mut self, name: &Text, kind: &str, known: &[&'static str]) {
        self.unknown.push(Unknown {
            name: name.as_str().to_owned(),
            span: name.span(),
            kind: kind.to_owned(),
            known: known.to_vec(),
        });
    }

    /// What is to be said of the names that nothing reads, in the order in which they were read.
    pub(crate) fn diagnostics(mut self, source: &Arc<SourceText>) -> Vec<Diagnostic> {
        let mut found = Vec::with_capacity(self.unknown.len());
        for unknown in std::mem::take(&mut self.unknown) {
            let (span, kind, name) = (unknown.span, &unknown.kind, &unknown.name);
            found.push(match self.meant(&unknown) {
                Some(meant) => misspelt::new(source, span, kind, name, meant),
                None => unknown_name::new(source, span, kind, name),
            });
        }
        found
    }

    /// What a name was meant to be. From then on the name is taken.
    fn meant(&mut self, unknown: &Unknown) -> Option<&'static str> {
        let candidates = unknown.known.iter().map(|names| heading(names));
        let meant = slip(&unknown.name, candidates)?;
        let Some(group) = self.group_at.get(&unknown.span.start) else {
            return Some(meant);
        };
        let group = self.groups.get_mut(*group)?;
        // Case alone: `Timeout` is a slip of `timeout`, and a name that stands twice is told as such.
        if plain_name(&unknown.name) == plain_name(meant) {
            return Some(meant);
        }
        let spellings = unknown.known.iter().find(|names| heading(names) == meant)?;
        let is_taken = spellings
            .split('|')
            .any(|spelling| group.contains(&plain_name(spelling)));
        if is_taken {
            return None;
        }
        group.insert(plain_name(meant));
        Some(meant)
    }
}
