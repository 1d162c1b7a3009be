//! Ends of certificates that another library wrote, and of what is none.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::end;

fn certificate(year: i32, month: u8, day: u8) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["vendor.test".to_owned()]).unwrap();
    params.not_after = date_time_ymd(year, month, day);
    params.self_signed(&key).unwrap().der().to_vec()
}

#[test]
fn the_end_is_the_one_that_was_written() {
    // Before and after the year from which on the other form of a time is used.
    for (year, month, day) in [
        (2026, 11, 30),
        (2028, 2, 29),
        (2049, 12, 31),
        (2050, 1, 1),
        (2100, 3, 1),
        (4096, 1, 1),
    ] {
        let seconds = date_time_ymd(year, month, day).unix_timestamp();
        let expected = Duration::from_secs(seconds.try_into().unwrap());
        assert_eq!(
            end(&certificate(year, month, day)),
            Some(SystemTime::UNIX_EPOCH + expected),
            "{year}-{month}-{day}"
        );
    }
}

#[test]
fn what_is_cut_off_has_no_end() {
    let whole = certificate(2030, 1, 1);
    for length in 0..whole.len() {
        assert_eq!(end(&whole[..length]), None, "{length}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = end(&bytes);
    }

    #[test]
    fn so_is_a_certificate_with_a_wrong_byte(at in 0..400_usize, byte in any::<u8>()) {
        let mut bytes = certificate(2030, 1, 1);
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = end(&bytes);
    }
}
