//! Values that vendors and standards print in their own documentation: they open nothing.
//!
//! Kept as their CRC-32, so that no scanner, this one included, meets them in the source.
//!
//! Sources: Stripe's API reference (test keys, the client secret of a payment), Firebase's guides,
//! Slack's and Discord's pages on tokens, PayPal's access token, jwt.io, Supabase's local stack;
//! the test keys of reCAPTCHA's documentation; the well-known accounts of Azurite and of the emulator of
//! Cosmos DB (learn.microsoft.com); Telegram's bot API; Mailgun's documentation; the test vectors of
//! Standard Webhooks and of the URI format of authenticator apps; the examples of RFC 5849, 6238,
//! 6455, 6749, 6750, 7009, 7515, 7591, 7617, 7636 and 8628.

use super::checksum::crc32;

/// In the order of numbers.
const EXAMPLES: [u32; 53] = [
    0x00a0_4dfa,
    0x02d1_2047,
    0x07e1_75bd,
    0x0bce_f39d,
    0x0fc6_57b9,
    0x146e_0aa1,
    0x14d2_38f3,
    0x1737_f5b2,
    0x1969_bf03,
    0x1bbf_5538,
    0x203b_26c1,
    0x2286_4cae,
    0x269d_4cea,
    0x2831_afe3,
    0x2850_3139,
    0x2bdd_531a,
    0x2cde_d043,
    0x346e_e36a,
    0x396d_8142,
    0x3def_03d5,
    0x494b_da51,
    0x51bc_2338,
    0x5771_bcf5,
    0x6aa3_ff92,
    0x6af2_cb86,
    0x6f44_e3cf,
    0x7202_4bff,
    0x73b4_3468,
    0x776d_e070,
    0x779e_b5f1,
    0x7a77_589d,
    0x8770_7360,
    0x8f37_9335,
    0x952e_a22f,
    0x9e49_269d,
    0xa8b1_08b3,
    0xab4d_2e47,
    0xb4a1_ffd1,
    0xb4cb_d586,
    0xbc85_5a2d,
    0xbd79_83d7,
    0xbdcd_91f7,
    0xbeff_13fc,
    0xc31c_70d7,
    0xcea6_7886,
    0xd059_09c5,
    0xd43b_7b44,
    0xe031_8833,
    0xe0d0_69f5,
    0xe379_cea5,
    0xe69f_38e9,
    0xef8c_5b51,
    0xfc85_630f,
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
