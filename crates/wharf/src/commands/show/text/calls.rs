//! What holds for calls: settings, features, operations and errors.

use wharf_document::Integration;
use wharf_document::model::Feature;
use wharf_plan::{OperationSettings, Setting};

use super::page::{NOTHING, Page, or_nothing, text};
use crate::commands::show::{errors, force, places};
use crate::table::Column;

impl Page {
    /// Each setting with its value and reason, and below it every place that takes part.
    pub(super) fn settings(
        &mut self,
        heading: &str,
        integration: &Integration,
        settings: &[Setting],
    ) {
        if settings.is_empty() {
            return;
        }
        self.heading(heading);
        let widest = |of: fn(&Setting) -> &str| {
            let widths = settings.iter().map(|found| of(found).chars().count());
            widths.max().unwrap_or(0).min(28)
        };
        let (names, values) = (widest(|found| found.name), widest(|found| &found.value));
        for setting in settings {
            let note = match setting.not_in_force {
                Some(_) => format!(" ({})", force::NOT_YET),
                None => String::new(),
            };
            self.text += &format!(
                "  {:<names$}  {:<values$}  {}{note}\n",
                setting.name, setting.value, setting.reason
            );
            for place in &setting.places {
                let mark = if place.wins { '*' } else { ' ' };
                let line = places::place(integration, place.span);
                self.text += &format!("  {:<names$}  {mark} {line}  {}\n", "", place.words);
            }
        }
    }

    pub(super) fn features(&mut self, features: &[Feature]) {
        let rows: Vec<_> = features
            .iter()
            .map(|feature| {
                let state = match feature.enabled.map(|enabled| enabled.value) {
                    Some(true) => "enabled",
                    Some(false) => "disabled",
                    None => NOTHING,
                };
                vec![
                    feature.name.value.clone(),
                    state.to_owned(),
                    text(feature.reason.as_ref()).unwrap_or_default().to_owned(),
                ]
            })
            .collect();
        let columns = [
            Column::words("NAME", 12, 0),
            Column::whole("STATE", 0),
            Column::words("REASON", 12, 1),
        ];
        self.table("Features", &columns, &rows);
    }

    pub(super) fn operations(&mut self, integration: &Integration, held: &[OperationSettings]) {
        let operations = integration.operations.iter().zip(held);
        let rows: Vec<_> = operations
            .map(|(operation, held)| {
                let value = |name: &str| {
                    let found = held.settings.iter().find(|setting| setting.name == name);
                    or_nothing(found.map(|setting| &setting.value))
                };
                vec![
                    operation.id.clone(),
                    places::request(operation),
                    value("rate limit"),
                    value("timeout of an attempt"),
                    value("longest possible call"),
                    value("may be repeated"),
                    value("cache"),
                    or_nothing(places::costs(operation)),
                ]
            })
            .collect();
        let columns = [
            Column::whole("ID", 0),
            Column::words("REQUEST", 20, 7),
            Column::whole("LIMIT", 6),
            Column::whole("TIMEOUT", 5),
            Column::whole("LONGEST", 2),
            Column::words("REPEATED", 10, 4),
            Column::whole("CACHE", 3),
            Column::whole("COST", 1),
        ];
        let heading =
            "Operations (with what holds for each; limit, cache and cost: not in force yet)";
        self.table(heading, &columns, &rows);
    }

    pub(super) fn errors(&mut self, integration: &Integration) {
        let rows: Vec<_> = errors::outcomes(integration)
            .into_iter()
            .map(|outcome| vec![outcome.code, or_nothing(outcome.meaning), outcome.happens])
            .collect();
        let columns = [
            Column::whole("CODE", 0),
            Column::words("MEANING", 12, 1),
            Column::words("WHAT HAPPENS", 30, 0),
        ];
        self.table("Errors", &columns, &rows);
    }
}
