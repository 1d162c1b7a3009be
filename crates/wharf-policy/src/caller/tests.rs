//! The form of a name, what a token looks like, and what is kept of it.

use std::collections::HashSet;

use secrecy::zeroize::Zeroizing;

use super::{CallerName, CallerToken, TokenHash};

#[test]
fn names_have_one_form() {
    let longest = "a".repeat(64);
    for good in ["a", "0", "billing-2_b.c", &longest] {
        assert_eq!(CallerName::new(good).unwrap().as_str(), good);
        assert_eq!(good.parse::<CallerName>().unwrap().to_string(), good);
    }
    let too_long = "a".repeat(65);
    for bad in [
        "", "-a", ".a", "_a", "A", "a b", "a/b", "ä", "a\n", &too_long,
    ] {
        assert!(CallerName::new(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_token_is_its_prefix_and_its_bytes() {
    for (byte, character) in [(0, 'A'), (0xff, '_')] {
        let token = CallerToken::from_random(&Zeroizing::new([byte; 32]));
        let random = token.expose_secret().strip_prefix("wharf_").unwrap();
        assert_eq!(random.len(), 43);
        assert!(random.starts_with(character), "{random}");
        assert!(
            random
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        );
        assert_eq!(token.token_hash(), TokenHash::hash(token.expose_secret()));
    }
}

#[test]
fn a_token_is_in_no_debug_output() {
    let token = CallerToken::from_random(&Zeroizing::new([7; 32]));
    let shown = format!("{token:?} {:?}", token.token_hash());
    assert!(
        !shown.contains(&token.expose_secret()[CallerToken::PREFIX.len()..]),
        "{shown}"
    );
}

#[test]
fn tokens_of_different_bytes_differ() {
    let tokens: HashSet<String> = (0..=255)
        .map(|byte| {
            let token = CallerToken::from_random(&Zeroizing::new([byte; 32]));
            token.expose_secret().to_owned()
        })
        .collect();
    assert_eq!(tokens.len(), 256);
}

/// SHA-256 of `abc` (FIPS 180-4, example B.1).
#[test]
fn the_hash_is_sha_256() {
    let hash = TokenHash::hash("abc");
    assert_eq!(hash.as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(hash.as_bytes()[28..], [0xf2, 0x00, 0x15, 0xad]);
    assert_eq!(format!("{hash:?}"), "TokenHash(ba7816bf…)");
    assert_eq!(TokenHash::from_bytes(*hash.as_bytes()), hash);
}
