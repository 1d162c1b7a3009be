//! Links of a document.

use wharf_diag::Spanned;

/// A Markdown link.
#[derive(Clone, Debug)]
pub struct Link {
    /// The words that are shown.
    pub text: Spanned<String>,
    /// Where it leads. `None` when it is a placeholder.
    pub target: Option<Spanned<String>>,
}

impl Link {
    /// The target as a file beside the document: without `#…` and `?…` behind it. `None` where
    /// it is an address, or a place in the document itself.
    pub fn file(&self) -> Option<Spanned<&str>> {
        let target = self.target.as_ref()?;
        let text = target.value.as_str();
        let file = text.split(['#', '?']).next().unwrap_or(text);
        let is_address = text.starts_with("//")
            || file.split_once(':').is_some_and(|(scheme, _)| {
                scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric())
            });
        (!file.is_empty() && !is_address).then(|| Spanned::new(file, target.span))
    }
}
