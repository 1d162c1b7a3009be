//! `[secrets.vault]` of `wharf.toml`: where Vault is, and how Wharf proves itself there.
//!
//! It is read by hand and not by `serde`, as `[store]` is: what somebody wrote there by mistake may be
//! a token.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use wharf_document::values;

use super::error::Mistake;
use super::handlers::{SecretPlace, kind};

/// Seconds that one fetch may take.
const TIMEOUT_SECONDS: RangeInclusive<u64> = 1..=60;

/// Longest unknown name that is shown: a token has more.
const LONGEST_NAME: usize = 24;

/// Longest text that is taken, in bytes.
const LONGEST_TEXT: usize = 512;

const KEYS: [&str; 8] = [
    "address",
    "namespace",
    "mount",
    "ca_file",
    "timeout_seconds",
    "token",
    "approle",
    "kubernetes",
];

/// Where Vault is, and how Wharf proves itself there. What is `None` is not in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vault {
    /// `http` or `https`, without a password and a query.
    pub address: Option<String>,
    /// Empty where the file says that it is the root.
    pub namespace: Option<String>,
    /// Where paths lie that begin with no mount.
    pub mount: Option<String>,
    /// Certificate authorities; a relative path starts at the workspace.
    pub ca_file: Option<String>,
    /// From 1 to 60.
    pub timeout_seconds: Option<u64>,
    /// How Wharf proves itself.
    pub login: Option<VaultLogin>,
}

/// How Wharf proves itself to Vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultLogin {
    /// `[secrets.vault.token]`.
    Token {
        /// Where the token is.
        from: SecretPlace,
    },
    /// `[secrets.vault.approle]`.
    AppRole {
        /// Which role.
        role_id: String,
        /// Where the secret id is.
        secret_id: SecretPlace,
        /// It is wrapped.
        wrapped: bool,
        /// Where the method is mounted.
        mount: Option<String>,
    },
    /// `[secrets.vault.kubernetes]`.
    Kubernetes {
        /// The role in Vault.
        role: String,
        /// Where the service account's token is.
        token_file: Option<String>,
        /// Where the method is mounted.
        mount: Option<String>,
    },
}

/// Reads the table in the text of a file that is valid TOML.
pub(super) fn read(text: &str, mistakes: &mut Vec<Mistake>) -> Vault {
    let Ok(file) = DeTable::parse(text) else {
        return Vault::default();
    };
    let file = file.into_inner();
    let Some(DeValue::Table(secrets)) = file.get("secrets").map(Spanned::get_ref) else {
        return Vault::default();
    };
    let Some(written) = secrets.get("vault") else {
        return Vault::default();
    };
    let Some(table) = Table::of("[secrets.vault]", written, &KEYS, mistakes) else {
        return Vault::default();
    };
    Vault {
        address: table.address(mistakes),
        namespace: table.text("namespace", true, mistakes),
        mount: table.text("mount", false, mistakes),
        ca_file: table.text("ca_file", false, mistakes),
        timeout_seconds: table.seconds(mistakes),
        login: login(&table, mistakes),
    }
}

fn login(table: &Table<'_>, mistakes: &mut Vec<Mistake>) -> Option<VaultLogin> {
    let token = table.table("token", "[secrets.vault.token]", &["from"], mistakes);
    let approle = table.table(
        "approle",
        "[secrets.vault.approle]",
        &["role_id", "secret_id", "wrapped", "mount"],
        mistakes,
    );
    let kubernetes = table.table(
        "kubernetes",
        "[secrets.vault.kubernetes]",
        &["role", "token_file", "mount"],
        mistakes,
    );
    let mut ways = [token, approle, kubernetes].into_iter().flatten();
    let first = ways.next().map(|table| table.name);
    if let (Some(first), Some(second)) = (first, ways.next()) {
        let message = format!(
            "`{first}` and `{}` both say how Wharf proves itself to Vault; leave one of them",
            second.name
        );
        mistakes.push((second.at, message));
        return None;
    }
    if let Some(table) = token {
        let from = table.place("from", mistakes)?;
        return Some(VaultLogin::Token { from });
    }
    if let Some(table) = approle {
        // All of them are looked at, so that all mistakes are told.
        let role_id = table.needed("role_id", mistakes);
        let secret_id = table.place("secret_id", mistakes);
        let wrapped = table.flag("wrapped", mistakes);
        let mount = table.text("mount", false, mistakes);
        return Some(VaultLogin::AppRole {
            role_id: role_id?,
            secret_id: secret_id?,
            wrapped,
            mount,
        });
    }
    let table = kubernetes?;
    let role = table.needed("role", mistakes);
    let token_file = table.text("token_file", false, mistakes);
    let mount = table.text("mount", false, mistakes);
    Some(VaultLogin::Kubernetes {
        role: role?,
        token_file,
        mount,
    })
}

/// A table while it is read.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    /// As its header is written.
    name: &'static str,
    at: usize,
    pub(super) entries: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    pub(super) fn of(
        name: &'static str,
        written: &'a Spanned<DeValue<'a>>,
        keys: &[&str],
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Self> {
        let at = written.span().start;
        let known = || {
            let quoted: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
            quoted.join(", ")
        };
        let DeValue::Table(table) = written.get_ref() else {
            let kind = kind(written.get_ref());
            mistakes.push((
                at,
                format!("`{name}` is a table with {}, not {kind}", known()),
            ));
            return None;
        };
        for key in table.keys() {
            let text: &str = key.get_ref();
            if !keys.contains(&text) {
                let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
                let shown = if text.len() <= LONGEST_NAME && text.bytes().all(is_word) {
                    format!("`{text}`")
                } else {
                    "that is not shown, since it may be a secret".to_owned()
                };
                let message = format!("unknown field {shown} of `{name}`, expected {}", known());
                mistakes.push((key.span().start, message));
            }
        }
        Some(Self {
            name,
            at,
            entries: table,
        })
    }

    fn table(
        &self,
        key: &str,
        name: &'static str,
        keys: &[&str],
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Table<'_>> {
        Table::of(name, self.entries.get(key)?, keys, mistakes)
    }

    pub(super) fn tell(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        what: &str,
        mistakes: &mut Vec<Mistake>,
    ) {
        let message = format!("`{key}` of `{}` {what}", self.name);
        mistakes.push((value.span().start, message));
    }

    /// A text that is no secret.
    pub(super) fn text(
        &self,
        key: &str,
        may_be_empty: bool,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<String> {
        let value = self.entries.get(key)?;
        let DeValue::String(text) = value.get_ref() else {
            let kind = kind(value.get_ref());
            let what = format!("is a text in quotes, not {kind}");
            self.tell(key, value, &what, mistakes);
            return None;
        };
        let is_usable = text.len() <= LONGEST_TEXT
            && !text.chars().any(char::is_control)
            && (may_be_empty || !text.trim_matches('/').is_empty());
        if !is_usable {
            let what = format!(
                "is one line of at most {LONGEST_TEXT} bytes{}",
                if may_be_empty { "" } else { ", and not empty" }
            );
            self.tell(key, value, &what, mistakes);
            return None;
        }
        Some(text.to_string())
    }

    fn needed(&self, key: &str, mistakes: &mut Vec<Mistake>) -> Option<String> {
        if self.entries.get(key).is_none() {
            mistakes.push((self.at, format!("`{}` has no `{key}`", self.name)));
        }
        self.text(key, false, mistakes)
    }

    fn flag(&self, key: &str, mistakes: &mut Vec<Mistake>) -> bool {
        match self.entries.get(key) {
            None => false,
            Some(value) => match value.get_ref() {
                DeValue::Boolean(flag) => *flag,
                other => {
                    let what = format!("is `true` or `false`, not {}", kind(other));
                    self.tell(key, value, &what, mistakes);
                    false
                }
            },
        }
    }

    pub(super) fn seconds(&self, mistakes: &mut Vec<Mistake>) -> Option<u64> {
        let key = "timeout_seconds";
        let value = self.entries.get(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| TIMEOUT_SECONDS.contains(number));
        if number.is_none() {
            let (least, most) = (TIMEOUT_SECONDS.start(), TIMEOUT_SECONDS.end());
            let what = format!("is a number of seconds from {least} to {most}");
            self.tell(key, value, &what, mistakes);
        }
        number
    }

    /// It may hold a password, so it is not shown.
    fn address(&self, mistakes: &mut Vec<Mistake>) -> Option<String> {
        let text = self.text("address", false, mistakes)?;
        let value = self.entries.get("address")?;
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let host = rest.and_then(|rest| rest.split('/').next());
        let is_usable = host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
            && !text.contains(['?', '#'])
            && !values::has_password(&text)
            && values::address(text.trim_end_matches('/')).is_ok();
        if !is_usable {
            let what = "is Vault's address, such as `https://vault.internal:8200`: it starts with \
                        `https://` or `http://`, and has no user, password or query. What stands \
                        there is not shown, since it may be a secret";
            self.tell("address", value, what, mistakes);
            return None;
        }
        Some(text)
    }

    /// Where a secret is. What is no reference may be the secret itself, so it is never shown.
    fn place(&self, key: &str, mistakes: &mut Vec<Mistake>) -> Option<SecretPlace> {
        let Some(value) = self.entries.get(key) else {
            mistakes.push((self.at, format!("`{}` has no `{key}`", self.name)));
            return None;
        };
        let place = match value.get_ref() {
            DeValue::String(text) => SecretPlace::of(text),
            other => {
                let what = format!(
                    "is the name of a variable or the path of a file in quotes, not {}",
                    kind(other)
                );
                self.tell(key, value, &what, mistakes);
                return None;
            }
        };
        if place.is_none() {
            let what = "says where a secret is: the name of an environment variable \
                        (`VAULT_SECRET_ID`), or the path of a file with a `/` in it \
                        (`/run/secrets/vault`). What stands there is not shown, since it may be the \
                        secret; if it is, replace it";
            self.tell(key, value, what, mistakes);
        }
        place
    }
}

#[cfg(test)]
mod tests;
