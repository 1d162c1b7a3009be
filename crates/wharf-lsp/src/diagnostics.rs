//! Findings as an editor shows them.

use gen_lsp_types::{
    Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    Message,
};
use wharf_diag::{Label, Severity};

use crate::client::Client;
use crate::document::Document;
use crate::workspace::Workspace;

/// The name that findings carry in the editor.
pub(crate) const SOURCE: &str = "wharf";

/// Slugs of findings about something that nothing uses.
const UNUSED: [&str; 1] = ["credential-unused"];

/// Everything a document shows.
pub(crate) fn of(workspace: &Workspace, document: &Document, client: Client) -> Vec<Diagnostic> {
    document
        .shown()
        .iter()
        .map(|found| one(workspace, document, found, client))
        .collect()
}

/// One finding.
pub(crate) fn one(
    workspace: &Workspace,
    document: &Document,
    found: &wharf_diag::Diagnostic,
    client: Client,
) -> Diagnostic {
    let related = client.relates.then(|| {
        let labels = found.secondary.iter();
        labels
            .filter_map(|label| related(workspace, document, label, client))
            .collect::<Vec<_>>()
    });
    let tag = UNUSED
        .contains(&found.code.slug)
        .then_some(DiagnosticTag::Unnecessary)
        .or_else(|| {
            found
                .code
                .slug
                .contains("deprecated")
                .then_some(DiagnosticTag::Deprecated)
        });
    Diagnostic {
        range: document.range(found.primary.span, client.encoding),
        severity: Some(match found.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Info => DiagnosticSeverity::Information,
        }),
        code: Some(Code::String(found.code.id.to_owned())),
        source: Some(SOURCE.to_owned()),
        message: Message::String(document.masked(message(found))),
        tags: tag.map(|tag| vec![tag]),
        related_information: related.filter(|related| !related.is_empty()),
        ..Diagnostic::default()
    }
}

/// The message, the remark at its place, and the remedy.
fn message(found: &wharf_diag::Diagnostic) -> String {
    let mut message = found.message.clone().into_owned();
    let remark = &found.primary.text;
    if !remark.is_empty() {
        message += &format!(" ({remark})");
    }
    if let Some(help) = &found.help {
        message += &format!("\nhelp: {help}");
    }
    message
}

fn related(
    workspace: &Workspace,
    document: &Document,
    label: &Label,
    client: Client,
) -> Option<DiagnosticRelatedInformation> {
    let holder = if std::sync::Arc::ptr_eq(&label.source, &document.source) {
        document
    } else {
        workspace.document_of(&label.source)?
    };
    let message = if label.text.is_empty() {
        "takes part".to_owned()
    } else {
        label.text.clone().into_owned()
    };
    Some(DiagnosticRelatedInformation {
        location: Location {
            uri: holder.uri.clone(),
            range: holder.range(label.span, client.encoding),
        },
        message: document.masked(holder.masked(message)),
    })
}
