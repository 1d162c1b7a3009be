//! What a step does outside, and the key by which whoever does it does it once.

use std::fmt;

use crate::bounded::Name;

/// Which run of a procedure: 16 bytes that no other run has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId([u8; 16]);

impl RunId {
    /// The id of these bytes, which should be random ones.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, to keep them.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for RunId {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunId({self})")
    }
}

/// Whether steps are done, or taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// They are done, the first one first.
    Forward,
    /// They are taken back, the last one first.
    Back,
}

impl Way {
    /// The lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Back => "back",
        }
    }
}

/// What makes an effect the same one: `RUN/STEP`, or `RUN/STEP/back` where the step is taken back.
///
/// The same at each attempt and after a restart, and of no other effect. At most 102 bytes of
/// letters, digits and `-_./`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EffectKey(String);

impl EffectKey {
    pub(super) fn of(run: RunId, step: &Name, way: Way) -> Self {
        Self(match way {
            Way::Forward => format!("{run}/{step}"),
            Way::Back => format!("{run}/{step}/back"),
        })
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something to do outside, once by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The step, which its kind knows.
    pub step: Name,
    /// Whether it is to be done or taken back.
    pub way: Way,
    /// By what it is done once.
    pub key: EffectKey,
    /// Which attempt it is, from 1.
    pub attempt: u32,
}
