//! Tokens that are made from another credential: for the keeper, one more place.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use crate::credential::Credential;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::keeper::Kept;
use crate::mint::{self, Again, MintError, Minted, Recipe};
use crate::stores::{Fetched, Fetching, Identity, Life, Place, Sign};

/// Where tokens of one recipe come from.
pub(crate) struct Made {
    source: Kept,
    recipe: Recipe,
    identity: Identity,
    exchange: Arc<dyn Exchange>,
}

impl Made {
    /// Tokens that are made of `source`, which is of a place with this identity.
    pub(crate) fn new(
        source: Kept,
        of: Identity,
        recipe: Recipe,
        exchange: Arc<dyn Exchange>,
    ) -> Self {
        let mut names = of.names;
        names.push(of.location.to_owned());
        // It holds no secret, and is another text for another recipe.
        names.push(format!("{recipe:?}"));
        Self {
            source,
            recipe,
            identity: Identity::new("MADE", names),
            exchange,
        }
    }

    async fn source(&self) -> Result<Arc<Credential>, Error> {
        let mut held = self.source.get();
        if held.credential.is_none() {
            held = self.source.renewed().await;
        }
        held.credential.clone().ok_or_else(|| Error::NoSource {
            problem: held.problem.clone().unwrap_or_default(),
        })
    }

    async fn make(&self) -> Result<Fetched, Error> {
        if self.recipe.uses_refresh_token() {
            return Err(Error::RefreshTokens);
        }
        let credential = self.source().await?;
        let outcome = match self.mint(&credential).await {
            Err(error) if error.again() == Again::WhenChanged => {
                // Who refuses it may know a newer one, and so may the store.
                let newer = self.source.refresh().await.credential.clone();
                match newer.filter(|newer| *newer != credential) {
                    Some(newer) => self.mint(&newer).await,
                    None => Err(error),
                }
            }
            outcome => outcome,
        };
        outcome.map_err(Error::NotMade)
    }

    async fn mint(&self, credential: &Credential) -> Result<Fetched, MintError> {
        let (now, started) = (Timestamp::now(), Instant::now());
        let minted = self.recipe.mint(credential, &*self.exchange, now).await?;
        Ok(Fetched {
            life: life(&minted, now, started),
            credential: minted.fields,
            version: None,
        })
    }
}

/// Times of a token on the clock that does not jump.
fn life(minted: &Minted, now: Timestamp, started: Instant) -> Option<Life> {
    let end = minted.valid_until?;
    let on_clock = |at: Timestamp| {
        let since = now.until(at).ok()?;
        started.checked_add(since.try_into().unwrap_or_default())
    };
    let renew_at = mint::refresh_at(now, end, fastrand::f64());
    Some(Life {
        renew_at: on_clock(renew_at)?,
        end: on_clock(mint::usable_until(now, end))?,
    })
}

impl Place for Made {
    fn identity(&self) -> Identity {
        self.identity.clone()
    }

    fn describe(&self) -> String {
        match self.recipe.endpoint() {
            Some(endpoint) => format!("made at {endpoint}"),
            None => "made here".to_owned(),
        }
    }

    /// Another credential makes another token: the old one would outlive a rotation.
    fn stamp(&self) -> Option<Sign> {
        Some(Sign::Source(self.source.value_version()))
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn has_versions(&self) -> bool {
        false
    }

    fn fetch<'a>(&'a self, _: &'a [String]) -> Fetching<'a> {
        Box::pin(self.make())
    }
}
