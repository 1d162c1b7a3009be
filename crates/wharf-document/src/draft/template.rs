//! Adds a section or a part as a template has it.

use wharf_diag::{Edit, Span};

use super::body::{changed_once, said, sections};
use super::{Error, Place, edit, first_that, line_ending};
use crate::outline::Outline;

pub(super) fn add(text: &str, place: Place<'_>, template: &str) -> Result<Option<Edit>, Error> {
    let (outline, model) = (Outline::of(text), Outline::of(template));
    let (there, wanted) = match place.part {
        Some(part) => (
            outline.part(place.section, part),
            model.part(place.section, part),
        ),
        None => (outline.section(place.section), model.section(place.section)),
    };
    if there.is_some() {
        return Ok(None);
    }
    let wanted = wanted.ok_or(Error::NotInTemplate)?;
    let at = place_for(text, &outline, &model, place)?;
    let eol = line_ending(text);
    let lines: Vec<_> = template[wanted.range()].trim_end().lines().collect();
    let content = lines.join(eol);
    let before = &text[..at];
    let gap = if before.is_empty() || ends_blank(before) {
        String::new()
    } else if before.ends_with(['\n', '\r']) {
        eol.to_owned()
    } else {
        eol.repeat(2)
    };
    let end = if at < text.len() {
        eol.repeat(2)
    } else {
        eol.to_owned()
    };
    let old = said(&sections(text));
    let added = said(&sections(template)).len();
    let edits = [edit(Span::at(at), format!("{gap}{content}{end}"))];
    let edit = first_that(text, edits, |text| {
        let outline = Outline::of(text);
        let is_there = match place.part {
            Some(part) => outline.part(place.section, part),
            None => outline.section(place.section),
        };
        let new = said(&sections(text));
        let more = new.len().saturating_sub(old.len());
        is_there.is_some() && (1..=added).contains(&more) && changed_once(&old, &new, 0, more)
    })?;
    Ok(Some(edit))
}

/// Where a section or part that is not there yet begins.
fn place_for(
    text: &str,
    outline: &Outline,
    model: &Outline,
    place: Place<'_>,
) -> Result<usize, Error> {
    let of = place.section;
    let Some(part) = place.part else {
        let names: Vec<_> = model.section_names().collect();
        let mut there = outline.section_names();
        let first = there.find_map(|name| outline.section(name));
        let start = first.map_or(text.len(), |section| section.start);
        return Ok(position(&names, of, start, |name| outline.section(name)));
    };
    let section = outline.section(of).ok_or(Error::NoPlace)?;
    let names: Vec<_> = model.part_names(of).collect();
    let first = outline
        .part_names(of)
        .find_map(|name| outline.part(of, name));
    let start = first.map_or(section.end, |part| part.start);
    Ok(position(&names, part, start, |name| outline.part(of, name)))
}

/// Behind the nearest of those that come before `name` in the template; `start` without any.
fn position(
    names: &[&str],
    name: &str,
    start: usize,
    place_of: impl Fn(&str) -> Option<Span>,
) -> usize {
    let index = names
        .iter()
        .position(|known| crate::raw::same_name(known, name))
        .unwrap_or_default();
    let mut before = names.iter().take(index).rev();
    let nearest = before.find_map(|name| place_of(name));
    nearest.map_or(start, |span| span.end)
}

/// Whether a text ends with an empty line.
fn ends_blank(text: &str) -> bool {
    let Some(line) = text.strip_suffix('\n') else {
        return false;
    };
    let line = line.strip_suffix('\r').unwrap_or(line);
    line.is_empty() || line.ends_with('\n')
}
