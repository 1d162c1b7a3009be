//! Values of the grammar for those who meet them outside a document, as in `wharf.toml`.

use crate::model::{BaseUrl, RateLimit};
use crate::parse;

/// Reads a limit as documents write it: `100/min`, or `2/s, burst 40`. The error says why it is
/// none, in words that go on behind a colon.
pub fn limit(text: &str) -> Result<RateLimit, String> {
    parse::rate::limit(text)
}

/// Reads a web address without a query. One without a scheme is `https`. The error says why it is
/// none, in words that go on behind a colon, and may hold pieces of the text.
pub fn address(text: &str) -> Result<BaseUrl, String> {
    parse::url::parse(text)
}

/// Whether an address holds what may be a password: behind a user name, or in its query.
pub fn has_password(address: &str) -> bool {
    parse::url::secret_place(address).is_some()
}

/// Whether a text is the name of an environment variable, or a path with a `/` in it, as a
/// webhook's `Secret` may be. What looks like a secret itself is neither.
pub fn is_secret_reference(text: &str) -> bool {
    parse::reference::is_name_or_path(text)
}
