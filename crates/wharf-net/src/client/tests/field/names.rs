//! Names that change their addresses, and lookups that take their time.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::{Vendor, body, keep_alive, send, vendor};
use crate::client::{Client, Limits};
use crate::{Connector, Origin, Resolve, Resolving};

/// A name whose address can be changed, and who asked for it.
#[derive(Clone)]
struct Names {
    address: Arc<Mutex<SocketAddr>>,
    takes: Duration,
    lookups: Arc<AtomicUsize>,
}

impl Names {
    fn of(vendor: &Vendor, takes: Duration) -> Self {
        Self {
            address: Arc::new(Mutex::new(address(vendor))),
            takes,
            lookups: Arc::default(),
        }
    }
}

fn address(vendor: &Vendor) -> SocketAddr {
    ([127, 0, 0, 1], vendor.origin.port()).into()
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolving<'a> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            tokio::time::sleep(self.takes).await;
            Ok(vec![*self.address.lock().unwrap()])
        })
    }
}

fn origin() -> Origin {
    Origin::new(false, "vendor.test", 1).unwrap()
}

/// lysine-dev/okhttp#3520, lysine-dev/okhttp#9218, aio-libs/aiohttp#4948,
/// reactor/reactor-netty#922: a connection that was used all the time was used for ever.
#[tokio::test]
async fn a_busy_connection_is_replaced_where_its_name_leads_by_then() {
    let (old, new) = (vendor(keep_alive).await, vendor(keep_alive).await);
    let names = Names::of(&old, Duration::ZERO);
    let connector = Connector::new().with_resolver(names.clone());
    let max_age = Duration::from_millis(300);
    let limits = Limits {
        max_age,
        ..Limits::default()
    };
    let (client, origin) = (Client::new(connector, limits), origin());
    assert_eq!(body(send(&client, &origin).await.0).await, "ok");
    *names.address.lock().unwrap() = address(&new);
    let started = Instant::now();
    while new.connections.load(Ordering::SeqCst) == 0 {
        assert!(started.elapsed() < max_age + Duration::from_secs(5));
        assert_eq!(body(send(&client, &origin).await.0).await, "ok");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(old.connections.load(Ordering::SeqCst), 1);
}

/// nodejs/node#62503, nodejs/node#8436, dotnet/runtime#48566: each request looked the name up
/// itself, and one slow name took all the threads that look names up.
#[tokio::test]
async fn requests_that_come_together_look_a_name_up_once() {
    let vendor = vendor(keep_alive).await;
    let names = Names::of(&vendor, Duration::from_millis(200));
    let connector = Connector::new().with_resolver(names.clone());
    let (client, origin) = (Client::new(connector, Limits::default()), origin());
    let ask = |_| {
        let (client, origin) = (client.clone(), origin.clone());
        tokio::spawn(async move { body(send(&client, &origin).await.0).await })
    };
    let asking: Vec<_> = (0..40).map(ask).collect();
    for asked in asking {
        assert_eq!(asked.await.unwrap(), "ok");
    }
    assert_eq!(names.lookups.load(Ordering::SeqCst), 1);
    assert_eq!(vendor.connections.load(Ordering::SeqCst), 40);
}
