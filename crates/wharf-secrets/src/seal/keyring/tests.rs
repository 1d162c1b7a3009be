//! What was sealed opens as what it was, and nothing else does.

use proptest::prelude::*;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretSlice};
use wharf_policy::sealed::{SECRET_SIZE_LIMIT_BYTES, Sealed, SecretName, SecretVersion};

use super::{Keyring, OpenError, SealError};
use crate::seal::key::Key;

fn key(number: u8) -> Key {
    Key::from_bytes(&Zeroizing::new([number; 32])).unwrap()
}

fn ring(seals: u8, opens: &[u8]) -> Keyring {
    Keyring::new(Some(key(seals)), opens.iter().copied().map(key))
}

fn name(text: &str) -> SecretName {
    SecretName::new(text).unwrap()
}

fn version(number: u64) -> SecretVersion {
    SecretVersion::new(number).unwrap()
}

fn secret(text: &[u8]) -> SecretSlice<u8> {
    SecretSlice::from(text.to_vec())
}

#[test]
fn old_keys_open_and_the_new_one_seals() {
    let (before, after) = (ring(1, &[]), ring(2, &[1]));
    let (a, one) = (name("a"), version(1));
    let old = before.seal(&a, one, &secret(b"hunter2")).unwrap();
    assert_eq!(
        after.open(&a, one, &old).unwrap().expose_secret(),
        b"hunter2"
    );
    let new = after.reseal(&a, one, &old).unwrap().unwrap();
    assert_eq!(Some(new.key()), after.sealing_key());
    assert_eq!(after.reseal(&a, one, &new).unwrap(), None);
    assert_eq!(
        ring(2, &[]).open(&a, one, &new).unwrap().expose_secret(),
        b"hunter2"
    );
}

#[test]
fn a_key_that_is_missing_is_named() {
    let (a, one) = (name("paypal/production"), version(1));
    let sealed = ring(1, &[]).seal(&a, one, &secret(b"hunter2")).unwrap();
    let error = ring(2, &[3]).open(&a, one, &sealed).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the stored secret paypal/production is sealed with key {}, which is not configured; \
             add the file or variable that holds this key to `old_keys` of `[store]` in wharf.toml, \
             or, where the key is lost, have the vendor give out the secret anew",
            key(1).id()
        )
    );
}

#[test]
fn what_cannot_be_sealed_is_refused() {
    let (a, one) = (name("a"), version(1));
    let none = Keyring::new(None, [key(1)]);
    let refused = none.seal(&a, one, &secret(b"x")).unwrap_err();
    assert!(matches!(refused, SealError::NoKey { .. }), "{refused}");
    let longest = secret(&vec![7; SECRET_SIZE_LIMIT_BYTES]);
    let sealed = ring(1, &[]).seal(&a, one, &longest).unwrap();
    let opened = ring(1, &[]).open(&a, one, &sealed).unwrap();
    assert_eq!(opened.expose_secret(), longest.expose_secret());
    let longer = secret(&vec![7; SECRET_SIZE_LIMIT_BYTES + 1]);
    let refused = ring(1, &[]).seal(&a, one, &longer).unwrap_err();
    assert!(refused.to_string().contains("has 65537 bytes"), "{refused}");
}

#[test]
fn nothing_shows_a_secret_or_a_key() {
    let ring = ring(0x41, &[0x42]);
    let secret = secret(b"AAAAhunter2");
    let sealed = ring.seal(&name("a"), version(1), &secret).unwrap();
    let shown = format!("{ring:?} {secret:?} {sealed:?}");
    for hidden in ["hunter2", "AAAA", "4141", "65, 65", "QUFB"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

fn names() -> impl Strategy<Value = SecretName> {
    "[a-z0-9][a-z0-9_.-]{0,8}(/[a-z0-9][a-z0-9_.-]{0,8}){0,3}".prop_map(|text| name(&text))
}

fn versions() -> impl Strategy<Value = SecretVersion> {
    prop_oneof![1..4_u64, 1..=i64::MAX.cast_unsigned()].prop_map(version)
}

proptest! {
    #[test]
    fn what_was_sealed_opens_as_what_it_was(
        of in names(), number in versions(), text in prop::collection::vec(any::<u8>(), 0..300)
    ) {
        let ring = ring(1, &[2]);
        let sealed = ring.seal(&of, number, &secret(&text)).unwrap();
        let kept = Sealed::from_bytes(sealed.as_bytes()).unwrap();
        let opened = ring.open(&of, number, &kept).unwrap();
        prop_assert_eq!(opened.expose_secret(), &text[..]);
        // The same secret again is sealed to other bytes.
        prop_assert_ne!(ring.seal(&of, number, &secret(&text)).unwrap(), sealed);
    }

    #[test]
    fn another_name_or_version_does_not_open_it(
        (of, as_of) in (names(), names()), (number, as_number) in (versions(), versions())
    ) {
        let ring = ring(1, &[2]);
        let sealed = ring.seal(&of, number, &secret(b"hunter2")).unwrap();
        let opened = ring.open(&as_of, as_number, &sealed);
        let is_damaged = matches!(opened, Err(OpenError::Damaged { .. }));
        prop_assert_eq!(is_damaged, of != as_of || number != as_number);
        let next = number.next().unwrap_or(SecretVersion::FIRST);
        let is_damaged = matches!(ring.open(&of, next, &sealed), Err(OpenError::Damaged { .. }));
        prop_assert!(is_damaged);
    }
}

#[test]
fn every_bit_that_is_flipped_and_every_cut_is_refused() {
    let ring = ring(1, &[2]);
    let (a, one) = (name("a/b"), version(3));
    let sealed = ring.seal(&a, one, &secret(b"hunter2")).unwrap();
    let bytes = sealed.as_bytes();
    let opens = |bytes: &[u8]| {
        let kept = Sealed::from_bytes(bytes).ok();
        kept.is_some_and(|kept| ring.open(&a, one, &kept).is_ok())
    };
    assert!(opens(bytes));
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!opens(&changed), "bit {bit}");
    }
    for length in 0..bytes.len() {
        assert!(!opens(&bytes[..length]), "{length} bytes");
    }
    assert!(!opens(&[bytes, b"\0"].concat()));
    // The id of a key that is there, but is not the one.
    let mut other = bytes.to_vec();
    other[4..12].copy_from_slice(key(2).id().as_bytes());
    let other = Sealed::from_bytes(&other).unwrap();
    assert!(matches!(
        ring.open(&a, one, &other),
        Err(OpenError::Damaged { .. })
    ));
}
