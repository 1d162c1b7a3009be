//! Dedupe keys, as the log uses them.

use std::io;

use crate::dedupe::{self, Dedupe};
use crate::names::{LaneId, Place, Position};

/// Time as dedupe has it: milliseconds since 1970, nothing before.
pub(crate) fn milliseconds(microseconds: i64) -> u64 {
    u64::try_from(microseconds / 1000).unwrap_or(0)
}

/// A place as dedupe has it.
pub(crate) fn place(place: Place) -> dedupe::Place {
    dedupe::Place {
        lane: place.lane.number(),
        position: place.position.number(),
    }
}

/// A place of dedupe as all others have it.
pub(crate) fn named(place: dedupe::Place) -> Place {
    Place {
        lane: LaneId::from_number(place.lane),
        position: Position::new(place.position),
    }
}

/// Sees to it that one more key has room in memory: what waits is put into a file, here and now.
pub(crate) fn make_room(dedupe: &mut Dedupe) -> io::Result<()> {
    while !dedupe.has_room() {
        let Some(seal) = dedupe.seal() else { break };
        dedupe.sealed(seal.run()?);
    }
    Ok(())
}
