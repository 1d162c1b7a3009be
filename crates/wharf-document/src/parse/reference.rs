//! Reads references to secrets: names of environment variables, paths in a store.

use wharf_scan::looks_like_secret;

/// Whether a text can be the name of an environment variable that holds a secret.
pub(crate) fn is_variable_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && text.len() <= 128
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && !looks_like_secret(text)
}

/// Whether a text is the name of a variable, or a path, which a `/` tells from other words.
pub(crate) fn is_name_or_path(text: &str) -> bool {
    is_variable_name(text) || text.contains('/') && is_path(text) && !is_cut_secret(text)
}

/// Whether a text may be a secret in Base64, whose `/` cut it into pieces that say nothing alone.
fn is_cut_secret(text: &str) -> bool {
    let is_word = |piece: &str| piece.len() > 2 && piece.bytes().all(|b| b.is_ascii_lowercase());
    !text.split('/').any(is_word) && looks_like_secret(&text.replace('/', ""))
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

#[cfg(test)]
mod tests {
    use super::is_name_or_path;

    #[test]
    fn a_secret_that_a_slash_cuts_into_short_pieces_is_no_path() {
        for secret in [
            "kUr9xQ2vT4mZpL8w/Y1cB6nHs3DfGjKa",
            "Zq8/vT4mZpL8wR7y/B6nHs3DfG5jKa",
        ] {
            assert!(!is_name_or_path(secret), "{secret}");
        }
        for path in [
            "secrets/refund",
            "/run/secrets/K8s-Prod-2024-A1",
            "A1/B2/C3",
            "./s",
        ] {
            assert!(is_name_or_path(path), "{path}");
        }
    }
}
