//! Where Vault is and how Wharf proves itself are read, and what may be a secret is never shown.

use std::path::Path;

use crate::settings::{Error, FILE_NAME, SecretPlace, Settings, Vault, VaultLogin};

fn load(text: &str) -> Result<Vault, Error> {
    let settings = Settings::parse(text, Path::new(FILE_NAME))?;
    Ok(settings.vault().clone())
}

fn refused(text: &str) -> String {
    load(text).unwrap_err().in_one_line()
}

fn variable(name: &str) -> SecretPlace {
    SecretPlace::Variable(name.to_owned())
}

#[test]
fn every_key_is_read() {
    let vault = load(
        "[secrets.vault]\naddress = \"https://vault.internal:8200/\"\nnamespace = \"team/a\"\n\
         mount = \"kv\"\nca_file = \"ca.pem\"\ntimeout_seconds = 60\n\
         [secrets.vault.approle]\nrole_id = \"3f8a9c1e-5d2b-47c6-9e0a-1b2c3d4e5f60\"\n\
         secret_id = \"./secret_id\"\nwrapped = true\nmount = \"apps\"\n",
    );
    let login = VaultLogin::AppRole {
        role_id: "3f8a9c1e-5d2b-47c6-9e0a-1b2c3d4e5f60".to_owned(),
        secret_id: SecretPlace::File("./secret_id".to_owned()),
        wrapped: true,
        mount: Some("apps".to_owned()),
    };
    let expected = Vault {
        address: Some("https://vault.internal:8200/".to_owned()),
        namespace: Some("team/a".to_owned()),
        mount: Some("kv".to_owned()),
        ca_file: Some("ca.pem".to_owned()),
        timeout_seconds: Some(60),
        login: Some(login),
    };
    assert_eq!(vault.unwrap(), expected);
    let login = |text: &str| load(text).unwrap().login;
    assert_eq!(
        login("[secrets.vault.token]\nfrom = \"VAULT_TOKEN\"\n"),
        Some(VaultLogin::Token {
            from: variable("VAULT_TOKEN")
        })
    );
    assert_eq!(
        login("secrets.vault.kubernetes = { role = \"app\", token_file = \"/run/t\" }\n"),
        Some(VaultLogin::Kubernetes {
            role: "app".to_owned(),
            token_file: Some("/run/t".to_owned()),
            mount: None,
        })
    );
    let root = load("[secrets.vault]\nnamespace = \"\"\n").unwrap();
    assert_eq!(root.namespace.as_deref(), Some(""));
    for text in ["", "[secrets]\n", "[secrets.vault]\n"] {
        assert_eq!(load(text).unwrap(), Vault::default(), "{text}");
    }
}

#[test]
fn what_is_wrong_has_its_line_and_its_column() {
    for (text, words) in [
        (
            "secrets.vault = 1\n",
            "wharf.toml:1:17: `[secrets.vault]` is a table with `address`",
        ),
        (
            "[secrets.vault]\nadress = \"a\"\n",
            "wharf.toml:2:1: unknown field `adress` of `[secrets.vault]`, expected `address`",
        ),
        (
            "[secrets.vault]\naddress = 7\n",
            "wharf.toml:2:11: `address` of `[secrets.vault]` is a text",
        ),
        (
            "[secrets.vault]\naddress = \"vault\"\n",
            "wharf.toml:2:11: `address`",
        ),
        (
            "[secrets.vault]\naddress = \"https://\"\n",
            "wharf.toml:2:11: `address`",
        ),
        (
            "[secrets.vault]\naddress = \"https://h?x=1\"\n",
            "wharf.toml:2:11: `address`",
        ),
        (
            "[secrets.vault]\nmount = \"/\"\n",
            "wharf.toml:2:9: `mount`",
        ),
        (
            "[secrets.vault]\nnamespace = \"a\\nb\"\n",
            "wharf.toml:2:13: `namespace`",
        ),
        (
            "[secrets.vault]\ntimeout_seconds = 0\n",
            "wharf.toml:2:19: `timeout_seconds` of `[secrets.vault]` is a number of seconds from 1 to 60",
        ),
        ("[secrets.vault]\ntimeout_seconds = 61\n", "from 1 to 60"),
        ("[secrets.vault]\ntimeout_seconds = \"5\"\n", "from 1 to 60"),
        ("[secrets.vault]\ntimeout_seconds = 1.5\n", "from 1 to 60"),
        (
            "[secrets.vault.token]\n",
            "wharf.toml:1:1: `[secrets.vault.token]` has no `from`",
        ),
        (
            "[secrets.vault]\ntoken = \"T\"\n",
            "wharf.toml:2:9: `[secrets.vault.token]` is a table with `from`, not a text",
        ),
        (
            "[secrets.vault.approle]\nsecret_id = \"S\"\n",
            "`[secrets.vault.approle]` has no `role_id`",
        ),
        (
            "[secrets.vault.approle]\nrole_id = \"r\"\n",
            "`[secrets.vault.approle]` has no `secret_id`",
        ),
        (
            "[secrets.vault.approle]\nrole_id = \"r\"\nsecret_id = \"S\"\nwrapped = 1\n",
            "wharf.toml:4:11: `wrapped` of `[secrets.vault.approle]` is `true` or `false`",
        ),
        (
            "[secrets.vault.kubernetes]\nrole = \"\"\n",
            "wharf.toml:2:8: `role`",
        ),
        (
            "[secrets.vault.kubernetes]\nrole_id = \"a\"\n",
            "wharf.toml:2:1: unknown field `role_id` of `[secrets.vault.kubernetes]`, expected `role`",
        ),
        (
            "[secrets.vault.token]\nfrom = \"A\"\n[secrets.vault.kubernetes]\nrole = \"r\"\n",
            "`[secrets.vault.token]` and `[secrets.vault.kubernetes]` both say",
        ),
    ] {
        let message = refused(text);
        assert!(message.contains(words), "{text}: {message}");
    }
}

#[test]
fn a_secret_that_was_written_there_is_never_shown() {
    for secret in [
        "hvs.CAESIJkqZx0v7mQ2uR9yT4wL8nB3cD6fG1hJ5kM0pS",
        "s.ze2wW4xFnwPEuHMkkatCmzap",
        "7e7b0627-a1ae-04e8-9168-aca315782d7f",
        "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k",
    ] {
        for text in [
            format!("[secrets.vault.token]\nfrom = \"{secret}\"\n"),
            format!("[secrets.vault.token]\nfrom = '{secret}\n"),
            format!("[secrets.vault.token]\nfrom = [\"{secret}\"]\n"),
            format!("[secrets.vault]\ntoken = \"{secret}\"\n"),
            format!("[secrets.vault]\n\"{secret}\" = 1\n"),
            format!("[secrets.vault]\ntoken = {secret}\n"),
            format!("[secrets.vault.approle]\nrole_id = \"r\"\nsecret_id = \"{secret}\"\n"),
            format!(
                "[secrets.vault.approle]\nrole_id = \"r\"\nsecret_id = \"S\"\nwrapped = \"{secret}\"\n"
            ),
            format!("[secrets.vault]\naddress = \"https://u:{secret}@h:8200\"\n"),
            format!("[secrets.vault]\naddress = \"https://h:8200?token={secret}\"\n"),
            format!("[secrets.vault]\naddress = \"{secret}\"\n"),
        ] {
            let message = refused(&text);
            assert!(!message.contains(secret), "{text}: {message}");
        }
    }
}
