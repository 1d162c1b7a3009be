//! Every key is read, what is wrong has its line, and the example and README.md keep step.

use std::path::Path;

use super::{EXAMPLE, FILE_NAME, NOT_IN_FORCE, Settings};

fn load(text: &str) -> anyhow::Result<Settings> {
    Ok(Settings::parse(text, Path::new(FILE_NAME))?)
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
fn an_empty_file_means_defaults() {
    let settings = load("").unwrap();
    assert_eq!(settings.data_address().to_string(), "127.0.0.1:7070");
    assert_eq!(
        settings.state_folder(Path::new("w")),
        Path::new("w").join(".wharf")
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
    assert_eq!(
        (
            settings.workers().map(std::num::NonZeroUsize::get),
            settings.max_connections()
        ),
        (Some(3), 9)
    );
    assert_eq!(settings.control_address().to_string(), "[::1]:2");
    let webhooks = settings
        .webhook_address()
        .map(|address| address.to_string());
    assert_eq!(webhooks.as_deref(), Some("127.0.0.1:3"));
    assert_eq!(settings.drain_timeout().as_secs(), 5);
    let longest = load("[gateway]\ndrain_timeout_seconds = 86400\n").unwrap();
    assert_eq!(longest.drain_timeout().as_secs(), 86_400);
}

#[test]
fn mistakes_are_shown_with_their_line() {
    for (text, expected) in [
        ("[listen]\ndata = \"nowhere\"", "line 2"),
        ("[listen]\nwebhooks = \"nowhere\"", "line 2"),
        ("[listen]\nwebhooks = 7072", "line 2"),
        (
            "[listen]\ncontrol = 7071",
            "in quotes, such as \"127.0.0.1:7070\"",
        ),
        (
            "[listen]\ndata = \"localhost:1\"",
            "an IP address and a port",
        ),
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
            "drain_timeout_seconds is a number of seconds from 0 to 86400, a day",
        ),
        (
            "[gateway]\ndrain_timeout_seconds = 86401",
            "from 0 to 86400",
        ),
        (
            "[gateway]\n\ndrain_timeout_seconds = 9223372036854775807",
            "line 3",
        ),
        (
            "[gateway]\nmax_connections = 18446744073709551615",
            "line 2",
        ),
        (
            "[gateway]\nmax_connections = 18446744073709551615",
            "from 1 to 1048576",
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
fn no_two_listeners_have_one_address() {
    for (text, expected) in [
        (
            "[listen]\ndata = \"127.0.0.1:7171\"\ncontrol = \"127.0.0.1:7171\"\n",
            "wharf.toml:3:1: `control` is 127.0.0.1:7171, and `data` is 127.0.0.1:7171",
        ),
        (
            "[listen]\ndata = \"127.0.0.1:7071\"\n",
            "wharf.toml:2:1: `control` is 127.0.0.1:7071, and `data` is 127.0.0.1:7071",
        ),
        (
            "[listen]\nwebhooks = \"0.0.0.0:7070\"\n",
            "wharf.toml:2:1: `webhooks` is 0.0.0.0:7070, and `data` is 127.0.0.1:7070",
        ),
    ] {
        let said = load(text).unwrap_err().to_string();
        assert!(said.starts_with(expected), "{said}");
        assert!(said.contains("choose another port"), "{said}");
        let said = super::CheckRules::parse(text, Path::new("")).unwrap_err();
        assert!(said.to_string().starts_with(expected), "{said}");
    }
    for text in [
        "[listen]\ndata = \"127.0.0.1:0\"\ncontrol = \"127.0.0.1:0\"\n",
        "[listen]\ndata = \"127.0.0.2:7071\"\n",
    ] {
        assert!(load(text).is_ok(), "{text}");
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
    let readme = include_str!("../../../../README.md");
    let (_, behind) = readme
        .split_once("Of `wharf.toml` not in force yet: ")
        .unwrap();
    let (list, _) = behind.split_once('.').unwrap();
    assert_eq!(list.split(", ").collect::<Vec<_>>(), NOT_IN_FORCE);
}

#[test]
fn the_readme_names_every_key_of_the_addresses_and_of_a_handler() {
    let readme = include_str!("../../../../README.md");
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
    let folder = Path::new("x");
    assert_eq!(settings.data_address(), default.data_address());
    assert_eq!(settings.control_address(), default.control_address());
    assert_eq!(settings.max_connections(), default.max_connections());
    assert_eq!(settings.drain_timeout(), default.drain_timeout());
    assert_eq!(settings.state_folder(folder), default.state_folder(folder));
}
