//! The lines of a document as they are while somebody types: headings, fences, the frontmatter.
//!
//! The document's own reader leaves out what is not complete, such as a key without a value or a
//! row that was just begun. Here every line has its place.

use wharf_diag::Span;

/// What stands where in a text.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// The lines between the `---` lines.
    pub(crate) frontmatter: Option<Span>,
    /// Level-two and level-three headings in their order.
    pub(crate) headings: Vec<Heading>,
    /// Fenced blocks in their order.
    pub(crate) fences: Vec<Fence>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Heading {
    pub(crate) level: u8,
    /// The whole line.
    pub(crate) line: Span,
    pub(crate) name: Span,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fence {
    /// From the opening fence up to the closing one.
    pub(crate) whole: Span,
    /// The words behind the opening fence.
    pub(crate) info: Span,
    /// The lines between the fences.
    pub(crate) body: Span,
}

/// Where something stands: the section, and the part in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Under<'a> {
    pub(crate) section: Option<&'a str>,
    pub(crate) part: Option<&'a str>,
}

impl Layout {
    pub(crate) fn of(text: &str) -> Self {
        let mut layout = Self::default();
        let mut lines = lines(text).peekable();
        let first = lines.peek().copied();
        let bom = text.len() - text.trim_start_matches('\u{feff}').len();
        if first.is_some_and(|line| text[line.range()][bom..].trim_end() == "---") {
            lines.next();
            layout.frontmatter = Some(frontmatter(text, &mut lines));
        }
        while let Some(line) = lines.next() {
            let content = &text[line.range()];
            if let Some((sign, count, info)) = opening(content) {
                let info = Span::new(line.start + info, line.start + content.trim_end().len());
                let mut body = Span::at((line.end + 1).min(text.len()));
                let mut end = line.end;
                for inner in lines.by_ref() {
                    end = inner.end;
                    if is_closing(&text[inner.range()], sign, count) {
                        break;
                    }
                    body.end = inner.end.max(body.start);
                }
                layout.fences.push(Fence {
                    whole: Span::new(line.start, end),
                    info,
                    body,
                });
            } else if let Some(heading) = heading(content, line) {
                layout.headings.push(heading);
            }
        }
        layout
    }

    /// The fence that holds an offset, its opening line included.
    pub(crate) fn fence_at(&self, offset: usize) -> Option<Fence> {
        let inside = |fence: &&Fence| fence.whole.start <= offset && offset <= fence.whole.end;
        self.fences.iter().find(inside).copied()
    }

    /// The section and part that hold an offset.
    pub(crate) fn under<'a>(&self, text: &'a str, offset: usize) -> Under<'a> {
        let mut under = Under::default();
        let before = self
            .headings
            .iter()
            .take_while(|heading| heading.line.start <= offset);
        for heading in before {
            let name = text.get(heading.name.range()).unwrap_or_default();
            if heading.level == 2 {
                under = Under {
                    section: Some(name),
                    part: None,
                };
            } else {
                under.part = Some(name);
            }
        }
        under
    }

    /// From a heading up to the next of its level or above.
    pub(crate) fn reach(&self, index: usize, text: &str) -> Span {
        let Some(heading) = self.headings.get(index) else {
            return Span::at(text.len());
        };
        let next = self.headings[index + 1..]
            .iter()
            .find(|next| next.level <= heading.level);
        let end = next.map_or(text.len(), |next| next.line.start);
        let content = text.get(heading.line.start..end).unwrap_or_default();
        let end = heading.line.start + content.trim_end().len();
        Span::new(heading.line.start, end.max(heading.line.end))
    }
}

/// The lines of a text without their endings.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Span> + Clone {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        Some(Span::new(start, start + content.len()))
    })
}

/// Without a closing line it ends before the first line that cannot belong to it.
fn frontmatter(
    text: &str,
    lines: &mut std::iter::Peekable<impl Iterator<Item = Span> + Clone>,
) -> Span {
    let start = lines.peek().map_or(text.len(), |line| line.start);
    let is_fence = |line: &Span| text[line.range()].trim_end() == "---";
    if let Some(end) = lines.clone().find(is_fence) {
        for line in lines.by_ref() {
            if line.start >= end.start {
                break;
            }
        }
        return Span::new(start, end.start);
    }
    let mut span = Span::at(start);
    while let Some(line) = lines.peek() {
        let content = &text[line.range()];
        if content.trim().is_empty() || content.starts_with('#') {
            break;
        }
        span.end = line.end;
        lines.next();
    }
    span
}

/// Sign and length of an opening fence, and where its words start.
fn opening(line: &str) -> Option<(char, usize, usize)> {
    let content = line.trim_start();
    let sign = content
        .chars()
        .next()
        .filter(|sign| matches!(sign, '`' | '~'))?;
    let rest = content.trim_start_matches(sign);
    let count = content.len() - rest.len();
    if count < 3 || sign == '`' && rest.contains('`') {
        return None;
    }
    let info = line.len() - rest.trim_start().len();
    Some((
        sign,
        count,
        info.min(line.trim_end().len().max(line.len() - rest.len())),
    ))
}

fn is_closing(line: &str, sign: char, count: usize) -> bool {
    let content = line.trim();
    content.len() >= count && content.chars().all(|each| each == sign)
}

fn heading(content: &str, line: Span) -> Option<Heading> {
    let trimmed = content.trim_start_matches(' ');
    let indent = content.len() - trimmed.len();
    let rest = trimmed.trim_start_matches('#');
    let level = trimmed.len() - rest.len();
    let is_heading = indent < 4
        && (2..=3).contains(&level)
        && (rest.is_empty() || rest.starts_with([' ', '\t']));
    if !is_heading {
        return None;
    }
    let name = rest.trim().trim_end_matches('#').trim_end();
    let start = line.start + content.len() - rest.trim_start().len();
    Some(Heading {
        level: if level == 2 { 2 } else { 3 },
        line,
        name: Span::new(start, start + name.len()),
    })
}

#[cfg(test)]
mod tests;
