//! Names, and what is none.

use super::{LaneId, Name, NameError, Place, Position};

#[test]
fn names_are_short_and_without_control_characters() {
    assert_eq!(Name::new("billing").unwrap().as_str(), "billing");
    assert_eq!(Name::new(""), Err(NameError::Empty));
    assert_eq!(
        Name::new(&"é".repeat(128)),
        Err(NameError::TooLong { bytes: 256 })
    );
    assert!(Name::new(&"x".repeat(255)).is_ok());
    assert_eq!(Name::new("a\u{85}b"), Err(NameError::Control));
}

#[test]
fn lanes_are_shared_or_have_one_owner() {
    assert_eq!(LaneId::shared(u64::MAX).number(), 63);
    assert!(LaneId::shared(64).is_shared());
    assert_eq!(LaneId::own(0).unwrap().number(), 64);
    assert!(!LaneId::own(0).unwrap().is_shared());
    assert_eq!(LaneId::own(65_471).unwrap().number(), u16::MAX);
    assert_eq!(LaneId::own(65_472), None);
}

#[test]
fn an_event_is_named_in_one_way() {
    let place = Place {
        lane: LaneId::own(0).unwrap(),
        position: Position::new(u64::MAX),
    };
    assert_eq!(place.to_string().parse(), Ok(place));
    for wrong in [
        "",
        "-",
        "64",
        "64-",
        "-1",
        "+64-1",
        "64-+1",
        "064-1",
        "64-01",
        "64-1-1",
        "65536-1",
        "64-18446744073709551616",
        "64-1 ",
    ] {
        assert!(wrong.parse::<Place>().is_err(), "{wrong}");
    }
    assert_eq!("0-0".parse::<Place>().unwrap().position, Position::FIRST);
}
