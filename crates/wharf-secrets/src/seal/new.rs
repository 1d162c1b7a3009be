//! New keys, and the files that they are written to.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use wharf_policy::sealed::KeyId;

use super::key::{KEY_BYTES, Key};

/// A key that was just made, as text: 44 characters of Base64.
pub struct NewKey {
    id: KeyId,
    text: SecretString,
}

/// A key could not be made or written. No file of that name was made or changed.
#[derive(Debug, thiserror::Error)]
pub enum NewKeyError {
    /// The operating system gave no random bytes.
    #[error("no random numbers for a key; check that the operating system provides them")]
    NoRandom,
    /// There is a file already.
    #[error(
        "{} exists, and a key in it may be one that secrets are sealed with; choose another name, \
         or move it away",
        path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error(
        "key file {} cannot be written; check that its folder exists, may be written, and has room",
        path.display()
    )]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

impl NewKey {
    /// Draws a key.
    pub fn generate() -> Result<Self, NewKeyError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(bytes.as_mut()).map_err(|_| NewKeyError::NoRandom)?;
        let key = Key::from_bytes(&bytes).ok_or(NewKeyError::NoRandom)?;
        let mut text = Zeroizing::new(String::with_capacity(KEY_BYTES.div_ceil(3) * 4));
        STANDARD.encode_string(bytes.as_ref(), &mut text);
        Ok(Self {
            id: key.id(),
            text: SecretString::from(text.as_str()),
        })
    }

    /// What tells it from other keys.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key's text, to show it once.
    pub fn expose_secret(&self) -> &str {
        self.text.expose_secret()
    }

    /// Writes it to a new file that its owner alone may read (mode 0600). The file is there whole
    /// and on disk, or not at all, at whatever moment the program or the machine ends; a name that
    /// starts with `.` and the file's may be left beside it.
    pub fn write(&self, path: &Path) -> Result<(), NewKeyError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => NewKeyError::Exists {
                path: path.to_owned(),
            },
            _ => NewKeyError::Unwritable {
                path: path.to_owned(),
                source,
            },
        };
        if path.symlink_metadata().is_ok() {
            return Err(failed(io::ErrorKind::AlreadyExists.into()));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let Some(name) = path.file_name() else {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        };
        let mut aside = std::ffi::OsString::from(".");
        aside.push(name);
        // Of no use to who guesses it: nothing that exists is written to. The id tells two apart.
        aside.push(format!(".{}", self.id));
        let aside = folder.join(aside);
        let written = self.write_aside(&aside).and_then(|()| {
            // Unlike a rename, a link never takes the place of another file.
            fs::hard_link(&aside, path)?;
            File::open(folder)?.sync_all()
        });
        // What it holds is linked, or of no use.
        let _ = fs::remove_file(&aside);
        written.map_err(failed)
    }

    fn write_aside(&self, path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(self.expose_secret().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
