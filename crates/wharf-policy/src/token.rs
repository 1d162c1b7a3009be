//! The text of tokens that we make: what tells their kind, and 43 base64url characters (RFC 4648,
//! section 5) that stand for 32 random bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

/// How many random bytes a token stands for.
pub const RANDOM_BYTES: usize = 32;

/// Characters of that many bytes.
const TEXT_CHARACTERS: usize = 43;

/// The text of a token of these bytes, which must be random ones that nobody else has: whoever can
/// guess them has what it is for.
pub fn text(prefix: &str, bytes: &Zeroizing<[u8; RANDOM_BYTES]>) -> SecretString {
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + TEXT_CHARACTERS));
    text.push_str(prefix);
    URL_SAFE_NO_PAD.encode_string(bytes.as_ref(), &mut text);
    SecretString::from(text.as_str())
}

/// Whether a text is that of a token of this kind.
pub fn is_text(prefix: &str, text: &str) -> bool {
    let drawn = text.strip_prefix(prefix);
    let bytes = drawn.and_then(|drawn| URL_SAFE_NO_PAD.decode(drawn).ok());
    bytes.is_some_and(|bytes| Zeroizing::new(bytes).len() == RANDOM_BYTES)
}
