//! What a backup says of itself: the files `wharf-backup` and `SHA256SUMS`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::copy::Sum;
use crate::calls::files;
use crate::dedupe::check as keys;
use crate::log::segment;
use crate::sqlite::open::DATABASE_FILE_NAME;

/// The form of a backup.
pub const BACKUP_FORMAT: u32 = 1;

/// The file that says what the folder is.
pub(super) const ABOUT_FILE: &str = "wharf-backup";

/// The list of all other files.
pub(super) const SUMS_FILE: &str = "SHA256SUMS";

/// Longest `wharf-backup` that is read, in bytes.
pub(super) const ABOUT_LIMIT_BYTES: u64 = 4 * 1024;

/// Longest version, in bytes.
const VERSION_LIMIT_BYTES: usize = 100;

/// What `wharf-backup` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct About {
    pub(super) format: u32,
    pub(super) time: Timestamp,
    pub(super) version: String,
}

impl About {
    pub(super) fn to_text(&self) -> String {
        let Self {
            format,
            time,
            version,
        } = self;
        format!("format {format}\ntime {time}\nversion {version}\n")
    }

    /// `None`: it is none. Of a later format, nothing but its number is known.
    pub(super) fn read(text: &str) -> Option<Result<Self, u32>> {
        let mut lines = text.lines();
        let format = lines.next()?.strip_prefix("format ")?.parse().ok()?;
        if format > BACKUP_FORMAT {
            return Some(Err(format));
        }
        let time = lines.next()?.strip_prefix("time ")?.parse().ok()?;
        let version = lines.next()?.strip_prefix("version ")?.to_owned();
        let is_plain = version.bytes().all(|byte| byte.is_ascii_graphic());
        (format > 0 && is_plain && version.len() <= VERSION_LIMIT_BYTES).then_some(Ok(Self {
            format,
            time,
            version,
        }))
    }
}

/// Names of files, relative to the folder, with their checksums.
pub(super) type Sums = BTreeMap<String, Sum>;

pub(super) fn sums_to_text(sums: &Sums) -> String {
    let line = |(name, sum): (&String, &Sum)| {
        let digits: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digits}  {name}\n")
    };
    sums.iter().map(line).collect()
}

/// Errors: the number of a line that is none of ours, from 1.
pub(super) fn read_sums(text: &str) -> Result<Sums, usize> {
    let mut sums = Sums::new();
    for (at, line) in text.lines().enumerate() {
        let read = read_line(line).filter(|(name, _)| !sums.contains_key(name));
        let (name, sum) = read.ok_or(at + 1)?;
        sums.insert(name, sum);
    }
    Ok(sums)
}

fn read_line(line: &str) -> Option<(String, Sum)> {
    let (digits, name) = line.split_once("  ")?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    if digits.len() != 64 || !digits.bytes().all(is_digit) {
        return None;
    }
    let mut sum = Sum::default();
    for (byte, pair) in sum.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    (name == ABOUT_FILE || is_state(name)).then(|| (name.to_owned(), sum))
}

/// Whether a backup may hold a file, by its name in the state folder. No name leads out of it.
pub(super) fn is_state(name: &str) -> bool {
    match name.split_once('/') {
        None => name == DATABASE_FILE_NAME,
        Some((segment::FOLDER, name)) => segment::number(name).is_some(),
        Some((crate::dedupe::FOLDER, name)) => keys::is_name(name),
        Some((files::FOLDER, name)) => files::number(name).is_some(),
        Some(_) => false,
    }
}
