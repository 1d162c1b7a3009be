//! Numbers and texts in frames: little-endian, lengths before what they measure.

use crate::names::Name;

/// Puts values behind each other.
pub(crate) trait Put {
    fn put(&mut self, bytes: &[u8]);

    fn put_u8(&mut self, value: u8) {
        self.put(&[value]);
    }

    fn put_u16(&mut self, value: u16) {
        self.put(&value.to_le_bytes());
    }

    fn put_u32(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }

    fn put_u64(&mut self, value: u64) {
        self.put(&value.to_le_bytes());
    }

    fn put_i64(&mut self, value: i64) {
        self.put(&value.to_le_bytes());
    }

    /// At most 255 bytes of a text, after one byte that says how many. What is longer is cut, which
    /// the types of what is put here rule out.
    fn put_text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        self.put_u8(length);
        self.put(bytes.get(..length.into()).unwrap_or(bytes));
    }

    /// A count, and then as many values.
    fn put_all<T>(&mut self, values: &[T], put: impl Fn(&mut Self, &T)) {
        self.put_u32(u32::try_from(values.len()).unwrap_or(u32::MAX));
        for value in values {
            put(self, value);
        }
    }
}

impl Put for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Takes values in the order in which they were put. Bytes that are too few, and texts that are no
/// names, end it: a checksum has told before that the bytes are those that were written, so such
/// bytes were written by another program.
#[derive(Debug)]
pub(crate) struct Take<'a>(pub(crate) &'a [u8]);

impl<'a> Take<'a> {
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(crate) fn key(&mut self) -> Option<[u8; 16]> {
        self.array()
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let length = self.u8()?;
        std::str::from_utf8(self.bytes(length.into())?).ok()
    }

    pub(crate) fn name(&mut self) -> Option<Name> {
        Name::new(self.text()?).ok()
    }

    pub(crate) fn all<T>(
        &mut self,
        most: usize,
        mut take: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = usize::try_from(self.u32()?).ok()?;
        if count > most {
            return None;
        }
        (0..count).map(|_| take(self)).collect()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}
