//! `wharf.toml`: what belongs to the installation and not to a service.

mod check;
mod exclude;
mod handlers;
mod secretless;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use wharf_document::model::handler_name;

pub(crate) use check::CheckRules;
pub(crate) use handlers::{Handler, Handlers};

/// The file's name, at the root of a workspace.
pub(crate) const FILE_NAME: &str = "wharf.toml";

/// A file of all keys with their defaults as comments: what `wharf init` writes.
///
/// A line that starts with `#` and no space behind it is a key.
pub(crate) const EXAMPLE: &str = include_str!("settings.toml");

/// Words for what nothing obeys yet: `[listen] webhooks`, and `[handlers]`.
const NOT_IN_FORCE: [&str; 2] = ["the address for webhooks", "handlers"];

/// Settings of one installation. Every key is optional.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    listen: Listen,
    gateway: Gateway,
    state: State,
    secrets: Secrets,
    check: check::Table,
    /// Read by [`handlers::read`].
    #[serde(rename = "handlers")]
    _handlers: IgnoredAny,
    #[serde(skip)]
    handlers: Option<Handlers>,
}

/// Where something is wrong, as an offset in the file, and what.
type Mistake = (usize, String);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Listen {
    /// Address of the data plane.
    data: Option<SocketAddr>,
    /// Address of the control plane.
    control: Option<SocketAddr>,
    /// Address that serves webhooks and nothing else.
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
    let most = wharf_net::serve::MOST_CONNECTIONS;
    counted(source, "max_connections", most)
}

/// Reads `drain_timeout_seconds`.
fn seconds<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    let written = toml::Value::deserialize(source)?;
    let asked = written.as_integer();
    asked
        .and_then(|asked| u64::try_from(asked).ok())
        .map(Some)
        .ok_or_else(|| D::Error::custom("drain_timeout_seconds is a number of seconds, 0 or more"))
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
    let written = toml::Value::deserialize(source)?;
    let asked = written.as_integer();
    let asked = asked.and_then(|asked| usize::try_from(asked).ok());
    let asked = asked.and_then(NonZeroUsize::new);
    match asked.filter(|asked| asked.get() <= most) {
        Some(asked) => Ok(Some(asked)),
        None => Err(D::Error::custom(format!(
            "{key} is a number from 1 to {most}"
        ))),
    }
}

/// Reads `--workers`, which stands for the setting.
pub(crate) fn workers_argument(text: &str) -> Result<NonZeroUsize, String> {
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
}

impl Settings {
    /// Reads the settings of a workspace; without a file, all defaults hold.
    pub(crate) fn load(root: &Path) -> anyhow::Result<Self> {
        let path = root.join(FILE_NAME);
        match text_of(&path)? {
            Some(text) => Self::parse(&text, &path),
            None => Ok(Self::default()),
        }
    }

    fn parse(text: &str, path: &Path) -> anyhow::Result<Self> {
        let mut mistakes = Vec::new();
        let settings = Self::read(text, path, &mut mistakes)?;
        refuse(mistakes, text, path)?;
        Ok(settings)
    }

    /// Reads a text. What is wrong with a value that has its place is a mistake; all others end
    /// the reading.
    fn read(text: &str, path: &Path, mistakes: &mut Vec<Mistake>) -> anyhow::Result<Self> {
        let read: Result<Self, toml::de::Error> = toml::from_str(text);
        let mut settings = read
            .map_err(|error| anyhow::anyhow!(secretless::error(error, text)))
            .with_context(|| format!("{} is not valid", path.display()))?;
        settings.handlers = handlers::read(text, mistakes);
        secretless::find(text, mistakes);
        Ok(settings)
    }

    /// Where applications connect. Default `127.0.0.1:7070`.
    pub(crate) fn data_address(&self) -> SocketAddr {
        self.listen
            .data
            .unwrap_or_else(|| ([127, 0, 0, 1], 7070).into())
    }

    /// Where people and monitoring connect. Default `127.0.0.1:7071`.
    pub(crate) fn control_address(&self) -> SocketAddr {
        self.listen
            .control
            .unwrap_or_else(|| ([127, 0, 0, 1], 7071).into())
    }

    /// Where webhooks will be served, and nothing else. `None`: on the data plane.
    pub(crate) fn webhook_address(&self) -> Option<SocketAddr> {
        self.listen.webhooks
    }

    /// Who takes webhooks. `None`: there is no such table.
    pub(crate) fn handlers(&self) -> Option<&Handlers> {
        self.handlers.as_ref()
    }

    /// The handler of a name, with or without its brackets.
    pub(crate) fn handler(&self, name: &str) -> Option<&Handler> {
        let mut known = self.handlers()?.iter();
        let found = known.find(|(known, _)| handler_name(known) == handler_name(name));
        found.map(|(_, handler)| handler)
    }

    /// What the file says that is read and checked, and that nothing obeys yet, in words. Whoever
    /// makes a part run takes it out of here.
    pub(crate) fn not_in_force(&self) -> Vec<&'static str> {
        let has_handlers = self.handlers().is_some_and(|handlers| !handlers.is_empty());
        let said = [self.webhook_address().is_some(), has_handlers];
        let said = said.into_iter().zip(NOT_IN_FORCE);
        said.filter_map(|(is_said, words)| is_said.then_some(words))
            .collect()
    }

    /// Threads that serve calls. Default: one per processor.
    pub(crate) fn workers(&self) -> usize {
        self.gateway
            .workers
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
    }

    /// Connections from callers at the same time. Default 4,096.
    pub(crate) fn max_connections(&self) -> usize {
        self.gateway
            .max_connections
            .map_or(4_096, NonZeroUsize::get)
    }

    /// How long calls under way may go on after a signal to stop. Default 30 s.
    pub(crate) fn drain_timeout(&self) -> Duration {
        Duration::from_secs(self.gateway.drain_timeout_seconds.unwrap_or(30))
    }

    /// Folders that credential files may come from besides the workspace; relative ones start
    /// there. `None`: from everywhere.
    pub(crate) fn secret_folders(&self) -> Option<&[String]> {
        self.secrets.folders.as_deref()
    }

    /// Where state is kept. Default: `.wharf` in the workspace.
    pub(crate) fn state_folder(&self, root: &Path) -> PathBuf {
        root.join(
            self.state
                .folder
                .as_deref()
                .unwrap_or_else(|| Path::new(".wharf")),
        )
    }
}

/// The text of the file; `None` where there is none. What stands in its place and is no file, and
/// what is no text, is an error.
fn text_of(path: &Path) -> anyhow::Result<Option<String>> {
    use std::io::ErrorKind;

    let error = match crate::read::open(path).and_then(std::io::read_to_string) {
        Ok(text) => return Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => error,
    };
    let remedy = match error.kind() {
        ErrorKind::InvalidData => {
            anyhow::bail!("{} is not UTF-8; save it as UTF-8", path.display())
        }
        ErrorKind::InvalidInput | ErrorKind::IsADirectory => {
            "settings stand in a file of that name, else in none"
        }
        _ => "check who may read it",
    };
    Err(error).with_context(|| format!("cannot read {}; {remedy}", path.display()))
}

/// Tells all mistakes with their lines, if there are any.
fn refuse(mut mistakes: Vec<Mistake>, text: &str, path: &Path) -> anyhow::Result<()> {
    mistakes.sort();
    let lines: Vec<_> = mistakes
        .into_iter()
        .map(|(offset, message)| {
            let line = text[..offset].matches('\n').count() + 1;
            let message = secretless::words(message, text);
            format!("{}:{line}: {message}", path.display())
        })
        .collect();
    anyhow::ensure!(lines.is_empty(), "{}", lines.join("\nerror: "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{EXAMPLE, FILE_NAME, NOT_IN_FORCE, Settings};

    fn load(text: &str) -> anyhow::Result<Settings> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE_NAME), text).unwrap();
        Settings::load(folder.path())
    }

    #[test]
    fn workers_have_a_bound_on_the_command_line_too() {
        for text in ["1", "1024"] {
            assert!(super::workers_argument(text).is_ok(), "{text}");
        }
        for text in ["0", "1025", "-1", "", "99999999999999999999", "x"] {
            let said = super::workers_argument(text).unwrap_err();
            assert_eq!(said, "give a number from 1 to 1024", "{text}");
        }
    }

    #[test]
    fn a_missing_file_means_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::load(folder.path()).unwrap();
        assert_eq!(settings.data_address().to_string(), "127.0.0.1:7070");
        assert_eq!(
            settings.state_folder(folder.path()),
            folder.path().join(".wharf")
        );
    }

    #[test]
    fn every_key_is_read() {
        let settings = load(
            "[listen]\ndata = \"127.0.0.1:1\"\ncontrol = \"[::1]:2\"\n\
             webhooks = \"127.0.0.1:3\"\n\
             [gateway]\nworkers = 3\nmax_connections = 9\ndrain_timeout_seconds = 5\n\
             [state]\nfolder = \"state\"\n",
        )
        .unwrap();
        assert_eq!((settings.workers(), settings.max_connections()), (3, 9));
        assert_eq!(settings.control_address().to_string(), "[::1]:2");
        let webhooks = settings
            .webhook_address()
            .map(|address| address.to_string());
        assert_eq!(webhooks.as_deref(), Some("127.0.0.1:3"));
        assert_eq!(settings.drain_timeout().as_secs(), 5);
    }

    #[test]
    fn mistakes_are_shown_with_their_line() {
        for (text, expected) in [
            ("[listen]\ndata = \"nowhere\"", "line 2"),
            ("[listen]\nwebhooks = \"nowhere\"", "line 2"),
            ("[listen]\nwebhooks = 7072", "line 2"),
            ("[listen]\nwebhook = \"127.0.0.1:1\"", "`webhooks`"),
            ("[handler]\n", "`handlers`"),
            ("[gatway]\n", "gatway"),
            ("[gateway]\nmax_connections = 1048577", "1 to 1048576"),
            (
                "[gateway]\nworkers = 1025",
                "workers is a number from 1 to 1024",
            ),
            (
                "[gateway]\nworkers = 0",
                "workers is a number from 1 to 1024",
            ),
            (
                "[gateway]\nworkers = -1",
                "workers is a number from 1 to 1024",
            ),
            ("[gateway]\nworkers = \"two\"", "from 1 to 1024"),
            ("[gateway]\nworkers = 1.5", "from 1 to 1024"),
            (
                "[gateway]\ndrain_timeout_seconds = -1",
                "drain_timeout_seconds is a number of seconds, 0 or more",
            ),
            (
                "[gateway]\nmax_connections = 18446744073709551615",
                "line 2",
            ),
            ("x", "line 1"),
        ] {
            let message = format!("{:#}", load(text).unwrap_err());
            assert!(
                message.contains(expected) && message.contains(FILE_NAME),
                "{message}"
            );
        }
    }

    #[test]
    fn what_nothing_obeys_yet_is_told_where_it_is_said() {
        let both = "[listen]\nwebhooks = \"127.0.0.1:1\"\n[handlers]\na = \"http://127.0.0.1/\"\n";
        assert_eq!(load(both).unwrap().not_in_force(), NOT_IN_FORCE);
        for text in ["", "[handlers]\n", "[listen]\ndata = \"127.0.0.1:1\"\n"] {
            assert!(load(text).unwrap().not_in_force().is_empty(), "{text}");
        }
    }

    #[test]
    fn the_readme_tells_what_nothing_obeys_yet() {
        let readme = include_str!("../../../README.md");
        let (_, behind) = readme
            .split_once("Of `wharf.toml` not in force yet: ")
            .unwrap();
        let (list, _) = behind.split_once('.').unwrap();
        assert_eq!(list.split(", ").collect::<Vec<_>>(), NOT_IN_FORCE);
    }

    #[test]
    fn the_readme_names_every_key_of_the_addresses_and_of_a_handler() {
        let readme = include_str!("../../../README.md");
        let (_, behind) = readme.split_once("```toml\n[listen]\n").unwrap();
        let (table, _) = behind.split_once("```").unwrap();
        let settings = load(&format!("[listen]\n{table}")).unwrap();
        assert!(settings.webhook_address().is_some());
        let mut handlers = settings.handlers().unwrap().values();
        assert!(handlers.any(|handler| handler.secret.is_some() && handler.rate.is_some()));
    }

    /// The example with every key taken out of its comment.
    fn uncommented() -> String {
        let lines = EXAMPLE.lines().map(|line| match line.strip_prefix('#') {
            Some(key) if !key.starts_with(' ') => key,
            _ => line,
        });
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// The names that a table takes, as the reader itself lists them.
    fn known(table: &str) -> Vec<String> {
        let message = format!("{:#}", load(&format!("{table}\nzzz = 1\n")).unwrap_err());
        let names = message.split("expected").nth(1).unwrap();
        names
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn the_example_changes_nothing_as_it_is() {
        let example = load(EXAMPLE).unwrap();
        let default = Settings::default();
        assert_eq!(format!("{example:?}"), format!("{default:?}"));
    }

    #[test]
    fn the_example_has_every_key_with_its_default() {
        let text = uncommented();
        let table: toml::Table = text.parse().unwrap();
        let tables = known("");
        assert!(tables.len() >= 3, "{tables:?}");
        for name in &tables {
            let keys = table.get(name).and_then(toml::Value::as_table);
            let keys = keys.unwrap_or_else(|| panic!("[{name}] is not in the example"));
            // Handlers have names of their own.
            if name == "handlers" {
                continue;
            }
            for key in known(&format!("[{name}]")) {
                assert!(
                    keys.contains_key(&key),
                    "{name}.{key} is not in the example"
                );
            }
        }
        let settings = load(&text).unwrap();
        let default = Settings::default();
        let folder = std::path::Path::new("x");
        assert_eq!(settings.data_address(), default.data_address());
        assert_eq!(settings.control_address(), default.control_address());
        assert_eq!(settings.max_connections(), default.max_connections());
        assert_eq!(settings.drain_timeout(), default.drain_timeout());
        assert_eq!(settings.state_folder(folder), default.state_folder(folder));
    }
}
