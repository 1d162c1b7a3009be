//! Addresses of the protocol to paths and back.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const SCHEME: &str = "file://";

/// Signs of a path that stand in an address as they are.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The path of an address. One that is no file, such as `untitled:1`, is its own relative path, so
/// that it lies in no folder.
pub(crate) fn path(uri: &Uri) -> PathBuf {
    let Some(rest) = uri.0.strip_prefix(SCHEME) else {
        return PathBuf::from(&uri.0);
    };
    // A host before the path is `localhost` or nothing.
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    PathBuf::from(percent_decode_str(path).decode_utf8_lossy().into_owned())
}

/// The address of a path.
pub(crate) fn uri(path: &Path) -> Uri {
    let text = path.to_string_lossy();
    if !path.is_absolute() {
        return Uri(text.into_owned());
    }
    Uri(format!("{SCHEME}{}", utf8_percent_encode(&text, ESCAPED)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use gen_lsp_types::Uri;

    use super::{path, uri};

    #[test]
    fn paths_come_back() {
        for text in ["/a/b.md", "/a b/ü/#1?.md", "/with%20percent.md"] {
            assert_eq!(path(&uri(Path::new(text))), Path::new(text));
        }
    }

    #[test]
    fn other_spellings_are_the_same_path() {
        for text in ["file:///a%3Ab/c.md", "file://localhost/a:b/c.md"] {
            assert_eq!(path(&Uri::from(text)), Path::new("/a:b/c.md"));
        }
    }

    #[test]
    fn what_is_no_file_is_in_no_folder() {
        let address = Uri::from("untitled:Untitled-1");
        assert!(path(&address).is_relative());
        assert_eq!(uri(&path(&address)), address);
    }
}
