//! What a child told, over all its starts, and what must be found again.

use std::collections::{BTreeMap, BTreeSet};
use std::str::SplitWhitespace;

use super::child::{RETAINED_BYTES, SEGMENT_BYTES, WRITER_COUNT, digest, event_bytes};

/// A lane's number and a position in it.
type Place = (u16, u64);

/// An exception: lane, handler, position.
type Beside = (u16, String, u64);

#[derive(Default)]
pub(super) struct Told {
    /// For each writer the places of its events, in their order.
    places: [Vec<Place>; WRITER_COUNT],
    /// Acknowledged cursors.
    cursors: BTreeMap<(u16, String), u64>,
    /// Exceptions that were asked for, that are there, and that are settled.
    asked: BTreeSet<Beside>,
    there: BTreeSet<Beside>,
    settled: BTreeSet<Beside>,
    /// The first event of each lane.
    firsts: BTreeMap<u16, u64>,
    /// Old events were being taken away, and it was not told what.
    is_retaining: bool,
    /// How many events each writer had when the child was started.
    at_start: [usize; WRITER_COUNT],
    found: Found,
    repeats: u64,
    kills: u64,
    files_taken_away: u64,
    unacknowledged_found: u64,
    keys: (u64, u64),
    most_key_files: u64,
}

/// What the child finds after its start.
#[derive(Default)]
struct Found {
    is_whole: bool,
    events: BTreeMap<Place, (usize, usize)>,
    firsts: BTreeMap<u16, u64>,
    heads: BTreeMap<u16, u64>,
    cursors: BTreeMap<(u16, String), u64>,
    beside: BTreeSet<Beside>,
    bytes: u64,
}

/// The next word of a line.
fn next<T: std::str::FromStr>(words: &mut SplitWhitespace<'_>) -> T
where
    T::Err: std::fmt::Debug,
{
    words.next().unwrap().parse().unwrap()
}

fn beside(words: &mut SplitWhitespace<'_>) -> Beside {
    (next(words), next(words), next(words))
}

impl Told {
    /// How many events each writer knows to be taken.
    pub(super) fn next(&self) -> [usize; WRITER_COUNT] {
        self.places.each_ref().map(Vec::len)
    }

    pub(super) fn has_found(&self) -> bool {
        self.found.is_whole
    }

    /// Takes one line. `true`: all that was found is told.
    pub(super) fn hear(&mut self, line: &str) -> bool {
        let mut words = line.split_whitespace();
        let kind: String = next(&mut words);
        let words = &mut words;
        match kind.as_str() {
            "event" => self.hear_event(words),
            "lane" => {
                let number = next(words);
                self.found.firsts.insert(number, next(words));
                self.found.heads.insert(number, next(words));
            }
            "handler" => {
                let of = (next(words), next(words));
                self.found.cursors.insert(of, next(words));
            }
            "beside" => drop(self.found.beside.insert(beside(words))),
            "found" => {
                self.found.bytes = next(words);
                self.keys = (next(words), next(words));
                self.most_key_files = self.most_key_files.max(self.keys.1);
                self.found.is_whole = true;
                self.assert_found();
                return true;
            }
            "taken" => self.hear_taken(words),
            "cursor" => {
                let of = (next(words), next(words));
                self.cursors.insert(of, next(words));
            }
            "ask" => drop(self.asked.insert(beside(words))),
            "there" => drop(self.there.insert(beside(words))),
            // From here on it may be there or not.
            "settle" => drop(self.there.remove(&beside(words))),
            "settled" => drop(self.settled.insert(beside(words))),
            "retain" => self.is_retaining = true,
            "retained" => {
                self.files_taken_away += next::<u64>(words);
                while let Some(lane) = words.next() {
                    self.firsts.insert(lane.parse().unwrap(), next(words));
                }
                self.is_retaining = false;
            }
            _ => panic!("the child said: {line}"),
        }
        false
    }

    fn hear_event(&mut self, words: &mut SplitWhitespace<'_>) {
        let place = (next(words), next(words));
        let (writer, index): (usize, usize) = (next(words), next(words));
        let is: u64 = next(words);
        assert!(
            writer < WRITER_COUNT && index <= self.places[writer].len(),
            "nobody sent event {index} of writer {writer} at {place:?}"
        );
        assert_eq!(
            is,
            digest(&event_bytes(writer, index)),
            "{place:?} is not what was sent"
        );
        let before = self.found.events.insert(place, (writer, index));
        assert_eq!(before, None, "two events at {place:?}");
    }

    /// An append was acknowledged.
    fn hear_taken(&mut self, words: &mut SplitWhitespace<'_>) {
        let (writer, index): (usize, usize) = (next(words), next(words));
        let place: Place = (next(words), next(words));
        let is_duplicate: bool = next(words);
        let places = &mut self.places[writer];
        if let Some(first) = places.get(index) {
            assert!(
                is_duplicate && place == *first,
                "event {index} of writer {writer} is at {first:?}; a repeat is at {place:?}"
            );
            self.repeats += 1;
            return;
        }
        assert_eq!(index, places.len(), "events of a writer come in order");
        assert!(
            !is_duplicate || index == self.at_start[writer],
            "the first event {index} of writer {writer} is told to be a repeat"
        );
        self.unacknowledged_found += u64::from(is_duplicate);
        places.push(place);
    }

    /// The child is gone, and all that it told was heard.
    pub(super) fn killed(&mut self) {
        self.kills += 1;
    }

    /// A child is started.
    pub(super) fn begin(&mut self) {
        self.found = Found::default();
        self.at_start = self.next();
    }

    fn assert_found(&mut self) {
        let found = &self.found;
        for (&lane, &first) in &found.firsts {
            let known = self.firsts.get(&lane).copied().unwrap_or(0);
            let may_be_gone =
                self.is_retaining && found.bytes + 2 * SEGMENT_BYTES >= RETAINED_BYTES;
            assert!(
                first <= known || may_be_gone,
                "events of lane {lane} are gone from {known} to {first}"
            );
            let positions = found.events.range((lane, 0)..=(lane, u64::MAX));
            let positions: Vec<u64> = positions.map(|(place, _)| place.1).collect();
            let expected: Vec<u64> = (first..found.heads[&lane]).collect();
            assert!(positions == expected, "lane {lane} has gaps");
        }
        let mut keys = BTreeSet::new();
        for (place, &(writer, index)) in &found.events {
            assert!(
                keys.insert((writer, index)),
                "two events have the key of event {index} of writer {writer}"
            );
            let acknowledged = self.places[writer].get(index);
            assert!(
                acknowledged.is_none_or(|at| at == place),
                "event {index} of writer {writer} was acknowledged at {acknowledged:?}, and is at {place:?}"
            );
        }
        for (writer, places) in self.places.iter().enumerate() {
            for (index, place) in places.iter().enumerate() {
                let is_taken_away = place.1 < found.firsts.get(&place.0).copied().unwrap_or(0);
                assert!(
                    is_taken_away || found.events.contains_key(place),
                    "event {index} of writer {writer} at {place:?} is lost"
                );
            }
        }
        self.assert_handlers();
        // What was taken away by the one before is known now.
        let mut there = std::mem::take(&mut self.there);
        there.retain(|one| self.found.beside.contains(one));
        self.there = there;
        self.firsts = self.found.firsts.clone();
        self.is_retaining = false;
    }

    fn assert_handlers(&self) {
        let found = &self.found;
        for (of, told) in &self.cursors {
            let cursor = found.cursors.get(of);
            assert!(
                cursor.is_some_and(|cursor| cursor >= told && *cursor <= found.heads[&of.0]),
                "the cursor of {of:?} was told to be at {told}, and is at {cursor:?}"
            );
        }
        for one in &found.beside {
            assert!(
                self.asked.contains(one) && !self.settled.contains(one),
                "nobody has {one:?} beside a cursor"
            );
        }
        for one in &self.there {
            assert!(
                one.2 < self.passed(one.0) || found.beside.contains(one),
                "{one:?} is not beside its cursor any more"
            );
        }
    }

    /// The position in a lane to which all were passed on, because events before it are taken away.
    ///
    /// They are passed on before a file is taken away, so after a kill it may still be there.
    fn passed(&self, lane: u16) -> u64 {
        let found = &self.found;
        let told = self.firsts.get(&lane).copied().unwrap_or(0);
        let known = told.max(found.firsts[&lane]);
        if !self.is_retaining {
            return known;
        }
        // Of one handler none is beside its cursor before it, and no cursor is before it.
        let of_lane = |one: &&Beside| one.0 == lane;
        let mut beside = found.beside.iter().filter(of_lane);
        let lost = |one: &&Beside| of_lane(one) && !found.beside.contains(*one);
        let last_lost = self.there.iter().filter(lost).map(|one| one.2).max();
        let Some(last_lost) = last_lost.filter(|&lost| lost >= known) else {
            return known;
        };
        let mut cursors = found.cursors.iter();
        assert!(
            beside.all(|one| one.2 > last_lost)
                && cursors.all(|(of, &cursor)| of.0 != lane || cursor > last_lost),
            "{last_lost} of lane {lane} was passed over by one handler and not by another"
        );
        last_lost + 1
    }

    /// For the result.
    pub(super) fn summary(&self) -> String {
        let count: usize = self.places.iter().map(Vec::len).sum();
        format!(
            "{count} events acknowledged, 0 lost; {} repeats told; {} stored events had not been acknowledged; {} \
             kills with a last look; {} exceptions; {} files of events taken away; {} keys in {} files, {} at most",
            self.repeats,
            self.unacknowledged_found,
            self.kills,
            self.asked.len(),
            self.files_taken_away,
            self.keys.0,
            self.keys.1,
            self.most_key_files,
        )
    }
}
