//! Marks in running text that belong to how a page looks, and not to what it says.

/// Emphasised stretches of one text that are looked at; underscores of later ones are letters.
const MOST_UNDERLINED: usize = 32;

/// Underscores that Markdown takes for emphasis: offsets in the running text.
pub(super) struct Underlined {
    pub(super) opening: usize,
    pub(super) closing: Option<usize>,
    /// Underscores at each end.
    pub(super) count: usize,
}

/// The underscores that stand around a whole text, its whole key or its whole value.
///
/// `text` ends before what is not said, such as the attributes of a heading.
pub(super) fn whole_underlined(text: &str, underlined: &[Underlined]) -> Vec<usize> {
    if underlined.is_empty() {
        return Vec::new();
    }
    let end = text.trim_end().len();
    let start = text.len() - text.trim_start().len();
    // A key ends at a colon, which may stand in front of the closing underscore.
    let colon = text.match_indices(':').map(|(at, _)| at).find(|at| {
        let behind = text[at + 1..].trim_start_matches('_');
        behind.starts_with(char::is_whitespace) || behind.is_empty()
    });
    let value = colon.map(|colon| {
        let behind = text.get(colon + 1..).unwrap_or_default();
        let behind = behind.trim_start_matches('_').trim_start();
        text.len() - behind.len()
    });
    let mut marks = Vec::new();
    // Marks of emphasis within emphasis stand beside each other.
    let (mut starts, mut ends) = (vec![start], vec![end]);
    if let (Some(colon), Some(value)) = (colon, value) {
        starts.push(value);
        ends.extend([colon, colon + 1]);
    }
    for found in underlined.iter().take(MOST_UNDERLINED) {
        let Some(closing) = found.closing else {
            continue;
        };
        let behind = closing + found.count;
        let is_whole = starts.contains(&found.opening)
            && (ends.contains(&behind) || ends.contains(&closing) && closing > 0)
            // From the start to the colon, or from the value to the end, or all.
            && (found.opening == start || behind >= end);
        // No name has white space in it, so these are words.
        let inner = text.get(found.opening + found.count..closing);
        let has_words = inner.is_some_and(|inner| inner.contains(char::is_whitespace));
        if is_whole || has_words {
            marks.extend([found.opening, closing]);
            starts.push(found.opening + found.count);
            ends.push(closing);
        }
    }
    marks
}

/// A heading without what stands in braces behind it for its page's program: `Costs {#costs}`.
pub(super) fn without_attributes(name: &str) -> &str {
    let open = name.trim_end().strip_suffix('}');
    let Some(open) = open.and_then(|rest| rest.rfind('{')) else {
        return name;
    };
    let (before, attributes) = name.split_at(open);
    let is_attribute =
        before.ends_with(char::is_whitespace) && attributes[1..].starts_with(['#', '.', ':']);
    if is_attribute {
        before.trim_end()
    } else {
        name
    }
}
