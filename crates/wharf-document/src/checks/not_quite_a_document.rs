//! WH011: a file that is nearly an integration document.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span, closest};

use crate::raw::frontmatter::{self, Line};

pub(crate) const CODE: Code = Code {
    id: "WH011",
    slug: "not-quite-a-document",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("not_quite_a_document.md"),
};

/// What makes a text a document: keys of the frontmatter, and what each says.
const MARKS: [(&str, &str); 2] = [("type", "tool"), ("subtype", "integration")];

/// Lines at the start of a file that are looked at where its frontmatter does not start rightly.
const START_LINES: usize = 60;

/// Finds the slip that keeps a text from being a document: one of the two marks is right, and the
/// other is nearly there or is missing below a title that says `[Integration]`; or both are there,
/// and the first line is not `---`.
pub(crate) fn check(source: &Arc<SourceText>) -> Option<Diagnostic> {
    let text = source.text();
    if frontmatter::is_integration(text) {
        return None;
    }
    let slip = match frontmatter::block_lines(text) {
        _ if has_lone_returns(text) => line_ends(text)?,
        Some(lines) => in_frontmatter(text, &lines)?,
        None => first_line(text)?,
    };
    let diagnostic = Diagnostic::new(CODE, Severity::Warning, slip.message, source, slip.span)
        .with_help(slip.help);
    // Nothing else reads this text, so what it hides is found here.
    let secrets = wharf_scan::scan(text);
    Some(secrets.into_iter().fold(diagnostic, |diagnostic, found| {
        diagnostic.with_hidden(Span::from(found.span))
    }))
}

struct Slip {
    span: Span,
    message: String,
    help: String,
}

fn in_frontmatter(text: &str, lines: &[Line]) -> Option<Slip> {
    let key = |line: &Line| text[line.key.range()].to_owned();
    let value = |line: &Line| frontmatter::unquoted(&text[line.value.range()]).to_owned();
    let is_right = |(wanted, says): (&str, &str)| {
        let mut lines = lines.iter();
        lines.any(|line| key(line) == wanted && value(line).eq_ignore_ascii_case(says))
    };
    let wrong = MARKS.into_iter().find(|mark| !is_right(*mark))?;
    let right = MARKS.into_iter().find(|mark| is_right(*mark))?;
    let (wanted, says) = wrong;
    let near = lines.iter().find(|line| {
        let has_key = closest(&key(line), [wanted]).is_some() && key(line) != right.0;
        has_key && closest(&value(line), [says]).is_some()
    });
    let titled = lines
        .iter()
        .find(|line| key(line) == "title" && value(line).trim_start().starts_with("[Integration]"));
    let has_key = lines.iter().any(|line| key(line) == wanted);
    let line = near.or_else(|| titled.filter(|_| !has_key))?;
    Some(Slip {
        span: line.key.to(line.value),
        message: format!("this is not read as an integration document: no `{wanted}: {says}`"),
        help: if near.is_some() {
            format!("write `{wanted}: {says}`")
        } else {
            format!("add a line `{wanted}: {says}`")
        },
    })
}

/// Whether no line ends with a line feed and some end with a carriage return.
fn has_lone_returns(text: &str) -> bool {
    text.contains('\r') && !text.contains('\n')
}

/// Carriage returns alone end no line of YAML that is looked at here.
fn line_ends(text: &str) -> Option<Slip> {
    frontmatter::is_integration(&text.replace('\r', "\n")).then(|| Slip {
        span: Span::new(0, text.find('\r').unwrap_or(text.len())),
        message: "this is not read as an integration document: its lines end with a carriage \
                  return alone"
            .into(),
        help: "save the file with line feeds (LF) or both (CRLF)".into(),
    })
}

fn first_line(text: &str) -> Option<Slip> {
    let lines: Vec<&str> = text.lines().take(START_LINES).map(str::trim).collect();
    let has = |(key, value): (&str, &str)| {
        lines.iter().any(|line| {
            let pair = line.split_once(':');
            pair.is_some_and(|(k, v)| k == key && frontmatter::unquoted(v.trim()) == value)
        })
    };
    if !MARKS.into_iter().all(has) {
        return None;
    }
    let end = text.find('\n').unwrap_or(text.len());
    Some(Slip {
        span: Span::new(0, end),
        message: "this is not read as an integration document: its first line is not `---`".into(),
        help: "start the file with a line `---`, and close the keys with another".into(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wharf_diag::SourceText;

    use super::check;

    fn found(text: &str) -> Option<String> {
        let source = Arc::new(SourceText::new("a.md", text));
        let found = check(&source)?;
        Some(source.slice(found.primary.span).to_owned())
    }

    #[test]
    fn slips_are_found_where_they_stand() {
        let right = "---\ntitle: \"[Integration] A\"\ntype: tool\nsubtype: integration\n---\n";
        assert_eq!(found(right), None);
        for (from, to, place) in [
            ("type: tool\nsub", "type: tol\nsub", "type: tol"),
            ("type: tool\nsub", "typ: tool\nsub", "typ: tool"),
            (
                "subtype: integration",
                "subtype: integratoin",
                "subtype: integratoin",
            ),
            ("subtype: integration\n", "", "title: \"[Integration] A\""),
            ("---\ntitle", "--\ntitle", "--"),
            ("---\ntitle", "----\ntitle", "----"),
        ] {
            assert_eq!(
                found(&right.replacen(from, to, 1)).as_deref(),
                Some(place),
                "{to:?}"
            );
        }
    }

    #[test]
    fn carriage_returns_alone_are_told() {
        let right = "---\ntitle: \"[Integration] A\"\ntype: tool\nsubtype: integration\n---\n";
        assert_eq!(found(&right.replace('\n', "\r")).as_deref(), Some("---"));
        assert_eq!(found(&right.replace('\n', "\r\n")), None);
        assert_eq!(found("# Notes\r\rtype: tool\r"), None);
    }

    #[test]
    fn other_files_are_left_alone() {
        for other in [
            "",
            "# Notes\n\ntype: tool\n",
            "---\ntitle: A\n---\n",
            "---\ntype: tool\nsubtype: library\n---\n",
            "---\ntitle: \"[Integration] A\"\ntype: note\n---\n",
            "---\ntitle: \"[Integration] A\"\ntype: tool\nsubtype: library\n---\n",
        ] {
            assert_eq!(found(other), None, "{other:?}");
        }
    }
}
