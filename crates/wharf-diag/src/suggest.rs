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

#[cfg(test)]
mod tests;
