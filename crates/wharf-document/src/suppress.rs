//! Leaves out findings that the document's author has answered with a comment and a reason.
//!
//! The grammar stands in `docs/document.md`, "What is not reported".

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Edit, Hidden, SourceText, Span, find_page};

use crate::catalogue::pages;
use crate::findings::{suppression_unknown, suppression_unused, suppression_without_reason};
use crate::raw::comments::{self, Comment, Comments, line_end, line_start};

/// Most codes of one comment that are read.
const MOST_CODES: usize = 20;

/// Most findings about comments that are kept.
const MOST_FINDINGS: usize = 1_000;

/// The findings of one document after its comments were heard.
#[derive(Debug, Default)]
pub struct Suppressed {
    /// What remains, and what is wrong with comments, in the order of the places.
    pub kept: Vec<Diagnostic>,
    /// What a comment leaves out. Its hidden places still hide.
    pub suppressed: Vec<SuppressedFinding>,
}

/// A finding that a comment leaves out.
#[derive(Clone, Debug)]
pub struct SuppressedFinding {
    /// What was found.
    pub diagnostic: Diagnostic,
    /// The author's reason, in one line and without hidden text.
    pub reason: String,
}

/// Takes out the findings that a comment of `source` suppresses, and reports comments that
/// suppress nothing, have no reason or name no code.
///
/// `diagnostics` are all findings whose primary place is in `source`, of every pass; findings
/// about comments must not be among them. `was_looked_for` tells whether the passes that ran
/// could have found a code: a comment about another code is not called unused.
///
/// A finding that hides something is about a secret: only a comment about its very line
/// suppresses it, never one for the file or for a block.
pub fn suppress(
    source: &Arc<SourceText>,
    diagnostics: Vec<Diagnostic>,
    was_looked_for: impl Fn(Code) -> bool,
) -> Suppressed {
    let found = comments::find(source.text());
    if found.all.is_empty() {
        return Suppressed {
            kept: diagnostics,
            suppressed: Vec::new(),
        };
    }
    let hidden = Hidden::of(&diagnostics);
    let mut directives = Vec::new();
    let mut told = Vec::new();
    let reaches = reaches(source.text(), &found);
    for (comment, reach) in found.all.iter().zip(reaches) {
        directives.extend(Directive::read(
            source, *comment, &found, reach, &hidden, &mut told,
        ));
    }
    let mut outcome = Suppressed::default();
    for diagnostic in diagnostics {
        match reason(&mut directives, &diagnostic) {
            Some(reason) => outcome
                .suppressed
                .push(SuppressedFinding { diagnostic, reason }),
            None => outcome.kept.push(diagnostic),
        }
    }
    for directive in &directives {
        told.extend(directive.complaints(source, &hidden, &was_looked_for));
    }
    told.truncate(MOST_FINDINGS);
    outcome.kept.extend(told);
    outcome
        .kept
        .sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.code.id));
    outcome
}

/// One comment that was understood.
struct Directive {
    comment: Comment,
    codes: Vec<Named>,
    reason: String,
    reach: Reach,
}

/// A code as a comment names it.
struct Named {
    span: Span,
    /// `None` when there is no such code, with the nearest one.
    code: Result<Code, Option<&'static str>>,
    is_used: bool,
}

/// What a comment is about. Ordered: the narrowest that fits is the one that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// Findings that start in this line.
    Line(Span),
    /// Findings that start in this block.
    Block(Span),
    /// Every finding of the document.
    File,
    /// Nothing: a comment for the file that stands too late.
    Nothing,
}

impl Directive {
    /// `None`: the comment only starts like one of ours, or what is wrong with it was told.
    fn read(
        source: &Arc<SourceText>,
        comment: Comment,
        found: &Comments,
        reach: Reach,
        hidden: &Hidden,
        told: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let content = source.slice(comment.content);
        let word_end = content
            .find(|sign: char| sign.is_whitespace() || sign == ':')
            .unwrap_or(content.len());
        let reach = match &content[..word_end] {
            "wharf-ignore" => reach,
            "wharf-ignore-file" if comment.span.start < found.first_section => Reach::File,
            "wharf-ignore-file" => Reach::Nothing,
            _ => return None,
        };
        let colon = content[word_end..].find(':').map(|at| word_end + at);
        let reason = colon.map_or(Span::at(comment.content.end), |at| {
            Span::new(comment.content.start + at + 1, comment.content.end)
        });
        let words = hidden.mask(source, reason);
        let reason = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if !reason.contains(char::is_alphanumeric) {
            told.push(suppression_without_reason::new(source, comment.span));
            return None;
        }
        let names = Span::new(word_end, colon.unwrap_or(content.len()));
        let codes = named(content, names, comment.content.start);
        if codes.is_empty() {
            told.push(suppression_unknown::without(source, comment.span));
            return None;
        }
        Some(Self {
            comment,
            codes,
            reason,
            reach,
        })
    }

    fn covers(&self, diagnostic: &Diagnostic) -> bool {
        let at = diagnostic.primary.span.start;
        let holds = |span: Span| (span.start..span.end).contains(&at);
        match self.reach {
            Reach::Line(span) => holds(span),
            Reach::Block(span) => holds(span) && diagnostic.hidden.is_empty(),
            Reach::File => diagnostic.hidden.is_empty(),
            Reach::Nothing => false,
        }
    }

    /// What is wrong with the comment, once all findings were seen.
    fn complaints(
        &self,
        source: &Arc<SourceText>,
        hidden: &Hidden,
        was_looked_for: impl Fn(Code) -> bool,
    ) -> Vec<Diagnostic> {
        let is_unused = |named: &Named| {
            let is_late = self.reach == Reach::Nothing;
            !named.is_used && named.code.is_ok_and(|code| is_late || was_looked_for(code))
        };
        let all_unused = self.codes.iter().all(is_unused);
        let mut complaints = Vec::new();
        for (index, named) in self.codes.iter().enumerate() {
            match named.code {
                Err(meant) => {
                    let written = hidden.mask(source, named.span);
                    let finding = suppression_unknown::new(source, named.span, &written, meant);
                    complaints.push(finding);
                }
                Ok(code) if is_unused(named) => {
                    let is_late = self.reach == Reach::Nothing;
                    // Where every code is unused, the first one's fix takes the comment away.
                    let edit = if !all_unused {
                        Some(self.without_code(source.text(), index))
                    } else if index == 0 {
                        Some(self.removed(source.text()))
                    } else {
                        None
                    };
                    complaints.push(suppression_unused::new(
                        source, named.span, code, is_late, edit,
                    ));
                }
                Ok(_) => {}
            }
        }
        complaints
    }

    /// Takes one code out of the list, with the comma behind it or, for the last, before it.
    fn without_code(&self, text: &str, index: usize) -> Edit {
        let span = self.codes[index].span;
        let span = match (self.codes.get(index + 1), index.checked_sub(1)) {
            (Some(next), _) => Span::new(span.start, next.span.start),
            (None, Some(before)) => Span::new(self.codes[before].span.end, span.end),
            (None, None) => return self.removed(text),
        };
        Edit {
            span,
            replacement: String::new(),
        }
    }

    /// Takes the comment away, with its line where it stands alone.
    fn removed(&self, text: &str) -> Edit {
        let span = self.comment.span;
        if !self.comment.is_alone {
            let before = text[..span.start].trim_end_matches([' ', '\t']);
            return Edit {
                span: Span::new(before.len(), span.end),
                replacement: String::new(),
            };
        }
        let start = line_start(text, span.start);
        let end = line_end(text, span.end);
        let is_blank = |line: &str| line.trim().is_empty();
        let before = &text[line_start(text, start.saturating_sub(1))..start];
        let after = &text[end..line_end(text, end)];
        let (span, replacement) = match (is_blank(before), is_blank(after)) {
            // What stands around a comment in Markdown must not grow together.
            (false, false) if self.comment.is_html => {
                (Span::new(start, end), line_break(text, end))
            }
            (true, true) if self.comment.is_html => (Span::new(start, end + after.len()), ""),
            _ => (Span::new(start, end), ""),
        };
        Edit {
            span,
            replacement: replacement.to_owned(),
        }
    }
}

/// The line break that ends before `end`.
fn line_break(text: &str, end: usize) -> &str {
    let before = &text[..end];
    if before.ends_with("\r\n") {
        "\r\n"
    } else if before.ends_with('\n') {
        "\n"
    } else {
        ""
    }
}

/// The line or block that each comment is about.
///
/// From the last to the first: comments that follow each other are about the same, so what the
/// next one is about need not be looked for again.
fn reaches(text: &str, found: &Comments) -> Vec<Reach> {
    let mut reaches = vec![Reach::Nothing; found.all.len()];
    for index in (0..found.all.len()).rev() {
        reaches[index] = reach(text, index, found, &reaches);
    }
    reaches
}

/// The line or block that a comment is about. `known` holds it for the comments behind this one.
fn reach(text: &str, index: usize, found: &Comments, known: &[Reach]) -> Reach {
    let comment = found.all[index];
    if !comment.is_alone {
        let start = line_start(text, comment.span.start);
        return Reach::Line(Span::new(start, line_end(text, comment.span.start)));
    }
    // Blank lines and further comments may stand between a comment and what it is about.
    let mut start = line_end(text, comment.span.end);
    while start < text.len() {
        let end = line_end(text, start);
        let first = found.all.partition_point(|other| other.span.start < start);
        let mut in_line = (first..found.all.len())
            .take_while(|other| found.all[*other].span.start < end)
            .filter(|other| found.all[*other].is_alone);
        if let Some(other) = in_line.next() {
            return known[other];
        }
        if !text[start..end].trim().is_empty() {
            let first = found.blocks.partition_point(|block| block.start < start);
            let block = found.blocks.get(first);
            return match block.filter(|block| line_start(text, block.start) == start) {
                Some(block) => Reach::Block(*block),
                None => Reach::Line(Span::new(start, end)),
            };
        }
        start = end;
    }
    // Something may be missing at the end of the text, and the finding stands there.
    Reach::Line(Span::new(text.len(), text.len() + 1))
}

/// The codes between the first word and the colon, each with its place.
fn named(content: &str, names: Span, offset: usize) -> Vec<Named> {
    let mut at = names.start;
    let mut codes = Vec::new();
    for piece in content[names.range()].split(',').take(MOST_CODES) {
        let word = piece.trim();
        let start = at + piece.len() - piece.trim_start().len();
        at += piece.len() + 1;
        if !word.is_empty() {
            codes.push(Named {
                span: Span::new(start, start + word.len()).shifted(offset),
                code: find_page(pages(), word).map(|page| page.code),
                is_used: false,
            });
        }
    }
    codes
}

/// The reason of the narrowest comment that suppresses a finding; the comment is then used.
fn reason(directives: &mut [Directive], diagnostic: &Diagnostic) -> Option<String> {
    let is_named = |named: &Named| named.code == Ok(diagnostic.code);
    let directive = directives
        .iter_mut()
        .filter(|directive| directive.codes.iter().any(is_named) && directive.covers(diagnostic))
        .min_by_key(|directive| directive.reach)?;
    let named = directive.codes.iter_mut().find(|named| is_named(named))?;
    named.is_used = true;
    Some(directive.reason.clone())
}

#[cfg(test)]
mod tests;
