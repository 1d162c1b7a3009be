//! Numbers that people give to commands, refused in words that say what fits.

/// The number of a record, as a list shows it.
pub(crate) fn of_record(text: &str) -> Result<u64, &'static str> {
    let number = text.parse();
    number.map_err(|_| "it is a whole number, as the list shows it")
}

/// How many records are shown, from 1 to `MOST`.
pub(crate) fn of_page<const MOST: u32>(text: &str) -> Result<u32, String> {
    let count = text.parse().ok();
    count
        .filter(|count| (1..=MOST).contains(count))
        .ok_or_else(|| format!("it is a whole number from 1 to {MOST}"))
}

#[cfg(test)]
mod tests {
    use super::{of_page, of_record};

    #[test]
    fn numbers_are_taken_within_their_bounds() {
        assert_eq!(of_record("18446744073709551615"), Ok(u64::MAX));
        for wrong in ["", "x", "-1", "1.5", "18446744073709551616"] {
            assert!(of_record(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            (of_page::<500>("1"), of_page::<500>("500")),
            (Ok(1), Ok(500))
        );
        for wrong in ["", "x", "0", "501", "99999999999"] {
            let words = of_page::<500>(wrong).unwrap_err();
            assert_eq!(words, "it is a whole number from 1 to 500", "{wrong}");
        }
    }
}
