//! How long and how much is kept: defaults, bounds, and mistakes with their places.

use std::path::Path;
use std::time::Duration;

use crate::settings::{Error, FILE_NAME, Settings};

fn load(text: &str) -> Result<Settings, Error> {
    Settings::parse(text, Path::new(FILE_NAME))
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn what_is_not_said_has_a_default() {
    for text in ["", "[store]\n", "[store]\nkey = \"STORE_KEY\"\n"] {
        let settings = load(text).unwrap();
        let (events, calls) = (settings.events_kept(), settings.calls_kept());
        assert_eq!((events.age, events.bytes), (30 * DAY, 10 << 30), "{text}");
        assert_eq!((calls.age, calls.bytes), (30 * DAY, 1 << 30), "{text}");
    }
}

#[test]
fn every_number_is_read_up_to_its_bounds() {
    let text = "[store]\nevents_days = 1\nevents_bytes = 268_435_456\ncalls_days = 3650\n\
                calls_bytes = 16777216\nold_keys = [\"OLD\"]\n";
    let settings = load(text).unwrap();
    let (events, calls) = (settings.events_kept(), settings.calls_kept());
    assert_eq!((events.age, events.bytes), (DAY, 256 << 20));
    assert_eq!((calls.age, calls.bytes), (3_650 * DAY, 16 << 20));
    assert_eq!(settings.store_keys().old_keys.len(), 1);
}

#[test]
fn what_is_wrong_has_its_place_and_its_bounds() {
    for (text, place, words) in [
        (
            "[store]\nevents_days = 0\n",
            "line 2, column 15",
            "events_days is a number of days from 1 to 3650",
        ),
        (
            "[store]\nkey = \"K\"\n\ncalls_days = 3651\n",
            "line 4, column 14",
            "calls_days is a number of days from 1 to 3650",
        ),
        (
            "[store]\nevents_bytes = 268435455\n",
            "line 2, column 16",
            "events_bytes is a number of bytes from 268435456 (256 MiB) to 1125899906842624 (1 PiB)",
        ),
        (
            "[store]\ncalls_bytes = \"1 GiB\"\n",
            "line 2, column 15",
            "calls_bytes is a number of bytes from 16777216 (16 MiB) to 1125899906842624 (1 PiB), \
             without a unit",
        ),
        (
            "[store]\ncalls_days = 1.5\n",
            "line 2, column 14",
            "calls_days is a number of days",
        ),
        (
            "store = { events_days = -1 }\n",
            "line 1, column 25",
            "events_days is a number of days",
        ),
    ] {
        let message = load(text).unwrap_err().in_one_line();
        assert!(message.contains(place), "{text}: {message}");
        assert!(message.contains(words), "{text}: {message}");
    }
}

#[test]
fn what_is_no_table_is_told_by_who_reads_the_keys() {
    for text in [
        "store = 1\n",
        "store = [1]\n",
        "store = \"x\"\n",
        "store = 1.5\n",
    ] {
        let message = load(text).unwrap_err().in_one_line();
        assert!(
            message.contains("wharf.toml:1:9: `store` is a table"),
            "{message}"
        );
    }
}

#[test]
fn a_key_that_was_written_in_the_place_of_a_number_is_not_shown() {
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    for name in super::NAMES {
        let text = format!("[store]\n{name} = \"{key}\"\n");
        let message = load(&text).unwrap_err().in_one_line();
        assert!(!message.contains("AAECAwQF"), "{message}");
        assert!(message.contains("line 2"), "{message}");
    }
}
