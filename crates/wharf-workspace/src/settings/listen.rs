//! `[listen]` of `wharf.toml`: the addresses, and that no two of them are one place.

use std::net::{IpAddr, SocketAddr};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::de::{DeTable, DeValue};

use super::Settings;
use super::error::Mistake;

/// Whether two listeners cannot have these addresses at the same time. `[::]` takes IPv4 too; port
/// 0 is any.
pub fn is_one_place(one: SocketAddr, other: SocketAddr) -> bool {
    let [a, b] = [one, other].map(|address| address.ip().to_canonical());
    let takes = |all: IpAddr, ip: IpAddr| all.is_unspecified() && (all.is_ipv6() || ip.is_ipv4());
    one.port() == other.port() && one.port() != 0 && (a == b || takes(a, b) || takes(b, a))
}

/// Reads an address.
pub(super) fn address<'de, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<SocketAddr>, D::Error> {
    let written = toml::Value::deserialize(source).ok();
    let read = written.and_then(|written| written.as_str()?.parse().ok());
    read.map(Some).ok_or_else(|| {
        D::Error::custom(
            "this is an IP address and a port in quotes, such as \"127.0.0.1:7070\" or \"[::1]:7070\"",
        )
    })
}

/// Adds a mistake for an address that another listener has, in the file or by default.
pub(super) fn find(text: &str, settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let planes = [
        ("data", Some(settings.data_address())),
        ("control", Some(settings.control_address())),
        ("webhooks", settings.webhook_address()),
    ];
    for (index, (later, one)) in planes.iter().enumerate() {
        for (earlier, other) in &planes[..index] {
            let (Some(one), Some(other)) = (one, other) else {
                continue;
            };
            // Where neither is written, both are ours.
            let place = place(text, later).or_else(|| place(text, earlier));
            if let Some(place) = place.filter(|_| is_one_place(*one, *other)) {
                let message = format!(
                    "`{later}` is {one}, and `{earlier}` is {other}: two listeners cannot have one \
                     address; choose another port for one of them"
                );
                mistakes.push((place, message));
            }
        }
    }
}

/// Where a key of the table stands.
fn place(text: &str, key: &str) -> Option<usize> {
    let file = DeTable::parse(text).ok()?.into_inner();
    let DeValue::Table(listen) = file.get("listen")?.get_ref() else {
        return None;
    };
    let found = listen.iter().find(|(name, _)| name.get_ref() == key)?;
    Some(found.0.span().start)
}
