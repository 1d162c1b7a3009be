//! Findings as text with code frames, for a terminal or a log.

use std::io;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::printable::{printable, printable_beside_colours, printable_in_line};
use crate::{Diagnostic, Hidden, Label, Severity, Span};

/// Lines around a marked line that are part of a frame.
const CONTEXT_LINES: usize = 1;

/// Longest frame in bytes; a longer one shows its first line only.
const LONGEST_FRAME_BYTES: usize = 64 * 1024;

/// Whether the text holds colour codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Escape codes for a terminal.
    Always,
    /// Plain text.
    Never,
}

impl Colour {
    /// `Always` where colours are wanted.
    pub const fn wanted(wanted: bool) -> Self {
        if wanted { Self::Always } else { Self::Never }
    }
}

/// Renders findings one after the other, each with its place underlined.
///
/// What is hidden is shown as asterisks in every frame.
pub fn to_text<'a>(
    shown: impl IntoIterator<Item = &'a Diagnostic>,
    hidden: &Hidden,
    colour: Colour,
) -> String {
    let renderer = match colour {
        Colour::Always => Renderer::styled().hyperlink(false),
        Colour::Never => Renderer::plain(),
    };
    let mut text = String::new();
    for diagnostic in shown {
        text.push_str(&renderer.render(&[group(diagnostic, hidden)]));
        text.push_str("\n\n");
    }
    match colour {
        // The renderer takes out the escape characters of a text, so those left are its own.
        Colour::Always => printable_beside_colours(&text),
        Colour::Never => printable(&text),
    }
    .into_owned()
}

/// Writes one line for each finding: place, severity, code and message.
///
/// The form is `FILE:LINE:COLUMN: SEVERITY[CODE]: MESSAGE`, which editors and terminals find the
/// place by. No line holds a word of `hidden`.
pub fn write_lines<'a>(
    out: &mut dyn io::Write,
    shown: impl IntoIterator<Item = &'a Diagnostic>,
    hidden: &Hidden,
) -> io::Result<()> {
    for diagnostic in shown {
        let start = diagnostic.primary.start();
        writeln!(
            out,
            "{}:{}:{}: {}[{}]: {}",
            printable_in_line(diagnostic.primary.source.name()),
            start.line,
            start.column,
            diagnostic.severity,
            diagnostic.code.id,
            in_line(&diagnostic.message, hidden)
        )?;
    }
    Ok(())
}

fn group<'a>(diagnostic: &'a Diagnostic, hidden: &Hidden) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level
        .primary_title(in_line(&diagnostic.message, hidden))
        .id(diagnostic.code.id);
    let mut group = Group::with_title(title);
    for labels in by_source(diagnostic) {
        group = group.element(snippet(&labels, &diagnostic.primary, hidden));
    }
    let help = diagnostic.help.as_deref();
    let fix = diagnostic.fix.as_ref().map(|fix| fix.title.as_str());
    match help.or(fix) {
        Some(help) => group.element(Level::HELP.message(in_line(help, hidden))),
        None => group,
    }
}

/// Words about a text, which may hold parts of it, as they stand in a line of ours.
fn in_line(words: &str, hidden: &Hidden) -> String {
    printable_in_line(&hidden.clean(words)).into_owned()
}

/// The labels grouped by text, the primary one's first.
fn by_source(diagnostic: &Diagnostic) -> Vec<Vec<&Label>> {
    let mut groups: Vec<Vec<&Label>> = vec![vec![&diagnostic.primary]];
    for label in &diagnostic.secondary {
        let same = groups
            .iter_mut()
            .find(|group| Arc::ptr_eq(&group[0].source, &label.source));
        match same {
            Some(group) => group.push(label),
            None => groups.push(vec![label]),
        }
    }
    groups
}

fn snippet<'a>(
    labels: &[&'a Label],
    primary: &Label,
    hidden: &Hidden,
) -> Snippet<'a, Annotation<'a>> {
    let source = &labels[0].source;
    let all = labels
        .iter()
        .map(|label| label.span)
        .reduce(Span::to)
        .unwrap_or_default();
    let mut frame = lines_around(source.text(), all);
    if frame.len() > LONGEST_FRAME_BYTES {
        frame = lines_around(source.text(), Span::at(labels[0].span.start));
        frame.end = frame.end.min(frame.start + LONGEST_FRAME_BYTES);
        while !source.text().is_char_boundary(frame.end) {
            frame.end -= 1;
        }
    }
    let text = hidden.mask(source, frame).into_owned();
    let line_start = source.line_column(frame.start).line;
    let annotations = labels.iter().filter_map(|label| {
        let kind = if std::ptr::eq(*label, primary) {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let start = label.span.start.max(frame.start) - frame.start;
        let end = label.span.end.min(frame.end).checked_sub(frame.start)?;
        let inside = start <= end && label.span.start <= frame.end;
        let remark = (!label.text.is_empty()).then(|| in_line(&label.text, hidden));
        inside.then(|| kind.span(start..end).label(remark))
    });
    Snippet::source(text)
        .path(printable_in_line(source.name()).into_owned())
        .line_start(line_start)
        .annotations(annotations.collect::<Vec<_>>())
}

/// Whole lines that hold a span, and some around them.
fn lines_around(text: &str, span: Span) -> Span {
    let bytes = text.as_bytes();
    let mut start = span.start.min(bytes.len());
    for line in 0..=CONTEXT_LINES {
        if line > 0 && start > 0 {
            start -= 1;
        }
        while start > 0 && bytes[start - 1] != b'\n' {
            start -= 1;
        }
    }
    let mut end = span.end.min(bytes.len());
    for _ in 0..=CONTEXT_LINES {
        while end < bytes.len() && bytes[end] != b'\n' {
            end += 1;
        }
        end = (end + 1).min(bytes.len());
    }
    Span::new(start, end)
}

#[cfg(test)]
mod tests;
