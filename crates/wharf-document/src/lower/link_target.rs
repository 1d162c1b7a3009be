//! Which address a text with links in it stands for.
//!
//! A credential goes to that address, so a reader and the program have to see the same one.

use crate::model::BaseUrl;
use crate::parse::{connection, url};
use crate::raw::Text;

/// The target of the link that is the whole text, where it is an address; the words of a text
/// without links. The error says why words and links cannot both be right; it shows hosts and
/// paths only, since the rest may hold a password.
pub(super) fn of(text: &Text, source: &str) -> Result<Text, String> {
    let text = text.trimmed();
    let words = text.as_str();
    // An address with its scheme that cannot be read is reported as what it is.
    let is_broken = words.contains("://") && Address::of(words).is_none();
    if text.links().is_empty() || is_broken {
        return Ok(text);
    }
    let here = Address::of(words);
    if let [link] = text.links()
        && link.range == (0..words.len())
    {
        let target = link.target.value.as_str();
        let told = here.filter(|here| here.is_told(words));
        return match (Address::of(target), told) {
            (Some(there), Some(here)) if there.is_whole => {
                here.agrees(&there)?;
                Ok(Text::new(target, link.target.span, source))
            }
            // What cannot be read of a target is told of the target.
            _ if target.contains("://") => Ok(Text::new(target, link.target.span, source)),
            (_, Some(_)) => Ok(text),
            (_, None) => Err("its link leads to none".to_owned()),
        };
    }
    // Words around a link or between two: they are the address, and no link may lead elsewhere.
    for link in text.links() {
        let there = Address::of(&link.target.value).filter(|there| there.is_whole);
        if let (Some(here), Some(there)) = (&here, there) {
            here.is_at_host_of(&there)?;
        }
    }
    Ok(text)
}

/// What is compared of an address.
struct Address {
    host: String,
    /// Whether a scheme is written.
    is_whole: bool,
    has_port: bool,
    /// `None`: an address of a service that does not speak HTTP.
    base: Option<BaseUrl>,
}

impl Address {
    /// `None` where a text is no address that is called.
    fn of(text: &str) -> Option<Self> {
        let (host, base) = if connection::is_connection(text) {
            (connection::parse(text).ok()?.host.unwrap_or_default(), None)
        } else {
            let base = url::parse(text).ok()?;
            (base.host.clone(), Some(base))
        };
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        // The colons of an IPv6 address stand in brackets.
        let behind_host = authority.rsplit(']').next().unwrap_or_default();
        Some(Self {
            host,
            is_whole: text.contains("://"),
            has_port: behind_host.contains(':'),
            base,
        })
    }

    /// Whether words are meant as an address. A single word may be any: `api`.
    fn is_told(&self, words: &str) -> bool {
        let authority = words.split('/').next().unwrap_or_default();
        self.is_whole || self.has_port || authority.contains('.') || self.host == "localhost"
    }

    /// Words may leave out the scheme, the port and the path. What they say has to be the same.
    fn agrees(&self, there: &Self) -> Result<(), String> {
        self.is_at_host_of(there)?;
        let (Some(here), Some(there)) = (&self.base, &there.base) else {
            return Ok(());
        };
        if self.is_whole && here.scheme != there.scheme {
            return differ("address", &here.to_string(), &there.to_string());
        }
        if self.has_port && here.port != there.port {
            return differ("port", &here.port.to_string(), &there.port.to_string());
        }
        if !here.path.is_empty() && here.path != there.path {
            return differ("path", &here.path, &there.path);
        }
        Ok(())
    }

    fn is_at_host_of(&self, there: &Self) -> Result<(), String> {
        if self.host.eq_ignore_ascii_case(&there.host) {
            Ok(())
        } else {
            differ("host", &self.host, &there.host)
        }
    }
}

fn differ(what: &str, here: &str, there: &str) -> Result<(), String> {
    Err(format!(
        "its words say the {what} `{here}`, its link says `{there}`; write one address"
    ))
}
