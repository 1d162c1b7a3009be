//! Requests that wait for a stream, and hosts that share an address and a certificate.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
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

/// A vendor that allows one stream a connection.
async fn one_at_a_time() -> Vendor {
    Vendor::start(&["h2"], |_, stream| {
        Box::pin(async move {
            Wire::greet(stream, &[(STREAMS, 1)])
                .await?
                .serve("ok")
                .await
        })
    })
    .await
}

/// boostorg/mysql#509, transact-rs/sqlx#918: the place that became free was told to one who had
/// gone, and the others waited on beside it.
#[tokio::test]
async fn a_place_that_is_told_to_one_who_leaves_goes_to_the_next() {
    let vendor = one_at_a_time().await;
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

/// Who was rung for and found nothing was put at the end: under load the same requests waited until
/// their time was over, while the vendor was busy with later ones.
#[tokio::test]
async fn requests_that_wait_are_served_in_the_order_in_which_they_came() {
    const CALLERS: usize = 40;
    const CONNECTIONS: usize = 4;
    let vendor = one_at_a_time().await;
    let limits = Limits {
        shared_per_origin: CONNECTIONS,
        ..NARROW
    };
    let client = client(limits);
    assert_eq!(body(send(&client, &vendor.origin).await.0).await, "ok");
    // The numbers of requests, as they began and as they got their answers.
    let orders = Arc::new(Mutex::new((0, Vec::new())));
    let callers = (0..CALLERS).map(|_| {
        let (client, origin) = (client.clone(), vendor.origin.clone());
        let orders = Arc::clone(&orders);
        tokio::spawn(async move {
            for _ in 0..25 {
                let number = {
                    let mut orders = orders.lock().unwrap();
                    orders.0 += 1;
                    orders.0
                };
                assert_eq!(body(send(&client, &origin).await.0).await, "ok");
                orders.lock().unwrap().1.push(number);
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let answered = orders.lock().unwrap().1.clone();
    let overtaken = answered.iter().enumerate().map(|(at, number)| {
        let before = &answered[..at];
        before.iter().filter(|other| *other > number).count()
    });
    // Who opens a connection waits for that one: of the first requests of all callers, these are
    // overtaken for as long as a handshake takes.
    let later = overtaken.zip(&answered).filter(|(_, n)| **n > CALLERS);
    // Those that are under way together may end in any order.
    let most = later.map(|(by, _)| by).max().unwrap();
    assert!(
        most <= CALLERS / 2,
        "one was overtaken by {most} that came later"
    );
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
