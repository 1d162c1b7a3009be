//! Keys as they are written, and sealed bytes that another implementation made.

use secrecy::ExposeSecret as _;
use wharf_policy::sealed::{Sealed, SecretName, SecretVersion};

use super::{Key, KeyProblem};

/// Made by HKDF and AES-256-GCM-SIV of Python's `cryptography` 48 over OpenSSL.
struct Vector {
    key: &'static str,
    key_id: &'static str,
    name: &'static str,
    version: u64,
    secret: &'static [u8],
    nonce: [u8; 12],
    sealed: &'static str,
}

const COUNTING: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

const VECTORS: [Vector; 3] = [
    Vector {
        key: COUNTING,
        key_id: "8d6fe8cabb9ae1d2",
        name: "paypal/production/refresh-token",
        version: 1,
        secret: b"hunter2",
        nonce: *b"defghijklmno",
        sealed: "574853018d6fe8cabb9ae1d26465666768696a6b6c6d6e6fcaaa6b60b487176c25644e6d0dfea826\
                 d2d860ddcaf1eb",
    },
    Vector {
        key: COUNTING,
        key_id: "8d6fe8cabb9ae1d2",
        name: "a",
        version: i64::MAX.cast_unsigned(),
        secret: b"",
        nonce: [0; 12],
        sealed: "574853018d6fe8cabb9ae1d20000000000000000000000008b8ec797e030e4d6b69f6b3134ac4b46",
    },
    Vector {
        key: "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        key_id: "001912f83adbc094",
        name: "x.y/z_0",
        version: 258,
        secret: b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\
                  \x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f !\"#$%&'",
        nonce: [0xee; 12],
        sealed: "57485301001912f83adbc094eeeeeeeeeeeeeeeeeeeeeeee2279ecf08dcf56a2f9c8d9dd90c7c77e\
                 50e8cbd5c361c5452085a64a06aba37549612d28a5baff6a4a3486492ba3f73239bf92e6d94f5a1b",
    },
];

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_is_sealed_is_what_another_implementation_seals() {
    for vector in VECTORS {
        let key = Key::parse(vector.key.as_bytes()).unwrap();
        assert_eq!(key.id().to_string(), vector.key_id);
        let name = SecretName::new(vector.name).unwrap();
        let version = SecretVersion::new(vector.version).unwrap();
        let sealed = key.seal(&name, version, vector.secret, vector.nonce);
        let sealed = sealed.unwrap();
        assert_eq!(hexadecimal(sealed.as_bytes()), vector.sealed);
        let kept = Sealed::from_bytes(sealed.as_bytes()).unwrap();
        let opened = key.open(&name, version, &kept).unwrap();
        assert_eq!(opened.expose_secret(), vector.secret);
    }
}

#[test]
fn a_key_is_read_in_every_way_of_writing_it() {
    for text in [
        COUNTING,
        &COUNTING.to_uppercase(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "  AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\r\n",
    ] {
        let key = Key::parse(text.as_bytes()).unwrap();
        assert_eq!(key.id().to_string(), "8d6fe8cabb9ae1d2", "{text}");
    }
    for text in [
        "//////////////////////////////////////////8=",
        "__________________________________________8",
    ] {
        let key = Key::parse(text.as_bytes()).unwrap();
        assert_eq!(key.id().to_string(), "001912f83adbc094", "{text}");
    }
}

#[test]
fn what_is_no_key_is_told_without_being_shown() {
    let long = "A".repeat(64 * 1024);
    for (text, problem, words) in [
        (&b""[..], KeyProblem::Empty, "is empty"),
        (b" \n", KeyProblem::Empty, "is empty"),
        (b"\xff\xfe", KeyProblem::NotText, "is not UTF-8 text"),
        (b"hunter2!", KeyProblem::Form, "neither Base64 nor"),
        (b"abc", KeyProblem::Form, "neither Base64 nor"),
        (
            b"00 01",
            KeyProblem::Form,
            "neither Base64 nor hexadecimal digits",
        ),
        (
            &COUNTING.as_bytes()[..62],
            KeyProblem::Length { bytes: 31 },
            "decodes to 31 bytes instead of 32",
        ),
        (
            b"AAECAwQFBgcICQoLDA0ODw==",
            KeyProblem::Length { bytes: 16 },
            "decodes to 16 bytes",
        ),
        // A bit behind the last byte: what was copied is not whole.
        (
            b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=",
            KeyProblem::Form,
            "neither",
        ),
        (
            long.as_bytes(),
            KeyProblem::Length { bytes: 32 * 1024 },
            "decodes to 32768 bytes",
        ),
    ] {
        let found = Key::parse(text).unwrap_err();
        assert_eq!(found, problem, "{}", text.escape_ascii());
        assert!(found.to_string().contains(words), "{found}");
    }
}

#[test]
fn a_key_shows_its_id_and_nothing_else() {
    let key = Key::parse(COUNTING.as_bytes()).unwrap();
    assert_eq!(format!("{key:?}"), "Key(KeyId(8d6fe8cabb9ae1d2))");
}
