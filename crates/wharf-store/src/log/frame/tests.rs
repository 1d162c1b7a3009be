//! Frames: what is put is read, and nothing else passes.

use proptest::prelude::*;

use super::*;

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL.map(|(kind, _)| kind).to_vec())
}

fn head() -> impl Strategy<Value = Head> {
    let fields = (
        kind(),
        any::<bool>(),
        any::<u16>(),
        any::<u64>(),
        any::<i64>(),
    );
    fields.prop_map(|(kind, has_more, lane, position, time)| Head {
        kind,
        has_more,
        lane,
        position,
        time,
    })
}

fn frames() -> impl Strategy<Value = Vec<(Head, Vec<u8>)>> {
    let payload = prop::collection::vec(any::<u8>(), 0..60);
    prop::collection::vec((head(), payload), 1..6)
}

/// A start of a group, in a segment.
fn start() -> impl Strategy<Value = u64> {
    (512..8_000_000_u64).prop_map(|units| units * 8)
}

fn group(random: u64, start: u64, frames: &[(Head, Vec<u8>)]) -> Vec<u8> {
    let mut group = Group::new(salt(random), start, Vec::new());
    for (head, payload) in frames {
        group.add(*head, |out| out.put(payload));
    }
    group.bytes
}

proptest! {
    #[test]
    fn what_was_put_is_read(random in any::<u64>(), start in start(), frames in frames()) {
        let bytes = group(random, start, &frames);
        let mut at = 0;
        for (head, payload) in &frames {
            let frame = read(&bytes[at..], salt(random), start + at as u64).unwrap();
            prop_assert_eq!(frame.head, *head);
            prop_assert_eq!(frame.group, start);
            prop_assert_eq!(frame.payload, &payload[..]);
            prop_assert!(frame.bytes.is_multiple_of(ALIGNMENT));
            at += frame.bytes;
        }
        prop_assert_eq!(at, bytes.len());
    }

    #[test]
    fn a_flipped_bit_is_no_frame(
        random in any::<u64>(),
        start in start(),
        frames in frames(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut bytes = group(random, start, &frames[..1]);
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(read(&bytes, salt(random), start).is_err(), "byte {}", at);
    }

    #[test]
    fn a_frame_passes_at_its_own_place_and_in_its_own_segment_only(
        random in any::<u64>(),
        other in any::<u64>(),
        start in start(),
        units in 1..1_000_u64,
        frames in frames(),
    ) {
        let bytes = group(random, start, &frames);
        prop_assert!(read(&bytes, salt(random), start + units * 8).is_err());
        prop_assume!(salt(other) != salt(random));
        prop_assert!(read(&bytes, salt(other), start).is_err());
    }

    #[test]
    fn of_a_part_it_is_told_how_much_is_missing(
        random in any::<u64>(),
        start in start(),
        frames in frames(),
    ) {
        let bytes = group(random, start, &frames[..1]);
        for end in 0..bytes.len() {
            let needed = if end < HEADER_BYTES { HEADER_BYTES } else { bytes.len() };
            let found = read(&bytes[..end], salt(random), start);
            prop_assert_eq!(found.unwrap_err(), Bad::Short(needed));
        }
    }

    #[test]
    fn zeros_are_told_from_a_frame_by_their_first_bytes(random in any::<u64>(), start in start()) {
        // Nothing further is asked for, and no checksum computed.
        prop_assert_eq!(read(&[0; 32], salt(random), start).unwrap_err(), Bad::Damaged);
        let bytes = group(random, start, &[(HEAD, Vec::new())]);
        prop_assert!(bytes[..4] != [0; 4]);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        salt in any::<u64>(),
        offset in any::<u64>(),
    ) {
        let _ = read(&bytes, salt, offset);
    }
}

const HEAD: Head = Head {
    kind: Kind::Event,
    has_more: false,
    lane: 64,
    position: 7,
    time: 1_700_000_000,
};

#[test]
fn each_kind_has_a_number_of_its_own() {
    for (kind, number) in Kind::ALL {
        assert_eq!(kind.number(), number);
        assert_eq!(Kind::of(number), Some(kind));
    }
    assert_eq!(Kind::of(0), None);
}

#[test]
fn a_whole_frame_of_a_later_version_is_told_from_damage() {
    for (place, value) in [(8, 99), (9, 2)] {
        let salt = salt(1);
        let mut bytes = group(1, 4096, &[(HEAD, b"later".to_vec())]);
        bytes[place] = value;
        let length = u32::from_le_bytes(bytes[..4].try_into().unwrap());
        let sum = checksum(salt, 4096, length, &bytes[8..]);
        bytes[4..8].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(read(&bytes, salt, 4096).unwrap_err(), Bad::Unknown);
    }
}

#[test]
fn the_form_is_the_one_that_was_agreed() {
    let bytes = group(0x1122_3344_5566_7788, 4096, &[(HEAD, b"body".to_vec())]);
    assert_eq!(bytes.len(), 40);
    // The salt's upper half with the length, its lower half with the group in units of 8 bytes.
    assert_eq!(bytes[..4], (0x9122_3344_u32 ^ 4).to_le_bytes());
    assert_eq!(bytes[8..12], [1, 0, 64, 0]);
    assert_eq!(bytes[12..16], (0xd566_7788_u32 ^ 512).to_le_bytes());
    assert_eq!(bytes[16..24], 7_u64.to_le_bytes());
    assert_eq!(bytes[24..32], 1_700_000_000_i64.to_le_bytes());
    assert_eq!(bytes[32..], *b"body\0\0\0\0");
}

#[test]
fn a_checksum_that_was_made_without_the_salt_does_not_pass() {
    let salt = salt(0x1234_5678_9abc_def0);
    let mut bytes = group(0x1234_5678_9abc_def0, 4096, &[(HEAD, b"body".to_vec())]);
    assert!(read(&bytes, salt, 4096).is_ok());
    let length = u32::from_le_bytes(bytes[..4].try_into().unwrap());
    let sum = checksum(0, 4096, length, &bytes[8..]);
    bytes[4..8].copy_from_slice(&sum.to_le_bytes());
    assert_eq!(read(&bytes, salt, 4096).unwrap_err(), Bad::Damaged);
}
