//! Bodies of forms and the header of HTTP Basic, as token endpoints read them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretSlice;
use secrecy::zeroize::Zeroizing;

/// The media type of a form.
pub(super) const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// A text as it stands in a form (RFC 6749, appendix B): letters, digits and `*-._` as they are,
/// `+` for a space, all else percent-encoded as UTF-8.
pub(super) fn encoded(text: &str) -> Zeroizing<String> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    // Three for each byte is the most; a text that grows leaves copies of the secret behind.
    let mut encoded = Zeroizing::new(String::with_capacity(text.len() * 3));
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                encoded.push(byte.into());
            }
            b' ' => encoded.push('+'),
            _ => {
                encoded.push('%');
                encoded.push(DIGITS[usize::from(byte >> 4)].into());
                encoded.push(DIGITS[usize::from(byte & 15)].into());
            }
        }
    }
    encoded
}

/// A form of these pairs.
pub(super) fn body(pairs: &[(&str, &str)]) -> SecretSlice<u8> {
    let parts: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    let length = parts
        .iter()
        .map(|(name, value)| name.len() + value.len() + 2);
    let mut body = Vec::with_capacity(length.sum());
    for (name, value) in &parts {
        if !body.is_empty() {
            body.push(b'&');
        }
        body.extend_from_slice(name.as_bytes());
        body.push(b'=');
        body.extend_from_slice(value.as_bytes());
    }
    body.into()
}

/// What stands behind `Basic`, both parts encoded first as in a form (RFC 6749, 2.3.1).
pub(super) fn basic(client: &str, secret: &str) -> Zeroizing<String> {
    let (client, secret) = (encoded(client), encoded(secret));
    let mut pair = Zeroizing::new(String::with_capacity(client.len() + secret.len() + 1));
    pair.push_str(&client);
    pair.push(':');
    pair.push_str(&secret);
    Zeroizing::new(STANDARD.encode(pair.as_bytes()))
}

#[cfg(test)]
mod tests;
