//! Values that vendors print in their own documentation: they open nothing.
//!
//! Kept as their CRC-32, so that no scanner, this one included, meets them in the source.

use super::checksum::crc32;

/// Stripe's test keys of its API reference, the key of Firebase's guides, Slack's and Discord's
/// page on tokens, PayPal's access token, the tokens of jwt.io, the secret key of Supabase's local
/// stack, and the client secret of a payment in Stripe's reference.
const EXAMPLES: [u32; 11] = [
    0x1969_bf03,
    0x396d_8142,
    0x3def_03d5,
    0x5771_bcf5,
    0x6f44_e3cf,
    0x7202_4bff,
    0x776d_e070,
    0xab4d_2e47,
    0xb4a1_ffd1,
    0xbc85_5a2d,
    0xcea6_7886,
];

/// Whether a whole value is one of the documented examples.
pub(super) fn is_example(value: &str) -> bool {
    EXAMPLES.binary_search(&crc32(value.as_bytes())).is_ok()
}

#[cfg(test)]
mod tests {
    use super::EXAMPLES;

    #[test]
    fn the_examples_are_in_order() {
        assert!(EXAMPLES.is_sorted());
    }
}
