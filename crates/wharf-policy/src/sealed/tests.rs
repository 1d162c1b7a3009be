//! Names, versions and the form, at their bounds.

use super::{
    HEADER_BYTES, KeyId, SECRET_SIZE_LIMIT_BYTES, Sealed, SealedFormError, SecretName,
    SecretVersion, TAG_BYTES, associated_data,
};

const KEY: KeyId = KeyId::from_bytes([1, 2, 3, 4, 5, 6, 7, 0xab]);

#[test]
fn names_have_pieces_with_slashes_between_them() {
    let longest = "a".repeat(SecretName::LENGTH_LIMIT_BYTES);
    for good in [
        "a",
        "paypal/production/refresh-token",
        "a.b_c-d/9",
        &longest,
    ] {
        assert_eq!(SecretName::new(good).unwrap().as_str(), good);
    }
    let too_long = format!("{longest}a");
    for bad in [
        "", "/", "a/", "/a", "a//b", "A", "a b", "ä", "-a", "a/.b", "a\n", "..", &too_long,
    ] {
        assert!(SecretName::new(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn versions_go_from_one_to_what_a_database_counts_to() {
    let last = SecretVersion::new(i64::MAX.cast_unsigned()).unwrap();
    assert_eq!(SecretVersion::new(0), None);
    assert_eq!(SecretVersion::new(i64::MAX.cast_unsigned() + 1), None);
    assert_eq!(SecretVersion::new(u64::MAX), None);
    assert_eq!(last.next(), None);
    assert_eq!(SecretVersion::FIRST.before(), None);
    let second = SecretVersion::FIRST.next().unwrap();
    assert_eq!((second.number(), second.to_string()), (2, "2".to_owned()));
    assert_eq!(second.before(), Some(SecretVersion::FIRST));
}

#[test]
fn the_form_is_read_back_and_its_bytes_are_where_they_are_documented() {
    let nonce = [9; 12];
    let sealed = Sealed::from_parts(KEY, &nonce, &[7; TAG_BYTES + 2]).unwrap();
    let bytes = sealed.as_bytes();
    assert_eq!(bytes[..4], *b"WHS\x01");
    assert_eq!(bytes[4..12], *KEY.as_bytes());
    assert_eq!(bytes[12..24], nonce);
    assert_eq!(bytes[24..], [7; 18]);
    let again = Sealed::from_bytes(bytes).unwrap();
    assert_eq!((again.key(), again.nonce()), (KEY, nonce));
    assert_eq!(again.encrypted(), [7; 18]);
    assert_eq!(again, sealed);
}

#[test]
fn what_is_no_sealed_secret_is_told_by_what_is_wrong() {
    let least = Sealed::from_parts(KEY, &[0; 12], &[0; TAG_BYTES]).unwrap();
    let least = least.as_bytes();
    assert_eq!(least.len(), HEADER_BYTES + TAG_BYTES);
    for length in 0..least.len() {
        assert!(Sealed::from_bytes(&least[..length]).is_err(), "{length}");
    }
    assert_eq!(
        Sealed::from_bytes(b"hunter2, in clear and long enough to be one of them"),
        Err(SealedFormError::Mark)
    );
    let mut newer = least.to_vec();
    newer[3] = 2;
    let error = Sealed::from_bytes(&newer).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a sealed secret in form 2, and this version of wharf knows form 1 only"
    );
    let longest = vec![0; SECRET_SIZE_LIMIT_BYTES + TAG_BYTES];
    assert!(Sealed::from_parts(KEY, &[0; 12], &longest).is_some());
    let too_long = vec![0; SECRET_SIZE_LIMIT_BYTES + TAG_BYTES + 1];
    assert!(Sealed::from_parts(KEY, &[0; 12], &too_long).is_none());
    assert!(Sealed::from_parts(KEY, &[0; 12], &[0; TAG_BYTES - 1]).is_none());
}

#[test]
fn what_is_authenticated_differs_wherever_key_name_or_version_do() {
    let name = |text| SecretName::new(text).unwrap();
    let version = |number| SecretVersion::new(number).unwrap();
    assert_eq!(
        associated_data(KEY, &name("a/b"), version(0x0102)),
        b"WHS\x01\x01\x02\x03\x04\x05\x06\x07\xab\x00\x03a/b\x00\x00\x00\x00\x00\x00\x01\x02"
    );
    let other = KeyId::from_bytes([0; 8]);
    let all = [
        associated_data(KEY, &name("a"), version(1)),
        associated_data(other, &name("a"), version(1)),
        associated_data(KEY, &name("a"), version(2)),
        associated_data(KEY, &name("a/b"), version(1)),
        associated_data(KEY, &name("b"), version(1)),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[at + 1..].contains(one), "{at}");
    }
}

#[test]
fn an_id_and_sealed_bytes_are_shown_by_the_id_alone() {
    assert_eq!(KEY.to_string(), "01020304050607ab");
    let sealed = Sealed::from_parts(KEY, &[0x5a; 12], &[0x5a; 20]).unwrap();
    assert_eq!(
        format!("{sealed:?}"),
        "Sealed { key: KeyId(01020304050607ab), bytes: 44, .. }"
    );
}
