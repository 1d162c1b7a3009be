//! Days by which something has to be done about a service.

use jiff::civil::Date;
use serde_json::{Value, json};
use wharf_diag::Spanned;
use wharf_document::Integration;

/// A day and what happens then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) day: Spanned<Date>,
    pub(crate) what: What,
}

/// What a deadline is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The contract ends.
    Contract,
    /// The version that is used ends.
    VersionEnd,
    /// The move to the next version has to be over.
    Migration,
}

impl What {
    /// For people.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::VersionEnd => "version end",
            Self::Migration => "migration",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Contract => "contract_end",
            Self::VersionEnd => "version_end",
            Self::Migration => "migration_deadline",
        }
    }
}

impl Deadline {
    pub(crate) fn json(&self) -> Value {
        json!({ "date": self.day.value.to_string(), "what": self.what.name() })
    }
}

/// All deadlines of a document, the earliest first.
pub(crate) fn of(integration: &Integration) -> Vec<Deadline> {
    let contract = integration.service.contract.as_ref();
    let current = integration.roadmap.current.as_ref();
    let found = [
        (contract.and_then(|contract| contract.end), What::Contract),
        (current.and_then(|version| version.date), What::VersionEnd),
        (integration.roadmap.deadline, What::Migration),
    ];
    let mut deadlines: Vec<_> = found
        .into_iter()
        .filter_map(|(day, what)| Some(Deadline { day: day?, what }))
        .collect();
    deadlines.sort_by_key(|deadline| deadline.day.value);
    deadlines
}

/// The next one, today included; where all have passed, the last.
pub(crate) fn next(deadlines: &[Deadline], today: Date) -> Option<Deadline> {
    let coming = deadlines
        .iter()
        .find(|deadline| deadline.day.value >= today);
    coming.or(deadlines.last()).copied()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use wharf_diag::{Span, Spanned};

    use super::{Deadline, What, next};

    fn on(year: i16, what: What) -> Deadline {
        let day = Spanned::new(date(year, 6, 1), Span::at(0));
        Deadline { day, what }
    }

    #[test]
    fn the_next_is_the_first_that_has_not_passed() {
        let deadlines = [on(2024, What::Contract), on(2027, What::Migration)];
        let at = |year, month, day| next(&deadlines, date(year, month, day)).map(|d| d.what);
        assert_eq!(at(2020, 1, 1), Some(What::Contract));
        assert_eq!(at(2024, 6, 1), Some(What::Contract));
        assert_eq!(at(2024, 6, 2), Some(What::Migration));
        assert_eq!(at(2030, 1, 1), Some(What::Migration));
        assert_eq!(next(&[], date(2024, 1, 1)), None);
    }
}
