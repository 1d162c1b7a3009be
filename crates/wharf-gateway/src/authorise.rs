//! Phase 5: with which credential?

use std::sync::Arc;

use crate::call::Call;
use crate::credential::CredentialState;
use crate::hop::Hop;
use crate::phase::Phase;
use crate::problem::Problem;
use crate::trace::Clock;

/// Phase 5: the request of one attempt, and the credential that it carries.
pub(crate) async fn phase(
    call: &mut Call,
    clock: &mut Clock<'_>,
) -> Result<(Arc<CredentialState>, Hop), Problem> {
    let credential = call.target.environment.credential.usable().await;
    call.used = Some(Arc::clone(&credential));
    let hop = Hop::new(&call.inbound, &call.target, &credential);
    clock.done(Phase::Authorise, || {
        let problem = hop.as_ref().err();
        let why = problem.map_or_else(String::new, |problem| problem.detail.clone());
        (credential.describe(), why)
    });
    Ok((credential, hop?))
}
