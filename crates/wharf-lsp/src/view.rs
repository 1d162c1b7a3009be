//! What a feature looks at: one document among those it belongs to, for one client.

use std::cell::OnceCell;

use gen_lsp_types::{Location, Position, Range};
use wharf_diag::Span;
use wharf_document::Integration;

use crate::client::Client;
use crate::document::Document;
use crate::layout::Layout;
use crate::place::{self, Place};
use crate::workspace::Workspace;

/// A document as a feature sees it.
pub(crate) struct View<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) document: &'a Document,
    pub(crate) client: Client,
    layout: OnceCell<Layout>,
}

impl<'a> View<'a> {
    pub(crate) fn new(workspace: &'a Workspace, document: &'a Document, client: Client) -> Self {
        Self {
            workspace,
            document,
            client,
            layout: OnceCell::new(),
        }
    }

    pub(crate) fn text(&self) -> &'a str {
        self.document.text()
    }

    pub(crate) fn integration(&self) -> Option<&'a Integration> {
        self.document.integration.as_ref()
    }

    pub(crate) fn layout(&self) -> &Layout {
        self.layout.get_or_init(|| Layout::of(self.text()))
    }

    pub(crate) fn place(&self, offset: usize) -> Place<'a> {
        place::at(self.text(), self.layout(), offset)
    }

    pub(crate) fn offset(&self, position: Position) -> usize {
        let lines = &self.document.lines;
        lines.offset(self.text(), position, self.client.encoding)
    }

    pub(crate) fn span(&self, range: Range) -> Span {
        let lines = &self.document.lines;
        lines.span(self.text(), range, self.client.encoding)
    }

    pub(crate) fn range(&self, span: Span) -> Range {
        self.document.range(span, self.client.encoding)
    }

    /// A place in any document.
    pub(crate) fn location(&self, document: &Document, span: Span) -> Location {
        Location {
            uri: document.uri.clone(),
            range: document.range(span, self.client.encoding),
        }
    }

    /// Integrations that belong together with this one, itself included, with their documents.
    pub(crate) fn beside(&self) -> impl Iterator<Item = (&'a Document, &'a Integration)> {
        let beside = self.workspace.beside(self.document);
        beside.filter_map(|document| Some((document, document.integration.as_ref()?)))
    }

    /// The integration with this id.
    pub(crate) fn find(&self, id: &str) -> Option<(&'a Document, &'a Integration)> {
        self.workspace.find(self.document, id)
    }
}
