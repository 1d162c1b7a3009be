//! Which value of a store fills which field of a template.
//!
//! The check of documents uses the same rule. A value's name equals the field or ends with `_`
//! and the field, whatever the case; one field and one value match whatever their names.

/// What the names of a store say about a field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// Index of the value.
    One(usize),
    /// No name fits.
    None,
    /// Several names fit and none is the field itself: indexes of all of them.
    Several(Vec<usize>),
}

/// Finds the value of `field` among `names`; `fields` is the number of different fields needed.
pub(crate) fn find(field: &str, fields: usize, names: &[&str]) -> Match {
    if fields == 1 && names.len() == 1 {
        return Match::One(0);
    }
    let fitting: Vec<usize> = (0..names.len())
        .filter(|&index| fits(names[index], field))
        .collect();
    match fitting.as_slice() {
        [] => Match::None,
        [only] => Match::One(*only),
        _ => {
            let mut equal = fitting
                .iter()
                .filter(|&&index| names[index].eq_ignore_ascii_case(field));
            match (equal.next(), equal.next()) {
                (Some(&index), None) => Match::One(index),
                _ => Match::Several(fitting),
            }
        }
    }
}

/// Whether a value called `name` may fill `field`.
fn fits(name: &str, field: &str) -> bool {
    let (name, field) = (name.as_bytes(), field.as_bytes());
    let Some(start) = name.len().checked_sub(field.len()) else {
        return false;
    };
    name[start..].eq_ignore_ascii_case(field) && (start == 0 || name[start - 1] == b'_')
}

#[cfg(test)]
mod tests;
