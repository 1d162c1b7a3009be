//! A run as bytes, to keep it.
//!
//! Format 1, numbers little-endian, a name as its length in one byte and its letters:
//!
//! ```text
//!  format u16 · id 16 · kind · steps u8 · steps × (name · after ms u64 · attempts u16 ·
//!  unknown u8 · given up u8 · way back u8) · way u8 · at u8 · phase u8 · attempt u32 ·
//!  asked u32 · next µs i64 · paused u8 · wish u8 · touched u64 · end u8
//! ```
//!
//! A form of its own and not JSON: the same run has the same bytes, what is read goes through the
//! same checks as what is made, and this crate needs no reader of anything. It is not for people,
//! who have the history.

use std::time::Duration;

use jiff::Timestamp;

use super::definition::{Definition, GivenUp, LONGEST_WAIT, MOST_ATTEMPTS, Step, Unknown};
use super::effect::{RunId, Way};
use super::{End, Phase, Procedure, Wish};
use crate::bounded::Name;

/// The number of the form that is written, and the last one that is read.
pub const FORMAT: u16 = 1;

/// Bytes that are no run this program can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A later version of the program wrote it.
    #[error(
        "the run of a procedure has format {found}, but this version of wharf knows formats up to \
         {FORMAT}; use the newer wharf that wrote it"
    )]
    Newer {
        /// Its format.
        found: u16,
    },
    /// No version of the program wrote it.
    #[error("the run of a procedure is damaged; restore the state from a backup")]
    Damaged,
}

impl Procedure {
    /// The run as bytes; see [`FORMAT`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend(self.id.as_bytes());
        put_name(&mut bytes, &self.definition.kind);
        bytes.push(byte(self.definition.steps.len()));
        for step in &self.definition.steps {
            put_name(&mut bytes, &step.name);
            let after = u64::try_from(step.after.as_millis()).unwrap_or(u64::MAX);
            bytes.extend(after.to_le_bytes());
            bytes.extend(step.most_attempts.to_le_bytes());
            bytes.push(place(&UNKNOWN, &step.unknown));
            bytes.push(place(&GIVEN_UP, &step.given_up));
            bytes.push(step.has_way_back.into());
        }
        bytes.push(place(&WAYS, &self.way));
        bytes.push(byte(self.at));
        bytes.push(place(&PHASES, &self.phase));
        bytes.extend(self.attempt.to_le_bytes());
        bytes.extend(self.asked.to_le_bytes());
        bytes.extend(self.next.as_microsecond().to_le_bytes());
        bytes.push(self.is_paused.into());
        bytes.push(place(&WISHES, &self.wish));
        bytes.extend(self.touched.to_le_bytes());
        bytes.push(place(&ENDS, &self.end));
        bytes
    }

    /// The run that was kept.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut bytes = Bytes(bytes);
        let format = bytes.array().map(u16::from_le_bytes);
        match format.ok_or(DecodeError::Damaged)? {
            FORMAT => bytes.run().ok_or(DecodeError::Damaged),
            found if found > FORMAT => Err(DecodeError::Newer { found }),
            _ => Err(DecodeError::Damaged),
        }
    }
}

// What is chosen is kept as its place in these lists, which only ever grow at their end.
const UNKNOWN: [Unknown; 3] = [Unknown::Repeat, Unknown::Ask, Unknown::Person];
const GIVEN_UP: [GivenUp; 3] = [GivenUp::End, GivenUp::GoOn, GivenUp::Person];
const WAYS: [Way; 2] = [Way::Forward, Way::Back];
const PHASES: [Phase; 3] = [Phase::Ready, Phase::Begun, Phase::Person];
const WISHES: [Option<Wish>; 3] = [None, Some(Wish::Abort), Some(Wish::Back)];
const ENDS: [Option<End>; 5] = [
    None,
    Some(End::Done),
    Some(End::Failed),
    Some(End::Aborted),
    Some(End::Back),
];

fn place<T: PartialEq>(all: &[T], one: &T) -> u8 {
    byte(all.iter().position(|of| of == one).unwrap_or(usize::MAX))
}

/// Of a number that is small.
fn byte(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn put_name(bytes: &mut Vec<u8>, name: &Name) {
    bytes.push(byte(name.as_str().len()));
    bytes.extend(name.as_str().as_bytes());
}

/// What is left to read. `None` everywhere: it is damaged.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn run(&mut self) -> Option<Procedure> {
        let id = RunId::from_bytes(self.array()?);
        let kind = self.name()?;
        let count = self.byte()?;
        let steps = (0..count).map(|_| self.step()).collect::<Option<_>>()?;
        let definition = Definition::new(kind, steps).ok()?;
        let count = definition.steps.len();
        let run = Procedure {
            id,
            definition,
            way: self.one_of(&WAYS)?,
            at: self.byte()?.into(),
            phase: self.one_of(&PHASES)?,
            attempt: u32::from_le_bytes(self.array()?),
            asked: u32::from_le_bytes(self.array()?),
            next: Timestamp::from_microsecond(i64::from_le_bytes(self.array()?)).ok()?,
            is_paused: self.bool()?,
            wish: self.one_of(&WISHES)?,
            touched: u64::from_le_bytes(self.array()?),
            end: self.one_of(&ENDS)?,
        };
        let is_within = run.at < count
            && (count == 64 || run.touched >> count == 0)
            && run.attempt <= MOST_ATTEMPTS.into()
            && run.asked <= MOST_ATTEMPTS.into();
        (is_within && self.0.is_empty()).then_some(run)
    }

    fn step(&mut self) -> Option<Step> {
        let step = Step {
            name: self.name()?,
            after: Duration::from_millis(u64::from_le_bytes(self.array()?)),
            most_attempts: u16::from_le_bytes(self.array()?),
            unknown: self.one_of(&UNKNOWN)?,
            given_up: self.one_of(&GIVEN_UP)?,
            has_way_back: self.bool()?,
        };
        let is_within =
            step.after <= LONGEST_WAIT && (1..=MOST_ATTEMPTS).contains(&step.most_attempts);
        is_within.then_some(step)
    }

    fn name(&mut self) -> Option<Name> {
        let length = self.byte()?.into();
        let (name, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Name::new(std::str::from_utf8(name).ok()?).ok()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.byte()?)).copied()
    }

    fn bool(&mut self) -> Option<bool> {
        self.one_of(&[false, true])
    }

    fn byte(&mut self) -> Option<u8> {
        let [byte] = self.array()?;
        Some(byte)
    }

    fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }
}
