//! What a place means, which value holds there and why, and the page of a finding.

use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind};
use wharf_diag::{Span, find_page};
use wharf_document::vocabulary::{self, Word};
use wharf_plan::{EffectiveSettings, Setting};

use super::references::{holds, mentions};
use crate::place::{Place, Slot};
use crate::view::View;

/// What is shown at an offset: the value that holds, what the name means, and the pages of findings.
pub(crate) fn show(view: &View<'_>, offset: usize) -> Option<Hover> {
    let integration = view.integration()?;
    let place = view.place(offset);
    let effective = wharf_plan::effective(integration);
    let mut parts = Vec::new();
    parts.extend(meaning(&place, view));
    parts.extend(values(&effective, &place, view, offset));
    parts.extend(other(view, offset));
    let pages = pages(view, offset);
    if parts.is_empty() && pages.is_empty() {
        return None;
    }
    parts.extend(pages);
    let text = view.document.masked(parts.join("\n\n---\n\n"));
    let (kind, text) = if view.client.markdown {
        (MarkupKind::Markdown, text)
    } else {
        (MarkupKind::PlainText, plain(&text))
    };
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent { kind, value: text }),
        range: (!place.word.is_empty()).then(|| view.range(place.word)),
    })
}

/// The Markdown of a hover without its marks: those of headings, emphasis, code and fences. What
/// stands in a fence stays as it is.
fn plain(markdown: &str) -> String {
    let mut plain = String::with_capacity(markdown.len());
    let mut fence: Option<&str> = None;
    for line in markdown.lines() {
        let marks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {
                plain.push_str(line);
                plain.push('\n');
            }
            None if marks >= 3 => fence = line.get(..marks),
            None => {
                let words = line.trim_start_matches('#');
                let words = if words.starts_with(' ') && words.len() < line.len() {
                    words.trim_start()
                } else {
                    line
                };
                plain.push_str(&words.replace("**", "").replace('`', ""));
                plain.push('\n');
            }
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// The name at a place, or the name whose value stands there.
fn name<'a>(place: &Place<'a>, view: &View<'a>) -> &'a str {
    match &place.slot {
        Slot::FrontmatterValue { key }
        | Slot::ItemValue { key }
        | Slot::YamlValue { key }
        | Slot::JsonValue { key, .. } => key,
        Slot::AssignmentValue { name } => name,
        Slot::Cell { column, .. } => column,
        _ => &view.text()[place.word.range()],
    }
}

/// What the key, column or heading at a place means.
fn meaning(place: &Place<'_>, view: &View<'_>) -> Option<String> {
    let name = name(place, view);
    let section = place.under.section.and_then(vocabulary::section);
    let part = section.and_then(|section| vocabulary::part(section, place.under.part));
    let told = |name: &str, about: &str| Some(format!("**{name}**: {about}"));
    let of = |word: Option<&Word>| word.and_then(|word| told(word.name, word.about));
    let block = part.and_then(|part| part.block).map(|(_, words)| words);
    match &place.slot {
        Slot::Heading { level: 2 } => {
            let section = vocabulary::section(name)?;
            told(section.name, section.about)
        }
        Slot::Heading { .. } => {
            let part = vocabulary::part(section?, Some(name))?;
            told(part.name, part.about)
        }
        Slot::FrontmatterKey | Slot::FrontmatterValue { .. } => {
            of(vocabulary::find(&vocabulary::FRONTMATTER, name))
        }
        Slot::ItemKey => of(vocabulary::find(part?.keys, name)),
        Slot::ItemValue { key } => {
            let key = of(vocabulary::find(part?.keys, key))?;
            let value = (part?.name == "Method")
                .then(|| {
                    vocabulary::find(
                        &vocabulary::AUTHENTICATION_TYPES,
                        &view.text()[place.word.range()],
                    )
                })
                .and_then(of);
            Some(value.map_or_else(|| key.clone(), |value| format!("{key}\n\n{value}")))
        }
        Slot::ColumnHeading { .. } => {
            let part = part.or_else(|| vocabulary::part(section?, None))?;
            of(vocabulary::find(part.columns_with(name), name))
        }
        Slot::Cell { column, .. } => {
            let part = part.or_else(|| vocabulary::part(section?, None))?;
            let heading = of(vocabulary::find(part.columns_with(column), column))?;
            let word = view.text()[place.word.range()].trim();
            let value = match *column {
                "Response" => of(vocabulary::find(&vocabulary::VERBS, word)),
                "Method" => of(vocabulary::find(&vocabulary::METHODS, word)),
                _ => None,
            };
            Some(value.map_or_else(|| heading.clone(), |value| format!("{value}\n\n{heading}")))
        }
        Slot::YamlKey { .. } | Slot::JsonKey { .. } | Slot::AssignmentName { .. } => {
            of(vocabulary::find(block?, name))
        }
        Slot::YamlValue { .. } => {
            let word = view.text()[place.word.range()].trim();
            of(vocabulary::find(&vocabulary::LOCATIONS, word))
                .or_else(|| of(vocabulary::find(block?, name)))
        }
        Slot::JsonValue { .. } | Slot::AssignmentValue { .. } => of(vocabulary::find(block?, name)),
        Slot::Info { .. } | Slot::Blank | Slot::Other => None,
    }
}

/// The settings that hold at a place. In a row of operations, those of the row.
fn values(
    effective: &EffectiveSettings,
    place: &Place<'_>,
    view: &View<'_>,
    offset: usize,
) -> Option<String> {
    let name = name(place, view);
    let text = view.text();
    if let Slot::Cell { column, .. } = &place.slot {
        let line = crate::place::line_of(text, offset);
        let row = effective
            .operations
            .iter()
            .find(|row| holds(line, row.name.span.start) && line.start < row.name.span.end)?;
        let lines: Vec<_> = match *column {
            "Operation" => row.settings.iter().map(line_of_setting).collect(),
            column => {
                let named = row
                    .settings
                    .iter()
                    .filter(|setting| setting.keys.contains(&column));
                let mut lines: Vec<_> = named.map(line_of_setting).collect();
                if column == "Timeout" {
                    let longest = row
                        .settings
                        .iter()
                        .filter(|setting| setting.name == "longest possible call");
                    lines.extend(longest.map(line_of_setting));
                }
                lines
            }
        };
        return (!lines.is_empty()).then(|| lines.join("\n\n"));
    }
    let is_setting = matches!(
        place.slot,
        Slot::FrontmatterKey
            | Slot::FrontmatterValue { .. }
            | Slot::ItemKey
            | Slot::ItemValue { .. }
            | Slot::JsonKey { .. }
            | Slot::JsonValue { .. }
            | Slot::AssignmentName { .. }
            | Slot::AssignmentValue { .. }
    );
    let own = effective.environments.iter().flat_map(|own| &own.settings);
    let settings = effective.integration.iter().chain(own);
    let settings = settings.filter(|_| is_setting);
    let named =
        settings.filter(|setting| setting.keys.contains(&name) && takes_part(setting, place, view));
    let mut lines: Vec<_> = named.map(line_of_setting).collect();
    if !lines.is_empty()
        && matches!(
            name,
            "timeout" | "retry_attempts" | "max_retries" | "retry_delays"
        )
    {
        let longest = effective.integration.iter();
        let longest = longest.filter(|setting| setting.name == "longest possible call");
        lines.extend(longest.map(line_of_setting));
    }
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}

/// Whether a value of the setting stands on the line of a place: other sections have keys of the
/// same name.
fn takes_part(setting: &Setting, place: &Place<'_>, view: &View<'_>) -> bool {
    let line = crate::place::line_of(view.text(), place.word.start);
    let touches = |span: Span| span.start <= line.end && line.start <= span.end;
    setting.places.iter().any(|place| touches(place.span))
}

/// What nothing obeys is no effect, and looks like none.
fn line_of_setting(setting: &Setting) -> String {
    let effective = match setting.not_in_force {
        None => "Effective ",
        Some(_) => "Not in force yet: ",
    };
    format!(
        "{effective}{}: **{}** ({})",
        setting.name, setting.value, setting.reason
    )
}

/// What the id, the handler or the operation at a place is.
fn other(view: &View<'_>, offset: usize) -> Option<String> {
    let integration = view.integration()?;
    let mention = mentions(view.document, integration)
        .into_iter()
        .find(|mention| holds(mention.span, offset));
    if let Some(mention) = mention {
        let Some((document, found)) = view.find(&mention.id) else {
            return Some(format!(
                "No document of the workspace has the id `{}`.",
                mention.id
            ));
        };
        let purpose = found.service.purpose.as_ref();
        let purpose = purpose.map_or_else(String::new, |purpose| format!("\n\n{}", purpose.value));
        let text = format!(
            "**{}** ({}){purpose}",
            found.display_name(),
            document.source.name()
        );
        return Some(document.masked(text));
    }
    None
}

/// The pages of the findings at a place.
fn pages(view: &View<'_>, offset: usize) -> Vec<String> {
    let found = view.document.shown().iter();
    let mut ids: Vec<&str> = found
        .filter(|found| holds(found.primary.span, offset))
        .map(|found| found.code.id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter()
        .filter_map(|id| find_page(wharf_document::pages(), id).ok())
        .map(|page| page.text.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn plain_text_has_no_marks() {
        let page = "# WH002 name\n\n**Timeout**: in `5s`.\n\n````markdown\n## `A`\n```json\n{}\n```\n````\n";
        assert_eq!(
            plain(page),
            "WH002 name\n\nTimeout: in 5s.\n\n## `A`\n```json\n{}\n```"
        );
    }
}
