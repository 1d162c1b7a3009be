//! Checksums that vendors put into their tokens.
//!
//! GitHub, npm and Vercel end a token with the CRC-32 of what stands before it, in base 62 and six
//! places wide. Source: "Behind GitHub's new authentication token formats", github.blog, 2021-04-05.
//! GitLab's routable tokens end with one in base 36, seven places wide. Source: GitLab's design
//! document "Routable tokens".

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0_u32; 256];
    let mut index = 0_u32;
    while index < 256 {
        let mut value = index;
        let mut bit = 0;
        while bit < 8 {
            let low = value & 1;
            value >>= 1;
            if low == 1 {
                value ^= 0xEDB8_8320;
            }
            bit += 1;
        }
        table[index as usize] = value;
        index += 1;
    }
    table
}

/// CRC-32 as in IEEE 802.3.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        let [low, ..] = sum.to_le_bytes();
        (sum >> 8) ^ TABLE[usize::from(low ^ byte)]
    })
}

/// Whether the last six characters are the CRC-32 of the others in base 62.
pub(super) fn ends_with_base62(body: &str) -> bool {
    body.len() > 6 && {
        let (random, sum) = body.split_at(body.len() - 6);
        is_written(crc32(random.as_bytes()), sum, BASE62)
    }
}

/// Whether the last seven characters are the CRC-32 of the others in base 36.
pub(super) fn ends_with_base36(body: &str) -> bool {
    body.len() > 7 && {
        let (random, sum) = body.split_at(body.len() - 7);
        is_written(crc32(random.as_bytes()), sum, BASE36)
    }
}

fn is_written(mut number: u32, digits: &str, alphabet: &[u8]) -> bool {
    let Ok(base) = u32::try_from(alphabet.len()) else {
        return false;
    };
    let is_same = digits.bytes().rev().all(|digit| {
        let expected = alphabet[(number % base) as usize];
        number /= base;
        digit == expected
    });
    is_same && number == 0
}

#[cfg(test)]
mod tests;
