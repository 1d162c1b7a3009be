//! The nearest known word to a word that is not known.

/// Longest word that is compared; a longer one has no suggestion.
const LONGEST_BYTES: usize = 64;

/// Candidates that are compared; the rest is not.
const MOST_CANDIDATES: usize = 1_000;

/// The candidate that `word` most likely was meant to be, if any is near enough.
///
/// Case does not matter. Two letters that changed places count as one mistake. Up to a third of
/// the letters may be wrong, and at least one.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_BYTES {
        return None;
    }
    let word = word.to_lowercase();
    let length = word.chars().count();
    let allowed = (length / 3).max(1);
    candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        // The difference in length is a cheap lower bound of the distance.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Longest word in which one mistake is a slip of the pen and two make another word.
const SHORT_LETTERS: usize = 8;

/// The candidate that `word` is but for a slip of the pen, if there is one.
///
/// Stricter than [`closest`], for what may be written in place of the word: one mistake in up to
/// eight letters, two in longer ones, and the first letter is right or changed places with the
/// second. `Contents` is a word of its own, not `Contacts` written wrongly.
pub fn slip<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let meant = closest(word, candidates)?;
    let (word, wanted) = (word.to_lowercase(), meant.to_lowercase());
    let letters = word.chars().count().max(wanted.chars().count());
    let allowed = if letters > SHORT_LETTERS { 2 } else { 1 };
    let mut first_two = word.chars();
    let (first, second) = (first_two.next(), first_two.next());
    let starts_alike = match wanted.chars().next() {
        start if start == first => true,
        start => start == second && wanted.chars().nth(1) == first,
    };
    let is_slip = starts_alike && strsim::damerau_levenshtein(&word, &wanted) <= allowed;
    is_slip.then_some(meant)
}

#[cfg(test)]
mod tests;
