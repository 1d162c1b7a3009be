//! The page of a code: what it means, why it matters, a wrong and a right example.

use crate::{Code, Severity, closest};

/// What `wharf explain` prints about a code.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The code the page is about.
    pub code: Code,
    /// Markdown: a heading with id and slug, what the finding says, then the level-two headings
    /// Why, Wrong and Right. The examples under the last two are run as tests.
    pub text: &'static str,
}

impl Page {
    /// The first paragraph: what the finding says, in one line.
    pub fn summary(&self) -> String {
        let paragraphs = self.text.split("\n\n");
        let first = paragraphs
            .map(str::trim)
            .find(|text| !text.starts_with('#'));
        first.unwrap_or_default().replace('\n', " ")
    }

    /// The severity that the page names; the worst where it names several.
    pub fn severity(&self) -> Option<Severity> {
        let line = self
            .text
            .lines()
            .find_map(|line| line.strip_prefix("Severity: "))?;
        [Severity::Error, Severity::Warning, Severity::Info]
            .into_iter()
            .find(|severity| line.contains(severity.as_str()))
    }
}

/// Finds a page by id or slug, whatever the case. On failure the nearest id or slug, if any.
pub fn find_page<'a>(pages: &'a [Page], name: &str) -> Result<&'a Page, Option<&'static str>> {
    let name = name.trim();
    let same = |word: &str| word.eq_ignore_ascii_case(name);
    pages
        .iter()
        .find(|page| same(page.code.id) || same(page.code.slug))
        .ok_or_else(|| {
            let words = pages.iter().flat_map(|page| [page.code.id, page.code.slug]);
            closest(name, words)
        })
}

#[cfg(test)]
mod tests;
