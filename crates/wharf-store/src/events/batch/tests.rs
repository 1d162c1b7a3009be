//! Bounds of what is appended at once.

use bytes::Bytes;
use jiff::Timestamp;

use super::{BATCH_LIMIT_BYTES, Batch, BatchError, NewEvent};
use crate::names::Name;

fn event(bytes: usize) -> NewEvent {
    NewEvent {
        source: Name::new("s").unwrap(),
        kind: Name::new("k").unwrap(),
        key: None,
        order: None,
        at: Timestamp::UNIX_EPOCH,
        meta: Bytes::new(),
        body: Bytes::from(vec![0; bytes]),
    }
}

#[test]
fn a_batch_is_bounded() {
    assert_eq!(Batch::new(vec![]), Err(BatchError::Empty));
    assert!(Batch::new(vec![event(1); 512]).is_ok());
    let error = Batch::new(vec![event(1); 513]).unwrap_err();
    assert_eq!(error, BatchError::TooMany { count: 513 });
    assert!(Batch::new(vec![event(BATCH_LIMIT_BYTES - 66)]).is_ok());
    let error = Batch::new(vec![event(BATCH_LIMIT_BYTES - 65)]).unwrap_err();
    let bytes = BATCH_LIMIT_BYTES + 1;
    assert_eq!(error, BatchError::TooLarge { bytes });
    let mut keyed = event(1);
    keyed.key = Some(Bytes::from(vec![0; 65_537]));
    let error = Batch::new(vec![keyed]).unwrap_err();
    assert_eq!(error, BatchError::KeyTooLong { bytes: 65_537 });
}
