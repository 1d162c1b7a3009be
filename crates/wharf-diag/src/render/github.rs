//! Findings as workflow commands, which GitHub Actions turns into annotations of a change.
//!
//! One line for each finding: `::error file=F,line=L,col=C,endLine=L,endColumn=C,title=T::MESSAGE`.
//! Line breaks and percent signs are escaped everywhere, colons and commas in properties too.
//! Columns count characters from 1; `endColumn` is behind the last one. A place over several
//! lines has no columns, as GitHub takes none there.

use std::fmt::Write as _;
use std::io;

use super::Report;
use crate::{Diagnostic, Hidden, Severity, printable};

/// Writes problems and the findings to show. Suppressed findings are left out.
pub fn write_github(
    out: &mut dyn io::Write,
    report: &Report<'_>,
    hidden: &Hidden,
) -> io::Result<()> {
    for problem in &report.problems {
        let message = format!("{}: {}", problem.file, problem.message);
        let file = property(&problem.file);
        let message = data(&hidden.clean(&message));
        let line = format!("::error file={file},title=not checked::{message}\n");
        out.write_all(printable(&line).as_bytes())?;
    }
    for diagnostic in &report.shown {
        let line = command(diagnostic, hidden);
        out.write_all(printable(&line).as_bytes())?;
    }
    Ok(())
}

fn command(diagnostic: &Diagnostic, hidden: &Hidden) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let (start, end) = (diagnostic.primary.start(), diagnostic.primary.end());
    let columns = if start.line == end.line {
        (
            format!(",col={}", start.column),
            format!(",endColumn={}", end.column),
        )
    } else {
        (String::new(), String::new())
    };
    let title = format!("{} {}", diagnostic.code.id, diagnostic.code.slug);
    format!(
        "::{level} file={},line={}{},endLine={}{},title={}::{}\n",
        property(diagnostic.primary.source.name()),
        start.line,
        columns.0,
        end.line,
        columns.1,
        property(&title),
        data(&hidden.clean(&message(diagnostic))),
    )
}

/// Everything a person needs, since an annotation has no frame.
fn message(diagnostic: &Diagnostic) -> String {
    let mut message = diagnostic.message.clone().into_owned();
    if !diagnostic.primary.text.is_empty() {
        let _ = write!(message, " ({})", diagnostic.primary.text);
    }
    for label in &diagnostic.secondary {
        let (name, line) = (label.source.name(), label.start().line);
        let _ = write!(message, "\n{name}:{line}: {}", label.text);
    }
    let fix = diagnostic.fix.as_ref().map(|fix| fix.title.as_str());
    if let Some(help) = diagnostic.help.as_deref().or(fix) {
        let _ = write!(message, "\nhelp: {help}");
    }
    message
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests;
