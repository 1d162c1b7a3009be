//! Opens files that somebody else chose, without waiting for any of them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// The folder that a path is in. A name alone is in the current folder: its parent is the empty
/// path, which leads nowhere.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Fails where something else stands in the place of a folder that is to be made or used.
pub(crate) fn ensure_folder_or_nothing(path: &Path) -> anyhow::Result<()> {
    for above in path
        .ancestors()
        .filter(|above| !above.as_os_str().is_empty())
    {
        let Ok(found) = std::fs::metadata(above) else {
            continue;
        };
        let kind = if found.is_file() {
            "a file"
        } else {
            "no folder"
        };
        anyhow::ensure!(
            found.is_dir(),
            "{} is {kind}; give a folder",
            above.display()
        );
        return Ok(());
    }
    Ok(())
}

/// Opens a regular file to read it.
///
/// A pipe would wait for its other end, and a file such as `/proc/kmsg` for the kernel: pipes,
/// devices and the kernel's own file systems are refused. A disk or a server that does not answer
/// is still waited for.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    if !file.metadata()?.is_file() || is_of_kernel(&file) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    Ok(file)
}

/// Longest file of the state folder that is read, in bytes: a document of 16 MiB as JSON, in which a
/// character may take six bytes.
const STATE_FILE_LIMIT_BYTES: u64 = 128 * 1024 * 1024;

/// Reads a text of the state folder, which others may have put something else in the place of. Nothing
/// is waited for, as with [`open`]. Errors: `FileTooLarge` above 128 MiB.
pub(crate) fn state_text(path: &Path) -> io::Result<String> {
    let file = open(path)?;
    if file.metadata()?.len() > STATE_FILE_LIMIT_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut text = String::new();
    file.take(STATE_FILE_LIMIT_BYTES)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// Whether a path leads through links in a circle, or through too many.
pub(crate) fn is_loop(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::LOOP)
}

#[cfg(target_os = "linux")]
fn is_of_kernel(file: &File) -> bool {
    use rustix::fs::{FsWord, PROC_SUPER_MAGIC, fstatfs};
    /// `SYSFS_MAGIC` of `linux/magic.h`.
    const SYSFS_MAGIC: FsWord = 0x6265_6572;
    fstatfs(file).is_ok_and(|system| [PROC_SUPER_MAGIC, SYSFS_MAGIC].contains(&system.f_type))
}

#[cfg(not(target_os = "linux"))]
const fn is_of_kernel(_: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{STATE_FILE_LIMIT_BYTES, folder_of, open, state_text};

    #[test]
    fn a_name_alone_is_in_the_current_folder() {
        for (path, folder) in [
            ("a.md", "."),
            ("./a.md", "."),
            ("b/a.md", "b"),
            ("/a.md", "/"),
        ] {
            assert_eq!(
                folder_of(path.as_ref()),
                std::path::Path::new(folder),
                "{path}"
            );
        }
    }

    #[test]
    fn nothing_but_regular_files_is_opened_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.md");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let link = folder.path().join("link.md");
        std::os::unix::fs::symlink("/proc/self/environ", &link).unwrap();
        for path in [&pipe, &link, folder.path(), "/dev/null".as_ref()] {
            let error = open(path).unwrap_err();
            assert_eq!(
                error.to_string(),
                "it is not a regular file",
                "{}",
                path.display()
            );
        }
        std::fs::write(folder.path().join("a.md"), "text").unwrap();
        assert!(open(&folder.path().join("a.md")).is_ok());
        let missing = open(&folder.path().join("b.md")).unwrap_err();
        assert_eq!(missing.kind(), std::io::ErrorKind::NotFound);
    }

    #[test]
    fn texts_of_the_state_folder_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stripe");
        std::fs::write(&path, "text").unwrap();
        assert_eq!(state_text(&path).unwrap(), "text");
        // It takes no room on the disk.
        let file = std::fs::File::create(&path).unwrap();
        file.set_len(STATE_FILE_LIMIT_BYTES + 1).unwrap();
        let error = state_text(&path).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::FileTooLarge);
    }
}
