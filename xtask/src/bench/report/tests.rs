//! Medians, ratios and the layout of the report.

use super::super::gateway::{BASE, Footprint, Sample, Series};
use super::super::load::Round;
use super::super::process::Memory;
use super::{Row, comparison, median, memory_table, speed_table};

fn round(requests: f64, p50: f64) -> Round {
    Round {
        requests,
        requests_per_second: requests / 2.0,
        p50_microseconds: p50,
        p99_microseconds: p50 * 2.0,
    }
}

fn sample(requests: f64, processor_microseconds: f64, p50: f64) -> Sample {
    Sample {
        round: round(requests, p50),
        processor_microseconds,
        direct: round(90_000.0, 20.0),
    }
}

#[test]
fn the_median_is_the_middle() {
    assert!(median([]).is_nan());
    assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    assert!((median([4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
}

#[test]
fn ratios_are_taken_round_by_round() {
    let series = [
        Series {
            name: BASE,
            connections: 32,
            samples: vec![
                sample(1_000.0, 20_000.0, 70.0),
                sample(1_000.0, 40_000.0, 70.0),
            ],
        },
        Series {
            name: "wharf",
            connections: 32,
            samples: vec![
                sample(1_000.0, 20_000.0, 120.0),
                sample(1_000.0, 20_000.0, 120.0),
            ],
        },
    ];
    let table = speed_table(&series);
    let cells = |name: &str| -> Vec<String> {
        let line = table
            .lines()
            .find(|line| line.contains(name))
            .expect("a row");
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    // The medians' own ratio would be 20 / 30.
    assert_eq!(cells("wharf")[4], "20.0 (20.0 to 20.0) ×0.75");
    assert_eq!(cells(BASE)[4], "30.0 (20.0 to 40.0)");
    assert_eq!(cells("wharf")[5], "100 (100 to 100) ×2.00");
}

#[test]
fn a_base_below_zero_has_no_ratio() {
    let series = |name, p50| Series {
        name,
        connections: 1,
        samples: vec![sample(1_000.0, 20_000.0, p50)],
    };
    // The vendor alone takes 20 µs in these rounds.
    let table = speed_table(&[series(BASE, 15.0), series("wharf", 30.0)]);
    let row = table.lines().last().expect("a row");
    assert!(row.contains("| 10 (10 to 10) "), "{row}");
    assert!(!row.contains("10 (10 to 10) ×"), "{row}");
}

#[test]
fn memory_is_shown_in_mebibytes() {
    let footprint = Footprint {
        name: "wharf",
        processes: 1,
        idle: Memory {
            resident_kib: 10_240,
            proportional_kib: 8_140,
        },
        after: Memory {
            resident_kib: 15_360,
            proportional_kib: 15_359,
        },
        settled: Memory {
            resident_kib: 11_264,
            proportional_kib: 9_216,
        },
    };
    let table = memory_table(&[footprint]);
    let cells: Vec<&str> = table
        .lines()
        .last()
        .expect("a row")
        .split('|')
        .map(str::trim)
        .collect();
    assert_eq!(
        cells,
        [
            "", "wharf", "1", "7.9", "10.0", "14.9", "15.0", "9.0", "11.0", ""
        ]
    );
}

#[test]
fn subjects_are_divided_by_the_base_of_their_group() {
    let row = |group: &str, name: &str, values: [f64; 2]| Row {
        group: group.to_owned(),
        name: name.to_owned(),
        values: values.iter().map(|value| vec![*value]).collect(),
    };
    let rows = [
        row("1", "peer", [2.0, 4.0]),
        row("1", "wharf", [1.0, 1.0]),
        row("2", "wharf", [9.0, 9.0]),
    ];
    let table = comparison(&["n", "subject"], &[("s", 1)], "peer", &rows);
    assert!(table.contains("3.0 (2.0 to 4.0) "), "{table}");
    assert!(table.contains("1.0 (1.0 to 1.0) ×0.38"), "{table}");
    assert!(table.contains("9.0 (9.0 to 9.0) "), "{table}");
}

#[test]
fn what_was_not_measured_has_no_figure_and_no_ratio() {
    let row = |name: &str, values: [f64; 2]| Row {
        group: "64".to_owned(),
        name: name.to_owned(),
        values: vec![values.to_vec()],
    };
    let rows = [
        row("base", [2.0, f64::NAN]),
        row("one", [3.0, 5.0]),
        row("other", [f64::NAN, 5.0]),
    ];
    let measures = [("first", 0), ("second", 0)];
    let table = comparison(&["writers", "subject"], &measures, "base", &rows);
    let lines: Vec<Vec<&str>> = table
        .lines()
        .skip(2)
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(lines[0][3..5], ["2 (2 to 2)", "–"]);
    assert_eq!(lines[1][3..5], ["3 (3 to 3) ×1.50", "5 (5 to 5)"]);
    assert_eq!(lines[2][3..5], ["–", "5 (5 to 5)"]);
}
