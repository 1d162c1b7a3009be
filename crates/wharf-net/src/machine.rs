//! By which names and addresses clients on a network reach this machine.

use std::net::{IpAddr, UdpSocket};
use std::sync::LazyLock;

/// Names of the machine itself, in lower case: its own, and those that its table of hosts gives to
/// loopback addresses. Read once; call [`read_names`] at start.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let own = rustix::system::uname();
    let own = own.nodename().to_string_lossy().into_owned();
    let hosts = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    names_of(&own, &hosts)
});

/// Names for loopback that systems bring along without an entry of their own.
const LOOPBACK: [&str; 4] = [
    "localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "ip6-loopback",
];

/// Looks the names up. Waits for the file system.
pub fn read_names() {
    LazyLock::force(&NAMES);
}

/// Whether a host name, in lower case and without a dot at its end, leads to this machine: by its
/// own names, and by those that have a loopback address in them, as public services for it do.
pub fn has_name(name: &str) -> bool {
    LOOPBACK.contains(&name)
        || name.ends_with(".localhost")
        || name.contains("127.0.0.1")
        || name.contains("127-0-0-1")
        || NAMES.iter().any(|own| own == name)
}

/// Whether an address is one of this machine: only on such a one can anything listen.
pub fn has_address(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

/// The machine's own name, in its short form too, and the names of loopback in a table of hosts
/// (hosts(5)).
fn names_of(own: &str, hosts: &str) -> Vec<String> {
    let loopback = hosts.lines().flat_map(|line| {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let address = words.next().and_then(|word| word.parse::<IpAddr>().ok());
        words.filter(move |_| address.is_some_and(|address| address.to_canonical().is_loopback()))
    });
    let short = own.split('.').next().unwrap_or_default();
    [own, short]
        .into_iter()
        .chain(loopback)
        .map(|name| name.trim_end_matches('.').to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    //! Tables of hosts as systems write them.

    use super::names_of;

    #[test]
    fn the_names_of_loopback_are_read() {
        let hosts = "127.0.0.1 localhost # first\n\n# 127.0.0.1 none\n127.0.1.1\tBox.lan box\n\
                     ::1 six\n10.0.0.1 away\nbroken\n";
        let names = names_of("Big.Example.", hosts);
        assert_eq!(
            names,
            ["big.example", "big", "localhost", "box.lan", "box", "six"]
        );
    }
}
