use std::path::{Path, PathBuf};

use gen_lsp_types::{
    CodeActionContext, CodeActionParams, CompletionItemTextEdit, PartialResultParams, Range,
    TextDocumentIdentifier, WorkDoneProgressParams,
};

use super::{actions, completion, definition, hover, references, rename, symbols};
use crate::client::Client;
use crate::view::View;
use crate::workspace::{Plain, Workspace};

const BILLING: &str = include_str!("../../../../tests/clients/fixtures/editor/billing.md");
const LEDGER: &str = include_str!("../../../../tests/clients/fixtures/editor/ledger.md");

fn workspace(text: &str) -> Workspace {
    let mut workspace = Workspace::default();
    workspace.add_folder(PathBuf::from("/w"));
    workspace.put(Path::new("/w/billing.md"), text.to_owned());
    workspace.put(Path::new("/w/ledger.md"), LEDGER.to_owned());
    workspace.refresh(&Plain, true, usize::MAX, None);
    workspace
}

fn view(workspace: &Workspace) -> View<'_> {
    let document = workspace.document(Path::new("/w/billing.md")).unwrap();
    View::new(workspace, document, Client::default())
}

fn parameters(view: &View<'_>, range: Range) -> CodeActionParams {
    CodeActionParams {
        text_document: TextDocumentIdentifier {
            uri: view.document.uri.clone(),
        },
        range,
        context: CodeActionContext::default(),
        work_done_progress_params: WorkDoneProgressParams::default(),
        partial_result_params: PartialResultParams::default(),
    }
}

/// What is offered replaces one stretch of one line, with the place in it.
fn check_every_offset(text: &str) {
    let workspace = workspace(text);
    let view = view(&workspace);
    for offset in (0..=text.len()).filter(|offset| text.is_char_boundary(*offset)) {
        let place = view.range(wharf_diag::Span::at(offset)).start;
        // No client names a place inside a line ending.
        let offset = view.offset(place);
        let place = view.range(wharf_diag::Span::at(offset)).start;
        for item in completion::list(&view, offset)
            .map(|list| list.items)
            .unwrap_or_default()
        {
            let Some(CompletionItemTextEdit::TextEdit(edit)) = item.text_edit else {
                panic!("an offer without an edit at {offset}");
            };
            let range = edit.range;
            assert!(
                range.start <= place && place <= range.end && range.start.line == range.end.line,
                "{} at {offset}: {range:?}",
                item.label
            );
        }
        if let Some(shown) = hover::show(&view, offset)
            && let Some(range) = shown.range
        {
            assert!(
                range.start.line == place.line,
                "a hover at {offset}: {range:?}"
            );
        }
        definition::find(&view, offset);
        references::list(&view, offset, true);
        rename::prepare(&view, offset);
        actions::list(
            &view,
            &parameters(
                &view,
                Range {
                    start: place,
                    end: place,
                },
            ),
        );
    }
    symbols::outline(&view);
    symbols::folds(&view);
}

#[test]
fn every_place_of_a_document_can_be_asked() {
    check_every_offset(BILLING);
}

#[test]
fn every_place_of_an_odd_document_can_be_asked() {
    check_every_offset(&BILLING.replace('\n', "\r\n"));
    check_every_offset(&BILLING.replace("Bad key", "שלום 😀").replace("```", "~~"));
    let (head, body) = BILLING.split_at(BILLING.find("\n# ").unwrap());
    let body = body.replace(':', "::").replace("| ", "|| ");
    check_every_offset(&format!("{head}{body}"));
}

#[test]
fn every_text_that_is_cut_off_can_be_asked_at_its_end() {
    for end in (80..BILLING.len()).step_by(7) {
        let text = &BILLING[..end];
        let workspace = workspace(text);
        if workspace.document(Path::new("/w/billing.md")).is_some() {
            let view = view(&workspace);
            completion::list(&view, end);
            hover::show(&view, end);
        }
    }
}

// dotnet/roslyn#69358, microsoft/TypeScript#18445: a quick fix brought in another line ending.
#[test]
fn quick_fixes_end_lines_as_the_text_does() {
    let second = BILLING.match_indices("---\n").nth(1).unwrap().0;
    let mut text = BILLING.to_owned();
    text.replace_range(second..second + 4, "");
    let workspace = workspace(&text.replace('\n', "\r\n"));
    let view = view(&workspace);
    let whole = view.range(wharf_diag::Span::new(0, view.text().len()));
    let actions = actions::list(&view, &parameters(&view, whole));
    let close = actions
        .iter()
        .find(|action| action.title == "Close the frontmatter");
    let edit = serde_json::to_string(&close.unwrap().edit).unwrap();
    assert!(edit.contains(r"---\r\n"), "{edit}");
}

#[test]
fn a_text_that_is_no_document_gets_no_folds() {
    let mut workspace = workspace(BILLING);
    let plain = BILLING.replace("subtype: integration", "subtype: essay");
    let path = Path::new("/w/billing.md");
    workspace.open(crate::address::uri(path), 1, plain);
    workspace.refresh(&Plain, true, usize::MAX, None);
    assert!(!symbols::folds(&view(&self::workspace(BILLING))).is_empty());
    assert!(symbols::folds(&view(&workspace)).is_empty());
}
