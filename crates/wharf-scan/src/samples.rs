//! Words that look drawn, for the tests beside the readers. Values are put together when a test
//! runs, so that none stands in the source.

use super::{Kind, scan};

pub(super) const HEX: &str = "0123456789abcdef";
pub(super) const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(super) const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// So many characters of an alphabet, the same in every run.
pub(super) fn drawn(alphabet: &str, length: usize) -> String {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let index = (state >> 33) % u64::try_from(alphabet.len()).unwrap();
            char::from(alphabet.as_bytes()[usize::try_from(index).unwrap()])
        })
        .collect()
}

/// Base64 with its padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut block = [0; 4];
        block[1..=chunk.len()].copy_from_slice(chunk);
        let number = u32::from_be_bytes(block);
        for place in 0..4 {
            let sign = SIGNS[((number >> (18 - 6 * place)) & 63) as usize];
            text.push(if place > chunk.len() {
                '='
            } else {
                char::from(sign)
            });
        }
    }
    text
}

/// What is found in a text: kinds and values.
pub(super) fn found(text: &str) -> Vec<(Kind, &str)> {
    scan(text)
        .into_iter()
        .map(|found| (found.kind, &text[found.span]))
        .collect()
}

/// Finds a value between other words, alone, and not inside of a longer word.
pub(super) fn is_found(kind: Kind, value: &str) {
    for text in [
        value.to_owned(),
        format!("use {value}, or (`{value}`)"),
        format!("\\n{value}\\n"),
    ] {
        let all = found(&text);
        assert!(!all.is_empty(), "{text}");
        assert!(
            all.iter().all(|found| *found == (kind, value)),
            "{text}: {all:?}"
        );
    }
    let longer = format!("x{value}");
    assert!(!found(&longer).contains(&(kind, value)), "{longer}");
}

pub(super) fn is_not_found(text: &str) {
    let all = found(text);
    assert!(all.is_empty(), "{text}: {all:?}");
}
