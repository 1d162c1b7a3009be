//! `wharf store key rotate`: what other keys sealed is sealed with the one that seals.
//!
//! Each transaction takes a piece of the secrets, in order of their names, and changes those that
//! are as they were read. So whatever ends the program leaves each secret under one key or the
//! other, and the next run takes up what is left.

use std::process::ExitCode;

use serde_json::json;
use wharf_policy::sealed::{KeyId, SecretName};
use wharf_secrets::{Keyring, ResealError};
use wharf_store::{Records, Resealed, Store};

use super::{places, secrets};
use crate::commands::place::Kept;
use crate::commands::store::runtime;
use crate::control::at_the_files;
use crate::output::{self, Format};

/// Times that all secrets are looked through. More than one where others put secrets meanwhile.
const PASS_LIMIT: usize = 8;

/// Secrets that cannot be opened of which each is named.
const NAMED_LIMIT: usize = 20;

/// What came of it.
#[derive(Default)]
struct Outcome {
    resealed: u64,
    /// Secrets that no key opens.
    unopened: u64,
    /// Why, of the first ones.
    named: Vec<String>,
    /// Secrets that somebody sealed with another key while this ran.
    left: u64,
}

pub(super) fn run(kept: &Kept, format: Format) -> anyhow::Result<ExitCode> {
    if Store::is_absent(&kept.folder) {
        // Whoever looks for secrets makes nothing, but a key that cannot be used is told.
        let loaded = runtime()?.block_on(places(kept).load())?;
        tell(loaded.keyring.sealing_key(), &Outcome::default(), format)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (key, outcome) = runtime()?.block_on(async {
        let store = Store::open(&kept.folder).await?;
        let done = rotate(kept, &store.records().by(at_the_files())).await;
        store.close().await;
        done
    })?;
    tell(key, &outcome, format)?;
    Ok(if outcome.unopened + outcome.left == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn rotate(kept: &Kept, records: &Records) -> anyhow::Result<(Option<KeyId>, Outcome)> {
    let used = records.sealing_keys().await?;
    let places = places(kept);
    let loaded = if used.is_empty() {
        places.load().await?
    } else {
        let used: Vec<_> = used.iter().map(|used| used.key).collect();
        places.load_or_make(&used).await?
    };
    let key = loaded.keyring.sealing_key();
    let mut outcome = Outcome::default();
    if let Some(key) = key {
        for _ in 0..PASS_LIMIT {
            let pass = pass(records, &loaded.keyring, key).await?;
            outcome = Outcome {
                resealed: outcome.resealed + pass.resealed,
                ..pass
            };
            if outcome.left == 0 {
                break;
            }
        }
    }
    Ok((key, outcome))
}

/// Goes through all secrets once.
async fn pass(records: &Records, keyring: &Keyring, key: KeyId) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut after: Option<SecretName> = None;
    loop {
        let found = records.not_sealed_with(key, after.as_ref()).await?;
        let Some(last) = found.last() else {
            return Ok(outcome);
        };
        after = Some(last.name.clone());
        let mut resealed = Vec::with_capacity(found.len());
        for before in found {
            match keyring.reseal(&before.name, before.version, &before.sealed) {
                Ok(Some(after)) => resealed.push(Resealed { before, after }),
                Ok(None) => {}
                Err(ResealError::Open(error)) => {
                    outcome.unopened += 1;
                    if outcome.named.len() < NAMED_LIMIT {
                        outcome.named.push(error.to_string());
                    }
                }
                Err(ResealError::Seal(error)) => return Err(error.into()),
            }
        }
        let wanted = resealed.len() as u64;
        let changed = if resealed.is_empty() {
            0
        } else {
            records.reseal(resealed).await?
        };
        outcome.resealed += changed;
        outcome.left += wanted - changed;
    }
}

fn tell(key: Option<KeyId>, outcome: &Outcome, format: Format) -> anyhow::Result<()> {
    let Outcome {
        resealed,
        unopened,
        left,
        ..
    } = *outcome;
    for error in &outcome.named {
        output::note(&format!("error: {error}"));
    }
    if format == Format::Json {
        output::json(&json!({
            "version": 1,
            "key": key.map(|key| key.to_string()),
            "resealed": resealed,
            "unopened": unopened,
            "left": left,
        }))?;
        return Ok(());
    }
    match key {
        Some(key) => output::note(&format!(
            "{} sealed with key {key}.",
            match resealed {
                1 => "1 secret was".to_owned(),
                count => format!("{count} secrets were"),
            }
        )),
        None => output::note("No secret is stored, and there is no key yet."),
    }
    if unopened > 0 {
        output::note(&format!(
            "{} cannot be opened and stay as they are; `wharf store key status` tells which keys \
             are missing.",
            secrets(unopened)
        ));
    }
    if left > 0 {
        output::note(&format!(
            "{} were put meanwhile with another key; start every `wharf up` with the new key, and \
             run this again.",
            secrets(left)
        ));
    }
    Ok(())
}
