//! Places that documents may name and that this version cannot read.

use std::future::ready;

use wharf_diag::Spanned;

use crate::error::Error;
use crate::stores::{Fetching, Identity, Place};

struct Absent {
    location: &'static str,
    path: String,
}

/// The place of this name, which gives an error that says so.
pub(super) fn place(location: &'static str, path: &Spanned<String>) -> Box<dyn Place> {
    Box::new(Absent {
        location,
        path: path.value.clone(),
    })
}

impl Place for Absent {
    fn identity(&self) -> Identity {
        Identity::new(self.location, [self.path.clone()])
    }

    fn describe(&self) -> String {
        format!("at {}", self.path)
    }

    fn fetch<'a>(&'a self, _: &'a [String]) -> Fetching<'a> {
        Box::pin(ready(Err(Error::LocationNotSupported {
            location: self.location,
            path: self.path.clone(),
        })))
    }
}
