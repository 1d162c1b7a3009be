//! Listeners from a service manager that made them before the start: systemd's socket activation.
//!
//! `LISTEN_FDS` says how many descriptors there are from 3 on, `LISTEN_PID` for which process, and
//! `LISTEN_FDNAMES` what they are called. A socket that is named `data` or `control` is that
//! plane's; others, such as those with the names that systemd gives by itself, take the places that
//! are left, in order.

use std::env;
use std::net::TcpListener;
use std::os::fd::OwnedFd;

use listenfd::ListenFd;
use wharf_net::listen::{AdoptError, adopt};

/// What was given.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) data: Option<TcpListener>,
    pub(crate) control: Option<TcpListener>,
}

/// Why nothing can be done with what was given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error(
        "the service manager gives {count} sockets; give one named `data` and one named `control` \
         (FileDescriptorName=)"
    )]
    TooMany { count: usize },
    #[error(
        "LISTEN_FDS is `{value}`, and no number of sockets; where none are given, leave out LISTEN_FDS \
         and LISTEN_PID"
    )]
    NoCount { value: String },
    #[error("the service manager gives two sockets named `{name}`; give one")]
    Twice { name: &'static str },
    #[error(
        "socket {number} of the service manager cannot be used; give a TCP socket that listens \
         (ListenStream= with a port)"
    )]
    NoListener {
        /// From 1 on.
        number: usize,
        #[source]
        source: AdoptError,
    },
}

const DATA: &str = "data";
const CONTROL: &str = "control";

/// Takes the sockets that were given to this process, once.
pub(crate) fn take() -> Result<Given, Unusable> {
    if !is_for_us(env::var("LISTEN_PID").ok().as_deref()) {
        return Ok(Given::default());
    }
    if let Some(value) = env::var_os("LISTEN_FDS") {
        // Before any of them is touched, which takes its time for each.
        places("", count(&value.to_string_lossy())?)?;
    }
    let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut sockets = ListenFd::from_env();
    let places = places(&names, sockets.len())?;
    let mut given = Given::default();
    for (index, place) in places.into_iter().enumerate() {
        let number = index + 1;
        let unusable = |source| Unusable::NoListener { number, source };
        let socket = sockets
            .take_tcp_listener(index)
            // It only says that it is something else.
            .map_err(|_| unusable(AdoptError::NoListener))?;
        let Some(socket) = socket else { continue };
        let listener = adopt(OwnedFd::from(socket)).map_err(unusable)?;
        match place {
            Plane::Data => given.data = Some(listener),
            Plane::Control => given.control = Some(listener),
        }
    }
    Ok(given)
}

/// Whether the variables speak of this process. Those of another one are often inherited, and then
/// the descriptors of these numbers are something else.
fn is_for_us(number: Option<&str>) -> bool {
    number.and_then(|number| number.parse().ok()) == Some(std::process::id())
}

/// Reads `LISTEN_FDS`. A number that nothing can hold is one that is too large.
fn count(value: &str) -> Result<usize, Unusable> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err(Unusable::NoCount {
            value: value.to_owned(),
        });
    }
    Ok(value.parse().unwrap_or(usize::MAX))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plane {
    Data,
    Control,
}

/// Which plane each socket is for.
fn places(names: &str, count: usize) -> Result<Vec<Plane>, Unusable> {
    if count > 2 {
        return Err(Unusable::TooMany { count });
    }
    let mut names = names.split(':');
    let wishes: Vec<_> = (0..count)
        .map(|_| match names.next() {
            Some(DATA) => Some(Plane::Data),
            Some(CONTROL) => Some(Plane::Control),
            _ => None,
        })
        .collect();
    let mut left = Vec::new();
    for (plane, name) in [(Plane::Data, DATA), (Plane::Control, CONTROL)] {
        match wishes.iter().filter(|wish| **wish == Some(plane)).count() {
            0 => left.push(plane),
            1 => {}
            _ => return Err(Unusable::Twice { name }),
        }
    }
    let mut left = left.into_iter();
    let places = wishes.into_iter().map(|wish| wish.or_else(|| left.next()));
    // There are as many planes as sockets at least, so none is left without.
    Ok(places.flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::Plane::{Control, Data};
    use super::{count, is_for_us, places};

    #[test]
    fn what_is_no_number_of_sockets_is_an_error() {
        for (value, expected) in [("0", 0), ("2", 2), ("99999999999999999999", usize::MAX)] {
            assert_eq!(count(value).unwrap(), expected);
        }
        for value in ["", "-1", "+1", "abc", " 1", "1.0"] {
            let said = count(value).unwrap_err().to_string();
            assert!(said.contains(&format!("`{value}`")), "{said}");
        }
    }

    #[test]
    fn sockets_are_for_the_process_that_is_named() {
        let own = std::process::id();
        assert!(is_for_us(Some(&own.to_string())));
        for other in [None, Some(""), Some("1"), Some("-1"), Some("x")] {
            assert!(!is_for_us(other), "{other:?}");
        }
    }

    #[test]
    fn names_decide_and_then_the_order() {
        for (names, count, wanted) in [
            ("", 0, vec![]),
            ("", 1, vec![Data]),
            ("", 2, vec![Data, Control]),
            ("control", 1, vec![Control]),
            ("control:data", 2, vec![Control, Data]),
            ("wharf.socket:wharf.socket", 2, vec![Data, Control]),
            ("control:wharf.socket", 2, vec![Control, Data]),
            ("wharf.socket:data", 2, vec![Control, Data]),
        ] {
            assert_eq!(places(names, count).unwrap(), wanted, "{names}");
        }
        for (names, count, words) in [
            ("data:data", 2, "two sockets named `data`"),
            ("control:control", 2, "two sockets named `control`"),
            ("", 3, "3 sockets"),
        ] {
            let said = places(names, count).unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
    }
}
