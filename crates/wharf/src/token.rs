//! Tokens for callers, from the random numbers of the operating system.

use secrecy::zeroize::Zeroizing;
use wharf_policy::caller::CallerToken;

/// A token that nobody else has. It fails where the system gives no random numbers.
pub(crate) fn random() -> Result<CallerToken, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; CallerToken::RANDOM_BYTES]);
    getrandom::fill(bytes.as_mut())?;
    Ok(CallerToken::from_random(&bytes))
}
