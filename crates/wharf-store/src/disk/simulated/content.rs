//! What is in one file: what is read of it now, what is durable, and each state between.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::{SECTOR_BYTES, errno, numbers};

/// How long a file is, and how many bytes from its start have room on the disk whether they were
/// written or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    bytes: u64,
    reserved: u64,
}

/// A block; `None` where nothing was written, which reads as zero.
type Block = Option<Arc<[u8]>>;

/// A state that something was in since it was last durable.
#[derive(Clone, Debug)]
struct Version<T> {
    value: T,
    /// Its place among all changes of the file.
    order: u64,
    /// A sync failed behind it, so no later sync writes it.
    is_abandoned: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Content {
    block_bytes: u64,
    size: Size,
    blocks: BTreeMap<u64, Arc<[u8]>>,
    durable_size: Size,
    durable_order: u64,
    durable_blocks: BTreeMap<u64, Arc<[u8]>>,
    sizes: Vec<Version<Size>>,
    versions: BTreeMap<u64, Vec<Version<Block>>>,
    /// How many changes there were.
    order: u64,
}

impl Content {
    pub(super) fn new(block_bytes: u64) -> Self {
        Self {
            block_bytes,
            size: Size::default(),
            blocks: BTreeMap::new(),
            durable_size: Size::default(),
            durable_order: 0,
            durable_blocks: BTreeMap::new(),
            sizes: Vec::new(),
            versions: BTreeMap::new(),
            order: 0,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.size.bytes
    }

    fn blocks_in(&self, bytes: u64) -> u64 {
        bytes.div_ceil(self.block_bytes)
    }

    /// How many blocks it takes of the disk.
    pub(super) fn used_blocks(&self) -> u64 {
        let reserved = self.blocks_in(self.size.reserved);
        reserved + self.blocks.range(reserved..).count() as u64
    }

    /// How many blocks an allocation of the bytes from the start needs on top.
    pub(super) fn missing_blocks(&self, bytes: u64) -> u64 {
        let from = self.blocks_in(self.size.reserved);
        let to = self.blocks_in(bytes);
        let written = if from < to {
            self.blocks.range(from..to).count() as u64
        } else {
            0
        };
        to.saturating_sub(from) - written
    }

    /// How many bytes of a write find room in this many free blocks.
    pub(super) fn fitting(&self, bytes: usize, offset: u64, free: u64) -> io::Result<usize> {
        let end = offset
            .checked_add(bytes as u64)
            .filter(|end| i64::try_from(*end).is_ok())
            .ok_or_else(|| errno(numbers::EINVAL))?;
        let mut left = free;
        let reserved = self.blocks_in(self.size.reserved);
        for block in offset / self.block_bytes..self.blocks_in(end) {
            if block < reserved || self.blocks.contains_key(&block) {
                continue;
            }
            if left == 0 {
                let fits = (block * self.block_bytes).saturating_sub(offset);
                return Ok(usize::try_from(fits).unwrap());
            }
            left -= 1;
        }
        Ok(bytes)
    }

    pub(super) fn read(&self, buffer: &mut [u8], offset: u64) -> usize {
        let end = self
            .size
            .bytes
            .min(offset.saturating_add(buffer.len() as u64));
        if offset >= end {
            return 0;
        }
        let mut at = offset;
        while at < end {
            let start = usize::try_from(at % self.block_bytes).unwrap();
            let take = (self.block_bytes - at % self.block_bytes).min(end - at);
            let take = usize::try_from(take).unwrap();
            let done = usize::try_from(at - offset).unwrap();
            let into = &mut buffer[done..done + take];
            match self.blocks.get(&(at / self.block_bytes)) {
                Some(block) => into.copy_from_slice(&block[start..start + take]),
                None => into.fill(0),
            }
            at += take as u64;
        }
        usize::try_from(end - offset).unwrap()
    }

    pub(super) fn write(&mut self, bytes: &[u8], offset: u64) {
        if bytes.is_empty() {
            return;
        }
        self.order += 1;
        let end = offset + bytes.len() as u64;
        let mut at = offset;
        while at < end {
            let index = at / self.block_bytes;
            let start = usize::try_from(at % self.block_bytes).unwrap();
            let take = (self.block_bytes - at % self.block_bytes).min(end - at);
            let done = usize::try_from(at - offset).unwrap();
            let take = usize::try_from(take).unwrap();
            let mut block = self.bytes_of(self.blocks.get(&index));
            block[start..start + take].copy_from_slice(&bytes[done..done + take]);
            self.set_block(index, Some(block.into()));
            at += take as u64;
        }
        // What a write adds is not added as one.
        let first = self.size.bytes.max(offset) / self.block_bytes + 1;
        for index in first..self.blocks_in(end) {
            if end > self.size.bytes {
                self.set_bytes(index * self.block_bytes);
            }
        }
        if end > self.size.bytes {
            self.set_bytes(end);
        }
    }

    pub(super) fn allocate(&mut self, bytes: u64) {
        self.order += 1;
        let size = Size {
            bytes: self.size.bytes.max(bytes),
            reserved: self.size.reserved.max(bytes),
        };
        if size != self.size {
            self.set_size(size);
        }
    }

    pub(super) fn truncate(&mut self, bytes: u64) {
        self.order += 1;
        let size = Size {
            bytes,
            reserved: self.size.reserved.min(bytes),
        };
        let gone: Vec<u64> = self
            .blocks
            .range(self.blocks_in(bytes)..)
            .map(|(index, _)| *index)
            .collect();
        for index in gone {
            self.set_block(index, None);
        }
        let last = bytes / self.block_bytes;
        let within = usize::try_from(bytes % self.block_bytes).unwrap();
        if bytes < self.size.bytes
            && within > 0
            && let Some(block) = self.blocks.get(&last)
        {
            let mut block = self.bytes_of(Some(block));
            block[within..].fill(0);
            self.set_block(last, Some(block.into()));
        }
        if size != self.size {
            self.set_size(size);
        }
    }

    /// Makes durable all that no failed sync has taken out of sight.
    pub(super) fn sync(&mut self) {
        if self.sizes.iter().any(|version| !version.is_abandoned) {
            self.durable_size = self.size;
            self.durable_order = self.order;
            self.sizes.clear();
        }
        let (blocks, durable) = (&self.blocks, &mut self.durable_blocks);
        self.versions.retain(|index, versions| {
            if versions.iter().all(|version| version.is_abandoned) {
                return true;
            }
            match blocks.get(index) {
                Some(block) => durable.insert(*index, Arc::clone(block)),
                None => durable.remove(index),
            };
            false
        });
    }

    /// Leaves what is unsynced on the disk or not: nobody knows, and no later sync looks again.
    pub(super) fn fail_sync(&mut self) {
        for version in &mut self.sizes {
            version.is_abandoned = true;
        }
        for version in self.versions.values_mut().flatten() {
            version.is_abandoned = true;
        }
    }

    /// Makes all of it durable, whatever came before.
    pub(super) fn settle(&mut self) {
        self.durable_size = self.size;
        self.durable_order = self.order;
        self.durable_blocks = self.blocks.clone();
        self.sizes.clear();
        self.versions.clear();
    }

    pub(super) fn flip(&mut self, offset: u64, bit: u8) {
        assert!(offset < self.size.bytes, "the file is not that long");
        let index = offset / self.block_bytes;
        let at = usize::try_from(offset % self.block_bytes).unwrap();
        let zero = self.bytes_of(None);
        let turn = |block: &mut Arc<[u8]>| {
            let mut bytes = block.to_vec();
            bytes[at] ^= 1 << bit;
            *block = bytes.into();
        };
        turn(
            self.blocks
                .entry(index)
                .or_insert_with(|| zero.clone().into()),
        );
        if offset < self.durable_size.bytes {
            turn(
                self.durable_blocks
                    .entry(index)
                    .or_insert_with(|| zero.into()),
            );
        }
        for version in self.versions.get_mut(&index).into_iter().flatten() {
            version.value.iter_mut().for_each(turn);
        }
    }

    /// What may be found of it after a loss of power.
    pub(super) fn lose(&self, choice: &mut dyn FnMut(usize) -> usize) -> Self {
        let (size, order) = match choice_of(choice, self.sizes.len() + 1) {
            0 => (self.durable_size, self.durable_order),
            nth => (self.sizes[nth - 1].value, self.sizes[nth - 1].order),
        };
        let mut found = Self::new(self.block_bytes);
        found.size = size;
        let end = self.blocks_in(size.bytes);
        found.blocks = self
            .durable_blocks
            .range(..end)
            .map(|(index, block)| (*index, Arc::clone(block)))
            .collect();
        for (index, versions) in self.versions.range(..end) {
            let before = self.durable_blocks.get(index).cloned();
            let states = possible(before, versions, order);
            match self.found_of(&states, choice) {
                Some(block) => found.blocks.insert(*index, block),
                None => found.blocks.remove(index),
            };
        }
        let within = usize::try_from(size.bytes % self.block_bytes).unwrap();
        if within > 0
            && let Some(last) = found.blocks.get_mut(&(end - 1))
        {
            let mut bytes = last.to_vec();
            bytes[within..].fill(0);
            *last = bytes.into();
        }
        found.settle();
        found
    }

    /// One of the states of a block, or one torn between two that follow each other.
    fn found_of(&self, states: &[Block], choice: &mut dyn FnMut(usize) -> usize) -> Block {
        let nth = choice_of(choice, 2 * states.len() - 1);
        if nth < states.len() {
            return states[nth].clone();
        }
        let newer = nth - states.len() + 1;
        let old = self.bytes_of(states[newer - 1].as_ref());
        let new = self.bytes_of(states[newer].as_ref());
        let differs = |at: &usize| old[*at] != new[*at];
        let first = (0..old.len()).find(differs);
        let last = (0..old.len()).rev().find(differs);
        let (Some(first), Some(last)) = (first, last) else {
            return Some(new.into());
        };
        if first == last {
            return Some(new.into());
        }
        let cut = match choice_of(choice, 3) {
            0 => first + 1,
            1 => first + (last - first).div_ceil(2),
            _ => last,
        };
        // The sectors of a page are written in any order.
        let is_end_first = self.block_bytes > SECTOR_BYTES && choice_of(choice, 2) == 1;
        let (front, back) = if is_end_first {
            (&old, &new)
        } else {
            (&new, &old)
        };
        Some([&front[..cut], &back[cut..]].concat().into())
    }

    fn bytes_of(&self, block: Option<&Arc<[u8]>>) -> Vec<u8> {
        match block {
            Some(block) => block.to_vec(),
            None => vec![0; usize::try_from(self.block_bytes).unwrap()],
        }
    }

    fn set_block(&mut self, index: u64, block: Block) {
        match &block {
            Some(block) => self.blocks.insert(index, Arc::clone(block)),
            None => self.blocks.remove(&index),
        };
        self.versions.entry(index).or_default().push(Version {
            value: block,
            order: self.order,
            is_abandoned: false,
        });
    }

    fn set_bytes(&mut self, bytes: u64) {
        self.set_size(Size {
            bytes,
            reserved: self.size.reserved,
        });
    }

    fn set_size(&mut self, size: Size) {
        self.size = size;
        self.sizes.push(Version {
            value: size,
            order: self.order,
            is_abandoned: false,
        });
    }
}

/// The states a block may be in when the file's length is that of a change.
///
/// A file system gives a block that was cut off to nobody before the cut is durable. So what was cut
/// off is not seen behind the cut, and what was written behind the cut is not seen before it.
fn possible(before: Block, versions: &[Version<Block>], order: u64) -> Vec<Block> {
    let mut states = vec![before];
    for version in versions {
        if version.value.is_none() {
            if version.order > order {
                break;
            }
            states.clear();
        }
        states.push(version.value.clone());
    }
    states
}

fn choice_of(choice: &mut dyn FnMut(usize) -> usize, ways: usize) -> usize {
    let chosen = choice(ways);
    assert!(chosen < ways, "{chosen} is none of {ways} ways");
    chosen
}
