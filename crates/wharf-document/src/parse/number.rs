//! Numbers as people write them: `5,000`, `99.95`, `99,95`, `1.200,50`, `5 000`.

/// Signs that part groups of three digits, besides the comma and the point.
const GROUP_SIGNS: [char; 6] = [' ', '\u{a0}', '\u{202f}', '\'', '\u{2019}', '_'];

/// The number that a text begins with, written with a point and no groups, and where it ends.
///
/// A comma before exactly three digits parts thousands, unless a zero stands alone before it;
/// any other comma between digits is a decimal one. A point parts thousands only where the
/// number says so itself: `1.200.000`, `1.200,50`.
pub(super) fn leading(text: &str) -> Option<(String, usize)> {
    let whole = digits_at(text, 0);
    if whole == 0 {
        return None;
    }
    let mut number = text[..whole].to_owned();
    let mut end = whole;
    let mut sign = None;
    while let Some(found) = text[end..].chars().next() {
        let behind = end + found.len_utf8();
        let is_group = digits_at(text, behind) == 3
            && sign.is_none_or(|sign| sign == found)
            && parts_thousands(text, whole, found, behind);
        if !is_group {
            break;
        }
        sign = Some(found);
        number.push_str(&text[behind..behind + 3]);
        end = behind + 3;
    }
    if let Some(point) = text[end..]
        .chars()
        .next()
        .filter(|c| matches!(c, '.' | ','))
        && sign != Some(point)
    {
        let behind = end + 1;
        let count = digits_at(text, behind);
        if count > 0 {
            number.push('.');
            number.push_str(&text[behind..behind + count]);
            end = behind + count;
        }
    }
    Some((number, end))
}

/// Whether a sign between digits parts thousands; three digits stand behind it.
fn parts_thousands(text: &str, whole: usize, sign: char, behind: usize) -> bool {
    match sign {
        // `0,125` is an eighth.
        ',' => &text[..whole] != "0",
        '.' => {
            let next = behind + 3;
            let is_more = |sign| text[next..].starts_with(sign) && digits_at(text, next + 1) > 0;
            let first = behind == whole + 1;
            // What is no first group follows one that was read as such.
            whole <= 3 && (!first || is_more(',') || is_more('.') && digits_at(text, next + 1) == 3)
        }
        sign => whole <= 3 && !text.starts_with('0') && GROUP_SIGNS.contains(&sign),
    }
}

/// How many digits stand at a place.
fn digits_at(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.bytes().take_while(u8::is_ascii_digit).count()
}

/// Why a number is refused whose point may be either.
pub(crate) const UNCLEAR: &str =
    "its point may be a decimal one or part thousands; write `1,500` or `1.5`";

/// Whether the first number of a text has three digits behind its only point and no zero before
/// it: `1.500` is 1500 to some and 1.5 to others.
pub(crate) fn is_unclear(text: &str) -> bool {
    let number = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = number
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
        .unwrap_or(number.len());
    number[..end].split_once('.').is_some_and(|(whole, part)| {
        whole != "0" && whole.len() <= 3 && part.len() == 3 && !part.contains([',', '.'])
    })
}

/// Whether a comma stands between digits with exactly three behind it.
pub(super) fn is_thousands_comma(bytes: &[u8], at: usize) -> bool {
    let digit = |offset: usize| bytes.get(at + offset).is_some_and(u8::is_ascii_digit);
    at > 0
        && bytes[at - 1].is_ascii_digit()
        && bytes.get(at) == Some(&b',')
        && digit(1)
        && digit(2)
        && digit(3)
        && !digit(4)
}
