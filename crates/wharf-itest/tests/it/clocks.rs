//! The numbers that are told, held against what the vendor itself saw.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::caller::{Call, Open};
use crate::support::document::Document;
use crate::support::gateway::Gateway;
use crate::support::vendor::{CHUNKED, LAST_CHUNK, Vendor, answer, chunk, ok};

/// The vendor thinks so long about each request.
const HELD: Duration = Duration::from_millis(150);

/// Numbers have three decimals, and clocks are read one after the other.
const ROUNDING: Duration = Duration::from_millis(2);

/// When a request was whole, and when its answer was sent, by the vendor's clock.
type Times = Arc<Mutex<Vec<(Instant, Instant)>>>;

/// A vendor that holds each request for [`HELD`]; `answer` counts them from 0.
async fn holding(answer: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> (Vendor, Times) {
    let (times, answer) = (Times::default(), Arc::new(answer));
    let noted = Arc::clone(&times);
    let vendor = Vendor::start(move |mut connection| {
        let (times, answer) = (Arc::clone(&noted), Arc::clone(&answer));
        async move {
            while connection.request().await.is_some() {
                let came = Instant::now();
                tokio::time::sleep(HELD).await;
                let number = times.lock().unwrap().len();
                times.lock().unwrap().push((came, Instant::now()));
                connection.send(answer(number)).await;
            }
        }
    })
    .await;
    (vendor, times)
}

fn told(open: &Open, name: &str) -> Duration {
    let timing = open.headers()["server-timing"].to_str().unwrap();
    let mut entries = timing.split(", ");
    let entry = entries.find_map(|entry| entry.strip_prefix(name)?.strip_prefix(";dur="));
    let milliseconds: f64 = entry.expect(timing).parse().unwrap();
    Duration::from_secs_f64(milliseconds / 1_000.0)
}

/// How long the vendor held its answers, all together.
fn held(times: &Times) -> Duration {
    let times = times.lock().unwrap();
    times.iter().map(|(came, sent)| *sent - *came).sum()
}

#[tokio::test]
async fn the_time_of_the_vendor_is_told_as_the_vendors() {
    let (vendor, times) = holding(|_| ok("done")).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let started = Instant::now();
    let open = gateway.open(Call::get("/vendor/items")).await;
    let took = started.elapsed();
    let (dispatch, own) = (told(&open, "dispatch"), told(&open, "wharf"));
    assert!(dispatch + ROUNDING >= held(&times), "{dispatch:?}");
    assert!(
        own <= took.saturating_sub(held(&times)) + ROUNDING,
        "{own:?} of {took:?}"
    );
    assert!(
        own + dispatch <= took + ROUNDING,
        "{own:?} and {dispatch:?} of {took:?}"
    );
    open.finish(started).await.assert_vendor(200, 1);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_slow_body_counts_for_nobody_in_the_times_of_the_head() {
    let vendor = Vendor::start(|mut connection| async move {
        while connection.request().await.is_some() {
            connection
                .send(format!("{CHUNKED}{}", chunk("first")))
                .await;
            tokio::time::sleep(4 * HELD).await;
            connection
                .send(format!("{}{LAST_CHUNK}", chunk("last")))
                .await;
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let started = Instant::now();
    let open = gateway.open(Call::get("/vendor/items")).await;
    let head = started.elapsed();
    let all = told(&open, "wharf") + told(&open, "dispatch");
    assert!(all <= head + ROUNDING, "{all:?} of {head:?}");
    let answer = open.finish(started).await;
    assert_eq!(answer.text(), "firstlast");
    assert!(answer.took >= 4 * HELD, "{:?}", answer.took);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn waits_between_attempts_are_told_apart_from_the_vendors_time() {
    let delay = Duration::from_millis(200);
    let (vendor, times) = holding(|number| match number {
        0 => answer(503, &[], "busy"),
        _ => ok("done"),
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(1, "200ms"));
    let started = Instant::now();
    let open = gateway.open(Call::get("/vendor/items")).await;
    let took = started.elapsed();
    let [own, dispatch, recover] = ["wharf", "dispatch", "recover"].map(|name| told(&open, name));
    let gap = {
        let times = times.lock().unwrap();
        times[1].0 - times[0].1
    };
    // Delays are spread over 80 % to 120 %.
    assert!(recover >= delay * 4 / 5, "{recover:?}");
    assert!(recover <= gap + ROUNDING, "{recover:?} of {gap:?}");
    assert!(dispatch + ROUNDING >= held(&times), "{dispatch:?}");
    let left = took.saturating_sub(held(&times) + recover);
    assert!(own <= left + ROUNDING, "{own:?} of {left:?}");
    open.finish(started).await.assert_vendor(200, 2);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn the_bytes_that_are_counted_are_those_that_the_vendor_saw() {
    let sizes = [0, 1, 999, 70_000];
    let vendor = Vendor::answering(|_, request| ok(&"y".repeat(2 * request.body.len()))).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for size in sizes {
        let answer = gateway
            .call(Call::post("/vendor/items", "x".repeat(size)))
            .await;
        assert_eq!(answer.body.len(), 2 * size);
    }
    let read: usize = vendor.requests().iter().map(|one| one.body.len()).sum();
    assert_eq!(read, sizes.iter().sum::<usize>());
    gateway
        .until_metric("wharf_request_body_bytes_total", &[], read)
        .await;
    gateway
        .until_metric("wharf_response_body_bytes_total", &[], 2 * read)
        .await;
    gateway.finish(&vendor, 1).await;
}
