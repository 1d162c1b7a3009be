//! `wharf store key status`: keys by their ids, and what each has sealed.

use std::process::ExitCode;

use serde_json::{Value, json};
use wharf_secrets::{KeyRole, KnownKey, LoadedKeys};
use wharf_store::{KeyUse, Store};

use super::{places, secrets};
use crate::commands::place::Kept;
use crate::commands::store::runtime;
use crate::output::{self, Format};

/// Keys, and what is sealed with each.
struct Status {
    rows: Vec<Row>,
    /// What is sealed with keys that are not there.
    unknown: Vec<KeyUse>,
}

struct Row {
    key: KnownKey,
    does_seal: bool,
    secrets: u64,
}

impl Row {
    /// Whether nothing is left that needs it.
    fn is_removable(&self) -> bool {
        !self.does_seal && self.secrets == 0
    }
}

pub(super) fn run(kept: &Kept, format: Format) -> anyhow::Result<ExitCode> {
    let status = runtime()?.block_on(async {
        let loaded = places(kept).load().await?;
        anyhow::Ok(Status::new(&loaded, &uses(kept).await?))
    })?;
    if format == Format::Json {
        output::json(&status.json())?;
    } else {
        output::page(&status.text())?;
        if let Some(advice) = status.advice(kept) {
            output::note(&advice);
        }
    }
    Ok(if status.unknown.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How many secrets each key seals. Where there is no state, none is made.
async fn uses(kept: &Kept) -> anyhow::Result<Vec<KeyUse>> {
    if Store::is_absent(&kept.folder) {
        return Ok(Vec::new());
    }
    let store = Store::open(&kept.folder).await?;
    let uses = store.records().sealing_keys().await;
    store.close().await;
    Ok(uses?)
}

impl Status {
    fn new(loaded: &LoadedKeys, uses: &[KeyUse]) -> Self {
        let count = |key: &KnownKey| {
            let found = uses.iter().find(|one| one.key == key.id);
            found.map_or(0, |one| one.secrets)
        };
        let rows = loaded.known.iter().map(|key| Row {
            does_seal: loaded.keyring.sealing_key() == Some(key.id),
            secrets: count(key),
            key: key.clone(),
        });
        let unknown = uses.iter().filter(|one| !loaded.keyring.holds(one.key));
        Self {
            rows: rows.collect(),
            unknown: unknown.copied().collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let does = if row.does_seal { "seals" } else { "opens" };
            let (count, place) = (secrets(row.secrets), &row.key.place);
            let end = match (row.is_removable(), row.key.role) {
                (false, _) => "",
                (true, KeyRole::StateFolder) => "  (nothing needs it: the file may be deleted)",
                (true, _) => "  (nothing needs it: may be taken out of old_keys)",
            };
            text += &format!("{}  {does}  {count:<14}  {place}{end}\n", row.key.id);
        }
        for used in &self.unknown {
            let count = secrets(used.secrets);
            text += &format!("{}  is missing  {count} cannot be opened\n", used.key);
        }
        text
    }

    fn advice(&self, kept: &Kept) -> Option<String> {
        if !self.unknown.is_empty() {
            return Some(
                "Add the missing keys to `old_keys` of `[store]` in wharf.toml. Where a key is lost, \
                 have the vendors give out its secrets anew."
                    .to_owned(),
            );
        }
        let others = self.rows.iter().filter(|row| !row.does_seal);
        let left: u64 = others.map(|row| row.secrets).sum();
        if left > 0 {
            let option = &kept.option;
            return Some(format!(
                "`wharf store key rotate{option}` seals {} with the key that seals.",
                secrets(left)
            ));
        }
        let has_sealing = self.rows.iter().any(|row| row.does_seal);
        (!has_sealing).then(|| {
            format!(
                "No key seals yet: the first secret that is stored makes one in {}. To keep it \
                 elsewhere, make one with `wharf store key new` and name it in `[store]` of \
                 wharf.toml.",
                kept.folder.join(wharf_secrets::KEY_FILE_NAME).display()
            )
        })
    }

    fn json(&self) -> Value {
        let role = |role| match role {
            KeyRole::Key => "key",
            KeyRole::OldKey => "old_key",
            KeyRole::StateFolder => "state_folder",
        };
        let keys = self.rows.iter().map(|row| {
            json!({
                "id": row.key.id.to_string(),
                "place": row.key.place.to_string(),
                "role": role(row.key.role),
                "seals": row.does_seal,
                "secrets": row.secrets,
                "removable": row.is_removable(),
            })
        });
        let missing = self
            .unknown
            .iter()
            .map(|used| json!({ "id": used.key.to_string(), "secrets": used.secrets }));
        json!({
            "version": 1,
            "keys": keys.collect::<Vec<_>>(),
            "missing": missing.collect::<Vec<_>>(),
        })
    }
}
