//! The report: how it was measured, and tables.

use super::program::Figures;
use super::{BARE, LOG, MOST_SAID, Measured, Plan, SQLITE, Series, WRITERS, gates};
use crate::bench::report::{Row, comparison, median, table};

/// A column: its name, the name of its figure, and decimals.
const MEASURES: [(&str, &str, usize); 8] = [
    ("events/s", "events_per_second", 0),
    ("p50, µs", "p50_us", 0),
    ("p99, µs", "p99_us", 0),
    ("CPU/event, µs", "processor_us", 1),
    ("device bytes/event", "device_bytes", 0),
    ("own bytes/event", "own_bytes", 0),
    ("handed bytes/event", "handed_bytes", 0),
    ("events/group", "events_per_group", 1),
];

pub(super) fn about(plan: Plan) -> String {
    format!(
        "- Load: events with 1,024 random bytes and a random dedupe key of 16, one an append; each writer appends its \
         next when it has its answer, which comes when the event is on the disk. {} rounds of {} ms, the subjects in \
         turn, each in a new process and folder. SQLite alone: WAL, `synchronous=FULL`, 64 MiB of cache, one thread \
         that commits what waits, up to 512, tables of events, keys and deliveries. Bare disk: one thread that writes \
         1,024 bytes for each event of a group as large as the log's in that round, then `fdatasync`; its times are \
         those of a group.\n\
         - Figures: medians of the rounds, (least to most); ×, the median of the rounds' ratios to SQLite alone. CPU \
         is that of the whole process, writers included. Device bytes are sectors that the device wrote, with a \
         settled disk before and behind: those of other programs are among them. Own bytes are pages that the \
         process made dirty, without the file system's journal. Handed bytes are the log's own count.\n",
        plan.rounds, plan.milliseconds
    )
}

pub(super) fn all(plan: Plan, measured: &Measured) -> String {
    let mut parts = vec![
        appends(&measured.appends),
        ratios(measured),
        syncs(measured),
        pending(plan, measured),
        keys(plan, measured),
        gates::list(measured),
    ];
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// The rounds of a subject with so many writers.
pub(super) fn of<'a>(all: &'a [Series], name: &str, writers: u32) -> &'a [Figures] {
    let mut found = all.iter();
    let found = found.find(|one| one.name == name && one.writers == writers);
    found.map_or(&[], |one| &one.rounds)
}

/// The median of one figure.
pub(super) fn middle(rounds: &[Figures], name: &str) -> f64 {
    median(rounds.iter().map(|figures| figures.get(name)))
}

/// The median of the rounds' ratios of one figure.
pub(super) fn ratio(one: &[Figures], other: &[Figures], name: &str) -> f64 {
    let pairs = one.iter().zip(other);
    median(pairs.map(|(one, other)| one.get(name) / other.get(name)))
}

fn appends(all: &[Series]) -> String {
    rows("writers", all, |one| one.writers.to_string())
}

fn rows(group: &str, all: &[Series], label: impl Fn(&Series) -> String) -> String {
    let rows = all.iter().map(|one| Row {
        group: label(one),
        name: one.name.to_owned(),
        values: one
            .rounds
            .iter()
            .map(|figures| {
                let values = MEASURES.iter().map(|(_, name, _)| figures.get(name));
                values.collect()
            })
            .collect(),
    });
    let rows: Vec<_> = rows.collect();
    let measures = MEASURES.map(|(title, _, digits)| (title, digits));
    comparison(&[group, "subject"], &measures, SQLITE, &rows)
}

fn ratios(measured: &Measured) -> String {
    let head = [
        "writers",
        "log ÷ SQLite, events/s",
        "log ÷ bare, events/s",
        "log ÷ SQLite, device bytes",
        "log ÷ SQLite, own bytes",
        "log ÷ SQLite, CPU",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for writers in WRITERS {
        let [log, sqlite, bare] =
            [LOG, SQLITE, BARE].map(|name| of(&measured.appends, name, writers));
        let shown = |other, name| format!("{:.2}", ratio(log, other, name));
        lines.push(vec![
            writers.to_string(),
            shown(sqlite, "events_per_second"),
            shown(bare, "events_per_second"),
            shown(sqlite, "device_bytes"),
            shown(sqlite, "own_bytes"),
            shown(sqlite, "processor_us"),
        ]);
    }
    table(&lines)
}

fn syncs(measured: &Measured) -> String {
    if measured.syncs.is_empty() {
        return "Syncs were not counted: `strace` is not installed.\n".to_owned();
    }
    let head = [
        "syncs seen by strace",
        "syncs",
        "groups",
        "events",
        "syncs/group",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for (name, syncs, figures) in &measured.syncs {
        #[expect(clippy::cast_precision_loss, reason = "there are some thousands")]
        let syncs = *syncs as f64;
        lines.push(vec![
            (*name).to_owned(),
            format!("{syncs:.0}"),
            format!("{:.0}", figures.get("groups")),
            format!("{:.0}", figures.get("events")),
            format!("{:.2}", syncs / figures.get("groups")),
        ]);
    }
    table(&lines)
}

/// Two columns: what, and how much.
fn listed(title: String, figures: &[(&str, &Figures, &str, usize)]) -> String {
    let mut lines = vec![vec![title, String::new()]];
    for (label, of, name, digits) in figures {
        lines.push(vec![
            (*label).to_owned(),
            format!("{:.digits$}", of.get(name)),
        ]);
    }
    table(&lines)
}

fn pending(plan: Plan, measured: &Measured) -> String {
    let [loaded, reopened] = &measured.pending;
    listed(
        format!("{} pending events of 256 bytes", plan.pending_count),
        &[
            ("loading, s", loaded, "load_seconds", 1),
            ("RSS before, MiB", loaded, "empty_rss_mib", 1),
            ("RSS loaded, MiB", loaded, "loaded_rss_mib", 1),
            ("PSS loaded, MiB", loaded, "loaded_pss_mib", 1),
            ("reading all in windows of 64, s", loaded, "read_seconds", 2),
            ("reading a window, p50, µs", loaded, "claim_p50_us", 0),
            ("reading a window, p99, µs", loaded, "claim_p99_us", 0),
            ("RSS when all was read, MiB", loaded, "read_rss_mib", 1),
            ("opening after `kill -9`, s", reopened, "open_seconds", 2),
            ("RSS opened, MiB", reopened, "opened_rss_mib", 1),
            ("PSS opened, MiB", reopened, "opened_pss_mib", 1),
            ("64 done, durable, p50, µs", reopened, "done_p50_us", 0),
            ("64 done, durable, p99, µs", reopened, "done_p99_us", 0),
            ("CPU/event done, µs", reopened, "done_processor_us", 2),
        ],
    )
}

fn keys(plan: Plan, measured: &Measured) -> String {
    let mut text = rows("keys there before", &measured.keys, |_| {
        plan.key_count.to_string()
    });
    text.push('\n');
    let log = of(&measured.keys, LOG, MOST_SAID);
    let first = log.first().cloned().unwrap_or_default();
    let last = log.last().cloned().unwrap_or_default();
    text.push_str(&listed(
        format!("{} dedupe keys in the log", plan.key_count),
        &[
            ("filling, s", &measured.filled, "seconds", 1),
            (
                "files of keys when filled",
                &measured.filled,
                "key_files",
                0,
            ),
            (
                "memory of keys when filled, MiB",
                &measured.filled,
                "key_mib",
                1,
            ),
            ("RSS when filled, MiB", &measured.filled, "rss_mib", 1),
            ("opening, s", &first, "open_seconds", 2),
            ("keys after the last round", &last, "keys", 0),
            ("files of keys then", &last, "key_files", 0),
            ("memory of keys then, MiB", &last, "key_mib", 1),
        ],
    ));
    text
}
