//! Why a request of the client is not answered.

/// Why a request is not answered, with the protocol's code.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) const PARSE_ERROR: i64 = -32_700;
    pub(crate) const INVALID_REQUEST: i64 = -32_600;
    pub(crate) const METHOD_NOT_FOUND: i64 = -32_601;
    pub(crate) const INVALID_PARAMS: i64 = -32_602;
    pub(crate) const NOT_INITIALIZED: i64 = -32_002;
    pub(crate) const CANCELLED: i64 = -32_800;
    pub(crate) const FAILED: i64 = -32_803;

    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The request is understood and cannot be done.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Self::FAILED, message)
    }
}
