//! Frontmatter keys in the order in which the template has them.

use std::collections::HashSet;

use wharf_diag::{Edit, Span};

use crate::raw::frontmatter::{Bounds, bounds, bracketed_title, key_lines, lines, parse};
use crate::raw::yaml::Node;
use crate::vocabulary::FRONTMATTER_KEYS;

/// An entry with the comments directly above it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Place of its key in the order of keys.
    pub(crate) rank: usize,
    /// Whole lines.
    pub(crate) span: Span,
}

/// The edit that orders the keys, where they are in another order and the block can be read.
pub(super) fn ordered(text: &str) -> Option<Edit> {
    let bounds = bounds(text).filter(|bounds| bounds.closed)?;
    let entries = read(text, bounds)?;
    if !is_each_new(&entries) {
        return None;
    }
    let spans = entries_of(text, bounds, &entries)?;
    let mut order: Vec<_> = spans.iter().collect();
    order.sort_by_key(|entry| entry.rank);
    if order
        .iter()
        .map(|entry| entry.rank)
        .eq(spans.iter().map(|entry| entry.rank))
    {
        return None;
    }
    let first = spans.first()?.span.start;
    let last = spans.last()?.span.end;
    let span = Span::new(first, last);
    let replacement: String = order
        .iter()
        .filter_map(|entry| text.get(entry.span.range()))
        .collect();
    let edit = Edit { span, replacement };
    let after = super::apply(text, std::slice::from_ref(&edit));
    same_entries(text, &entries, &after).then_some(edit)
}

/// Whether no key is given twice. The first of two counts, so their order has a meaning.
fn is_each_new(entries: &[Read]) -> bool {
    let mut seen = HashSet::new();
    entries
        .iter()
        .all(|entry| seen.insert(entry.name.to_lowercase()))
}

/// Place of a key in the order of keys; unknown ones come last, in their own order.
pub(crate) fn rank(key: &str) -> usize {
    FRONTMATTER_KEYS
        .iter()
        .position(|known| *known == key)
        .unwrap_or(FRONTMATTER_KEYS.len())
}

/// Cuts the block into entries of whole lines. `None` where keys do not start lines of their own.
pub(crate) fn entries_of(text: &str, bounds: Bounds, entries: &[Read]) -> Option<Vec<Entry>> {
    let yaml = bounds.yaml;
    let lines: Vec<_> = lines(text, yaml.start)
        .take_while(|line| line.start < yaml.end)
        .collect();
    let mut starts = Vec::with_capacity(entries.len());
    let mut free_from = 0;
    for entry in entries {
        let index = lines.partition_point(|line| line.end <= entry.key.start);
        let line = lines.get(index)?;
        let before = text.get(line.start..entry.key.start)?;
        if !matches!(before, "" | "\"" | "'") || index < free_from {
            return None;
        }
        let is_comment = |line: &Span| text[line.range()].starts_with('#');
        let comments = lines.get(free_from..index)?;
        let own = comments.iter().rev().take_while(|line| is_comment(line));
        let mut start = index - own.count();
        // A line for an editor or another tool is about the whole block and has to be its first.
        if start == 0
            && lines
                .first()
                .is_some_and(|line| is_for_a_tool(&text[line.range()]))
        {
            start = 1;
        }
        starts.push((rank(&entry.name), start));
        let value_end = entry.value.end.max(entry.key.end).saturating_sub(1);
        free_from = 1 + lines.partition_point(|line| line.end <= value_end);
    }
    // Comments below the last entry belong to none, and stay where they are.
    let trailing = lines.get(free_from.min(lines.len())..)?;
    let trailing = trailing
        .iter()
        .rev()
        .take_while(|line| text[line.range()].starts_with('#'))
        .count();
    let end = lines.len() - trailing;
    let line_start = |index: usize| lines.get(index).map_or(yaml.end, |line| line.start);
    let ends: Vec<_> = starts.iter().skip(1).map(|(_, index)| *index).collect();
    let spans = starts.iter().zip(ends.into_iter().chain([end]));
    Some(
        spans
            .map(|((rank, start), end)| Entry {
                rank: *rank,
                span: Span::new(line_start(*start), line_start(end)),
            })
            .collect(),
    )
}

/// Whether a comment is for a program: `# yaml-language-server: $schema=…`, `# vim: …`,
/// `# -*- mode -*-`. A key of ours that is commented out is none.
fn is_for_a_tool(line: &str) -> bool {
    let Some(words) = line.strip_prefix('#').map(str::trim) else {
        return false;
    };
    let name = words.split_whitespace().next().unwrap_or_default();
    let is_directive = name
        .split_once(':')
        .is_some_and(|(name, _)| !name.is_empty() && !FRONTMATTER_KEYS.contains(&name));
    is_directive || ["-*-", "yamllint", "prettier-ignore", "noqa"].contains(&name)
}

/// A key and its value, as YAML reads them.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) name: String,
    /// Where the key stands.
    pub(crate) key: Span,
    /// Where the value stands.
    pub(crate) value: Span,
    /// The value without its places, to compare.
    pub(crate) content: Content,
}

/// A value without its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Scalar(String),
    List(Vec<Content>),
    Mapping(Vec<(String, Content)>),
}

/// The entries of a block; `None` where it cannot be read as YAML.
pub(crate) fn read(text: &str, bounds: Bounds) -> Option<Vec<Read>> {
    let lines = key_lines(text, bounds.yaml);
    let bracketed = bracketed_title(text, &lines);
    let Ok(Node::Mapping(nodes, _)) = parse(text, bounds, bracketed) else {
        return None;
    };
    let entries = nodes.iter().map(|(key, node)| {
        let title = bracketed.filter(|line| line.key.start == key.span().start);
        Read {
            name: key.as_str().to_owned(),
            key: key.span(),
            value: title.map_or(node.span(), |line| line.value),
            content: title.map_or_else(
                || content(node),
                |line| Content::Scalar(text[line.value.range()].to_owned()),
            ),
        }
    });
    Some(entries.collect())
}

fn content(node: &Node) -> Content {
    match node {
        Node::Scalar(text) => Content::Scalar(text.as_str().to_owned()),
        Node::Sequence(nodes, _) => Content::List(nodes.iter().map(content).collect()),
        Node::Mapping(entries, _) => Content::Mapping(
            entries
                .iter()
                .map(|(key, node)| (key.as_str().to_owned(), content(node)))
                .collect(),
        ),
    }
}

/// Whether the text after a change holds the entries of before, in the order of keys.
fn same_entries(before: &str, entries: &[Read], after: &str) -> bool {
    let (old, new) = (bounds(before), bounds(after));
    let Some(bounds) = new.filter(|_| old == new) else {
        return false;
    };
    let mut wanted: Vec<_> = entries.iter().collect();
    wanted.sort_by_key(|entry| rank(&entry.name));
    let found = read(after, bounds).unwrap_or_default();
    let parts = |entry: &Read| (entry.name.clone(), entry.content.clone());
    found.iter().map(parts).eq(wanted.into_iter().map(parts))
}
