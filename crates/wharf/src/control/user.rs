//! Who runs a command, for audit records.

use std::fs::File;
use std::io::Read as _;

use jiff::Timestamp;
use wharf_console::wire::USER_LIMIT_BYTES;
use wharf_store::Actor;

/// Most bytes of the list of users that are looked at.
const LIST_LIMIT_BYTES: u64 = 1024 * 1024;

/// Name and number of the user that this process acts as.
pub(crate) fn this_user() -> String {
    name_of(rustix::process::geteuid().as_raw())
}

/// The user as who changes something now, by a command that works on the files itself.
pub(crate) fn at_the_files() -> Actor {
    Actor {
        at: Timestamp::now(),
        who: this_user(),
        from: "command line".to_owned(),
    }
}

/// A user as a text of printable ASCII that an audit record and a header take.
pub(super) fn name_of(uid: u32) -> String {
    let mut list = String::new();
    // A user who is known elsewhere has a number here.
    let read = File::open("/etc/passwd")
        .and_then(|file| file.take(LIST_LIMIT_BYTES).read_to_string(&mut list));
    let name = read.ok().and_then(|_| name_in(&list, uid));
    match name {
        Some(name) => format!("{name} (uid {uid})"),
        None => format!("uid {uid}"),
    }
}

/// The name that a list in the form of passwd(5) has for a number.
fn name_in(list: &str, uid: u32) -> Option<&str> {
    let mut names = list.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
        (number.parse() == Ok(uid)).then_some(name)
    });
    let is_printable = |name: &&str| {
        !name.is_empty()
            && name.len() < USER_LIMIT_BYTES - 32
            && name.bytes().all(|byte| byte.is_ascii_graphic())
    };
    names.find(is_printable)
}

#[cfg(test)]
mod tests {
    use super::{name_in, name_of};

    #[test]
    fn the_first_printable_name_of_a_number_is_told() {
        let list = "broken\nroot:x:0:0::/root:/bin/sh\nä:x:7:7::/:\nada:x:7:7::/:\nbob:x:7:7::/:\n";
        assert_eq!(name_in(list, 0), Some("root"));
        assert_eq!(name_in(list, 7), Some("ada"));
        assert_eq!(name_in(list, 8), None);
        assert!(name_of(u32::MAX - 7).ends_with("uid 4294967288"));
    }
}
