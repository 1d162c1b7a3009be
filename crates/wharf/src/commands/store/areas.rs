//! What a check found, in words and as JSON, for all commands that check.

use serde_json::{Value, json};
use wharf_store::{Area, AreaCount, Finding, Report};

/// Columns of a terminal that text stays within.
const WIDTH: usize = 80;

/// Column at which what is said of an area begins.
const INDENT: usize = 11;

/// Bytes in words.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (1 << 40, "TiB"),
        (1 << 30, "GiB"),
        (1 << 20, "MiB"),
        (1 << 10, "KiB"),
    ];
    let unit = UNITS.into_iter().find(|(unit, _)| bytes >= *unit);
    unit.map_or_else(
        || format!("{bytes} B"),
        |(unit, name)| {
            // Tenths, without floating numbers: they are exact up to the last byte.
            let tenths = u128::from(bytes) * 10 / u128::from(unit);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        },
    )
}

/// A number of things.
pub(super) fn count(count: u64, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// An area with its name in front, in as many lines as it takes.
pub(super) fn lines(name: &str, text: &str) -> String {
    let mut out = String::new();
    let mut line = format!("{name:<INDENT$}");
    let mut is_begun = false;
    for word in text.split(' ') {
        if is_begun && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out += line.trim_end();
            out.push('\n');
            line = " ".repeat(INDENT);
            is_begun = false;
        }
        if is_begun {
            line.push(' ');
        }
        line += word;
        is_begun = true;
    }
    out + line.trim_end() + "\n"
}

/// All findings, and what was read of each area.
pub(super) fn text(report: &Report) -> String {
    let mut text: String = report.findings.iter().map(finding).collect();
    if report.left_out > 0 {
        text += &format!("and {}\n", count(report.left_out, "more", "more"));
    }
    for (area, of) in areas(report) {
        let (one, many) = match area {
            Area::Records => ("row", "rows"),
            Area::Events => ("event", "events"),
            Area::Keys => ("key", "keys"),
            Area::Calls => ("record", "records"),
        };
        let said = format!(
            "{} in {}, {}",
            count(of.item_count, one, many),
            count(of.file_count, "file", "files"),
            size(of.bytes)
        );
        text += &lines(area.as_str(), &said);
    }
    text
}

fn finding(finding: &Finding) -> String {
    let place = match finding.bytes {
        Some((from, to)) => format!("{}, bytes {from} to {to}", finding.file),
        None => finding.file.clone(),
    };
    let said = format!(
        "{place}: {}. {} {}",
        finding.what,
        finding.meaning(),
        finding.remedy()
    );
    lines(finding.kind.as_str(), &crate::output::in_line(&said))
}

/// The same as members of an object.
pub(super) fn json(report: &Report) -> Value {
    let areas = areas(report).map(|(area, of)| {
        let value = json!({
            "files": of.file_count,
            "bytes": of.bytes,
            "items": of.item_count,
        });
        (area.as_str().to_owned(), value)
    });
    let findings = report.findings.iter().map(|finding| {
        json!({
            "kind": finding.kind.as_str(),
            "area": finding.area.as_str(),
            "file": finding.file,
            "from": finding.bytes.map(|(from, _)| from),
            "to": finding.bytes.map(|(_, to)| to),
            "what": finding.what,
            "meaning": finding.meaning(),
            "remedy": finding.remedy(),
        })
    });
    json!({
        "whole": report.is_whole(),
        "areas": areas.into_iter().collect::<serde_json::Map<_, _>>(),
        "findings": findings.collect::<Vec<_>>(),
        "left_out": report.left_out,
    })
}

fn areas(report: &Report) -> [(Area, AreaCount); 4] {
    [
        (Area::Records, report.records),
        (Area::Events, report.events),
        (Area::Keys, report.keys),
        (Area::Calls, report.calls),
    ]
}

#[cfg(test)]
mod tests {
    use super::{lines, size};

    #[test]
    fn sizes_are_in_the_unit_that_people_read() {
        for (bytes, text) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (1_587, "1.5 KiB"),
            (64 << 20, "64.0 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn lines_stay_within_a_terminal_and_lose_no_word() {
        let text = "word ".repeat(60);
        let shown = lines("events", text.trim_end());
        assert!(shown.lines().all(|line| line.len() <= 80), "{shown}");
        assert!(shown.starts_with("events     word word"));
        assert_eq!(shown.matches("word").count(), 60);
        let long = "x".repeat(200);
        assert_eq!(lines("a", &long), format!("a          {long}\n"));
    }
}
