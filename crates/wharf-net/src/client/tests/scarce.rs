//! File descriptors that run out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::io::Errno;

use super::{body, keep_alive, send, vendor};
use crate::client::{Client, Limits};
use crate::{Connector, Origin, Resolve, Resolving, SendErrorKind};

/// Finds `address`, but so many times no descriptor.
#[derive(Clone)]
struct Scarce {
    address: SocketAddr,
    shortages: Arc<AtomicUsize>,
}

impl Scarce {
    fn of(address: SocketAddr, shortages: usize) -> Self {
        Self {
            address,
            shortages: Arc::new(AtomicUsize::new(shortages)),
        }
    }
}

impl Resolve for Scarce {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolving<'a> {
        Box::pin(async move {
            let less = |left: usize| left.checked_sub(1);
            let taken = self
                .shortages
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
            match taken {
                Ok(_) => Err(Errno::MFILE.into()),
                Err(_) => Ok(vec![self.address]),
            }
        })
    }
}

fn named() -> Origin {
    Origin::new(false, "vendor.test", 1).unwrap()
}

#[tokio::test]
async fn connections_at_rest_give_their_descriptors_to_a_new_one() {
    let (resting, other) = (vendor(keep_alive).await, vendor(keep_alive).await);
    let address = ([127, 0, 0, 1], other.origin.port()).into();
    let connector = Connector::new().with_resolver(Scarce::of(address, 1));
    // Of another worker, which has a pool of its own.
    let beside = Client::new(connector.clone(), Limits::default());
    let client = Client::new(connector, Limits::default());
    for client in [&client, &beside] {
        assert_eq!(body(send(client, &resting.origin).await.0).await, "ok");
        assert_eq!(client.open_connections(), 1);
    }
    let (answer, _) = send(&client, &named()).await;
    assert_eq!(client.open_connections(), 1, "that of the answer alone");
    assert_eq!(body(answer).await, "ok");
    beside.sweep();
    assert_eq!(beside.open_connections(), 0);

    // Once for one shortage.
    assert_eq!(body(send(&beside, &resting.origin).await.0).await, "ok");
    client.sweep();
    beside.sweep();
    assert_eq!(beside.open_connections(), 1);
}

#[tokio::test]
async fn a_shortage_that_lasts_is_told_as_one() {
    let nowhere = ([127, 0, 0, 1], 9).into();
    let connector = Connector::new().with_resolver(Scarce::of(nowhere, usize::MAX));
    let client = Client::new(connector, Limits::default());
    let error = send(&client, &named()).await.0.err().unwrap();
    assert_eq!(
        (error.kind, error.wrote),
        (SendErrorKind::Descriptors, false)
    );
}
