//! What is said of what cannot be read.

use std::io::{self, ErrorKind};

use super::cannot_be_read;

#[test]
fn the_remedy_fits_the_error() {
    for (error, remedy) in [
        (io::Error::from_raw_os_error(13), "check who may read it"),
        (io::Error::from_raw_os_error(1), "check who may read it"),
        (io::Error::from_raw_os_error(24), "raise `ulimit -n`"),
        (io::Error::from_raw_os_error(23), "raise `ulimit -n`"),
        (io::Error::from_raw_os_error(5), "the disk or share"),
        (ErrorKind::TimedOut.into(), "the disk or share"),
        (ErrorKind::InvalidInput.into(), "put a file of text there"),
    ] {
        let said = cannot_be_read(Some(&error));
        assert!(said.contains(&error.to_string()), "{said}");
        assert!(said.contains(remedy), "{said}");
        let is_refused = error.kind() == ErrorKind::PermissionDenied;
        assert_eq!(said.contains("who may read"), is_refused, "{said}");
    }
}
