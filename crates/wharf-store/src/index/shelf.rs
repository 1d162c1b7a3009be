//! The books of an index: which there are, and what the log puts into each.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::book::{self, Book, Found, Mark, NewRow};
use super::plan::{self, Run};
use super::{Common, Range};
use crate::events::Step;
use crate::log::frame::Kind;
use crate::log::payload;
use crate::log::segment::{DATA_START, Found as Seen, Scan, Seen as Frame, Segment};
use crate::log::wire::Take;
use crate::names::{Name, Position};

/// Bytes of the log that are read at once.
const BUFFER_BYTES: usize = 1024 * 1024;

/// Frames that are put into books in one transaction.
const BATCH_LIMIT: usize = 8_192;

/// Books that are open at once.
const OPEN_LIMIT: usize = 8;

/// Time after which books without changes are told how far the log was read. What lies between is
/// read again at the next start.
const BUMP_INTERVAL: Duration = Duration::from_mins(1);

/// What went wrong, and with which book, where it is one's.
pub(super) type Trouble = (Option<u64>, Found);

pub(super) fn of(book: u64) -> impl Fn(Found) -> Trouble {
    move |found| (Some(book), found)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn of_none(error: std::io::Error) -> Trouble {
    (None, Found::Obstacle(error.to_string()))
}

/// Books, and how far they are.
pub(super) struct Books {
    /// Segments that were begun to be read, each with its book.
    segments: BTreeMap<u64, (Arc<Segment>, u64)>,
    all: BTreeMap<u64, Standing>,
    /// What is read now, and how far it is.
    reading: (Arc<Segment>, u64),
    /// What is to be known together with what is in the books.
    cursors: Vec<(u16, Name, Told)>,
    bumped: Instant,
    turn: u64,
}

/// One book, open or not.
pub(super) struct Standing {
    mark: Mark,
    book: Option<Book>,
    /// When it was used last, in batches.
    turn: u64,
}

impl Mark {
    fn place(&self) -> (u64, u64) {
        (self.segment, self.offset)
    }

    /// At the start of a segment, for a book without events.
    fn before(segment: &Segment) -> Self {
        Self {
            log: segment.header.log,
            segment: segment.number(),
            salt: segment.header.salt,
            offset: DATA_START,
            last: segment.number(),
            range: Range {
                earliest: i64::MAX,
                latest: i64::MIN,
            },
        }
    }

    /// Where a book goes on; `None`: it is of another log, or lacks something of its run.
    fn usable(mut self, run: &Run, segments: &BTreeMap<u64, Arc<Segment>>) -> Option<Self> {
        let first = segments.values().next()?;
        if self.log != first.header.log {
            return None;
        }
        let lacks = |&number: &u64| number > self.last && (number, DATA_START) < self.place();
        if run.segments.iter().any(lacks) {
            return None;
        }
        if self.segment < first.number() {
            // What was done in segments that are gone was done with events that are gone.
            self.segment = first.number();
            self.salt = first.header.salt;
            self.offset = DATA_START;
            return Some(self);
        }
        let there = segments.get(&self.segment)?;
        let is_same = there.header.salt == self.salt && self.offset <= there.end();
        is_same.then_some(self)
    }
}

/// Looks at the folder: which books can go on, and which are made anew. Gives those that were made.
pub(super) fn open(common: &Common) -> Result<(Books, Vec<u64>), Trouble> {
    let made = DirBuilder::new().mode(0o700).create(&common.folder);
    if let Err(error) = made
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(of_none(error));
    }
    let all = common.log.segments();
    let segments: BTreeMap<_, _> = all.into_iter().map(|of| (of.number(), of)).collect();
    let Some(newest) = segments.values().next_back() else {
        return Err((None, Found::damage("there is no log")));
    };
    let there = books(common)?;
    let lasts: Vec<_> = there
        .iter()
        .map(|(first, mark)| (*first, mark.last))
        .collect();
    let mut books = Books {
        segments: BTreeMap::new(),
        all: BTreeMap::new(),
        reading: (Arc::clone(newest), DATA_START),
        cursors: Vec::new(),
        bumped: Instant::now(),
        turn: 0,
    };
    let mut made = Vec::new();
    let times = segments.values().map(|of| (of.number(), of.header.time));
    for (at, run) in plan::runs(times).iter().enumerate() {
        let found = plan::book_of(run, at == 0, &lasts);
        let usable = found.and_then(|first| {
            let mark = there.get(&first)?.usable(run, &segments)?;
            Some((first, mark))
        });
        let (first, mark) = if let Some(usable) = usable {
            usable
        } else {
            {
                let Some(segment) = segments.get(&run.first) else {
                    continue;
                };
                let mark = Mark::before(segment);
                let path = common.book_path(run.first);
                Book::make(&path, mark).map_err(of(run.first))?;
                made.push(run.first);
                (run.first, mark)
            }
        };
        books.all.insert(first, Standing::at(mark));
        for number in &run.segments {
            if let Some(segment) = segments.get(number) {
                let of = (Arc::clone(segment), first);
                books.segments.insert(*number, of);
            }
        }
    }
    for first in there.keys().filter(|first| !books.all.contains_key(first)) {
        book::remove(&common.book_path(*first)).map_err(of_none)?;
    }
    books.begin(common, &segments).map_err(of_none)?;
    Ok((books, made))
}

/// Books of the folder that can be opened, with their marks. The others are taken away.
fn books(common: &Common) -> Result<BTreeMap<u64, Mark>, Trouble> {
    let mut books = BTreeMap::new();
    for entry in fs::read_dir(&common.folder).map_err(of_none)? {
        let name = entry.map_err(of_none)?.file_name();
        let Some(first) = name.to_str().and_then(book::number) else {
            continue;
        };
        let opened = Book::open(&common.book_path(first)).map_err(of(first))?;
        books.insert(first, opened.mark);
    }
    Ok(books)
}

impl Standing {
    fn at(mark: Mark) -> Self {
        Self {
            mark,
            book: None,
            turn: 0,
        }
    }
}

impl Books {
    /// Goes back to where the first book has to go on, with the cursors as they were there.
    fn begin(
        &mut self,
        common: &Common,
        segments: &BTreeMap<u64, Arc<Segment>>,
    ) -> std::io::Result<()> {
        let places = self.all.values().map(|book| book.mark.place());
        let Some((number, offset)) = places.min() else {
            return Ok(());
        };
        if let Some(segment) = segments.get(&number) {
            self.reading = (Arc::clone(segment), offset);
        }
        let (segment, offset) = &self.reading;
        let mut cursors = BTreeMap::new();
        let file = &*segment.file;
        let mut scan = Scan::new(file, segment.header.salt, DATA_START, *offset, BUFFER_BYTES);
        while let Some(found) = scan.next()? {
            match found {
                Seen::Frame(frame) => {
                    if let Some((lane, name, told)) = told(&frame, scan.payload(&frame)) {
                        told.put(&mut cursors, (lane, name));
                    }
                }
                Seen::Bad(_) => {
                    scan.pass()?;
                }
            }
        }
        let mut known = common.known.write().unwrap_or_else(PoisonError::into_inner);
        known.cursors = cursors;
        let range = |(first, book): (&u64, &Standing)| (*first, book.mark.range);
        known.books = self.all.iter().map(range).collect();
        Ok(())
    }

    /// Those there are, the newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = u64> {
        self.all.keys().rev().copied()
    }

    /// Opens a book anew when it is needed next.
    pub(super) fn put_back(&mut self, book: u64) {
        if let Some(standing) = self.all.get_mut(&book) {
            standing.book = None;
        }
    }

    /// A book, open.
    pub(super) fn book(&mut self, common: &Common, first: u64) -> Result<&mut Book, Trouble> {
        let gone = || (None, Found::Obstacle("a book is not known".to_owned()));
        let turn = self.turn;
        let standing = self.all.get_mut(&first).ok_or_else(gone)?;
        standing.turn = turn;
        if standing.book.is_none() {
            let mut opened = Book::open(&common.book_path(first)).map_err(of(first))?;
            if opened.mark.place() > standing.mark.place() {
                return Err((
                    None,
                    Found::Obstacle("another process writes it".to_owned()),
                ));
            }
            opened.mark = standing.mark;
            standing.book = Some(opened);
        }
        standing.book.as_mut().ok_or_else(gone)
    }

    /// Puts some frames into their books. Whether there is no more now.
    pub(super) fn batch(
        &mut self,
        common: &Common,
        made: &mut BTreeSet<u64>,
    ) -> Result<bool, Trouble> {
        self.turn += 1;
        self.forget(common)?;
        let (segment, offset) = (Arc::clone(&self.reading.0), self.reading.1);
        // In this order: once there is a next one, this one's end stays.
        let next = common.log.segment_after(segment.number());
        let end = segment.end();
        if offset >= end {
            let Some(next) = next else {
                return Ok(true);
            };
            self.turn_to(common, next, made)?;
            return Ok(false);
        }
        let mut scan = Scan::new(
            &*segment.file,
            segment.header.salt,
            offset,
            end,
            BUFFER_BYTES,
        );
        let mut count = 0;
        let mut is_within = false;
        while count < BATCH_LIMIT || is_within {
            match scan.next().map_err(of_none)? {
                None => break,
                Some(Seen::Frame(frame)) => {
                    is_within = frame.head.has_more;
                    count += 1;
                    self.put(common, &segment, &frame, scan.payload(&frame))?;
                }
                Some(Seen::Bad(from)) => {
                    is_within = false;
                    let passed = common.log.damages.pass(segment.number(), from, &mut scan);
                    passed.map_err(of_none)?;
                }
            }
        }
        self.reading.1 = scan.offset();
        self.commit(common)?;
        Ok(false)
    }

    /// Goes on in the next segment.
    fn turn_to(
        &mut self,
        common: &Common,
        next: Arc<Segment>,
        made: &mut BTreeSet<u64>,
    ) -> Result<(), Trouble> {
        let number = next.number();
        if !self.segments.contains_key(&number) {
            let before = &self.reading.0;
            let of_before = self.segments.get(&before.number()).map(|(_, book)| *book);
            let key = |segment: &Segment| (segment.number(), segment.header.time);
            let same = of_before.filter(|_| plan::is_of_same(key(before), key(&next)));
            let first = if let Some(first) = same {
                first
            } else {
                {
                    let mark = Mark::before(&next);
                    let made_book =
                        Book::make(&common.book_path(number), mark).map_err(of(number))?;
                    let mut standing = Standing::at(mark);
                    standing.book = Some(made_book);
                    standing.turn = self.turn;
                    self.all.insert(number, standing);
                    made.insert(number);
                    let mut known = common.known.write().unwrap_or_else(PoisonError::into_inner);
                    known.books.insert(number, mark.range);
                    number
                }
            };
            self.segments.insert(number, (Arc::clone(&next), first));
        }
        let first = self.segments.get(&number).map(|(_, book)| *book);
        if let Some(standing) = first.and_then(|first| self.all.get_mut(&first)) {
            standing.mark.last = standing.mark.last.max(number);
            if let Some(book) = &mut standing.book {
                book.mark.last = standing.mark.last;
            }
        }
        self.reading = (next, DATA_START);
        if self.bumped.elapsed() > BUMP_INTERVAL {
            self.bump(common)?;
        }
        Ok(())
    }

    /// Forgets segments that retention took away, and takes away books of none that is left.
    fn forget(&mut self, common: &Common) -> Result<(), Trouble> {
        let reading = self.reading.0.number();
        self.segments
            .retain(|number, _| *number == reading || common.log.segment(*number).is_some());
        let used: BTreeSet<u64> = self.segments.values().map(|(_, book)| *book).collect();
        let unused: Vec<u64> = self.all.keys().copied().collect();
        for first in unused.into_iter().filter(|first| !used.contains(first)) {
            {
                let mut known = common.known.write().unwrap_or_else(PoisonError::into_inner);
                known.books.remove(&first);
            }
            self.all.remove(&first);
            book::remove(&common.book_path(first)).map_err(of_none)?;
        }
        Ok(())
    }

    /// Puts what one frame says into the books that it concerns.
    fn put(
        &mut self,
        common: &Common,
        segment: &Segment,
        frame: &Frame,
        payload: &[u8],
    ) -> Result<(), Trouble> {
        let place = (segment.number(), frame.offset);
        match frame.head.kind {
            Kind::Event => {
                let owner = self.segments.get(&segment.number()).map(|(_, book)| *book);
                let (Some(first), Some(fields)) = (owner, payload::event_fields(payload)) else {
                    return Ok(());
                };
                let row = NewRow {
                    lane: frame.head.lane,
                    position: frame.head.position,
                    at: frame.head.time,
                    source: fields.source,
                    kind: fields.kind,
                    segment: segment.number(),
                    body_bytes: i64::try_from(fields.body.len()).unwrap_or(i64::MAX),
                };
                self.change(common, first, place, |book| book.put_event(&row))
            }
            Kind::Step => match payload::step(payload) {
                Some((handler, step)) => {
                    self.put_step(common, place, frame.head.lane, &handler, &step)
                }
                None => Ok(()),
            },
            Kind::Handler => {
                self.cursors.extend(told(frame, payload));
                Ok(())
            }
            Kind::Forgotten => match told(frame, payload) {
                Some((lane, handler, told)) => {
                    // First, so that nothing is seen of it that is only half gone.
                    self.cursors.push((lane, handler.clone(), told));
                    self.put_forgotten(common, place, lane, &handler)
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Takes what a handler had from all books that are kept.
    fn put_forgotten(
        &mut self,
        common: &Common,
        place: (u64, u64),
        lane: u16,
        handler: &Name,
    ) -> Result<(), Trouble> {
        // Books say that they were read to here: what is done twice is done.
        self.reading.1 = place.1;
        let firsts: Vec<u64> = self.all.keys().copied().collect();
        for first in firsts {
            self.change(common, first, place, |book| {
                book.remove_exceptions(lane, handler)
            })?;
            // One by one, so that no more are open than may be.
            self.commit(common)?;
        }
        Ok(())
    }

    fn put_step(
        &mut self,
        common: &Common,
        place: (u64, u64),
        lane: u16,
        handler: &Name,
        step: &Step,
    ) -> Result<(), Trouble> {
        let cursor = step.cursor.unwrap_or_default();
        self.cursors
            .push((lane, handler.clone(), Told::Cursor(cursor)));
        for outcome in &step.outcomes {
            if let Some(first) = self.book_of(lane, outcome.position) {
                self.change(common, first, place, |book| {
                    book.put_attempt(lane, handler, outcome)
                })?;
            }
        }
        // In the order in which the log takes them: what is settled and an exception is one.
        for &position in &step.settled {
            if let Some(first) = self.book_of(lane, position) {
                self.change(common, first, place, |book| {
                    book.remove_exception(lane, handler, position)
                })?;
            }
        }
        for exception in &step.exceptions {
            if let Some(first) = self.book_of(lane, exception.position) {
                self.change(common, first, place, |book| {
                    book.put_exception(lane, handler, exception)
                })?;
            }
        }
        Ok(())
    }

    /// The book of an event, by the positions with which segments began.
    fn book_of(&self, lane: u16, position: Position) -> Option<u64> {
        let mut newest_first = self.segments.range(..=self.reading.0.number()).rev();
        let found = newest_first.find(|(_, (of, _))| of.head(lane) <= position.number());
        found.map(|(_, (_, book))| *book)
    }

    /// Changes a book by what stands at a place of the log, unless it has that.
    fn change(
        &mut self,
        common: &Common,
        first: u64,
        place: (u64, u64),
        change: impl FnOnce(&mut Book) -> Result<(), Found>,
    ) -> Result<(), Trouble> {
        let has_it = |book: &Standing| book.mark.place() > place;
        if self.all.get(&first).is_some_and(has_it) {
            return Ok(());
        }
        let book = self.book(common, first)?;
        book.begin().and_then(|()| change(book)).map_err(of(first))
    }

    /// Ends the changes of all books, and lets them be seen with the cursors that belong to them.
    fn commit(&mut self, common: &Common) -> Result<(), Trouble> {
        let mut known = common.known.write().unwrap_or_else(PoisonError::into_inner);
        let (segment, offset) = &self.reading;
        for (&first, standing) in &mut self.all {
            let Some(book) = standing.book.as_mut().filter(|book| book.is_changing) else {
                continue;
            };
            book.mark.segment = segment.number();
            book.mark.salt = segment.header.salt;
            book.mark.offset = *offset;
            book.commit().map_err(of(first))?;
            standing.mark = book.mark;
            known.books.insert(first, standing.mark.range);
        }
        for (lane, name, told) in self.cursors.drain(..) {
            told.put(&mut known.cursors, (lane, name));
        }
        drop(known);
        self.close_some();
        Ok(())
    }

    /// Closes the books that were not used for longest, where too many are open.
    fn close_some(&mut self) {
        let open = self
            .all
            .iter()
            .filter(|(_, standing)| standing.book.is_some());
        let mut turns: Vec<_> = open
            .map(|(first, standing)| (standing.turn, *first))
            .collect();
        turns.sort_unstable();
        let surplus = turns.len().saturating_sub(OPEN_LIMIT);
        for (_, first) in turns.into_iter().take(surplus) {
            if let Some(standing) = self.all.get_mut(&first) {
                standing.book = None;
            }
        }
    }

    /// Writes into all books how far the log was read.
    pub(super) fn bump(&mut self, common: &Common) -> Result<(), Trouble> {
        let place = (self.reading.0.number(), self.reading.1);
        let firsts: Vec<u64> = self.all.keys().copied().collect();
        for first in firsts {
            self.change(common, first, place, |_| Ok(()))?;
            // One by one, so that no more are open than may be.
            self.commit(common)?;
        }
        self.bumped = Instant::now();
        Ok(())
    }
}

/// What a frame tells of a handler.
#[derive(Clone, Copy, Debug)]
enum Told {
    Cursor(Position),
    Forgotten,
}

impl Told {
    fn put(self, cursors: &mut BTreeMap<(u16, Name), Position>, of: (u16, Name)) {
        match self {
            Self::Cursor(to) => {
                let at = cursors.entry(of).or_default();
                *at = (*at).max(to);
            }
            Self::Forgotten => drop(cursors.remove(&of)),
        }
    }
}

fn told(frame: &Frame, payload: &[u8]) -> Option<(u16, Name, Told)> {
    let lane = frame.head.lane;
    match frame.head.kind {
        Kind::Handler => {
            let (name, cursor, _) = payload::handler(payload)?;
            Some((lane, name, Told::Cursor(cursor)))
        }
        Kind::Step => {
            let (name, step) = payload::step(payload)?;
            Some((lane, name, Told::Cursor(step.cursor.unwrap_or_default())))
        }
        Kind::Forgotten => Some((lane, Take(payload).name()?, Told::Forgotten)),
        _ => None,
    }
}
