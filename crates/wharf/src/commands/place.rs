//! Where the state is that a command is about: `--dir` and `--state`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use wharf_workspace::settings::Settings;

use crate::installation;
use crate::settings;
use crate::shell;

/// Which state a command is about: its two options.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The workspace [default: the current folder, where it has a wharf.toml, a document or state].
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Where state is kept [default: as in wharf.toml, else .wharf in the workspace].
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// A store and the settings that go with it.
pub(crate) struct Kept {
    /// Where relative paths of the settings start.
    pub(crate) root: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) folder: PathBuf,
    /// What a command needs to find the same state, with a space before it.
    pub(crate) option: String,
}

impl Place {
    /// The store that was meant. Reads the settings of the workspace, and nothing of the state.
    pub(crate) fn find(&self) -> anyhow::Result<Kept> {
        let option = self.option();
        let root = self.dir.clone().or_else(installation::at_hand);
        let (root, settings) = match (root, &self.state) {
            (Some(root), _) => {
                anyhow::ensure!(
                    root.is_dir(),
                    "{} is not a folder; give the workspace with --dir",
                    root.display()
                );
                let settings = settings::load(&root)?;
                (root, settings)
            }
            (None, Some(_)) => (PathBuf::from("."), Settings::default()),
            (None, None) => anyhow::bail!(installation::NONE_AT_HAND),
        };
        let folder = match &self.state {
            Some(folder) => folder.clone(),
            None => settings.state_folder(&root),
        };
        Ok(Kept {
            root,
            settings,
            folder,
            option,
        })
    }

    /// The folder the state is in: the option's, else the one of the workspace's settings, which
    /// are read for it alone.
    pub(crate) fn folder(&self) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.state {
            return Ok(folder.clone());
        }
        let root = self.dir.clone().or_else(installation::at_hand);
        let root = root.context(installation::NONE_AT_HAND)?;
        anyhow::ensure!(
            root.is_dir(),
            "{} is not a folder; give the workspace with --dir",
            root.display()
        );
        Ok(settings::load(&root)?.state_folder(&root))
    }

    /// What another command needs to find the same state, with a space before it.
    pub(crate) fn option(&self) -> String {
        shell::state_argument(self.dir.as_deref(), self.state.as_deref())
    }
}
