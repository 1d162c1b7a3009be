//! Names that are not known, and what each was meant to be.

use std::collections::{HashMap, HashSet};

use wharf_diag::{Span, slip};

use super::columns::heading;
use crate::findings::{Findings, misspelt, unknown_name};
use crate::raw::{Text, plain_name};

/// The names of a document in groups, and those among them that nothing reads.
///
/// A name is suggested only where none of its group has it yet: written twice, it would be an
/// error where the misspelt one is a warning.
#[derive(Default)]
pub(crate) struct Slips {
    /// How many groups there are.
    groups: usize,
    /// Every name that was taken.
    taken: Vec<Taken>,
    unknown: Vec<Unknown>,
}

struct Taken {
    group: usize,
    plain: String,
    /// Where it starts.
    at: usize,
}

/// What is looked up where a name is not known. Most documents have no such name.
#[derive(Default)]
struct Groups {
    /// The plain names of each group.
    names: HashSet<(usize, String)>,
    /// The group of the name that starts at an offset.
    group_at: HashMap<usize, usize>,
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
            self.groups += 1;
            self.groups
        });
        self.taken.push(Taken {
            group,
            plain: plain_name(name.as_str()),
            at: name.span().start,
        });
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

    /// Reports the names that nothing reads, in the order in which they were read.
    pub(crate) fn report(self, findings: &mut Findings<'_>) {
        if self.unknown.is_empty() {
            return;
        }
        let mut groups = Groups::default();
        for Taken { group, plain, at } in self.taken {
            groups.names.insert((group, plain));
            groups.group_at.insert(at, group);
        }
        for unknown in self.unknown {
            let (kind, name) = (&unknown.kind, &unknown.name);
            let meant = groups.meant(&unknown);
            findings.report_at(unknown.span, |source, span| match meant {
                Some(meant) => misspelt::new(source, span, kind, name, meant),
                None => unknown_name::new(source, span, kind, name),
            });
        }
    }
}

impl Groups {
    /// What a name was meant to be. From then on the name is taken.
    fn meant(&mut self, unknown: &Unknown) -> Option<&'static str> {
        let candidates = unknown.known.iter().map(|names| heading(names));
        let meant = slip(&unknown.name, candidates)?;
        let Some(&group) = self.group_at.get(&unknown.span.start) else {
            return Some(meant);
        };
        // Case alone: `Timeout` is a slip of `timeout`, and a name that stands twice is told as such.
        if plain_name(&unknown.name) == plain_name(meant) {
            return Some(meant);
        }
        let spellings = unknown.known.iter().find(|names| heading(names) == meant)?;
        let is_taken = spellings
            .split('|')
            .any(|spelling| self.names.contains(&(group, plain_name(spelling))));
        if is_taken {
            return None;
        }
        self.names.insert((group, plain_name(meant)));
        Some(meant)
    }
}
