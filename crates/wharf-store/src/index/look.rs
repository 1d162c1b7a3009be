//! Lists out of books: by time, the newest first, over all books that may have some.
//!
//! A row is found by the index of times alone. Only those that are told are read whole.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::book::{self, ATTEMPT, EVENT, EXCEPTION, EventRow, Found, signed, unsigned};
use super::{Common, Known, Range};
use crate::events::list::{in_order, page_of};
use crate::events::{
    ATTEMPT_LIMIT, Attempt, Exception, Filter, HandlerResult, ListPosition, Listed, Match, Outcome,
    Page, Paging, Standing, State,
};
use crate::names::{LaneId, Name, Place, Position};

/// Books that could not be read, and why.
type Troubles = Vec<(u64, Found)>;

/// The page of an index that has nothing yet.
pub(super) fn nothing() -> Page {
    Page {
        events: Vec::new(),
        next: None,
        is_complete: false,
    }
}

/// A page, without what is in books that cannot be read.
pub(super) fn list(common: &Common, filter: &Filter, paging: &Paging) -> (Page, Troubles) {
    let known = common.known.read().unwrap_or_else(PoisonError::into_inner);
    let segments = common.log.segments();
    let wanted = Wanted {
        known: &known,
        filter,
        behind: paging.behind,
        first_segment: segments.first().map_or(0, |segment| segment.number()),
        // One more tells whether there is another page.
        count: paging.count() + 1,
    };
    let mut troubles = Vec::new();
    let mut found: Vec<(ListPosition, u64)> = Vec::new();
    let mut open: BTreeMap<u64, Connection> = BTreeMap::new();
    for (first, range) in wanted.books() {
        let last = found.get(wanted.count - 1);
        if last.is_some_and(|(last, _)| last.at > range.latest) {
            break;
        }
        let searched = book::open_to_read(&common.book_path(first)).and_then(|connection| {
            let searched = wanted.search(&connection)?;
            Ok((connection, searched))
        });
        match searched {
            Ok((_, searched)) if searched.is_empty() => {}
            Ok((connection, searched)) => {
                found.extend(searched.into_iter().map(|place| (place, first)));
                open.insert(first, connection);
                found.sort_unstable_by(|one, other| other.cmp(one));
                found.truncate(wanted.count);
            }
            Err(trouble) => troubles.push((first, trouble)),
        }
    }
    let has_more = found.len() == wanted.count;
    found.truncate(wanted.count - 1);
    let cursors = Cursors::of(&known);
    let (events, is_cut) = page_of(found, |(place, first)| {
        let read = read(open.get(&first)?, &cursors, place);
        read.map_err(|trouble| troubles.push((first, trouble))).ok()
    });
    let has_more = is_cut || has_more;
    let last = events.last().map(Listed::list_position);
    let page = Page {
        events,
        next: last.filter(|_| has_more),
        is_complete: common.is_complete.load(Ordering::Relaxed),
    };
    (page, troubles)
}

/// Attempts of one event, the last ones.
pub(super) fn attempts(common: &Common, place: Place) -> (Vec<Attempt>, Troubles) {
    let known = common.known.read().unwrap_or_else(PoisonError::into_inner);
    let segment = common
        .log
        .segment_of(place.lane.number(), place.position.number());
    let Some(segment) = segment else {
        return (Vec::new(), Vec::new());
    };
    // The book of a segment is the last that begins not behind it.
    let book = known.books.range(..=segment.number()).next_back();
    let Some((&first, _)) = book else {
        return (Vec::new(), Vec::new());
    };
    let found = book::open_to_read(&common.book_path(first)).and_then(|connection| {
        let row = event_row(&connection, place)?;
        if row.is_none_or(|row| unsigned(row.segment) < common.first_segment()) {
            return Ok(Vec::new());
        }
        let mut names = Names::default();
        let mut attempts = Vec::new();
        let sql = format!(
            "SELECT {ATTEMPT} FROM attempts WHERE lane = ?1 AND position = ?2 \
             ORDER BY at DESC, attempt DESC"
        );
        let mut statement = connection.prepare(&sql)?;
        let (lane, position) = (place.lane.number(), signed(place.position.number()));
        let mut rows = statement.query(params![lane, position])?;
        while let Some(row) = rows.next()? {
            let (handler, outcome) = book::attempt(row)?;
            // Those that ended at the same time are put in their order first.
            let is_other = attempts.last().is_some_and(|last: &Attempt| {
                (last.outcome.at, last.outcome.attempt) != (outcome.at, outcome.attempt)
            });
            if attempts.len() >= ATTEMPT_LIMIT && is_other {
                break;
            }
            let handler = names.name(&connection, handler)?;
            attempts.push(Attempt { handler, outcome });
        }
        Ok(attempts)
    });
    match found {
        Ok(mut attempts) => {
            in_order(&mut attempts);
            let surplus = attempts.len().saturating_sub(ATTEMPT_LIMIT);
            (attempts.split_off(surplus), Vec::new())
        }
        Err(trouble) => (Vec::new(), vec![(first, trouble)]),
    }
}

impl Common {
    fn first_segment(&self) -> u64 {
        let segments = self.log.segments();
        segments.first().map_or(0, |segment| segment.number())
    }
}

/// What is looked for.
struct Wanted<'a> {
    known: &'a Known,
    filter: &'a Filter,
    behind: Option<ListPosition>,
    /// What is in earlier ones was taken away by retention.
    first_segment: u64,
    count: usize,
}

/// What of a filter depends on the book: numbers of names.
struct Numbers {
    sources: Option<HashSet<i64>>,
    kinds: Option<HashSet<i64>>,
}

/// How events stand with the handler that is asked for.
struct Stands<'a> {
    standing: Standing,
    cursors: HashMap<u16, Position>,
    exceptions: HashMap<(u16, u64), State>,
    connection: &'a Connection,
    handler: Option<i64>,
}

impl Wanted<'_> {
    fn since(&self) -> i64 {
        let since = self.filter.since;
        since.map_or(i64::MIN, microseconds_up)
    }

    /// The first microsecond that is not wanted.
    fn until(&self) -> i64 {
        let until = self.filter.until;
        let until = until.map_or(i64::MAX, microseconds_up);
        let behind = self.behind.map_or(i64::MAX, |of| of.at.saturating_add(1));
        until.min(behind)
    }

    /// Books that may have some, the newest first.
    fn books(&self) -> Vec<(u64, Range)> {
        let (since, until) = (self.since(), self.until());
        let all = self.known.books.iter();
        let mut books: Vec<_> = all
            .map(|(first, range)| (*first, *range))
            .filter(|(_, range)| range.latest >= since && range.earliest < until)
            .collect();
        books.sort_unstable_by_key(|(first, range)| std::cmp::Reverse((range.latest, *first)));
        books
    }

    /// The first places of one book, in their order.
    fn search(&self, connection: &Connection) -> Result<Vec<ListPosition>, Found> {
        let Some(numbers) = self.numbers(connection)? else {
            return Ok(Vec::new());
        };
        let stands = match &self.filter.standing {
            Some((handler, standing)) => match self.stands(connection, handler, *standing)? {
                Some(stands) => Some(stands),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        if let Some(place) = self.filter.place {
            let row = event_row(connection, place)?;
            return self.those_of(row, &numbers, stands.as_ref());
        }
        if let Some(stands) = &stands
            && matches!(stands.standing, Standing::Dead | Standing::Retrying)
        {
            // There are few of them, and an end of time to look for them in.
            let mut rows = Vec::new();
            for (&(lane, position), &state) in &stands.exceptions {
                let place = Place {
                    lane: LaneId::from_number(lane),
                    position: Position::new(position),
                };
                if Standing::of(place.position, place.position, Some(state), None)
                    == stands.standing
                {
                    rows.extend(event_row(connection, place)?);
                }
            }
            return self.those_of(rows, &numbers, Some(stands));
        }
        self.scan(connection, &numbers, stands.as_ref())
    }

    /// Those of a few rows that are wanted, in their order.
    fn those_of(
        &self,
        rows: impl IntoIterator<Item = EventRow>,
        numbers: &Numbers,
        stands: Option<&Stands<'_>>,
    ) -> Result<Vec<ListPosition>, Found> {
        let mut found = Vec::new();
        for row in rows {
            if self.is_wanted(&row, numbers, stands)? {
                found.push(row.list_position());
            }
        }
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.truncate(self.count);
        Ok(found)
    }

    fn scan(
        &self,
        connection: &Connection,
        numbers: &Numbers,
        stands: Option<&Stands<'_>>,
    ) -> Result<Vec<ListPosition>, Found> {
        let sql = "SELECT at, lane, position, source, kind, segment FROM events \
                   INDEXED BY events_by_time WHERE at >= ?1 AND (at, lane, position) < (?2, ?3, ?4) \
                   ORDER BY at DESC, lane DESC, position DESC";
        let mut statement = connection.prepare(sql)?;
        let until = self.until();
        let behind = match self.behind {
            Some(behind) if behind.at < until => {
                (behind.at, i64::from(behind.lane), signed(behind.position))
            }
            _ => (until, 0, 0),
        };
        let (at, lane, position) = behind;
        let mut rows = statement.query(params![self.since(), at, lane, position])?;
        let mut found = Vec::new();
        while found.len() < self.count
            && let Some(row) = rows.next()?
        {
            let row = EventRow {
                at: row.get(0)?,
                lane: row.get(1)?,
                position: row.get(2)?,
                source: row.get(3)?,
                kind: row.get(4)?,
                segment: row.get(5)?,
                body_bytes: 0,
            };
            if self.is_wanted(&row, numbers, stands)? {
                found.push(row.list_position());
            }
        }
        Ok(found)
    }

    fn is_wanted(
        &self,
        row: &EventRow,
        numbers: &Numbers,
        stands: Option<&Stands<'_>>,
    ) -> Result<bool, Found> {
        let has = |set: &Option<HashSet<i64>>, number| {
            set.as_ref().is_none_or(|set| set.contains(&number))
        };
        let lane = self.filter.lane;
        let place = row.list_position();
        let is_wanted = unsigned(row.segment) >= self.first_segment
            && (self.since()..self.until()).contains(&row.at)
            && self.behind.is_none_or(|behind| place < behind)
            && lane.is_none_or(|lane| place.lane == lane.number())
            && has(&numbers.sources, row.source)
            && has(&numbers.kinds, row.kind);
        match stands {
            Some(stands) if is_wanted => stands.is_so(place),
            _ => Ok(is_wanted),
        }
    }

    /// Numbers of the names that are wanted; `None`: the book has none of them.
    fn numbers(&self, connection: &Connection) -> Result<Option<Numbers>, Found> {
        let of = |wanted: &Option<Match>| match wanted {
            None => Ok(None),
            Some(Match::Is(name)) => {
                let id = book::find_name(connection, name.as_str())?;
                Ok::<_, Found>(Some(id.into_iter().collect::<HashSet<_>>()))
            }
            Some(wanted) => {
                let mut numbers = HashSet::new();
                let mut statement = connection.prepare("SELECT id, name, checksum FROM names")?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let (id, name) = book::named(row)?;
                    if wanted.holds(name.as_str()) {
                        numbers.insert(id);
                    }
                }
                Ok(Some(numbers))
            }
        };
        let (sources, kinds) = (of(&self.filter.source)?, of(&self.filter.kind)?);
        let is_none = |set: &Option<HashSet<i64>>| set.as_ref().is_some_and(HashSet::is_empty);
        if is_none(&sources) || is_none(&kinds) {
            return Ok(None);
        }
        Ok(Some(Numbers { sources, kinds }))
    }

    /// `None`: the handler has no lane, so nothing stands with it.
    fn stands<'a>(
        &self,
        connection: &'a Connection,
        handler: &Name,
        standing: Standing,
    ) -> Result<Option<Stands<'a>>, Found> {
        let of_it = self.known.cursors.iter();
        let cursors: HashMap<_, _> = of_it
            .filter(|((_, name), _)| name == handler)
            .map(|((lane, _), cursor)| (*lane, *cursor))
            .collect();
        if cursors.is_empty() {
            return Ok(None);
        }
        let number = book::find_name(connection, handler.as_str())?;
        let mut exceptions = HashMap::new();
        if let Some(number) = number {
            let sql = format!("SELECT {EXCEPTION} FROM exceptions WHERE handler = ?1");
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query([number])?;
            while let Some(row) = rows.next()? {
                let lane: u16 = row.get(0)?;
                let (_, exception) = book::exception(row)?;
                exceptions.insert((lane, exception.position.number()), exception.state);
            }
        }
        Ok(Some(Stands {
            standing,
            cursors,
            exceptions,
            connection,
            handler: number,
        }))
    }
}

impl Stands<'_> {
    fn is_so(&self, place: ListPosition) -> Result<bool, Found> {
        let Some(cursor) = self.cursors.get(&place.lane) else {
            return Ok(false);
        };
        let exception = self.exceptions.get(&(place.lane, place.position)).copied();
        let position = Position::new(place.position);
        // Only where neither says anything does the last attempt.
        let last = if exception.is_none() && position >= *cursor {
            self.last_is_done(place)?
        } else {
            None
        };
        Ok(Standing::of(position, *cursor, exception, last) == self.standing)
    }

    fn last_is_done(&self, place: ListPosition) -> Result<Option<bool>, Found> {
        let sql = "SELECT done FROM attempts WHERE lane = ?1 AND position = ?2 AND handler = ?3 \
                   ORDER BY at DESC, attempt DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let last = statement
            .query_row(
                params![place.lane, signed(place.position), self.handler],
                |row| row.get::<_, i64>(0),
            )
            .optional()?;
        Ok(last.map(|done| done != 0))
    }
}

impl EventRow {
    fn list_position(&self) -> ListPosition {
        ListPosition {
            at: self.at,
            // What was put in was one.
            lane: u16::try_from(self.lane).unwrap_or(u16::MAX),
            position: unsigned(self.position),
        }
    }
}

/// A time, rounded up: times of events are whole microseconds, and stay on their side of it.
fn microseconds_up(time: Timestamp) -> i64 {
    let down = time.as_microsecond();
    let is_whole = Timestamp::from_microsecond(down).is_ok_and(|kept| kept >= time);
    if is_whole {
        down
    } else {
        down.saturating_add(1)
    }
}

fn event_row(connection: &Connection, place: Place) -> Result<Option<EventRow>, Found> {
    let sql = format!("SELECT {EVENT} FROM events WHERE lane = ?1 AND position = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let (lane, position) = (place.lane.number(), signed(place.position.number()));
    let mut rows = statement.query(params![lane, position])?;
    match rows.next()? {
        Some(row) => book::event(row).map(Some),
        None => Ok(None),
    }
}

/// Names of a book that were looked up.
#[derive(Default)]
struct Names(HashMap<i64, Name>);

impl Names {
    fn name(&mut self, connection: &Connection, number: i64) -> Result<Name, Found> {
        if let Some(name) = self.0.get(&number) {
            return Ok(name.clone());
        }
        let sql = "SELECT id, name, checksum FROM names WHERE id = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([number])?;
        let Some(row) = rows.next()? else {
            return Err(Found::damage("a name is missing"));
        };
        let (_, name) = book::named(row)?;
        self.0.insert(number, name.clone());
        Ok(name)
    }
}

/// Cursors by lane, each with its handler.
struct Cursors<'a>(BTreeMap<u16, Vec<(&'a Name, Position)>>);

impl<'a> Cursors<'a> {
    fn of(known: &'a Known) -> Self {
        let mut lanes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((lane, handler), cursor) in &known.cursors {
            lanes.entry(*lane).or_default().push((handler, *cursor));
        }
        Self(lanes)
    }

    fn of_lane(&self, lane: u16) -> &[(&'a Name, Position)] {
        self.0.get(&lane).map_or(&[], Vec::as_slice)
    }
}

/// One event with what became of it.
fn read(connection: &Connection, cursors: &Cursors<'_>, at: ListPosition) -> Result<Listed, Found> {
    let place = at.place();
    let Some(row) = event_row(connection, place)?.filter(|row| row.at == at.at) else {
        return Err(Found::damage("an event is not what its index says"));
    };
    let mut names = Names::default();
    let mut attempts: HashMap<Name, (u64, Option<Outcome>)> = HashMap::new();
    let params = params![at.lane, signed(at.position)];
    let sql = format!(
        "SELECT {ATTEMPT} FROM attempts WHERE lane = ?1 AND position = ?2 ORDER BY at, attempt"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let (handler, outcome) = book::attempt(row)?;
        let of_it = attempts
            .entry(names.name(connection, handler)?)
            .or_default();
        of_it.0 += 1;
        of_it.1 = Some(outcome);
    }
    let mut exceptions: HashMap<Name, Exception> = HashMap::new();
    let sql = format!("SELECT {EXCEPTION} FROM exceptions WHERE lane = ?1 AND position = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let (handler, exception) = book::exception(row)?;
        exceptions.insert(names.name(connection, handler)?, exception);
    }
    let time = Timestamp::from_microsecond(row.at);
    let of_lane = cursors.of_lane(at.lane).iter();
    let results = of_lane.map(|&(handler, cursor)| {
        HandlerResult::of(
            handler.clone(),
            place.position,
            cursor,
            exceptions.remove(handler),
            attempts.remove(handler).unwrap_or_default(),
        )
    });
    Ok(Listed {
        place,
        at: time.map_err(|_| Found::damage("a time is none that was written"))?,
        results: results.collect(),
        source: names.name(connection, row.source)?,
        kind: names.name(connection, row.kind)?,
        body_bytes: unsigned(row.body_bytes),
    })
}
