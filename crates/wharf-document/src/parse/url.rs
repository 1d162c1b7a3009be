//! Base URLs of environments and plain web addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use wharf_diag::closest;

use crate::model::{BaseUrl, Scheme};

/// Reads a base URL. A text without a scheme is `https`.
pub(crate) fn parse(text: &str) -> Result<BaseUrl, String> {
    if let Some(slip) = slip(text) {
        return Err(slip.why());
    }
    let (scheme, rest) = scheme(text)?;
    if let Some(sign) = rest.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("{sign:?} is not allowed in an address"));
    }
    let authority_end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    if authority.contains('@') {
        return Err("it holds a user name; credentials belong into Credential Storage".into());
    }
    if path.contains('?') {
        return Err("it holds a query; write the parameters into the calls".into());
    }
    if path.contains('#') {
        return Err("it holds a fragment, which is never sent".into());
    }
    if path.contains(['\\', '{', '}', '<', '>', '"', '|', '^', '`']) {
        return Err("its path holds a sign that is not allowed in an address".into());
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("`.` and `..` are not allowed in its path".into());
    }
    let (host, port) = host_and_port(authority)?;
    let port = port.unwrap_or(match scheme {
        Scheme::Http => 80,
        Scheme::Https => 443,
    });
    Ok(BaseUrl {
        scheme,
        host: host.to_ascii_lowercase(),
        port,
        path: path.trim_end_matches('/').to_owned(),
    })
}

/// A scheme that is written as if it were a host, or is missing where a name alone may be one.
///
/// Read as a host, it would be sent the credential.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Slip<'a> {
    /// What stands there.
    word: &'a str,
    /// What is written anew: the word and the signs behind it, or nothing before it.
    pub(crate) place: Range<usize>,
    /// What was meant to stand there.
    pub(crate) meant: &'static str,
}

impl Slip<'_> {
    fn why(&self) -> String {
        let Self { word, place, meant } = self;
        if place.is_empty() {
            format!("`{word}` alone may be a scheme or a host; did you mean `{meant}{word}`?")
        } else {
            format!("`{word}` is no host; did you mean `{meant}`?")
        }
    }
}

/// Looks for a scheme that has no colon, other signs behind it, or another scheme before it; and for
/// a name without a dot, a port and a scheme.
pub(crate) fn slip(text: &str) -> Option<Slip<'_>> {
    let start = match text.split_once("://") {
        Some((before, _)) if !is_word(before) => return None,
        Some((before, _)) => before.len() + 3,
        None => 0,
    };
    let rest = &text[start..];
    let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
    let (word, behind) = rest.split_at(end);
    let signs = behind.len() - behind.trim_start_matches([':', ';', '/', '\\']).len();
    let slashes = behind[..signs].matches(['/', '\\']).count();
    let is_port = behind.starts_with(':') && behind[1..].starts_with(|c: char| c.is_ascii_digit());
    let lower = word.to_ascii_lowercase();
    let meant = match lower.as_str() {
        "http" => Some("http://"),
        "https" => Some("https://"),
        // Two slashes are of no path.
        _ if slashes > 1 && start == 0 => closest(&lower, ["https", "http"]).map(|meant| {
            if meant == "http" {
                "http://"
            } else {
                "https://"
            }
        }),
        _ => None,
    };
    if let Some(meant) = meant.filter(|_| signs > 0 || behind.is_empty()) {
        return Some(Slip {
            word,
            place: 0..start + end + signs,
            meant,
        });
    }
    let is_alone = start == 0 && !is_port && (behind.is_empty() || behind.starts_with('/'));
    (is_alone && is_word(word) && lower != "localhost").then_some(Slip {
        word,
        place: 0..0,
        meant: "https://",
    })
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_of_name)
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

/// Reads the path of an address whose host stands elsewhere.
pub(crate) fn path(text: &str) -> Result<String, String> {
    if text.starts_with("//") {
        return Err("it names a host without a scheme".to_owned());
    }
    parse(&format!("https://example.org{text}")).map(|_| text.to_owned())
}

/// Whether an address holds `{…}` or `<…>` where its host or path should stand.
pub(crate) fn has_hole(text: &str) -> bool {
    [('{', '}'), ('<', '>'), ('[', ']')]
        .iter()
        .any(|(open, close)| {
            text.split_once(*open)
                .and_then(|(_, rest)| rest.split_once(*close))
                .is_some_and(|(name, _)| {
                    name.starts_with(|c: char| c.is_alphabetic()) && !name.contains(':')
                })
        })
}

/// The place of what may be a password: behind the user name, or in a query.
///
/// A password may hold any sign, so everything from the first colon to the last `@` counts.
pub(crate) fn secret_place(text: &str) -> Option<Range<usize>> {
    let start = text.find("://").map_or(0, |at| at + 3);
    if let Some(end) = text.rfind('@').filter(|end| *end > start)
        && let Some(colon) = text.get(start..end)?.find(':')
    {
        let secret = start + colon + 1..end;
        return (!secret.is_empty()).then_some(secret);
    }
    let query = text.find('?')? + 1;
    let names = ["pass", "pwd", "secret", "token", "key"];
    let is_secret = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        pair.contains('=') && names.iter().any(|word| name.contains(word))
    };
    let any = text.get(query..)?.split(['&', ';']).any(is_secret);
    any.then_some(query..text.len())
}

/// Whether clear text to a host stays on this machine or in a private network.
///
/// Names without a dot and below `local`, `localhost`, `internal` and `home.arpa` count as
/// private: public name servers do not resolve them.
pub(crate) fn is_private_host(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return match address {
            IpAddr::V4(address) => is_private_v4(address),
            IpAddr::V6(address) => is_private_v6(address),
        };
    }
    let name = bare.trim_end_matches('.');
    !name.contains('.')
        || [".local", ".localhost", ".internal", ".home.arpa"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private() || address.is_link_local()
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.to_ipv4_mapped().is_some_and(is_private_v4)
}

fn scheme(text: &str) -> Result<(Scheme, &str), String> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Ok((Scheme::Https, text));
    };
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok((Scheme::Https, rest)),
        "http" => Ok((Scheme::Http, rest)),
        _ => Err(format!(
            "`{scheme}` is not a scheme that is called; write `https`"
        )),
    }
}

pub(super) fn host_and_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (inner, behind) = rest.split_once(']').ok_or("its `[` has no `]`")?;
        inner
            .parse::<Ipv6Addr>()
            .map_err(|_| "what stands between `[` and `]` is not an IPv6 address")?;
        let port = match behind {
            "" => None,
            _ => Some(
                behind
                    .strip_prefix(':')
                    .ok_or("something stands behind its `]`")?,
            ),
        };
        (&authority[..inner.len() + 2], port)
    } else {
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        check_host(host)?;
        (host, port)
    };
    let port = port
        .map(|port| {
            port.parse::<u16>()
                .ok()
                .filter(|number| *number > 0 && !port.starts_with('+'))
                .ok_or_else(|| format!("`{port}` is not a port"))
        })
        .transpose()?;
    Ok((host, port))
}

fn check_host(host: &str) -> Result<(), String> {
    if host.is_empty() {
        return Err("it has no host".to_owned());
    }
    if !host.is_ascii() {
        return Err("its host is not written in ASCII; write the `xn--` form".to_owned());
    }
    let labels_fit = host
        .strip_suffix('.')
        .unwrap_or(host)
        .split('.')
        .all(|label| {
            // RFC 1123, 2.1: a label neither begins nor ends with a hyphen.
            let is_between = !label.starts_with('-') && !label.ends_with('-');
            !label.is_empty() && label.len() <= 63 && is_between
        });
    let signs_fit = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if host.len() > 253 || !labels_fit || !signs_fit {
        return Err(format!("`{host}` is not a host name"));
    }
    // A name that ends in a number is an address to every resolver, so it has to be a whole one.
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) && host.parse::<Ipv4Addr>().is_err() {
        return Err(format!("`{host}` is not an IPv4 address"));
    }
    Ok(())
}
