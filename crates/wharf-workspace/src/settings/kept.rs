//! `[store]` of `wharf.toml`: how long and how much is kept.
//!
//! The places of keys in the same table are read by hand (`store.rs`); numbers have no secret to
//! hide, and are read as those of other tables are. What is wrong with the rest is told there.

use std::fmt;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The names of these numbers in the table.
pub(super) const NAMES: [&str; 4] = ["events_days", "events_bytes", "calls_days", "calls_bytes"];

/// Days that something may be kept: ten years.
const MOST_DAYS: u64 = 3_650;

/// Bytes that may be kept: a PiB.
const MOST_BYTES: u64 = 1 << 50;

/// Least bytes of events: four segments, so that the one that is written, which always stays, is a
/// part of them.
const LEAST_EVENTS_BYTES: u64 = 256 << 20;

/// Least bytes of records of calls: two files.
const LEAST_CALLS_BYTES: u64 = 16 << 20;

/// How long and how much is kept, as the file has it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Table {
    #[serde(deserialize_with = "events_days")]
    events_days: Option<u64>,
    #[serde(deserialize_with = "events_bytes")]
    events_bytes: Option<u64>,
    #[serde(deserialize_with = "calls_days")]
    calls_days: Option<u64>,
    #[serde(deserialize_with = "calls_bytes")]
    calls_bytes: Option<u64>,
}

/// How long and how much is kept of something; more of either, and the oldest goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// How long.
    pub age: Duration,
    /// How many bytes.
    pub bytes: u64,
}

impl Table {
    pub(super) fn events(self) -> Kept {
        kept(self.events_days, self.events_bytes.unwrap_or(10 << 30))
    }

    pub(super) fn calls(self) -> Kept {
        kept(self.calls_days, self.calls_bytes.unwrap_or(1 << 30))
    }
}

fn kept(days: Option<u64>, bytes: u64) -> Kept {
    Kept {
        age: Duration::from_secs(days.unwrap_or(30) * 24 * 60 * 60),
        bytes,
    }
}

/// Reads the table. What is no table is told by who reads the keys.
pub(super) fn read<'de, D: Deserializer<'de>>(source: D) -> Result<Table, D::Error> {
    source.deserialize_any(OfTable)
}

struct OfTable;

impl<'de> Visitor<'de> for OfTable {
    type Value = Table;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Table, A::Error> {
        Table::deserialize(MapAccessDeserializer::new(map))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Table, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Table::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Table, E> {
        Ok(Table::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Table, E> {
        Ok(Table::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Table, E> {
        Ok(Table::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Table, E> {
        Ok(Table::default())
    }
}

fn events_days<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    days(source, "events_days")
}

fn calls_days<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    days(source, "calls_days")
}

fn events_bytes<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    bytes(source, "events_bytes", LEAST_EVENTS_BYTES)
}

fn calls_bytes<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    bytes(source, "calls_bytes", LEAST_CALLS_BYTES)
}

fn days<'de, D: Deserializer<'de>>(source: D, name: &str) -> Result<Option<u64>, D::Error> {
    let days = number(source, 1, MOST_DAYS);
    let wrong = || format!("{name} is a number of days from 1 to {MOST_DAYS}");
    days.map(Some).ok_or_else(|| D::Error::custom(wrong()))
}

fn bytes<'de, D: Deserializer<'de>>(
    source: D,
    name: &str,
    least: u64,
) -> Result<Option<u64>, D::Error> {
    let bytes = number(source, least, MOST_BYTES);
    let wrong = || {
        format!(
            "{name} is a number of bytes from {least} ({} MiB) to {MOST_BYTES} (1 PiB), without a unit",
            least >> 20
        )
    };
    bytes.map(Some).ok_or_else(|| D::Error::custom(wrong()))
}

/// A whole number within its bounds; `None`: it is something else, such as what no number of TOML
/// can hold.
fn number<'de, D: Deserializer<'de>>(source: D, least: u64, most: u64) -> Option<u64> {
    let written = toml::Value::deserialize(source).ok()?;
    let asked = u64::try_from(written.as_integer()?).ok()?;
    (least..=most).contains(&asked).then_some(asked)
}

#[cfg(test)]
mod tests;
