//! Places of keys are read, and what may be a key is never shown.

use std::path::Path;

use crate::settings::{Error, FILE_NAME, KEY_COUNT_LIMIT, SecretPlace, Settings, StoreKeys};

fn load(text: &str) -> Result<StoreKeys, Error> {
    let settings = Settings::parse(text, Path::new(FILE_NAME))?;
    Ok(settings.store_keys().clone())
}

fn refused(text: &str) -> String {
    load(text).unwrap_err().in_one_line()
}

#[test]
fn a_key_is_in_a_variable_or_in_a_file() {
    let keys = load("[store]\nkey = \"STORE_KEY\"\nold_keys = [\"./old.key\", \"OLD_KEY\"]\n");
    assert_eq!(
        keys.unwrap(),
        StoreKeys {
            key: Some(SecretPlace::Variable("STORE_KEY".to_owned())),
            old_keys: vec![
                SecretPlace::File("./old.key".to_owned()),
                SecretPlace::Variable("OLD_KEY".to_owned()),
            ],
        }
    );
    for text in ["", "[store]\n", "[store]\nold_keys = []\n"] {
        assert_eq!(load(text).unwrap(), StoreKeys::default(), "{text}");
    }
}

#[test]
fn what_is_wrong_has_its_line() {
    for (text, words) in [
        (
            "[store]\nkey = 7\n",
            "wharf.toml:2:7: `key` of `[store]` is the name",
        ),
        (
            "[store]\nkey = \"store.key\"\n",
            "wharf.toml:2:7: `key` of `[store]` says where",
        ),
        ("[store]\nkey = \"\"\n", "wharf.toml:2:7: `key`"),
        ("[store]\nkey = \"vault://a/b\"\n", "wharf.toml:2:7: `key`"),
        (
            "[store]\n\nold_keys = \"A\"\n",
            "wharf.toml:3:12: `old_keys` of `[store]` is a list",
        ),
        (
            "[store]\nold_keys = [\n\"A\",\n1]\n",
            "wharf.toml:4:1: `old_keys`",
        ),
        (
            "[store]\nkeys = \"A\"\n",
            "unknown field `keys`, expected one of `key`, `old_keys`, `events_days`",
        ),
        ("store = 1\n", "wharf.toml:1:9: `store` is a table"),
    ] {
        let message = refused(text);
        assert!(message.contains(words), "{message}");
    }
    let many: String = (0..=KEY_COUNT_LIMIT)
        .map(|n| format!("\"K{n}\","))
        .collect();
    let message = refused(&format!("[store]\nold_keys = [{many}]\n"));
    assert!(
        message.contains("has 17 places, and 16 are the most"),
        "{message}"
    );
}

#[test]
fn a_key_that_was_written_there_is_never_shown() {
    for key in [
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k",
        "aB/dE3fG+hIjK/mN0pQrStUvWxYz12345678901234=",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "A0B1C2D3E4F5061728394A5B6C7D8E9FA0B1C2D3E4F5061728394A5B6C7D8E9F",
    ] {
        for text in [
            format!("[store]\nkey = \"{key}\"\n"),
            format!("[store]\nold_keys = [\n  \"OLD\",\n  \"{key}\"\n]\n"),
            format!("[store]\nkey = '{key}\n"),
            format!("[store]\nkey = {key}\n"),
            format!("[store]\nold_keys = [\n  {key}\n]\n"),
            format!("[store]\n\"{key}\" = 1\n"),
        ] {
            let message = refused(&text);
            for piece in key.split('/') {
                assert!(!message.contains(piece), "{text}: {message}");
            }
        }
    }
}
