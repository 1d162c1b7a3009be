//! Whose fault an outcome is.

/// The party that has to act on an outcome that is not a success.
///
/// Only [`Fault::Vendor`] and [`Fault::Network`] say something about the vendor's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// The request was wrong or was given up by the caller.
    Caller,
    /// The credential was refused, missing or could not be read.
    Credential,
    /// A limit of the vendor or of ours was reached.
    Quota,
    /// The vendor answered, and the answer is a failure, is not valid or broke off; or it was silent.
    Vendor,
    /// The vendor could not be reached, or the connection broke before an answer came.
    Network,
    /// We failed, or we were told to refuse.
    Wharf,
}

impl Fault {
    /// All faults, in the order of their declaration.
    pub const ALL: [Self; 6] = [
        Self::Caller,
        Self::Credential,
        Self::Quota,
        Self::Vendor,
        Self::Network,
        Self::Wharf,
    ];

    /// The lower-case word used in metrics, traces and problem documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Credential => "credential",
            Self::Quota => "quota",
            Self::Vendor => "vendor",
            Self::Network => "network",
            Self::Wharf => "wharf",
        }
    }

    /// The fault behind a status the vendor answered with; `None` for a success or redirect.
    ///
    /// 408 and 425 are read as the vendor's: it gave up waiting, or asks to send again.
    pub const fn of_status(status: u16) -> Option<Self> {
        match status {
            0..400 => None,
            401 | 407 => Some(Self::Credential),
            429 => Some(Self::Quota),
            408 | 425 | 500.. => Some(Self::Vendor),
            400..500 => Some(Self::Caller),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn statuses_have_one_fault_each() {
        let cases = [
            (200, None),
            (304, None),
            (400, Some(Fault::Caller)),
            (401, Some(Fault::Credential)),
            (403, Some(Fault::Caller)),
            (408, Some(Fault::Vendor)),
            (429, Some(Fault::Quota)),
            (500, Some(Fault::Vendor)),
            (599, Some(Fault::Vendor)),
        ];
        for (status, fault) in cases {
            assert_eq!(Fault::of_status(status), fault, "{status}");
        }
    }
}
