//! One text, read as a document, with what an editor needs to know about it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{Range, TextDocumentContentChangeEvent as Change, Uri};
use jiff::Timestamp;
use wharf_diag::{Diagnostic, Hidden, SourceText, Span};
use wharf_document::Integration;
use wharf_workspace::Member;

use crate::Files;
use crate::position::{Encoding, Lines};

/// Largest text that is read as a document. A larger one is kept in step and not understood.
pub(crate) const LARGEST_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// One text of the workspace or of the editor.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) path: PathBuf,
    /// The address as the client writes it.
    pub(crate) uri: Uri,
    pub(crate) source: Arc<SourceText>,
    pub(crate) lines: Lines,
    /// The client's version while the text is open in the editor.
    pub(crate) version: Option<i32>,
    /// `None` while the text is no integration document.
    pub(crate) integration: Option<Integration>,
    /// Findings about this document alone, whatever its comments say.
    pub(crate) found: Vec<Diagnostic>,
    /// Whether `found` has everything: there is a bound.
    pub(crate) is_complete: bool,
    /// What of all findings is shown. `None`: all that was found about this document alone.
    pub(crate) judged: Option<Vec<Diagnostic>>,
    /// The root of the documents that it belongs together with. `None`: it is alone.
    pub(crate) root: Option<PathBuf>,
    hidden: Hidden,
}

impl Document {
    /// Takes a text; it is read by [`read`](Self::read).
    pub(crate) fn new(path: &Path, uri: Uri, name: &str, text: String) -> Self {
        let lines = Lines::new(&text);
        Self {
            path: path.to_owned(),
            uri,
            source: Arc::new(SourceText::new(name, text)),
            lines,
            version: None,
            integration: None,
            found: Vec::new(),
            is_complete: true,
            judged: None,
            root: None,
            hidden: Hidden::default(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        self.source.text()
    }

    pub(crate) fn set_text(&mut self, text: String) {
        self.lines = Lines::new(&text);
        self.source = Arc::new(SourceText::new(self.source.name(), text));
    }

    /// Gives the text another name in messages.
    pub(crate) fn rename(&mut self, name: &str) {
        self.source = Arc::new(SourceText::new(name, self.text()));
    }

    /// Applies the changes of one message in their order.
    pub(crate) fn change(&mut self, changes: Vec<Change>, encoding: Encoding) {
        let mut text = self.text().to_owned();
        for change in changes {
            match change {
                Change::TextDocumentContentChangePartial(part) => {
                    let span = self.lines.span(&text, part.range, encoding);
                    self.lines.replace(&mut text, span, &part.text);
                }
                Change::TextDocumentContentChangeWholeDocument(whole) => {
                    text = whole.text;
                    self.lines = Lines::new(&text);
                }
            }
        }
        self.source = Arc::new(SourceText::new(self.source.name(), text));
    }

    /// Reads the text as it is now, a file below the folder `root`. Dates are compared with `now`,
    /// operations with the API description, and the examples, that `files` has.
    pub(crate) fn read(&mut self, root: &Path, files: &dyn Files, now: Timestamp) {
        self.clear();
        if self.source.text().len() > LARGEST_DOCUMENT_BYTES {
            return;
        }
        let read = wharf_workspace::read(&self.path, root, &self.source, Some(files), now);
        if let Some(loaded) = read {
            self.is_complete = loaded.left_out == 0;
            self.integration = loaded.integration;
            self.hidden = Hidden::of(&loaded.diagnostics);
            self.found = loaded.diagnostics;
        } else {
            self.found = wharf_document::check_near_miss(&self.source)
                .into_iter()
                .collect();
            self.hidden = Hidden::of(&self.found);
        }
    }

    /// The findings that are shown, in the order of their places.
    pub(crate) fn shown(&self) -> &[Diagnostic] {
        self.judged.as_ref().unwrap_or(&self.found)
    }

    /// Forgets what was read; the text stays.
    pub(crate) fn clear(&mut self) {
        self.integration = None;
        self.found = Vec::new();
        self.judged = None;
        self.is_complete = true;
        self.hidden = Hidden::default();
    }

    pub(crate) fn range(&self, span: Span, encoding: Encoding) -> Range {
        self.lines.range(self.text(), span, encoding)
    }

    /// A text without what findings hide.
    pub(crate) fn masked(&self, text: String) -> String {
        match self.hidden.clean(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(cleaned) => cleaned,
        }
    }
}

impl Member for Document {
    fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    fn integration(&self) -> Option<&Integration> {
        self.integration.as_ref()
    }
}
