//! Reads references to secrets: names of environment variables, paths in a store.

use crate::secret::looks_like_secret;

/// Whether a text can be the name of an environment variable that holds a secret.
pub(crate) fn is_variable_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && text.len() <= 128
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && !looks_like_secret(text)
}

/// Whether a text can be the path or name of a secret in a store.
pub(crate) fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 2_048
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "/_-.+@:~#\\ ".contains(c))
        && !text.split(['/', '\\']).any(looks_like_secret)
}
