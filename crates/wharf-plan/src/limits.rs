//! Where a vendor's answers tell about its limits, ready to be looked at.

use http::HeaderName;
use wharf_document::model::{LimitHeader, LimitMeaning, LimitSource};
use wharf_policy::limit::{Meaning, Reset};

/// The `Limit headers` part of a document, as far as it decides waits and retries.
#[derive(Clone, Debug, Default)]
pub struct VendorLimits {
    /// Headers.
    pub headers: Vec<VendorSign<HeaderName>>,
    /// JSON pointers into the body of an error.
    pub fields: Vec<VendorSign<String>>,
}

/// One place in an answer, and what its value means.
#[derive(Clone, Debug)]
pub struct VendorSign<Place> {
    /// Where the value stands.
    pub place: Place,
    /// Equal for values of one quota.
    pub quota: usize,
    /// What the value means.
    pub meaning: Meaning,
}

impl VendorLimits {
    pub(crate) fn new(headers: &[LimitHeader]) -> Self {
        let mut limits = Self::default();
        let mut quotas: Vec<&str> = Vec::new();
        for header in headers {
            let name = header.group.as_ref();
            let name = name.map_or("", |group| group.value.as_str());
            let known = quotas.iter().position(|quota| *quota == name);
            let quota = known.unwrap_or_else(|| {
                quotas.push(name);
                quotas.len() - 1
            });
            let Some(meaning) = meaning(header.meaning.value) else {
                continue;
            };
            match &header.source.value {
                LimitSource::Header(name) => {
                    if let Ok(place) = HeaderName::from_bytes(name.as_bytes()) {
                        limits.headers.push(VendorSign {
                            place,
                            quota,
                            meaning,
                        });
                    }
                }
                LimitSource::Pointer(pointer) => limits.fields.push(VendorSign {
                    place: pointer.clone(),
                    quota,
                    meaning,
                }),
            }
        }
        limits
    }

    /// Whether the document names any place that decides waits or retries.
    pub fn tells_something(&self) -> bool {
        !(self.headers.is_empty() && self.fields.is_empty())
    }
}

/// `None` for what decides no wait.
const fn meaning(meaning: LimitMeaning) -> Option<Meaning> {
    Some(match meaning {
        LimitMeaning::Limit => Meaning::Limit,
        LimitMeaning::Remaining => Meaning::Remaining,
        LimitMeaning::Used => Meaning::Used,
        LimitMeaning::UsedOfLimit => Meaning::UsedOfLimit,
        LimitMeaning::ResetEpochSeconds => Meaning::Reset(Reset::EpochSeconds),
        LimitMeaning::ResetEpochMilliseconds => Meaning::Reset(Reset::EpochMilliseconds),
        LimitMeaning::ResetSeconds => Meaning::Reset(Reset::Seconds),
        LimitMeaning::ResetMilliseconds => Meaning::Reset(Reset::Milliseconds),
        LimitMeaning::ResetDuration => Meaning::Reset(Reset::Duration),
        LimitMeaning::ResetDate => Meaning::Reset(Reset::Date),
        LimitMeaning::RetryAfterMilliseconds => Meaning::RetryAfterMilliseconds,
        LimitMeaning::ShouldRetry => Meaning::ShouldRetry,
        LimitMeaning::ConcurrentRemaining
        | LimitMeaning::Period
        | LimitMeaning::Name
        | LimitMeaning::Policy => return None,
    })
}
