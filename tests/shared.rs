//! Where files are that tests read and the repository does not hold.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file or folder in the folder that `WHARF_SHARED` names, else in the one beside the repository.
/// `None` where it is absent, and the log says so.
pub(crate) fn shared(below: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WHARF_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = folder.join(below);
    if path.exists() {
        return Some(path);
    }
    // Where nobody reads the log, nobody misses the line.
    let _ = writeln!(
        io::stderr(),
        "skipped: nothing at {}; WHARF_SHARED names the folder",
        path.display()
    );
    None
}
