//! What each fuzz target asserts about any bytes, apart from what drives it: libFuzzer in
//! `fuzz_targets/`, or the proofs of `crates/wharf/tests/proofs`.

mod accept;
mod codes;
mod connection;
mod content;
mod draft;
mod format;
mod frontmatter;
mod host;
mod interim;
mod keys;
mod line;
mod links;
mod load;
mod minted;
mod path;
mod runs;
mod sealed;
mod secrets;
mod segments;
mod sieve;
mod timeout;
mod token;
mod waits;

pub use accept::accept;
pub use codes::codes;
pub use connection::connection;
pub use content::content;
pub use draft::draft;
pub use format::format;
pub use frontmatter::frontmatter;
pub use host::host;
pub use interim::interim;
pub use keys::keys;
pub use line::line;
pub use links::links;
pub use load::load;
pub use minted::minted;
pub use path::path;
pub use runs::runs;
pub use sealed::sealed;
pub use secrets::secrets;
pub use segments::segments;
pub use sieve::sieve;
pub use timeout::timeout;
pub use token::token;
pub use waits::waits;

/// One target.
pub struct Target {
    /// Also the name of its corpus.
    pub name: &'static str,
    /// Panics when the bytes are a finding.
    pub run: fn(&[u8]),
}

macro_rules! targets {
    ($($name:ident),*) => {
        &[$(Target { name: stringify!($name), run: $name }),*]
    };
}

/// All targets.
pub const TARGETS: &[Target] = targets![
    accept,
    codes,
    connection,
    content,
    draft,
    format,
    frontmatter,
    host,
    interim,
    keys,
    line,
    links,
    load,
    minted,
    path,
    runs,
    sealed,
    secrets,
    segments,
    sieve,
    timeout,
    token,
    waits
];

/// The bytes as header lines, those left out that are none.
fn headers(bytes: &[u8]) -> http::HeaderMap {
    let mut headers = http::HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some(end) = line.iter().position(|byte| *byte == b':')
            && let Ok(name) = http::HeaderName::from_bytes(&line[..end])
            && let Ok(value) = http::HeaderValue::from_bytes(line[end + 1..].trim_ascii())
        {
            headers.append(name, value);
        }
    }
    headers
}
