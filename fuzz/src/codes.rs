//! Any body of a vendor: codes are looked for without a panic, and no more come out than went in.

/// The target.
pub fn codes(bytes: &[u8]) {
    let codes = wharf_gateway::wire::codes(bytes);
    let length: usize = codes.iter().map(String::len).sum();
    // Each place is looked at once or twice; a number may be written longer than it came.
    assert!(length <= 16 * (bytes.len() + 32), "{codes:?}");
}
