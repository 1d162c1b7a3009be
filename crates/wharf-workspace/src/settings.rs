//! `wharf.toml`: what belongs to the installation and not to a service. This is its one reader.
//!
//! Commands and editors read the same text by the same rules, and say the same about it.

mod aws;
mod check;
mod error;
mod exclude;
mod handlers;
mod kept;
mod listen;
mod referred;
mod secretless;
mod store;
mod vault;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use wharf_document::model::handler_name;

use error::{Mistake, refuse};

pub use aws::Aws;
pub use check::CheckRules;
pub use error::{Error, Reason};
pub use handlers::{Handler, Handlers, SecretPlace};
pub use kept::Kept;
pub use listen::is_one_place;
pub use referred::Referred;
pub use store::{KEY_COUNT_LIMIT, StoreKeys};
pub use vault::{Vault, VaultLogin};

/// The file's name, at the root of a workspace.
pub const FILE_NAME: &str = "wharf.toml";

/// A file of all keys with their defaults as comments: what `wharf init` writes.
///
/// A line that starts with `#` and no space behind it is a key.
pub const EXAMPLE: &str = include_str!("settings.toml");

/// Connections that `max_connections` may ask for: what a listener can count.
pub const MOST_CONNECTIONS: usize = 1 << 20;

/// Seconds that a drain may last: a day. Whoever waits longer for its end waits for none.
const MOST_DRAIN_SECONDS: u64 = 86_400;

/// Words for what nothing obeys yet: `[listen] webhooks`, and `[handlers]`.
const NOT_IN_FORCE: [&str; 2] = ["the address for webhooks", "handlers"];

/// Settings of one installation. Every key is optional.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    listen: Listen,
    gateway: Gateway,
    state: State,
    secrets: Secrets,
    /// The keys in it are read by [`store::read`].
    #[serde(deserialize_with = "kept::read")]
    store: kept::Table,
    #[serde(skip)]
    store_keys: StoreKeys,
    #[serde(skip)]
    vault: Vault,
    #[serde(skip)]
    aws: Aws,
    check: check::Table,
    /// Read by [`handlers::read`].
    #[serde(rename = "handlers")]
    _handlers: IgnoredAny,
    #[serde(skip)]
    handlers: Option<Handlers>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Listen {
    /// Address of the data plane.
    #[serde(deserialize_with = "listen::address")]
    data: Option<SocketAddr>,
    /// Address of the control plane.
    #[serde(deserialize_with = "listen::address")]
    control: Option<SocketAddr>,
    /// Address that serves webhooks and nothing else.
    #[serde(deserialize_with = "listen::address")]
    webhooks: Option<SocketAddr>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Gateway {
    #[serde(deserialize_with = "threads")]
    workers: Option<NonZeroUsize>,
    #[serde(deserialize_with = "connections")]
    max_connections: Option<NonZeroUsize>,
    #[serde(deserialize_with = "seconds")]
    drain_timeout_seconds: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct State {
    /// Relative paths start at the workspace.
    folder: Option<PathBuf>,
}

/// Reads `max_connections`. More than what a listener can count is a mistake, not a wish.
fn connections<'de, D: Deserializer<'de>>(source: D) -> Result<Option<NonZeroUsize>, D::Error> {
    counted(source, "max_connections", MOST_CONNECTIONS)
}

/// Reads `drain_timeout_seconds`.
fn seconds<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    // What no number of TOML can hold is told in the same words.
    let written = toml::Value::deserialize(source).ok();
    let asked = written.and_then(|written| written.as_integer());
    asked
        .and_then(|asked| u64::try_from(asked).ok())
        .filter(|asked| *asked <= MOST_DRAIN_SECONDS)
        .map(Some)
        .ok_or_else(|| {
            D::Error::custom(format!(
                "drain_timeout_seconds is a number of seconds from 0 to {MOST_DRAIN_SECONDS}, a day"
            ))
        })
}

/// Threads that may serve calls. Each holds open files of its own from the start.
const MOST_WORKERS: usize = 1_024;

/// Reads `workers`.
fn threads<'de, D: Deserializer<'de>>(source: D) -> Result<Option<NonZeroUsize>, D::Error> {
    counted(source, "workers", MOST_WORKERS)
}

/// Reads a number from 1 to `most`.
fn counted<'de, D: Deserializer<'de>>(
    source: D,
    key: &str,
    most: usize,
) -> Result<Option<NonZeroUsize>, D::Error> {
    let written = toml::Value::deserialize(source).ok();
    let asked = written.and_then(|written| written.as_integer());
    let asked = asked.and_then(|asked| usize::try_from(asked).ok());
    let asked = asked.and_then(NonZeroUsize::new);
    match asked.filter(|asked| asked.get() <= most) {
        Some(asked) => Ok(Some(asked)),
        None => Err(D::Error::custom(format!(
            "{key} is a number from 1 to {most}"
        ))),
    }
}

/// Reads `--workers`, which stands for the setting. The error says what may be given.
pub fn workers_argument(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|asked: &NonZeroUsize| asked.get() <= MOST_WORKERS)
        .ok_or_else(|| format!("give a number from 1 to {MOST_WORKERS}"))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Secrets {
    /// Folders that credential files may come from besides the workspace.
    folders: Option<Vec<String>>,
    /// Read by [`vault::read`].
    #[serde(rename = "vault")]
    _vault: IgnoredAny,
    /// Read by [`aws::read`].
    #[serde(rename = "aws")]
    _aws: IgnoredAny,
}

impl Settings {
    /// Reads the text of the file `path`, which is only named in what is said. How much findings
    /// matter is judged by [`CheckRules`], so that only who checks documents minds.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let mut mistakes = Vec::new();
        let settings = Self::read(text, path, &mut mistakes)?;
        refuse(mistakes, text, path)?;
        Ok(settings)
    }

    /// Reads a text. What is wrong with a value that has its place is a mistake; all others end
    /// the reading.
    fn read(text: &str, path: &Path, mistakes: &mut Vec<Mistake>) -> Result<Self, Error> {
        let read: Result<Self, toml::de::Error> = toml::from_str(text);
        let mut settings = read.map_err(|error| Error::Invalid {
            path: path.to_owned(),
            source: Reason::new(secretless::error(error, text)),
        })?;
        settings.handlers = handlers::read(text, mistakes);
        settings.store_keys = store::read(text, mistakes);
        settings.vault = vault::read(text, mistakes);
        settings.aws = aws::read(text, mistakes);
        listen::find(text, &settings, mistakes);
        secretless::find(text, mistakes);
        Ok(settings)
    }

    /// Where applications connect. Default `127.0.0.1:7070`.
    pub fn data_address(&self) -> SocketAddr {
        self.listen
            .data
            .unwrap_or_else(|| ([127, 0, 0, 1], 7070).into())
    }

    /// Where people and monitoring connect. Default `127.0.0.1:7071`.
    pub fn control_address(&self) -> SocketAddr {
        self.listen
            .control
            .unwrap_or_else(|| ([127, 0, 0, 1], 7071).into())
    }

    /// The addresses of the data plane and of the control plane, where the file has them.
    pub const fn written_addresses(&self) -> [Option<SocketAddr>; 2] {
        [self.listen.data, self.listen.control]
    }

    /// Where webhooks are to be served, and nothing else; nothing listens there yet. `None`: the file
    /// names no address.
    pub fn webhook_address(&self) -> Option<SocketAddr> {
        self.listen.webhooks
    }

    /// Who takes webhooks. `None`: there is no such table.
    pub fn handlers(&self) -> Option<&Handlers> {
        self.handlers.as_ref()
    }

    /// The handler of a name, with or without its brackets.
    pub fn handler(&self, name: &str) -> Option<&Handler> {
        let mut known = self.handlers()?.iter();
        let found = known.find(|(known, _)| handler_name(known) == handler_name(name));
        found.map(|(_, handler)| handler)
    }

    /// What the file says that is read and checked, and that nothing obeys yet, in words. Whoever
    /// makes a part run takes it out of here.
    pub fn not_in_force(&self) -> Vec<&'static str> {
        let has_handlers = self.handlers().is_some_and(|handlers| !handlers.is_empty());
        let said = [self.webhook_address().is_some(), has_handlers];
        let said = said.into_iter().zip(NOT_IN_FORCE);
        said.filter_map(|(is_said, words)| is_said.then_some(words))
            .collect()
    }

    /// Threads that serve calls. `None`: one per processor.
    pub fn workers(&self) -> Option<NonZeroUsize> {
        self.gateway.workers
    }

    /// Connections from callers at the same time. Default 4,096.
    pub fn max_connections(&self) -> usize {
        self.gateway
            .max_connections
            .map_or(4_096, NonZeroUsize::get)
    }

    /// How long calls under way may go on after a signal to stop. Default 30 s.
    pub fn drain_timeout(&self) -> Duration {
        Duration::from_secs(self.gateway.drain_timeout_seconds.unwrap_or(30))
    }

    /// Folders that credential files may come from besides the workspace; relative ones start
    /// there. `None`: from everywhere.
    pub fn secret_folders(&self) -> Option<&[String]> {
        self.secrets.folders.as_deref()
    }

    /// Where Vault is, and how Wharf proves itself there.
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Where AWS Secrets Manager is, and whose keys open it.
    pub const fn aws(&self) -> &Aws {
        &self.aws
    }

    /// Where the keys are that seal and open stored secrets. Default: none is named, and the state
    /// folder has one.
    pub fn store_keys(&self) -> &StoreKeys {
        &self.store_keys
    }

    /// How long and how much is kept of events. Default: 30 days, 10 GiB. The keys by which an event
    /// that comes twice is told are kept for four days whatever this is.
    pub fn events_kept(&self) -> Kept {
        self.store.events()
    }

    /// How long and how much is kept of the call log. Default: 30 days, 1 GiB.
    pub fn calls_kept(&self) -> Kept {
        self.store.calls()
    }

    /// Where state is kept. Default: `.wharf` in the workspace.
    pub fn state_folder(&self, root: &Path) -> PathBuf {
        root.join(
            self.state
                .folder
                .as_deref()
                .unwrap_or_else(|| Path::new(".wharf")),
        )
    }
}

#[cfg(test)]
mod tests;
