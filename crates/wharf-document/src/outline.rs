//! A document as consecutive pieces of its text: nothing is left out and nothing is written twice.
//!
//! Where [`load`](crate::load) asks what a document means, an outline asks where it can be cut.

use wharf_diag::Span;

use crate::raw::{frontmatter, markdown, same_name};

/// The pieces of a text, in its order. Together they are the text to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    pieces: Vec<Piece>,
}

/// One piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Where it stands; it starts where the piece before it ends.
    pub span: Span,
}

/// What a piece of a text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// The YAML with its fences, and a byte order mark where there is one.
    Frontmatter,
    /// What stands before the first section.
    Prose,
    /// From a level-two heading to the next heading that starts a section or a part.
    Section {
        /// The words of the heading.
        name: String,
    },
    /// From a level-three heading to the next heading that starts a section or a part.
    Part {
        /// The words of the section's heading; empty where no section has begun.
        section: String,
        /// The words of the heading.
        name: String,
    },
}

impl Outline {
    /// Cuts a text into its pieces. Any text has an outline; that of an empty one is empty.
    pub fn of(text: &str) -> Self {
        let body_start = frontmatter::bounds(text).map_or(0, |bounds| bounds.whole.end);
        let mut cuts = Vec::new();
        if body_start > 0 {
            cuts.push((0, PieceKind::Frontmatter));
        }
        cuts.push((body_start, PieceKind::Prose));
        let mut section = String::new();
        for heading in markdown::headings(text, body_start) {
            let start = line_start(text, heading.span.start).max(body_start);
            let name = heading.name;
            let kind = if heading.is_section {
                section.clone_from(&name);
                PieceKind::Section { name }
            } else {
                let section = section.clone();
                PieceKind::Part { section, name }
            };
            cuts.push((start, kind));
        }
        let ends: Vec<_> = cuts.iter().skip(1).map(|(start, _)| *start).collect();
        let ends = ends.into_iter().chain([text.len()]);
        let pieces = cuts.into_iter().zip(ends).map(|((start, kind), end)| {
            let span = Span::new(start, end);
            Piece { kind, span }
        });
        Self {
            pieces: pieces.filter(|piece| !piece.span.is_empty()).collect(),
        }
    }

    /// The pieces in the order of the text.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The first section of a name, with all its parts. Case and spacing of names do not count.
    pub fn section(&self, name: &str) -> Option<Span> {
        let start = self.index_of_section(name)?;
        let rest = self.pieces.get(start..)?;
        let parts = rest.iter().skip(1).take_while(|piece| piece.is_part());
        Some(parts.fold(rest.first()?.span, |whole, part| whole.to(part.span)))
    }

    /// The first part of a name in the sections of a name.
    pub fn part(&self, section: &str, name: &str) -> Option<Span> {
        let part = self.pieces.iter().find(|piece| {
            matches!(&piece.kind, PieceKind::Part { section: of, name: part }
                if same_name(of, section) && same_name(part, name))
        });
        part.map(|part| part.span)
    }

    /// The names of the sections, in the order of the text.
    pub fn section_names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match &piece.kind {
            PieceKind::Section { name } => Some(name.as_str()),
            _ => None,
        })
    }

    /// The names of the parts of a section, in the order of the text.
    pub fn part_names(&self, section: &str) -> impl Iterator<Item = &str> {
        self.pieces
            .iter()
            .filter_map(move |piece| match &piece.kind {
                PieceKind::Part { section: of, name } if same_name(of, section) => {
                    Some(name.as_str())
                }
                _ => None,
            })
    }

    fn index_of_section(&self, name: &str) -> Option<usize> {
        self.pieces.iter().position(
            |piece| matches!(&piece.kind, PieceKind::Section { name: of } if same_name(of, name)),
        )
    }
}

impl Piece {
    fn is_part(&self) -> bool {
        matches!(self.kind, PieceKind::Part { .. })
    }
}

/// Where the line that holds an offset starts.
fn line_start(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.rfind(['\n', '\r']).map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests;
