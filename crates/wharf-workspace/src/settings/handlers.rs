//! `[handlers]` of `wharf.toml`: who takes webhooks, how each knows that they are ours, and how many
//! it takes.
//!
//! A handler is an address, or a table of its own. The table is read by hand and not by `serde`, so
//! that all mistakes are told at once, and none of them shows what may be a secret.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use wharf_diag::closest;
use wharf_document::model::{RateLimit, handler_name};
use wharf_document::values;

use super::error::Mistake;

/// Keys of a handler's table.
const KEYS: [&str; 3] = ["url", "secret", "rate"];

/// Handlers by the names that the file gives them, with or without their brackets.
pub type Handlers = BTreeMap<String, Handler>;

/// Who takes the webhooks of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// Its address, as it is written: `http` or `https`, without a password.
    pub url: String,
    /// Where the secret is that tells it that a webhook is ours.
    pub secret: Option<SecretPlace>,
    /// How many webhooks it takes: a rate, and with a burst a bucket.
    pub rate: Option<RateLimit>,
}

/// Where a secret is, as a webhook's `Secret` in documents says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// The name of an environment variable.
    Variable(String),
    /// The path of a file; a relative one starts at the workspace.
    File(String),
}

impl SecretPlace {
    /// Reads a reference. `None`: it is none, and may be the secret itself.
    pub(super) fn of(text: &str) -> Option<Self> {
        let is_address = text.contains("://");
        if is_address || !values::is_secret_reference(text) {
            return None;
        }
        Some(if text.contains('/') {
            Self::File(text.to_owned())
        } else {
            Self::Variable(text.to_owned())
        })
    }
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(place) | Self::File(place) => f.write_str(place),
        }
    }
}

/// Reads the table in the text of a file that is valid TOML. `None`: it has none.
pub(super) fn read(text: &str, mistakes: &mut Vec<Mistake>) -> Option<Handlers> {
    // What is no TOML was told by whoever read the other tables.
    let file = DeTable::parse(text).ok()?.into_inner();
    let written = file.get("handlers")?;
    let DeValue::Table(table) = written.get_ref() else {
        let kind = kind(written.get_ref());
        let message = format!("`handlers` is a table of names and addresses, not {kind}");
        mistakes.push((written.span().start, message));
        return None;
    };
    let mut handlers = Handlers::new();
    // In the order of the file, so that the later one of two is the mistake.
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    for (name, value) in entries {
        let mut entry = Entry {
            name: handler_name(name.get_ref()),
            at: name.span(),
            mistakes,
        };
        let is_known = |known: &String| handler_name(known) == entry.name;
        if entry.name.is_empty() {
            entry.tell("a handler has a name".to_owned());
        } else if handlers.keys().any(is_known) {
            let message = format!("the handler `{}` is given twice", entry.name);
            entry.tell(message);
        }
        if let Some(handler) = entry.read(value) {
            handlers.insert(name.get_ref().to_string(), handler);
        }
    }
    Some(handlers)
}

/// One handler while it is read.
struct Entry<'a> {
    name: &'a str,
    at: Range<usize>,
    mistakes: &'a mut Vec<Mistake>,
}

impl Entry<'_> {
    fn tell(&mut self, message: String) {
        self.tell_at(self.at.start, message);
    }

    fn tell_at(&mut self, offset: usize, message: String) {
        self.mistakes.push((offset, message));
    }

    fn read(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Handler> {
        let name = self.name;
        match value.get_ref() {
            DeValue::String(url) => Some(Handler {
                url: self.url("the address", value, url)?,
                secret: None,
                rate: None,
            }),
            DeValue::Table(table) => self.table(table),
            other => {
                let kind = kind(other);
                let message = format!(
                    "the handler `{name}` is an address, or a table with `url`, `secret` and \
                     `rate`, not {kind}"
                );
                self.tell_at(value.span().start, message);
                None
            }
        }
    }

    fn table(&mut self, table: &DeTable<'_>) -> Option<Handler> {
        let mut is_url_misspelt = false;
        let is_unknown = |key: &&Spanned<_>| !KEYS.contains(&AsRef::<str>::as_ref(key.get_ref()));
        for key in table.keys().filter(is_unknown) {
            let written: &str = key.get_ref();
            let meant = closest(written, KEYS);
            is_url_misspelt |= meant == Some("url");
            let remedy = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known: {}", KEYS.join(", ")),
            };
            let message = format!(
                "`{written}` is no key of the handler `{}`; {remedy}",
                self.name
            );
            self.tell_at(key.span().start, message);
        }
        let url = match table.get("url") {
            Some(value) => self
                .words("url", value, "an address")
                .and_then(|text| self.url("`url`", value, &text)),
            None if is_url_misspelt => None,
            None => {
                let message = format!(
                    "the handler `{}` has no `url`, which is its address",
                    self.name
                );
                self.tell(message);
                None
            }
        };
        // All of them are looked at, so that all mistakes are told.
        let secret = table.get("secret").map(|value| self.secret(value));
        let rate = table.get("rate").map(|value| self.rate(value));
        Some(Handler {
            url: url?,
            secret: secret.map_or(Some(None), |read| read.map(Some))?,
            rate: rate.map_or(Some(None), |read| read.map(Some))?,
        })
    }

    /// A value that is text; `what` it should be, in words.
    fn words(&mut self, key: &str, value: &Spanned<DeValue<'_>>, what: &str) -> Option<String> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.to_string());
        }
        let kind = kind(value.get_ref());
        let message = format!(
            "`{key}` of the handler `{}` is {what} in quotes, not {kind}",
            self.name
        );
        self.tell_at(value.span().start, message);
        None
    }

    fn url(&mut self, what: &str, value: &Spanned<DeValue<'_>>, text: &str) -> Option<String> {
        let Some(why) = address_problem(text) else {
            return Some(text.to_owned());
        };
        let message = format!(
            "{what} of the handler `{}` cannot be called: {why}",
            self.name
        );
        self.tell_at(value.span().start, message);
        None
    }

    /// What is no reference may be the secret itself, so it is never shown.
    fn secret(&mut self, value: &Spanned<DeValue<'_>>) -> Option<SecretPlace> {
        let text = self.words(
            "secret",
            value,
            "the name of a variable or the path of a file",
        )?;
        let place = SecretPlace::of(&text);
        if place.is_none() {
            let message = format!(
                "`secret` of the handler `{}` says where the secret is: the name of an environment \
                 variable (`REFUND_SECRET`), or the path of a file with a `/` in it \
                 (`secrets/refund`). What stands there is not shown, since it may be the secret; \
                 if it is, replace it",
                self.name
            );
            self.tell_at(value.span().start, message);
        }
        place
    }

    fn rate(&mut self, value: &Spanned<DeValue<'_>>) -> Option<RateLimit> {
        let text = self.words("rate", value, "a rate")?;
        let read = values::limit(&text).and_then(|limit| {
            if limit.is_plain() {
                Ok(limit)
            } else {
                Err("a handler has one counter, for all that it gets".to_owned())
            }
        });
        let message = match read {
            Ok(limit) => return Some(limit),
            Err(why) => format!(
                "`rate` of the handler `{}` cannot be read: {why}; write it like `100/min`, `25/s` \
                 or `2/s, burst 40`",
                self.name
            ),
        };
        self.tell_at(value.span().start, message);
        None
    }
}

/// Why nothing can be sent to an address. Holds no piece of what may be a password.
fn address_problem(text: &str) -> Option<String> {
    if values::has_password(text) || !wharf_scan::scan(text).is_empty() {
        return Some(
            "it holds what may be a password or a key, which is not shown; give the handler a \
             `secret` instead, and replace what is real"
                .to_owned(),
        );
    }
    if !["http://", "https://"]
        .iter()
        .any(|scheme| starts_with(text, scheme))
    {
        return Some("it does not start with `http://` or `https://`".to_owned());
    }
    let host_start = text.find("://").map_or(0, |at| at + 3);
    let host = text[host_start..].split(['/', '?', '#']).next();
    if host.is_some_and(|host| host.contains('@')) {
        return Some("it holds a user name; give the handler a `secret` instead".to_owned());
    }
    // A handler's own address may have parameters, unlike a vendor's.
    let (address, query) = text.split_once('?').unwrap_or((text, ""));
    if let Err(why) = values::address(address) {
        return Some(why);
    }
    let is_open = |c: char| c.is_whitespace() || c.is_control() || c == '#';
    query
        .contains(is_open)
        .then(|| "its query holds a sign that is not allowed in an address".to_owned())
}

fn starts_with(text: &str, scheme: &str) -> bool {
    let start = text.get(..scheme.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// The kind of a value in words.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests;
