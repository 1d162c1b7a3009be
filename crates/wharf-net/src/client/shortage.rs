//! No file descriptor is left: told from every other reason why a connection cannot be made.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;

use rustix::io::Errno;

/// So many descriptors a name lookup needs at once: its files one after the other, and sockets.
const OF_A_LOOKUP: usize = 4;

/// Whether this process or the machine had no descriptor left.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    if let Some(errno) = Errno::from_io_error(error) {
        return matches!(errno, Errno::MFILE | Errno::NFILE);
    }
    // Shared by all that waited for one lookup.
    let shared = error.get_ref().and_then(|it| it.downcast_ref());
    shared.is_some_and(|error: &Arc<io::Error>| is_shortage(error))
}

/// What a lookup by the system failed with: the shortage, where there is one now.
///
/// The C library tells of one as of a name that is not known, or not now.
pub(super) fn behind(error: io::Error) -> io::Error {
    let mut taken = Vec::with_capacity(OF_A_LOOKUP);
    for _ in 0..OF_A_LOOKUP {
        match UnixDatagram::unbound() {
            Ok(socket) => taken.push(socket),
            Err(found) if is_shortage(&found) => return found,
            Err(_) => break,
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use rustix::io::Errno;

    use super::{behind, is_shortage};

    #[test]
    fn a_shortage_is_told_from_other_errors() {
        for (errno, wanted) in [
            (Errno::MFILE, true),
            (Errno::NFILE, true),
            (Errno::CONNREFUSED, false),
            (Errno::ACCESS, false),
        ] {
            let error = io::Error::from(errno);
            assert_eq!(is_shortage(&error), wanted, "{errno:?}");
            let shared = io::Error::new(error.kind(), Arc::new(error));
            assert_eq!(is_shortage(&shared), wanted, "{errno:?}, shared");
        }
        assert!(!is_shortage(&io::Error::other("not the system's")));
    }

    #[test]
    fn a_lookup_that_had_descriptors_keeps_its_reason() {
        let unknown = behind(io::Error::other("the name is not known"));
        assert_eq!(unknown.to_string(), "the name is not known");
    }
}
