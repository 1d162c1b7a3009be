//! Takes what was sent out of what came back, before any of it is shown.

use secrecy::{ExposeSecret, SecretString};

use super::form;

/// A value of fewer bytes is not looked for: it stands in texts by chance, and guessing it is no
/// harder than reading it.
const SHORTEST: usize = 4;

/// Values with the names that are shown for them.
#[derive(Clone, Default)]
pub(super) struct Veil {
    /// The longest first, so that no value leaves the end of another one behind.
    values: Vec<(String, SecretString)>,
}

impl Veil {
    /// Hides a value, also as it stands in a form.
    pub(super) fn add(&mut self, name: &str, value: &SecretString) {
        let encoded = form::encoded(value.expose_secret());
        let is_other = encoded.as_str() != value.expose_secret();
        let encoded = is_other.then(|| SecretString::from(encoded.as_str()));
        for value in [Some(value.clone()), encoded].into_iter().flatten() {
            if value.expose_secret().len() >= SHORTEST {
                self.values.push((name.to_owned(), value));
            }
        }
        let length = |(_, value): &(String, SecretString)| value.expose_secret().len();
        self.values
            .sort_by_key(|value| std::cmp::Reverse(length(value)));
    }

    /// A word of letters, digits and `._:-`, or none: a code of any other form is none.
    pub(super) fn code(&self, text: &str, longest: usize) -> Option<String> {
        let is_code = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
        let is_hidden = self.hidden(text) == text;
        let fits = !text.is_empty() && text.len() <= longest && text.chars().all(is_code);
        (fits && is_hidden).then(|| text.to_owned())
    }

    /// One line of at most so many characters, or none where nothing is left.
    pub(super) fn sentence(&self, text: &str, longest: usize) -> Option<String> {
        // Before anything is taken out of a value, which would let the rest of it through; and
        // after, since what is taken out may have hidden it.
        let text = self.hidden(text);
        let words = text.split_whitespace().map(|word| {
            let shown = word.chars().filter(|c| is_shown(*c));
            shown.collect::<String>()
        });
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let mut line = self.hidden(&words.join(" "));
        if let Some((end, _)) = line.char_indices().nth(longest) {
            line.truncate(end);
            line.truncate(line.trim_end().len());
            line.push('…');
        }
        (!line.is_empty()).then_some(line)
    }

    fn hidden(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.values {
            if text.contains(value.expose_secret()) {
                text = text.replace(value.expose_secret(), &format!("{{{name}}}"));
            }
        }
        text
    }
}

/// Letters, digits and the signs of ASCII. Others may turn the order of a line round, or be nothing
/// to see.
fn is_shown(c: char) -> bool {
    c.is_ascii_graphic() || c.is_alphanumeric()
}

#[cfg(test)]
mod tests;
