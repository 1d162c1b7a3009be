//! The report of a benchmark: medians over the rounds, and ratios to the peer taken round by round.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use super::gateway::{BASE, Footprint, Sample, Series};
use super::peer::{BODY_BYTES, Speaks};

/// What a report says about how it was made.
pub(super) struct Setting {
    pub(super) moment: String,
    pub(super) command: String,
    pub(super) machine: String,
    pub(super) versions: String,
    pub(super) vendor: Speaks,
    pub(super) rounds: u32,
    pub(super) seconds: u64,
}

/// One row of the table: a name and how its value comes from a round.
struct Measure {
    name: &'static str,
    of: fn(&Sample) -> f64,
    decimals: usize,
}

const MEASURES: &[Measure] = &[
    Measure {
        name: "requests/s",
        of: |sample| sample.round.requests_per_second,
        decimals: 0,
    },
    Measure {
        name: "CPU/request, µs",
        of: |sample| sample.processor_microseconds / sample.round.requests,
        decimals: 1,
    },
    Measure {
        name: "added p50, µs",
        of: |sample| sample.round.p50_microseconds - sample.direct.p50_microseconds,
        decimals: 0,
    },
    Measure {
        name: "added p99, µs",
        of: |sample| sample.round.p99_microseconds - sample.direct.p99_microseconds,
        decimals: 0,
    },
];

/// One subject of a comparison: what it belongs to, its name, and the values of each of its rounds.
pub(super) struct Row {
    pub(super) group: String,
    pub(super) name: String,
    pub(super) values: Vec<Vec<f64>>,
}

/// A table of medians with their ranges; subjects of one group are divided by `base`, round by round.
///
/// `measures` are the names of the values and their decimals. A value that is not a number was not
/// measured.
pub(super) fn comparison(
    keys: &[&str; 2],
    measures: &[(&str, usize)],
    base: &str,
    rows: &[Row],
) -> String {
    let names = measures.iter().map(|(name, _)| *name);
    let head = keys.iter().copied().chain(names).map(str::to_owned);
    let mut cells = vec![head.collect()];
    for row in rows {
        let other = rows
            .iter()
            .find(|other| other.group == row.group && other.name == base);
        let mut line = vec![row.group.clone(), row.name.clone()];
        for (index, (_, digits)) in measures.iter().enumerate() {
            line.push(compared(row, other, index, *digits));
        }
        cells.push(line);
    }
    table(&cells)
}

fn compared(row: &Row, base: Option<&Row>, index: usize, digits: usize) -> String {
    let of = |row: &Row| -> Vec<f64> { row.values.iter().map(|values| values[index]).collect() };
    let values = of(row);
    if values.iter().any(|value| value.is_nan()) {
        return "–".to_owned();
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut text = format!(
        "{:.digits$} ({least:.digits$} to {most:.digits$})",
        median(values.iter().copied())
    );
    let base = base.filter(|base| base.name != row.name).map(of);
    if let Some(base) = base.filter(|base| !base.iter().any(|value| value.is_nan())) {
        let pairs = values.iter().zip(base);
        let ratio = median(pairs.map(|(value, base)| value / base));
        let _ = write!(text, " ×{ratio:.2}");
    }
    text
}

/// The whole report as Markdown.
pub(super) fn render(setting: &Setting, series: &[Series], footprints: &[Footprint]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "## Gateway{}, {}\n\n- Command: `{}`\n- Machine: {}\n- Versions: {}\n\
         - Load: wrk on one thread, closed loop (a connection sends its next request when it has its answer), \
         {} rounds of {} s, the subjects in turn; {BODY_BYTES}-byte answers over loopback; load, proxy and vendor \
         share the cores. With many connections a latency is queueing: compare it at 1 connection.\n\
         - Figures: medians of the rounds, (least to most); ×, the median of the rounds' ratios to {BASE}. \
         CPU is user and system time of all processes and threads of the proxy, in steps of 10 ms a round. \
         Added latency is the proxy's percentile less the vendor's own in the same round.\n\n",
        match setting.vendor {
            Speaks::Http1 => "",
            Speaks::TlsHttp1 => ", TLS and HTTP/1.1 to the vendor",
            Speaks::TlsHttp2 => ", TLS and HTTP/2 to the vendor (nginx: HTTP/1.1)",
        },
        setting.moment,
        setting.command,
        setting.machine,
        setting.versions,
        setting.rounds,
        setting.seconds,
    );
    text.push_str(&speed_table(series));
    text.push('\n');
    text.push_str(&memory_table(footprints));
    text
}

fn speed_table(series: &[Series]) -> String {
    let mut head = vec!["connections".to_owned(), "subject".to_owned()];
    head.extend(MEASURES.iter().map(|measure| measure.name.to_owned()));
    let mut rows = vec![head];
    for one in series {
        let base = series
            .iter()
            .find(|other| other.name == BASE && other.connections == one.connections);
        let mut row = vec![one.connections.to_string(), one.name.to_owned()];
        row.extend(MEASURES.iter().map(|measure| cell(measure, one, base)));
        rows.push(row);
    }
    table(&rows)
}

/// The median, the range and, for what is compared to the base, the ratio.
fn cell(measure: &Measure, one: &Series, base: Option<&Series>) -> String {
    let values: Vec<f64> = one.samples.iter().map(measure.of).collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let digits = measure.decimals;
    let mut text = format!(
        "{:.digits$} ({least:.digits$} to {most:.digits$})",
        median(values)
    );
    if let Some(ratio) = base
        .filter(|base| base.name != one.name)
        .and_then(|base| ratio(measure, one, base))
    {
        let _ = write!(text, " ×{ratio:.2}");
    }
    text
}

/// The median of the rounds' ratios; none where noise made a base of zero or less, as it can for an added latency.
fn ratio(measure: &Measure, one: &Series, base: &Series) -> Option<f64> {
    let of = measure.of;
    base.samples.iter().all(|base| of(base) > 0.0).then(|| {
        let pairs = one.samples.iter().zip(&base.samples);
        median(pairs.map(|(one, base)| of(one) / of(base)))
    })
}

fn memory_table(footprints: &[Footprint]) -> String {
    let mut head = vec!["memory, MiB".to_owned(), "processes".to_owned()];
    let times = ["idle", "after", "10 s later"];
    head.extend(
        times
            .iter()
            .flat_map(|time| [format!("{time} PSS"), format!("{time} RSS")]),
    );
    let mut rows = vec![head];
    for footprint in footprints {
        let mut row = vec![footprint.name.to_owned(), footprint.processes.to_string()];
        for memory in [footprint.idle, footprint.after, footprint.settled] {
            row.push(mebibytes(memory.proportional_kib));
            row.push(mebibytes(memory.resident_kib));
        }
        rows.push(row);
    }
    table(&rows)
}

/// KiB as MiB with one decimal, rounded down.
fn mebibytes(kibibytes: u64) -> String {
    let tenths = kibibytes * 10 / 1_024;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A Markdown table with even columns; the first row is its head, and every row is as long as it.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let lengths = rows.iter().map(|row| row[column].chars().count());
            lengths.max().unwrap_or_default()
        })
        .collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (cell, &width) in row.iter().zip(&widths) {
            let _ = write!(text, "| {cell:<width$} ");
        }
        text.push_str("|\n");
        if index == 0 {
            for &width in &widths {
                let _ = write!(text, "|{}", "-".repeat(width + 2));
            }
            text.push_str("|\n");
        }
    }
    text
}

/// The middle value, or the mean of the two middle ones; not a number when there is none.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}
