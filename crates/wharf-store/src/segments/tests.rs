//! Segments whose frames are whole and hold anything: recovered without a panic, and a second time to
//! the same.

use proptest::prelude::*;

use super::{recover_log, segment};

/// Bytes that become frames when they are mended: most have a kind that there is.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop::sample::select(vec![1, 2, 3, 16, 17, 18, 32, 99_u8]);
    let payload = prop::collection::vec(prop_oneof![3 => 0..4_u8, 1 => any::<u8>()], 0..90);
    let frame = (kind, 0..2_u8, 0..3_u8, any::<u8>(), payload).prop_map(
        |(kind, more, lane, position, payload)| {
            let mut bytes = vec![0; 32];
            bytes[0] = u8::try_from(payload.len()).unwrap();
            (bytes[8], bytes[9], bytes[10], bytes[16]) = (kind, more, lane, position);
            bytes.extend(payload);
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            bytes
        },
    );
    prop::collection::vec(frame, 0..10).prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn whole_frames_of_anything_are_recovered_twice_to_the_same(
        first in frames(),
        second in frames(),
        follows in any::<bool>(),
        flipped in prop::option::of((any::<prop::sample::Index>(), 0..8_u8)),
    ) {
        let end = 4096 + first.len() as u64;
        let mut first = segment(1, None, &first, true);
        let second = segment(2, follows.then_some((1, end)), &second, true);
        if let Some((at, bit)) = flipped
            && first.len() > 4096
        {
            let at = 4096 + at.index(first.len() - 4096);
            first[at] ^= 1 << bit;
        }
        let (_, is_same) = recover_log(first, second).unwrap();
        prop_assert!(is_same);
    }
}
