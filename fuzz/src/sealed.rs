//! Any bytes as a sealed secret, a key or a name: read or refused, and nothing opens that was not
//! sealed.

use wharf_policy::sealed::{Sealed, SecretName, SecretVersion};
use wharf_secrets::{Key, Keyring};

/// The key of the secrets below.
const KEY: &[u8] = b"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The secrets that were sealed with it: name, version, and the bytes, which are seeds too.
const SEALED: [(&str, u64, &[u8]); 2] = [
    (
        "paypal/production/refresh-token",
        1,
        include_bytes!("../corpus/sealed/token"),
    ),
    (
        "a",
        i64::MAX.cast_unsigned(),
        include_bytes!("../corpus/sealed/empty"),
    ),
];

/// The target.
pub fn sealed(bytes: &[u8]) {
    as_sealed(bytes);
    as_key(bytes);
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(name) = SecretName::new(text)
    {
        assert_eq!(name.as_str(), text);
        assert!(text.len() <= SecretName::LENGTH_LIMIT_BYTES);
    }
}

fn as_sealed(bytes: &[u8]) {
    let Ok(sealed) = Sealed::from_bytes(bytes) else {
        return;
    };
    assert_eq!(sealed.as_bytes(), bytes);
    let key = Key::parse(KEY).expect("a key");
    let keyring = Keyring::new(Some(key), []);
    for (name, version, of_name) in SEALED {
        let name = SecretName::new(name).expect("a name");
        let version = SecretVersion::new(version).expect("a version");
        let opened = keyring.open(&name, version, &sealed);
        assert_eq!(opened.is_ok(), bytes == of_name, "{name}: {opened:?}");
    }
}

/// A text that is a key seals what it opens.
fn as_key(bytes: &[u8]) {
    let Ok(key) = Key::parse(bytes) else {
        return;
    };
    let keyring = Keyring::new(Some(key), []);
    let (name, version) = (SecretName::new("a").expect("a name"), SecretVersion::FIRST);
    let sealed = keyring.seal(&name, version, &bytes.to_vec().into());
    let sealed = sealed.expect("sealed");
    assert!(keyring.open(&name, version, &sealed).is_ok());
}
