//! Requests that wait for a stream, and hosts that share an address and a certificate.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::timeout;

use super::super::identity::{OTHER_HOST, trust};
use super::super::{body, eventually, send};
use super::wire::{Vendor, Wire, client, client_by};
use crate::client::Limits;
use crate::{Connector, Origin, Resolve, Resolving};

/// `SETTINGS_MAX_CONCURRENT_STREAMS` (RFC 9113, 6.5.2).
const STREAMS: u8 = 3;

const NARROW: Limits = Limits {
    shared_per_origin: 1,
    idle_per_origin: 8,
    spare_per_origin: 8,
    burst_timeout: Duration::from_secs(5),
    idle_timeout: Duration::from_secs(55),
    max_age: Duration::from_secs(600),
};

/// boostorg/mysql#509, transact-rs/sqlx#918: the place that became free was told to one who had
/// gone, and the others waited on beside it.
#[tokio::test]
async fn a_place_that_is_told_to_one_who_leaves_goes_to_the_next() {
    let vendor = Vendor::start(&["h2"], |_, stream| {
        Box::pin(async move {
            Wire::greet(stream, &[(STREAMS, 1)])
                .await?
                .serve("ok")
                .await
        })
    })
    .await;
    let client = client(NARROW);
    // What the vendor allows is known from here on.
    assert_eq!(body(send(&client, &vendor.origin).await.0).await, "ok");
    for _ in 0..50 {
        let held = send(&client, &vendor.origin).await.0.unwrap();
        let ask = || {
            let (client, origin) = (client.clone(), vendor.origin.clone());
            tokio::spawn(async move { body(send(&client, &origin).await.0).await })
        };
        let (leaves, stays) = (ask(), ask());
        // Both wait by then, in this order.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        drop(held);
        // It is rung for by now, and has not looked yet.
        leaves.abort();
        let served = timeout(Duration::from_secs(5), stays).await;
        assert_eq!(served.expect("the place is free").unwrap(), "ok");
        let _ = leaves.await;
    }
    assert_eq!(vendor.connections(), 1);
}

/// Knows that every name is here.
struct Here(SocketAddr);

impl Resolve for Here {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolving<'a> {
        Box::pin(async move { Ok(vec![self.0]) })
    }
}

/// lysine-dev/okhttp#5424, warmcat/libwebsockets#2975, csmith/centauri#89: requests for one host
/// went over a connection to another one, since both had one address and one certificate.
#[tokio::test]
async fn hosts_with_one_address_and_one_certificate_share_no_connection() {
    let vendor = Vendor::start(&["h2"], |number, stream| {
        Box::pin(async move {
            let name = stream.get_ref().1.server_name().map(str::to_owned);
            let text = format!("{number} {}", name.unwrap_or_default());
            Wire::greet(stream, &[]).await?.serve(&text).await
        })
    })
    .await;
    let address = SocketAddr::from(([127, 0, 0, 1], vendor.origin.port()));
    let connector = Connector::new().with_trust(trust());
    let client = client_by(connector.with_resolver(Here(address)), Limits::default());
    let other = Origin::new(true, OTHER_HOST, vendor.origin.port()).unwrap();
    for _ in 0..3 {
        let said = body(send(&client, &vendor.origin).await.0).await;
        assert_eq!(said, "0 localhost");
        let said = body(send(&client, &other).await.0).await;
        assert_eq!(said, "1 vendor.test");
    }
    eventually("one connection each", || client.open_connections() == 2).await;
}
