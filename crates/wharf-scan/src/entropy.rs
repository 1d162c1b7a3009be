//! How much chance there is in a word.

/// Shannon's entropy of the bytes of a word, in bits for each.
pub(super) fn shannon(word: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in word.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = as_number(word.len());
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / length;
            -share * share.log2()
        })
        .sum()
}

/// Whether a word has the entropy that chance gives a word of its length and alphabet, with room
/// for bad luck.
pub(super) fn is_high(word: &str) -> bool {
    let alphabet = if word.bytes().all(|byte| byte.is_ascii_digit()) {
        10.0_f64
    } else if word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        16.0
    } else {
        62.0
    };
    let most = as_number(word.len()).min(alphabet).log2();
    !word.is_empty() && shannon(word) >= 0.7 * most
}

/// Whether letters, digits and capitals alternate as in no name that people give.
pub(super) fn is_scrambled(word: &str) -> bool {
    changes(word) * 5 >= word.len()
}

/// The same for a word without digits: capitals at twice the rate.
pub(super) fn are_letters_scrambled(word: &str) -> bool {
    changes(word) * 5 >= word.len() * 2
}

/// How often one of letters, digits and capitals follows another.
fn changes(word: &str) -> usize {
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => Some(0),
        b'a'..=b'z' => Some(1),
        b'A'..=b'Z' => Some(2),
        _ => None,
    };
    word.as_bytes()
        .windows(2)
        .filter(|pair| match (kind(pair[0]), kind(pair[1])) {
            (Some(left), Some(right)) => left != right,
            _ => false,
        })
        .count()
}

fn as_number(length: usize) -> f64 {
    f64::from(u32::try_from(length).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
