//! Quick fixes: what a finding offers, all safe ones at once, and comments that answer a finding.

use gen_lsp_types::{CodeAction, CodeActionKind, CodeActionParams, TextEdit};
use wharf_diag::{Applicability, Diagnostic, Edit, Span};

use super::rename::edit;
use crate::diagnostics;
use crate::place::{item_start, line_of};
use crate::view::View;

/// The kind of the action that applies all safe fixes.
pub(crate) const FIX_ALL: &str = "source.fixAll.wharf";

const QUICK_FIX: &str = "quickfix";

/// Languages of blocks in which `#` starts a comment.
const HASH_LANGUAGES: [&str; 6] = ["yaml", "yml", "python", "py", "toml", "ini"];

/// What the comment says until somebody writes the reason.
const REASON: &str = "say why";

/// Actions for a range.
pub(crate) fn list(view: &View<'_>, params: &CodeActionParams) -> Vec<CodeAction> {
    let range = view.span(params.range);
    let is_wanted = |kind: &str| {
        params.context.only.as_ref().is_none_or(|kinds| {
            kinds.iter().any(|wanted| {
                let wanted = wanted.as_str();
                wanted.is_empty()
                    || kind == wanted
                    || kind
                        .strip_prefix(wanted)
                        .is_some_and(|rest| rest.starts_with('.'))
            })
        })
    };
    let mut actions = Vec::new();
    if is_wanted(QUICK_FIX) {
        let found = view.document.shown().iter();
        let here = found.filter(|found| touches(found.primary.span, range));
        for found in here {
            actions.extend(fix(view, found));
            actions.extend(suppression(view, found));
        }
        // What removes a finding comes before what hides it.
        actions
            .sort_by_key(|action| action.edit.is_none() || action.title.starts_with("Leave out"));
    }
    if is_wanted(FIX_ALL) {
        actions.extend(fix_all(view));
    }
    actions
}

fn touches(span: Span, range: Span) -> bool {
    span.start <= range.end && range.start <= span.end
}

fn text_edit(view: &View<'_>, edit: &Edit) -> TextEdit {
    TextEdit {
        range: view.range(edit.span),
        new_text: wharf_diag::with_line_breaks_of(view.text(), &edit.replacement).into_owned(),
    }
}

fn fix(view: &View<'_>, found: &Diagnostic) -> Option<CodeAction> {
    let fix = found.fix.as_ref()?;
    let edits = fix.edits.iter().map(|edit| text_edit(view, edit)).collect();
    Some(CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: Some(vec![diagnostics::one(
            view.workspace,
            view.document,
            found,
            view.client,
        )]),
        is_preferred: (fix.applicability == Applicability::Safe).then_some(true),
        edit: Some(edit(view, edits)),
        ..CodeAction::default()
    })
}

/// All safe fixes whose edits do not meet.
fn fix_all(view: &View<'_>) -> Option<CodeAction> {
    let document = view.document;
    let outcome = wharf_diag::apply_fixes(&document.source, document.shown(), Applicability::Safe);
    let fixes = outcome
        .applied
        .iter()
        .filter_map(|found| found.fix.as_ref());
    let edits: Vec<_> = fixes
        .flat_map(|fix| &fix.edits)
        .map(|edit| text_edit(view, edit))
        .collect();
    (!edits.is_empty()).then(|| CodeAction {
        title: "Apply all safe fixes".to_owned(),
        kind: Some(CodeActionKind::new(FIX_ALL)),
        edit: Some(edit(view, edits)),
        ..CodeAction::default()
    })
}

/// A comment that leaves a finding out, where the document's grammar allows one.
fn suppression(view: &View<'_>, found: &Diagnostic) -> Option<CodeAction> {
    let (at, text) = comment(view, found)?;
    let edits = vec![TextEdit {
        range: view.range(Span::at(at)),
        new_text: text,
    }];
    Some(CodeAction {
        title: format!("Leave out {} here, with a reason", found.code.id),
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: Some(vec![diagnostics::one(
            view.workspace,
            view.document,
            found,
            view.client,
        )]),
        edit: Some(edit(view, edits)),
        ..CodeAction::default()
    })
}

/// Where a comment about a finding goes, and its text.
fn comment(view: &View<'_>, found: &Diagnostic) -> Option<(usize, String)> {
    let text = view.text();
    let layout = view.layout();
    let code = found.code.id;
    let at = found.primary.span.start;
    let line = line_of(text, text.floor_char_boundary(at));
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let words = format!("wharf-ignore {code}: {REASON}");
    if let Some(yaml) = layout.frontmatter {
        if at < yaml.start {
            // The opening line stands for the whole document.
            let rest = &text[yaml.end..];
            let behind = yaml.end + rest.find('\n').map_or(rest.len(), |at| at + 1);
            let words = format!("{ending}<!-- wharf-ignore-file {code}: {REASON} -->{ending}");
            return Some((behind, words));
        }
        if at < yaml.end {
            return Some((line.end, format!(" # {words}")));
        }
    }
    if let Some(fence) = layout.fence_at(at) {
        let language = text[fence.info.range()]
            .split_whitespace()
            .next()
            .unwrap_or_default();
        let has_hash = HASH_LANGUAGES
            .iter()
            .any(|known| language.eq_ignore_ascii_case(known));
        if has_hash && fence.body.start <= at {
            return Some((line.end, format!(" # {words}")));
        }
        if !found.hidden.is_empty() {
            // A comment for a block never leaves out a secret.
            return None;
        }
        let start = line_of(text, fence.whole.start).start;
        return Some((start, format!("<!-- {words} -->{ending}")));
    }
    let content = &text[line.range()];
    let is_row = content.trim_start().starts_with('|');
    if is_row || item_start(content).is_some() {
        let end = line.start + content.trim_end().len();
        return Some((end, format!(" <!-- {words} -->")));
    }
    Some((line.start, format!("<!-- {words} -->{ending}")))
}
