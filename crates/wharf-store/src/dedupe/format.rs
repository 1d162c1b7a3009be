//! A run file, byte by byte. Numbers are little-endian; checksums are CRC-32C.
//!
//! ```text
//! head      4,096 bytes
//!   0  8  "WHARFRUN"
//!   8  4  checksum of bytes 12 to 4,096 of the head
//!  12  2  format, 1. It and all before it stay where they are in every format
//!  14  2  number of hashes of the filter, 1 to 16
//!  16  8  first batch of keys in the file
//!  24  8  last one; all between are in it too
//!  32  8  number of keys
//!  40  8  oldest time, in milliseconds since 1970
//!  48  8  newest time
//!  56  8  number of words of the filter
//!  64  4  checksum of the filter
//!  68  4  checksum of the fences
//!  72  2  number of claims, at most 125
//!  74  22 zero
//!  96  32 a claim each: first segment, last one, first batch, last one, 8 bytes each
//!      …  zero
//! pages     4,096 bytes each, as many as the keys need
//!   0  4  checksum of bytes 4 to 4,096 of the page
//!   4  4  number of the page, from 0
//!   8  2  number of keys, 120 but in the last page
//!  10  2  zero
//!  12  34 a key each, in order and each once: key 16, lane 2, position 8, time 8
//!      …  zero
//! filter    8 bytes for each word
//! fences    16 bytes for each page: its first key
//! ```

use super::claims::Claim;
use super::key::{Entry, KEY_BYTES, Key, Place};

pub(super) const PAGE_BYTES: usize = 4096;
pub(super) const HEAD_BYTES: usize = 4096;
pub(super) const PAGE_KEYS: usize = (PAGE_BYTES - PAGE_START) / ENTRY_BYTES;
pub(super) const CLAIM_COUNT_LIMIT: usize = (HEAD_BYTES - CLAIMS_START) / CLAIM_BYTES;
const MAGIC: &[u8; 8] = b"WHARFRUN";
const FORMAT: u16 = 1;
const HASH_COUNT_LIMIT: u16 = 16;
const CHECKED_FROM: usize = 12;
const PAGE_CHECKED_FROM: usize = 4;
const PAGE_START: usize = 12;
const ENTRY_BYTES: usize = 34;
const CLAIMS_START: usize = 96;
const CLAIM_BYTES: usize = 32;
const ZERO_BYTES: usize = 22;

/// The head of a run file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) first_batch: u64,
    pub(super) last_batch: u64,
    pub(super) count: u64,
    /// Milliseconds since 1970; 0 without a key.
    pub(super) oldest: u64,
    pub(super) newest: u64,
    pub(super) hash_count: u16,
    pub(super) filter_words: u64,
    pub(super) filter_checksum: u32,
    pub(super) fences_checksum: u32,
    pub(super) claims: Vec<Claim>,
}

/// Why a head is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Damaged(&'static str),
    /// Written by a later version.
    Newer(u16),
}

impl Head {
    pub(super) fn page_count(&self) -> u64 {
        self.count.div_ceil(PAGE_KEYS as u64)
    }

    /// How many keys a page holds.
    pub(super) fn keys_of(&self, page: u64) -> u64 {
        let before = page.saturating_mul(PAGE_KEYS as u64);
        self.count.saturating_sub(before).min(PAGE_KEYS as u64)
    }

    pub(super) fn page_start(page: u64) -> u64 {
        (HEAD_BYTES as u64).saturating_add(page.saturating_mul(PAGE_BYTES as u64))
    }

    pub(super) fn filter_start(&self) -> u64 {
        Self::page_start(self.page_count())
    }

    pub(super) fn fences_start(&self) -> u64 {
        let words = self.filter_words.saturating_mul(8);
        self.filter_start().saturating_add(words)
    }

    pub(super) fn file_bytes(&self) -> u64 {
        let fences = self.page_count().saturating_mul(KEY_BYTES as u64);
        self.fences_start().saturating_add(fences)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&self.hash_count.to_le_bytes());
        let numbers = [
            self.first_batch,
            self.last_batch,
            self.count,
            self.oldest,
            self.newest,
            self.filter_words,
        ];
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend_from_slice(&self.filter_checksum.to_le_bytes());
        bytes.extend_from_slice(&self.fences_checksum.to_le_bytes());
        // A claim that is left out only has its segments read again.
        let claims = self.claims.iter().take(CLAIM_COUNT_LIMIT);
        let claim_count = u16::try_from(claims.len()).unwrap_or_default();
        bytes.extend_from_slice(&claim_count.to_le_bytes());
        bytes.extend_from_slice(&[0; ZERO_BYTES]);
        for claim in claims {
            bytes.extend(
                claim
                    .numbers()
                    .iter()
                    .flat_map(|number| number.to_le_bytes()),
            );
        }
        bytes.resize(HEAD_BYTES, 0);
        seal(&mut bytes, MAGIC.len(), CHECKED_FROM);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let cut = Refusal::Damaged("its head is cut off");
        let mut left = bytes.get(..HEAD_BYTES).ok_or(cut)?;
        if take::<8>(&mut left).as_ref() != Some(MAGIC) {
            return Err(Refusal::Damaged("it does not begin as a run file does"));
        }
        if !is_sealed(bytes, MAGIC.len(), CHECKED_FROM) {
            return Err(Refusal::Damaged("the checksum of its head is wrong"));
        }
        let (Some(_), Some(format)) = (take::<4>(&mut left), take(&mut left)) else {
            return Err(cut);
        };
        match u16::from_le_bytes(format) {
            FORMAT => {}
            newer if newer > FORMAT => return Err(Refusal::Newer(newer)),
            _ => return Err(Refusal::Damaged("there never was such a format")),
        }
        let head = Self::decode_fields(left).ok_or(cut)?;
        let is_sound = (1..=HASH_COUNT_LIMIT).contains(&head.hash_count)
            && head.first_batch <= head.last_batch
            && head.oldest <= head.newest
            && (head.filter_words > 0 || head.count == 0)
            && head.claims.iter().all(Claim::is_sound);
        if !is_sound {
            return Err(Refusal::Damaged("its head contradicts itself"));
        }
        Ok(head)
    }

    /// Reads what follows the format.
    fn decode_fields(mut left: &[u8]) -> Option<Self> {
        let left = &mut left;
        let hash_count = u16::from_le_bytes(take(left)?);
        let mut head = Self {
            hash_count,
            first_batch: u64::from_le_bytes(take(left)?),
            last_batch: u64::from_le_bytes(take(left)?),
            count: u64::from_le_bytes(take(left)?),
            oldest: u64::from_le_bytes(take(left)?),
            newest: u64::from_le_bytes(take(left)?),
            filter_words: u64::from_le_bytes(take(left)?),
            filter_checksum: u32::from_le_bytes(take(left)?),
            fences_checksum: u32::from_le_bytes(take(left)?),
            claims: Vec::new(),
        };
        let claim_count = u16::from_le_bytes(take(left)?);
        take::<ZERO_BYTES>(left)?;
        for _ in 0..claim_count {
            let mut numbers = [0; 4];
            for number in &mut numbers {
                *number = u64::from_le_bytes(take(left)?);
            }
            head.claims.push(Claim::from_numbers(numbers));
        }
        Some(head)
    }
}

/// Writes a page of at most [`PAGE_KEYS`] keys behind what is there.
pub(super) fn encode_page(into: &mut Vec<u8>, number: u64, entries: &[Entry]) {
    let mut page = Vec::with_capacity(PAGE_BYTES);
    page.extend_from_slice(&[0; PAGE_CHECKED_FROM]);
    page.extend_from_slice(&short(number).to_le_bytes());
    let count = u16::try_from(entries.len()).unwrap_or_default();
    page.extend_from_slice(&count.to_le_bytes());
    page.extend_from_slice(&[0; 2]);
    for entry in entries {
        page.extend_from_slice(entry.key.bytes());
        page.extend_from_slice(&entry.place.lane.to_le_bytes());
        page.extend_from_slice(&entry.place.position.to_le_bytes());
        page.extend_from_slice(&entry.time.to_le_bytes());
    }
    page.resize(PAGE_BYTES, 0);
    seal(&mut page, 0, PAGE_CHECKED_FROM);
    into.extend_from_slice(&page);
}

/// The keys of a page that was read, in order, or what is wrong with it.
pub(super) fn decode_page(
    bytes: &[u8],
    number: u64,
    count: u64,
) -> Result<Vec<Entry>, &'static str> {
    if bytes.len() != PAGE_BYTES {
        return Err("a page is cut off");
    }
    if !is_sealed(bytes, 0, PAGE_CHECKED_FROM) {
        return Err("the checksum of a page is wrong");
    }
    let (_, mut left) = bytes.split_at(PAGE_CHECKED_FROM);
    if take(&mut left).map(u32::from_le_bytes) != Some(short(number)) {
        return Err("a page lies in the place of another");
    }
    let found = take(&mut left).map(u16::from_le_bytes);
    if found.map(u64::from) != Some(count) {
        return Err("a page holds another number of keys than it should");
    }
    take::<2>(&mut left);
    let mut entries: Vec<Entry> = Vec::with_capacity(PAGE_KEYS);
    for _ in 0..count {
        let entry = decode_entry(&mut left).ok_or("a page is cut off")?;
        if entries.last().is_some_and(|last| last.key >= entry.key) {
            return Err("the keys of a page are out of order");
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn decode_entry(left: &mut &[u8]) -> Option<Entry> {
    Some(Entry {
        key: Key::from_bytes(take(left)?),
        place: Place {
            lane: u16::from_le_bytes(take(left)?),
            position: u64::from_le_bytes(take(left)?),
        },
        time: u64::from_le_bytes(take(left)?),
    })
}

/// A page's number as it stands in it. It tells pages of one file apart, so its low half will do.
fn short(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default()
}

fn checksum_of(bytes: &[u8], from: usize) -> [u8; 4] {
    crc32c::crc32c(bytes.get(from..).unwrap_or_default()).to_le_bytes()
}

/// Puts the checksum of all from a place on where it belongs.
fn seal(bytes: &mut [u8], at: usize, from: usize) {
    let checksum = checksum_of(bytes, from);
    if let Some(place) = bytes.get_mut(at..at + checksum.len()) {
        place.copy_from_slice(&checksum);
    }
}

fn is_sealed(bytes: &[u8], at: usize, from: usize) -> bool {
    let checksum = checksum_of(bytes.get(..PAGE_BYTES).unwrap_or_default(), from);
    bytes.get(at..at + checksum.len()) == Some(&checksum)
}

fn take<const COUNT: usize>(left: &mut &[u8]) -> Option<[u8; COUNT]> {
    let (first, rest) = left.split_first_chunk()?;
    *left = rest;
    Some(*first)
}

/// Mends every checksum, so that random changes reach what lies behind them.
pub(crate) fn mend(bytes: &mut [u8]) {
    let Some(head) = bytes.get_mut(..HEAD_BYTES) else {
        return;
    };
    seal(head, MAGIC.len(), CHECKED_FROM);
    let Ok(mut decoded) = Head::decode(head) else {
        return;
    };
    let part = |from: u64, to: u64| Some(usize::try_from(from).ok()?..usize::try_from(to).ok()?);
    let (filter, fences) = (decoded.filter_start(), decoded.fences_start());
    let sum = |range: Option<std::ops::Range<usize>>, bytes: &[u8]| {
        range.and_then(|range| bytes.get(range)).map(crc32c::crc32c)
    };
    decoded.filter_checksum = sum(part(filter, fences), bytes).unwrap_or_default();
    decoded.fences_checksum = sum(part(fences, decoded.file_bytes()), bytes).unwrap_or_default();
    let mended = decoded.encode();
    let (head, rest) = bytes.split_at_mut(HEAD_BYTES);
    head.copy_from_slice(&mended);
    let pages = usize::try_from(decoded.page_count()).unwrap_or(usize::MAX);
    for page in rest.chunks_exact_mut(PAGE_BYTES).take(pages) {
        seal(page, 0, PAGE_CHECKED_FROM);
    }
}
