//! The state folder of a start: where it is, who has it, and the callers in it.

use std::path::{Path, PathBuf};

use wharf_store::{DATABASE_HOLDS, Store};

use super::Options;
use crate::installation::Installation;
use crate::reload::accept::{Desk, Refused};

/// Where state is kept.
pub(crate) fn state_folder(options: &Options, installation: &Installation) -> PathBuf {
    let by_settings = || installation.settings.state_folder(installation.root());
    options.state.clone().unwrap_or_else(by_settings)
}

/// The place in the state folder that one process at a time can have. `None`: there is no such
/// folder yet, a simulation needs none, or the system gives none, which the watch tells.
pub(super) fn place_in(state: &Path, options: &Options) -> Result<Option<Desk>, Refused> {
    if options.simulate || !state.is_dir() {
        return Ok(None);
    }
    match Desk::take(state) {
        Ok(desk) => Ok(Some(desk)),
        Err(Refused::Failed(_)) => Ok(None),
        Err(refused) => Err(refused),
    }
}

/// State on disk; for a simulation only where it exists already, since nothing is to be kept.
pub(super) async fn open_store(
    options: &Options,
    installation: &Installation,
    folder: &Path,
) -> anyhow::Result<Option<Store>> {
    if options.simulate && !(installation.root.is_some() && folder.is_dir()) {
        return Ok(None);
    }
    if Store::is_absent(folder) && wharf_store::has_events(folder) {
        // A new one is made all the same: that is how somebody goes on who has no backup.
        tracing::error!(
            "state folder {} holds events but no database: {DATABASE_HOLDS} are gone, and a new \
             database begins without them; to have them back, stop wharf and restore a backup \
             (docs/store.md)",
            folder.display()
        );
    }
    Ok(Some(Store::open(folder).await?))
}
