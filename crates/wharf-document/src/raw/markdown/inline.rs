//! Running text: its links, its emphasis, and where it goes when it ends.

use std::ops::Range;
use std::sync::Arc;

use wharf_diag::Span;

use super::{Builder, Container};
use crate::raw::inline::{Underlined, whole_underlined, without_attributes};
use crate::raw::{Link, Text};

impl Builder<'_> {
    pub(super) fn end_link(&mut self) {
        let Some(link) = self.open_link.take() else {
            return;
        };
        if let Some(inline) = &mut self.inline {
            let range = link.text_start..inline.as_str().len();
            let text = inline.part(range.clone());
            inline.link(range, Arc::new(link.target.clone()));
            self.links.push(Link {
                text,
                target: link.target,
            });
        }
    }

    /// Ends the running text. It becomes the text of the open item, or is prose of the part.
    pub(super) fn flush_inline(&mut self) {
        let mut text = self.take_inline().map(Text::into_trimmed);
        let links = std::mem::take(&mut self.links);
        if let (Some(text), Some(Container::Item(item))) = (&mut text, self.containers.last_mut())
            && item.children.is_empty()
        {
            if item.text.is_empty() {
                item.text = std::mem::take(text);
                item.links = links;
                return;
            }
            if item.text.as_str().ends_with(':') {
                // The value of a key that has none yet.
                item.text.append(" ", text);
                item.links.extend(links);
                return;
            }
        }
        let section = self.current.and_then(|at| self.sections.get_mut(at));
        if self.containers.is_empty()
            && let Some(part) = section.and_then(|section| section.parts.last_mut())
        {
            part.links.extend(links);
        }
        if let Some(text) = text {
            self.push_words(text);
        }
    }

    /// Keeps running text that is no value.
    pub(super) fn push_words(&mut self, text: Text) {
        if text.is_empty() {
            return;
        }
        let section = self.current.and_then(|at| self.sections.get_mut(at));
        if let Some(section) = section {
            let part = section.parts.last_mut().map(|part| &mut part.words);
            part.unwrap_or(&mut section.words).push(text);
        }
    }

    pub(super) fn push_inline(&mut self, text: &str, span: Span) {
        self.inline
            .get_or_insert_with(|| Text::empty_at(span))
            .push(text, span, self.source);
    }

    /// Underscores are letters in the names that documents hold, so they stay.
    pub(super) fn underscores(&mut self, span: Span, count: usize, opening: bool) {
        let range: Range<usize> = if opening {
            span.start..span.start + count
        } else {
            span.end.saturating_sub(count)..span.end
        };
        if let Some(mark) = self.source.get(range.clone())
            && mark.starts_with('_')
        {
            let start = self.inline.as_ref().map_or(0, |text| text.as_str().len());
            self.push_inline(mark, range.into());
            if opening {
                self.open_underlined.push(self.underlined.len());
                self.underlined.push(Underlined {
                    opening: start,
                    closing: None,
                    count,
                });
            } else if let Some(open) = self.open_underlined.pop()
                && let Some(underlined) = self.underlined.get_mut(open)
            {
                underlined.closing = Some(start);
            }
        }
    }

    /// The running text. Underscores around the whole of it, or around the whole of its key or
    /// value, are emphasis; any others are letters.
    pub(super) fn take_inline(&mut self) -> Option<Text> {
        let text = self.inline.take();
        let underlined = std::mem::take(&mut self.underlined);
        self.open_underlined.clear();
        self.anchors = 0;
        let text = text?;
        let whole = whole_underlined(text.as_str(), &underlined);
        Some(if whole.is_empty() {
            text
        } else {
            text.without(&whole)
        })
    }

    /// The same for a heading, without the attributes behind it.
    pub(super) fn take_heading(&mut self) -> Text {
        if let Some(heading) = self.inline.take() {
            let name = without_attributes(heading.as_str());
            self.inline = Some(if name.len() < heading.as_str().len() {
                heading.part(0..name.len())
            } else {
                heading
            });
        }
        self.take_inline().unwrap_or_default()
    }

    /// Whether a tag is of an anchor that only marks a place, such as `<a name="costs"></a>`. In
    /// a heading no link matters, so every anchor is.
    pub(super) fn is_anchor(&mut self, html: &str) -> bool {
        let lower = html.to_ascii_lowercase();
        if lower == "</a>" && self.anchors > 0 {
            self.anchors -= 1;
            return true;
        }
        let is_opening = lower.starts_with("<a ") || lower == "<a>";
        let leads = lower.contains("href") && self.heading.is_none();
        if !is_opening || leads {
            return false;
        }
        if !lower.ends_with("/>") {
            self.anchors += 1;
        }
        true
    }
}
