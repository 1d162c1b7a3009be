//! Files that are counted: their names, which are in the order of their numbers.

/// Files are counted from 1; a name with a higher number than this is none of ours, so that there is
/// always a next one.
const NUMBER_LIMIT: u64 = u64::MAX / 2;

/// The name of a file in its folder: 20 digits and what tells its kind.
pub(crate) fn name(number: u64, ending: &str) -> String {
    format!("{number:020}{ending}")
}

/// The number in a name of this form, whichever it is.
pub(crate) fn any(name: &str, ending: &str) -> Option<u64> {
    let digits = name.strip_suffix(ending)?;
    let is_ours = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_ours)
}

/// The number of a file that was counted by us.
pub(crate) fn counted(name: &str, ending: &str) -> Option<u64> {
    any(name, ending).filter(|number| (1..=NUMBER_LIMIT).contains(number))
}

/// For each of some files, given the last one first, a time that all in it is not after: the earliest
/// at which one behind it began. So a clock that was ahead for a while is put right by those behind, and
/// they tell of one whose own beginning is not known. The first one first.
pub(crate) fn earliest_behind(begun: impl Iterator<Item = Option<i64>>) -> Vec<i64> {
    let mut earliest = i64::MAX;
    let mut times: Vec<i64> = begun
        .map(|time| {
            earliest = time.map_or(earliest, |time| time.min(earliest));
            earliest
        })
        .collect();
    times.reverse();
    times
}

#[cfg(test)]
mod tests {
    use super::{NUMBER_LIMIT, any, counted, earliest_behind, name};

    #[test]
    fn a_name_and_its_number_go_together() {
        for number in [1, 10, NUMBER_LIMIT] {
            assert_eq!(counted(&name(number, ".x"), ".x"), Some(number));
        }
        for number in [0, NUMBER_LIMIT + 1, u64::MAX] {
            assert_eq!(any(&name(number, ".x"), ".x"), Some(number));
            assert_eq!(counted(&name(number, ".x"), ".x"), None);
        }
        for wrong in [
            "1.x",
            "+0000000000000000001.x",
            "00000000000000000001",
            "99999999999999999999.x",
        ] {
            assert_eq!(any(wrong, ".x"), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_that_is_ahead_is_put_right_by_those_behind() {
        let begun = [Some(30), None, Some(900), Some(20)];
        assert_eq!(earliest_behind(begun.into_iter().rev()), [20, 20, 20, 20]);
        let begun = [Some(10), None, Some(900)];
        assert_eq!(earliest_behind(begun.into_iter().rev()), [10, 900, 900]);
        assert_eq!(earliest_behind([None].into_iter()), [i64::MAX]);
    }
}
