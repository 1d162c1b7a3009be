//! The phases of a call, with the names that code, metrics, traces and documentation share.

/// One phase of the life of a call, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Who calls?
    Identify,
    /// Which integration, environment and operation is meant?
    Match,
    /// With which credential?
    Authorise,
    /// Send it, and wait for the head of the answer.
    Dispatch,
    /// Whose fault is the outcome, and what does the document say about it?
    Classify,
    /// Try again, wait, or give up.
    Recover,
    /// Count it.
    Meter,
    /// Answer the caller.
    Reply,
}

impl Phase {
    /// How many phases there are.
    pub const COUNT: usize = 8;

    /// All phases in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Identify,
        Self::Match,
        Self::Authorise,
        Self::Dispatch,
        Self::Classify,
        Self::Recover,
        Self::Meter,
        Self::Reply,
    ];

    /// The lower-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Match => "match",
            Self::Authorise => "authorise",
            Self::Dispatch => "dispatch",
            Self::Classify => "classify",
            Self::Recover => "recover",
            Self::Meter => "meter",
            Self::Reply => "reply",
        }
    }
}
